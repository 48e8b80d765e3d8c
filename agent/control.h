/* SPDX-License-Identifier: ISC */
/* The owner's way in: a unix socket for root alone, one line asked, one answer given. The first
 * line of an answer is the exit code for the one who asked. */
#ifndef AGENT_CONTROL_H
#define AGENT_CONTROL_H

#include <poll.h>
#include <stdint.h>
#include <stdio.h>

#define CONTROL_CLIENTS_MAX 4
#define CONTROL_REQUEST_MAX 64
#define CONTROL_POLL_N      (1 + CONTROL_CLIENTS_MAX)

struct control {
    int fd;
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

/* 0 or a negative errno. What an instance that died has left there is replaced: the caller holds
 * the lock. */
int control_open(struct control *control, const char *path);
void control_close(struct control *control);

/* Fills polled[0..CONTROL_POLL_N). While all places are taken nobody is let in. */
void control_poll(const struct control *control, struct pollfd *polled);
/* After poll(2). A client has five seconds for all it wants; a slow one holds up nobody but
 * itself. */
void control_serve(struct control *control, const struct pollfd *polled, uint64_t mono_ms,
                   control_answer_fn *answer, void *ctx);
/* mono ms when the next client's time is out; UINT64_MAX if there is none. */
uint64_t control_deadline(const struct control *control);

/* The other side: asks and copies the answer to `out`. The exit code, or a negative errno
 * (-ENOENT, -ECONNREFUSED: no agent runs there). */
int control_ask(const char *path, const char *request, FILE *out);

#endif
