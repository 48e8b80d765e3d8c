/* SPDX-License-Identifier: ISC */
/* Snapshots made and retired, beside the worker. It must not touch a datagram. */
#include "headend/loader.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "headend/status.h"
#include "headend/verbs.h"
#include "headend/watch.h"
#include "headend/worker.h"
#include "host/clock.h"
#include "host/config.h"
#include "host/log.h"

#define PATH_CAP   512
#define SAFE(text) log_safe((char[PATH_CAP]){0}, PATH_CAP, (text), strlen(text))

enum { POLL_SIGNAL, POLL_WATCH, POLL_CONTROL };

struct loader {
    const struct options *options;
    struct settings *settings;
    struct snapshot *snapshot;
    struct control *control;
    struct worker worker;
    int signal_fd, watch_fd;
    uint64_t started_ms, look_ms;
    bool stop;
};

static void look(struct loader *l, bool force)
{
    struct snapshot *next, *old = l->snapshot;

    l->look_ms = clock_mono_ms() + LOADER_LOOK_MS;
    watch_settings(l->watch_fd, l->settings);
    if (snapshot_build(l->settings, old, force, clock_wall_s(), &next) != 0) {
        log_error("out of memory: what was loaded before stays in use; give musterd more memory");
        return;
    }
    worker_swap(&l->worker, next);
    l->snapshot = next;
    snapshot_free(old);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_listens(const struct settings *a, const struct settings *b)
{
    char text_a[ADDR_TEXT_CAP], text_b[ADDR_TEXT_CAP];
    size_t i;

    for (i = 0; i < a->listens_n && i < b->listens_n; i++)
        if (strcmp(addr_format(&a->listens[i].addr, text_a),
                   addr_format(&b->listens[i].addr, text_b)) != 0)
            return false;
    return a->listens_n == b->listens_n;
}

static void reload(struct loader *l)
{
    char err[CONFIG_ERR_CAP + 256];
    struct settings *next;

    if (options_read_settings(l->options, &next, err, sizeof err) != 0) {
        log_error("%s (the settings read before stay in use)", err);
        look(l, true);
        return;
    }
    if (!same_listens(l->settings, next) || !same_text(l->settings->user, next->user) ||
        !same_text(l->settings->control, next->control))
        log_warn("listen, user and control change with a restart only");
    settings_unref(l->settings);
    l->settings = next;
    look(l, true);
    log_info("reloaded, mode %s", settings_mode_name(next->mode));
}

static void take_signals(struct loader *l)
{
    struct signalfd_siginfo info;

    while (read(l->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo == SIGHUP)
            reload(l);
        else
            l->stop = true;
}

/* For `muster install`, which so learns whether its list is in use now. */
static int answer_reload(struct loader *l, FILE *out)
{
    char problem[LISTING_ERROR_CAP];
    uint64_t now_s = clock_wall_s();
    int code = END_OK;
    size_t i;

    reload(l);
    for (i = 0; i < l->snapshot->lists_n; i++) {
        const struct listing *listing = &l->snapshot->lists[i];
        const char *said = listing_problem(listing, now_s, problem);

        fprintf(out, "list %s: %s\n", SAFE(listing->path), said != NULL ? said : "in use");
        if (said != NULL)
            code = END_PROBLEM;
    }
    return code;
}

static int answer_control(void *ctx, const char *request, FILE *out)
{
    struct loader *l = ctx;
    const struct status status = {.snapshot = l->snapshot,
                                  .worker = &l->worker,
                                  .now_s = clock_wall_s(),
                                  .uptime_s = (clock_mono_ms() - l->started_ms) / 1000};

    if (strcmp(request, "status") == 0)
        status_write(out, &status, false);
    else if (strcmp(request, "status json") == 0)
        status_write(out, &status, true);
    else if (strcmp(request, "reload") == 0)
        return answer_reload(l, out);
    else {
        fputs("unknown request; known are status, status json and reload\n", out);
        return END_USAGE;
    }
    return END_OK;
}

static void step(struct loader *l)
{
    struct pollfd polls[POLL_CONTROL + CONTROL_POLL_N];
    uint64_t now_ms = clock_mono_ms(), due_ms = control_deadline(l->control);

    if (l->look_ms < due_ms)
        due_ms = l->look_ms;
    control_poll(l->control, polls + POLL_CONTROL);
    polls[POLL_SIGNAL].fd = l->signal_fd;
    polls[POLL_WATCH].fd = l->watch_fd;
    polls[POLL_SIGNAL].events = polls[POLL_WATCH].events = POLLIN;
    (void)poll(polls, POLL_CONTROL + CONTROL_POLL_N, due_ms > now_ms ? (int)(due_ms - now_ms) : 0);
    now_ms = clock_mono_ms();
    take_signals(l);
    if (l->watch_fd >= 0 && watch_drain(l->watch_fd) && now_ms + LOADER_SETTLE_MS < l->look_ms)
        l->look_ms = now_ms + LOADER_SETTLE_MS;
    if (now_ms >= l->look_ms)
        look(l, false);
    control_serve(l->control, polls + POLL_CONTROL, clock_mono_ms(), answer_control, l);
}

static int open_signals(void)
{
    sigset_t signals;
    int fd;

    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd >= 0 ? fd : -errno;
}

static int start(struct loader *l, struct io *io)
{
    int ret;

    l->signal_fd = open_signals();
    if (l->signal_fd < 0)
        return l->signal_fd;
    l->watch_fd = watch_open();
    if (l->watch_fd < 0)
        log_warn("cannot watch files (%s): changes are seen within %d s", strerror(-l->watch_fd),
                 LOADER_LOOK_MS / 1000);
    else
        watch_settings(l->watch_fd, l->settings);
    ret = snapshot_build(l->settings, NULL, true, clock_wall_s(), &l->snapshot);
    if (ret == 0)
        ret = worker_start(&l->worker, &io_socket, io, l->snapshot);
    l->started_ms = clock_mono_ms();
    l->look_ms = l->started_ms + LOADER_LOOK_MS;
    return ret;
}

static void finish(struct loader *l)
{
    if (l->watch_fd >= 0)
        close(l->watch_fd);
    if (l->signal_fd >= 0)
        close(l->signal_fd);
    snapshot_free(l->snapshot);
    settings_unref(l->settings);
    free(l);
}

int loader_run(const struct options *options, struct settings *settings, struct io *io,
               struct control *control)
{
    struct loader *l = calloc(1, sizeof *l);
    int ret;

    if (l == NULL)
        return -ENOMEM;
    l->options = options;
    l->settings = settings;
    l->control = control;
    l->watch_fd = -1;
    ret = start(l, io);
    if (ret != 0) {
        log_error("cannot start: %s", strerror(-ret));
    } else {
        log_info("answering, mode %s, %zu list(s)", settings_mode_name(settings->mode),
                 settings->lists_n);
        while (!l->stop)
            step(l);
        worker_stop(&l->worker);
        log_info("stopped");
    }
    finish(l);
    return ret;
}
