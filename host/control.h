/* SPDX-License-Identifier: ISC */
/* A control socket: a unix socket on which one line is asked, one answer given, and that is it. The
 * first line of an answer is an exit code for whoever asked. It never waits for a client; one that
 * dawdles or floods loses only its own place. */
#ifndef HOST_CONTROL_H
#define HOST_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define CONTROL_CLIENTS_MAX 4
#define CONTROL_REQUEST_MAX 64
#define CONTROL_PATIENCE_MS 5000
#define CONTROL_POLL_N      (1 + CONTROL_CLIENTS_MAX)

struct control {
    int fd;         /* -1: there is none */
    bool same_user; /* only root and our own user may ask */
    char path[108];
    struct control_client {
        int fd; /* -1 = free */
        char request[CONTROL_REQUEST_MAX];
        size_t request_len;
        char *answer;
        size_t answer_len, sent;
        uint64_t until_ms;
    } clients[CONTROL_CLIENTS_MAX];
};

/* Answers a request's line by writing to `out`; returns the exit code. */
typedef int control_answer_fn(void *ctx, const char *request, FILE *out);

/* Listens at `path` (NULL: no control socket, and all below do nothing); its directory is made
 * if it is missing. Group -1: the socket (mode 0600) is for root and this user alone; else it is
 * mode 0660 and that group's. A socket that nobody answers is replaced; one that is answered is
 * another instance: -EADDRINUSE. 0, or a negative errno with "what is wrong; what to do". */
int control_open(const char *path, gid_t group, struct control *ret, char *err, size_t err_cap);
void control_close(struct control *control);

/* Fills polled[0..CONTROL_POLL_N). While all places are taken nobody is let in. */
void control_poll(const struct control *control, struct pollfd polled[CONTROL_POLL_N]);
/* After poll(2). A client has five seconds for all it wants. */
void control_serve(struct control *control, const struct pollfd polled[CONTROL_POLL_N],
                   uint64_t mono_ms, control_answer_fn *answer, void *ctx);
/* mono ms when the next client's time is out; UINT64_MAX if there is none. */
uint64_t control_deadline(const struct control *control);

/* The other side: asks and copies the answer to `out`. The exit code, or a negative errno
 * (-ENOENT, -ECONNREFUSED: nobody answers there). */
int control_ask(const char *path, const char *request, FILE *out);

#endif
