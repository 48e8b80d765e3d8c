/* SPDX-License-Identifier: ISC */
/* A short-lived process asks getaddrinfo(3) and writes fixed-size answers into a pipe. */
#include "agent/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/process.h"
#include "host/sandbox.h"

#define PATIENCE_S 30

struct answer {
    uint8_t update, bytes_len; /* index of the update host; 4 or 16 */
    uint8_t bytes[16];
};

void resolve_init(struct resolve *resolve)
{
    memset(resolve, 0, sizeof *resolve);
    resolve->fd = -1;
}

static void look_up(int fd, const struct settings *settings, size_t update)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int n = 0;

    if (settings->updates[update].host[0] == 0 ||
        getaddrinfo(settings->updates[update].host, NULL, &hints, &list) != 0)
        return;
    for (const struct addrinfo *info = list; info != NULL && n < RESOLVE_ADDRS_MAX;
         info = info->ai_next) {
        struct answer answer = {.update = (uint8_t)update};
        struct addr addr = {.len = info->ai_addrlen};
        size_t len;
        if (info->ai_addrlen > sizeof addr.ss)
            continue;
        memcpy(&addr.ss, info->ai_addr, info->ai_addrlen);
        const uint8_t *bytes = addr_bytes(&addr, &len);
        if (bytes == NULL)
            continue;
        memcpy(answer.bytes, bytes, len);
        answer.bytes_len = (uint8_t)len;
        if (write(fd, &answer, sizeof answer) != (ssize_t)sizeof answer)
            break;
        n++;
    }
    freeaddrinfo(list);
}

static void run(int fd, const struct settings *settings)
{
    alarm(PATIENCE_S);
    if (sandbox_drop(settings_user(settings), NULL) != 0)
        process_exit(1);
    for (size_t i = 0; i < settings->updates_n; i++)
        look_up(fd, settings, i);
    process_exit(0);
}

static bool has_names(const struct settings *settings)
{
    for (size_t i = 0; i < settings->updates_n; i++)
        if (settings->updates[i].host[0] != 0)
            return true;
    return false;
}

int resolve_start(struct resolve *resolve, const struct settings *settings)
{
    int ends[2];

    if (resolve->fd >= 0 || !has_names(settings))
        return 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    pid_t pid = process_fork(&ends[1], 1);
    if (pid == 0)
        run(ends[1], settings);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return (int)pid;
    }
    memset(resolve->fresh_n, 0, sizeof resolve->fresh_n);
    resolve->pid = pid;
    resolve->fd = ends[0];
    return 0;
}

static void take(struct resolve *resolve, const struct answer *answer)
{
    size_t update = answer->update, *n;

    if (update >= SETTINGS_UPDATES_MAX)
        return;
    n = &resolve->fresh_n[update];
    if (*n < RESOLVE_ADDRS_MAX &&
        addr_from_bytes(answer->bytes, answer->bytes_len, 0, &resolve->fresh[update][*n]) == 0)
        (*n)++;
}

static void finish(struct resolve *resolve)
{
    for (size_t i = 0; i < SETTINGS_UPDATES_MAX; i++) {
        if (resolve->fresh_n[i] == 0)
            continue;
        resolve->found_n[i] = resolve->fresh_n[i];
        memcpy(resolve->found[i], resolve->fresh[i], sizeof resolve->found[i]);
    }
    resolve_stop(resolve);
}

/* Each answer is written at once and is smaller than PIPE_BUF, so it is read whole. */
bool resolve_read(struct resolve *resolve)
{
    struct answer answer;
    ssize_t got = read(resolve->fd, &answer, sizeof answer);

    if (got < 0 && errno == EINTR)
        return false;
    if (got == (ssize_t)sizeof answer) {
        take(resolve, &answer);
        return false;
    }
    finish(resolve);
    return true;
}

void resolve_stop(struct resolve *resolve)
{
    if (resolve->fd < 0)
        return;
    close(resolve->fd);
    resolve->fd = -1;
    (void)kill(resolve->pid, SIGKILL);
    while (waitpid(resolve->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    resolve->pid = 0;
}
