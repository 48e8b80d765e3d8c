/* SPDX-License-Identifier: ISC */
/* The control socket: one line in, one answer out, then it is closed. Served beside the worker,
 * never by it; a client that dawdles or floods loses only its own place. */
#ifndef HEADEND_CONTROL_H
#define HEADEND_CONTROL_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONTROL_CLIENTS_MAX 8
#define CONTROL_REQUEST_CAP 64
#define CONTROL_PATIENCE_MS 2000
#define CONTROL_POLLS_MAX   (CONTROL_CLIENTS_MAX + 1)

struct control_client {
    int fd; /* -1: free place */
    uint64_t deadline_ms;
    size_t request_len;
    char request[CONTROL_REQUEST_CAP];
    char *response; /* NULL: still reading */
    size_t response_len, sent;
};

struct control {
    int fd; /* -1: there is none */
    char path[108];
    struct control_client clients[CONTROL_CLIENTS_MAX];
};

/* Makes the answer to one request line (without its end): malloc'd, with its length; NULL if
 * there is no memory. */
typedef char *control_answer_fn(void *ctx, const char *request, size_t *ret_len);

/* Listens at `path` (NULL: no control socket), mode 0660 and, if gid is not -1, with that group.
 * A socket that nobody answers is removed; one that is answered is another instance: -EADDRINUSE.
 * 0, or a negative errno with "what is wrong; what to do". */
int control_open(const char *path, gid_t gid, struct control *ret, char *err, size_t err_cap);

/* Fills polls for poll(2); how many. *io_timeout_ms is lowered to the nearest deadline. */
size_t control_polls(const struct control *control, uint64_t now_ms,
                     struct pollfd polls[CONTROL_POLLS_MAX], int *io_timeout_ms);
/* Does what can be done without waiting. */
void control_serve(struct control *control, uint64_t now_ms, control_answer_fn *answer, void *ctx);
void control_close(struct control *control);

/* The client's side: sends the line and copies the answer to standard output. 0 or a negative errno
 * (-ENODATA: an empty answer). */
int control_ask(const char *path, const char *request);

#endif
