/* SPDX-License-Identifier: ISC */
/* Serves a few clients without ever waiting for one. It does not know what the requests mean. */
#include "agent/control.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 5000

static int to_address(const char *path, struct sockaddr_un *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof ret->sun_path)
        return -ENAMETOOLONG;
    memcpy(ret->sun_path, path, strlen(path) + 1);
    return 0;
}

/* The mask keeps everybody else out from the first moment. */
static int bind_for_root(int fd, const struct sockaddr_un *address)
{
    mode_t mask = umask(0177);
    int ret = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : -errno;

    (void)umask(mask);
    return ret;
}

int control_open(struct control *control, const char *path)
{
    struct sockaddr_un address;
    int error = to_address(path, &address);

    memset(control, 0, sizeof *control);
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        control->clients[i].fd = -1;
    control->fd = -1;
    if (error != 0)
        return error;
    memcpy(control->path, address.sun_path, sizeof control->path);
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control->fd < 0)
        return -errno;
    (void)unlink(path);
    error = bind_for_root(control->fd, &address);
    if (error == 0 && listen(control->fd, CONTROL_CLIENTS_MAX) != 0)
        error = -errno;
    if (error != 0) {
        close(control->fd);
        control->fd = -1;
    }
    return error;
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
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        drop(&control->clients[i]);
    if (control->fd >= 0) {
        close(control->fd);
        (void)unlink(control->path);
    }
    control->fd = -1;
}

static struct control_client *free_client(const struct control *control)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].fd < 0)
            return (struct control_client *)&control->clients[i];
    return NULL;
}

void control_poll(const struct control *control, struct pollfd *polled)
{
    polled[0] =
        (struct pollfd){.fd = free_client(control) != NULL ? control->fd : -1, .events = POLLIN};
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        const struct control_client *client = &control->clients[i];
        polled[1 + i] =
            (struct pollfd){.fd = client->fd, .events = client->answer != NULL ? POLLOUT : POLLIN};
    }
}

static bool may_ask(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == 0 || peer.uid == geteuid());
}

static void let_in(struct control *control, uint64_t mono_ms)
{
    struct control_client *client = free_client(control);
    int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    if (client == NULL || !may_ask(fd)) {
        close(fd);
        return;
    }
    client->fd = fd;
    client->until_ms = mono_ms + PATIENCE_MS;
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

void control_serve(struct control *control, const struct pollfd *polled, uint64_t mono_ms,
                   control_answer_fn *answer, void *ctx)
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
    if (polled[0].revents != 0)
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

static int dial(const char *path)
{
    struct timeval patience = {.tv_sec = 2 * PATIENCE_MS / 1000};
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

/* The code is the answer's first line. */
static int copy_answer(FILE *in, FILE *out)
{
    char buffer[1024];
    size_t got;

    if (fgets(buffer, sizeof buffer, in) == NULL || !isdigit((unsigned char)buffer[0]))
        return ferror(in) ? -errno : -EPROTO;
    int code = atoi(buffer);
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
