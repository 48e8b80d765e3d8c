/* SPDX-License-Identifier: ISC */
/* A unix socket for the operator's questions. It must not wait for a client, nor know what is
 * asked. */
#include "headend/control.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG        8
#define ASK_PATIENCE_S 5

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
    struct sockaddr_un address;
    struct timeval patience = {.tv_sec = ASK_PATIENCE_S};
    int fd, ret = to_address(path, &address);

    if (ret != 0)
        return ret;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    ret = -errno;
    close(fd);
    return ret;
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
    int fd;

    if (lstat(path, &info) != 0)
        return 0;
    if (!S_ISSOCK(info.st_mode))
        return refuse(err, err_cap, path, -EEXIST,
                      "something else is there; move it away, or use --control PATH");
    fd = dial(path);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 || fd == -EAGAIN)
        return refuse(err, err_cap, path, -EADDRINUSE,
                      "another musterd answers there; stop it, or use --control PATH for this one");
    if (fd != -ECONNREFUSED || unlink(path) != 0)
        return refuse(err, err_cap, path, -EACCES,
                      "left over and cannot be removed; remove it, or use --control PATH");
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

static int bind_private(int fd, const struct sockaddr_un *address)
{
    mode_t before = umask(0117);
    int ret = bind(fd, (const struct sockaddr *)address, sizeof *address);
    int error = errno;

    umask(before);
    errno = error;
    return ret;
}

/* A listening socket at `path`, which is gone again if any of it fails. */
static int listen_at(const char *path, gid_t gid)
{
    struct sockaddr_un address;
    int fd, error = to_address(path, &address);

    if (error != 0)
        return error;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (bind_private(fd, &address) != 0) {
        error = errno;
    } else if (listen(fd, BACKLOG) != 0 || (gid != (gid_t)-1 && chown(path, (uid_t)-1, gid) != 0)) {
        error = errno;
        unlink(path);
    }
    if (error == 0)
        return fd;
    close(fd);
    return -error;
}

int control_open(const char *path, gid_t gid, struct control *ret, char *err, size_t err_cap)
{
    size_t i;
    int fd;

    memset(ret, 0, sizeof *ret);
    ret->fd = -1;
    for (i = 0; i < CONTROL_CLIENTS_MAX; i++)
        ret->clients[i].fd = -1;
    if (path == NULL)
        return 0;
    fd = clear_place(path, err, err_cap);
    if (fd != 0)
        return fd;
    make_directory(path);
    fd = listen_at(path, gid);
    if (fd < 0) {
        (void)snprintf(err, err_cap, "control socket %s: %s; use --control PATH, or --control none",
                       path, strerror(-fd));
        return fd;
    }
    ret->fd = fd;
    (void)snprintf(ret->path, sizeof ret->path, "%s", path);
    return 0;
}

static void drop(struct control_client *client)
{
    close(client->fd);
    free(client->response);
    memset(client, 0, sizeof *client);
    client->fd = -1;
}

/* A free place, or that of whoever has been here longest. */
static struct control_client *find_place(struct control *control)
{
    struct control_client *oldest = &control->clients[0];
    size_t i;

    for (i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct control_client *client = &control->clients[i];

        if (client->fd < 0)
            return client;
        if (client->deadline_ms < oldest->deadline_ms)
            oldest = client;
    }
    drop(oldest);
    return oldest;
}

static void accept_all(struct control *control, uint64_t now_ms)
{
    struct control_client *client;
    int fd, n;

    for (n = 0; n < CONTROL_CLIENTS_MAX; n++) {
        fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        client = find_place(control);
        client->fd = fd;
        client->deadline_ms = now_ms + CONTROL_PATIENCE_MS;
    }
}

/* Whether the client may stay. */
static bool read_request(struct control_client *client, control_answer_fn *answer, void *ctx)
{
    size_t room = CONTROL_REQUEST_CAP - client->request_len;
    ssize_t got = recv(client->fd, client->request + client->request_len, room, 0);
    char *end;

    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    client->request_len += (size_t)got;
    end = memchr(client->request, '\n', client->request_len);
    if (end == NULL)
        return got > 0 && client->request_len < CONTROL_REQUEST_CAP;
    *end = '\0';
    client->response = answer(ctx, client->request, &client->response_len);
    return client->response != NULL;
}

static bool write_response(struct control_client *client)
{
    ssize_t done = send(client->fd, client->response + client->sent,
                        client->response_len - client->sent, MSG_NOSIGNAL);

    if (done < 0)
        return errno == EAGAIN || errno == EINTR;
    client->sent += (size_t)done;
    return client->sent < client->response_len;
}

static bool serve_client(struct control_client *client, uint64_t now_ms, control_answer_fn *answer,
                         void *ctx)
{
    if (now_ms >= client->deadline_ms)
        return false;
    if (client->response == NULL && !read_request(client, answer, ctx))
        return false;
    return client->response == NULL || write_response(client);
}

size_t control_polls(const struct control *control, uint64_t now_ms,
                     struct pollfd polls[CONTROL_POLLS_MAX], int *io_timeout_ms)
{
    size_t i, n = 0;

    if (control->fd < 0)
        return 0;
    polls[n].fd = control->fd;
    polls[n++].events = POLLIN;
    for (i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        const struct control_client *client = &control->clients[i];
        int left;

        if (client->fd < 0)
            continue;
        left = client->deadline_ms > now_ms ? (int)(client->deadline_ms - now_ms) : 0;
        if (left < *io_timeout_ms)
            *io_timeout_ms = left;
        polls[n].fd = client->fd;
        polls[n++].events = client->response != NULL ? POLLOUT : POLLIN;
    }
    return n;
}

void control_serve(struct control *control, uint64_t now_ms, control_answer_fn *answer, void *ctx)
{
    size_t i;

    if (control->fd < 0)
        return;
    accept_all(control, now_ms);
    for (i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].fd >= 0 && !serve_client(&control->clients[i], now_ms, answer, ctx))
            drop(&control->clients[i]);
}

void control_close(struct control *control)
{
    size_t i;

    if (control->fd < 0)
        return;
    for (i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].fd >= 0)
            drop(&control->clients[i]);
    close(control->fd);
    control->fd = -1;
    (void)unlink(control->path); /* may not be ours to remove any more: the next start does */
}

static int copy_answer(int fd)
{
    char bytes[4096];
    ssize_t got;
    bool any = false;

    while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0) {
        any = true;
        if (fwrite(bytes, 1, (size_t)got, stdout) != (size_t)got)
            return -EIO;
    }
    if (got < 0)
        return -errno;
    return !any ? -ENODATA : fflush(stdout) == 0 ? 0 : -EIO;
}

int control_ask(const char *path, const char *request)
{
    int fd = dial(path), ret = 0;

    if (fd < 0)
        return fd;
    if (send(fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request) ||
        send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
        ret = -errno;
    if (ret == 0)
        ret = copy_answer(fd);
    close(fd);
    return ret;
}
