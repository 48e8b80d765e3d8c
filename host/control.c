/* SPDX-License-Identifier: ISC */
/* Serves a few clients without ever waiting for one. It does not know what the requests mean. */
#include "host/control.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int to_address(const char *path, struct sockaddr_un *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof ret->sun_path)
        return -ENAMETOOLONG;
    memcpy(ret->sun_path, path, strlen(path) + 1);
    return 0;
}

static int dial(const char *path)
{
    struct timeval patience = {.tv_sec = 2 * CONTROL_PATIENCE_MS / 1000};
    struct sockaddr_un address;
    int error = to_address(path, &address);
    int fd = error != 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return error != 0 ? error : -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    error = -errno;
    close(fd);
    return error;
}

static int refuse(char *err, size_t err_cap, const char *path, int error, const char *why)
{
    (void)snprintf(err, err_cap, "control socket %s: %s", path, why);
    return error;
}

/* Removes what an instance that died has left; never anything but a dead socket. */
static int clear_place(const char *path, char *err, size_t err_cap)
{
    struct stat info;

    if (lstat(path, &info) != 0)
        return 0;
    if (!S_ISSOCK(info.st_mode))
        return refuse(err, err_cap, path, -EEXIST,
                      "something else is there; move it away, or choose another path");
    int fd = dial(path);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 || fd == -EAGAIN)
        return refuse(err, err_cap, path, -EADDRINUSE,
                      "another instance answers there; stop it, or choose another path");
    if (fd != -ECONNREFUSED || unlink(path) != 0)
        return refuse(err, err_cap, path, -EACCES,
                      "left over and cannot be removed; remove it, or choose another path");
    return 0;
}

static void make_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char dir[108];

    if (slash == NULL || slash == path)
        return;
    (void)snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
    (void)mkdir(dir, 0755);
}

/* The mask keeps everybody else out from the first moment. */
static int bind_masked(int fd, const struct sockaddr_un *address, mode_t mask)
{
    mode_t before = umask(mask);
    int ret = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : -errno;

    (void)umask(before);
    return ret;
}

/* A listening socket at `path`, which is gone again if any of it fails. */
static int listen_at(const char *path, gid_t group)
{
    struct sockaddr_un address;
    int error = to_address(path, &address);

    if (error != 0)
        return error;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    error = bind_masked(fd, &address, group == (gid_t)-1 ? 0177 : 0117);
    if (error == 0 && (listen(fd, CONTROL_CLIENTS_MAX) != 0 ||
                       (group != (gid_t)-1 && chown(path, (uid_t)-1, group) != 0))) {
        error = -errno;
        (void)unlink(path);
    }
    if (error == 0)
        return fd;
    close(fd);
    return error;
}

int control_open(const char *path, gid_t group, struct control *ret, char *err, size_t err_cap)
{
    memset(ret, 0, sizeof *ret);
    ret->fd = -1;
    ret->same_user = group == (gid_t)-1;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        ret->clients[i].fd = -1;
    if (path == NULL)
        return 0;
    int error = clear_place(path, err, err_cap);
    if (error != 0)
        return error;
    make_directory(path);
    ret->fd = listen_at(path, group);
    if (ret->fd < 0) {
        error = ret->fd;
        ret->fd = -1;
        (void)snprintf(err, err_cap, "control socket %s: %s; choose a path that this user may make",
                       path, strerror(-error));
        return error;
    }
    (void)snprintf(ret->path, sizeof ret->path, "%s", path);
    return 0;
}

static void drop(struct control_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    free(client->answer);
    memset(client, 0, sizeof *client);
    client->fd = -1;
}

void control_close(struct control *control)
{
    if (control->fd < 0)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        drop(&control->clients[i]);
    close(control->fd);
    control->fd = -1;
    (void)unlink(control->path); /* may not be ours to remove any more: the next start does */
}

static size_t free_client(const struct control *control)
{
    size_t i = 0;

    while (i < CONTROL_CLIENTS_MAX && control->clients[i].fd >= 0)
        i++;
    return i;
}

void control_poll(const struct control *control, struct pollfd polled[CONTROL_POLL_N])
{
    bool room = free_client(control) < CONTROL_CLIENTS_MAX;

    polled[0] = (struct pollfd){.fd = room ? control->fd : -1, .events = POLLIN};
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        const struct control_client *client = &control->clients[i];
        polled[1 + i] =
            (struct pollfd){.fd = client->fd, .events = client->answer != NULL ? POLLOUT : POLLIN};
    }
}

static bool may_ask(const struct control *control, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return !control->same_user || (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
                                   (peer.uid == 0 || peer.uid == geteuid()));
}

static void let_in(struct control *control, uint64_t mono_ms)
{
    size_t place = free_client(control);
    int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    if (place == CONTROL_CLIENTS_MAX || !may_ask(control, fd)) {
        close(fd);
        return;
    }
    control->clients[place].fd = fd;
    control->clients[place].until_ms = mono_ms + CONTROL_PATIENCE_MS;
}

static void answer_line(struct control_client *client, control_answer_fn *answer, void *ctx)
{
    char *body = NULL;
    size_t body_len = 0;
    FILE *out = open_memstream(&body, &body_len);

    if (out == NULL)
        return;
    int code = answer(ctx, client->request, out);
    if (fclose(out) == 0) {
        client->answer = malloc(body_len + 16);
        if (client->answer != NULL) {
            int head = snprintf(client->answer, 16, "%d\n", code);
            memcpy(client->answer + head, body, body_len);
            client->answer_len = (size_t)head + body_len;
        }
    }
    free(body);
}

/* False: this client is done for. */
static bool hear(struct control_client *client, control_answer_fn *answer, void *ctx)
{
    ssize_t got = recv(client->fd, client->request + client->request_len,
                       sizeof client->request - 1 - client->request_len, 0);

    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    client->request_len += (size_t)got;
    char *end = memchr(client->request, '\n', client->request_len);
    if (end == NULL)
        return got > 0 && client->request_len < sizeof client->request - 1;
    *end = 0;
    answer_line(client, answer, ctx);
    return client->answer != NULL;
}

static bool tell(struct control_client *client)
{
    ssize_t sent = send(client->fd, client->answer + client->sent,
                        client->answer_len - client->sent, MSG_NOSIGNAL);

    if (sent < 0)
        return errno == EAGAIN || errno == EINTR;
    client->sent += (size_t)sent;
    return client->sent < client->answer_len;
}

void control_serve(struct control *control, const struct pollfd polled[CONTROL_POLL_N],
                   uint64_t mono_ms, control_answer_fn *answer, void *ctx)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct control_client *client = &control->clients[i];
        bool goes_on = true;
        if (client->fd < 0 || client->fd != polled[1 + i].fd)
            continue;
        if (polled[1 + i].revents != 0)
            goes_on = client->answer != NULL ? tell(client) : hear(client, answer, ctx);
        if (!goes_on || mono_ms >= client->until_ms)
            drop(client);
    }
    if (control->fd >= 0 && polled[0].revents != 0)
        let_in(control, mono_ms);
}

uint64_t control_deadline(const struct control *control)
{
    uint64_t at = UINT64_MAX;

    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].fd >= 0 && control->clients[i].until_ms < at)
            at = control->clients[i].until_ms;
    return at;
}

/* The code is the answer's first line. */
static int copy_answer(FILE *in, FILE *out)
{
    char buffer[1024];
    size_t got;

    if (fgets(buffer, sizeof buffer, in) == NULL || !isdigit((unsigned char)buffer[0]))
        return ferror(in) ? -errno : -EPROTO;
    int code = (int)strtol(buffer, NULL, 10);
    while ((got = fread(buffer, 1, sizeof buffer, in)) > 0)
        if (fwrite(buffer, 1, got, out) != got)
            return -errno;
    return ferror(in) ? -errno : fflush(out) == 0 ? code : -errno;
}

int control_ask(const char *path, const char *request, FILE *out)
{
    char line[CONTROL_REQUEST_MAX];
    int fd = dial(path), len = snprintf(line, sizeof line, "%s\n", request), ret;
    FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

    if (fd < 0)
        return fd;
    if (in == NULL) {
        close(fd);
        return -ENOMEM;
    }
    if (len >= (int)sizeof line || send(fd, line, (size_t)len, MSG_NOSIGNAL) != len)
        ret = -EIO;
    else
        ret = copy_answer(in, out);
    fclose(in);
    return ret;
}
