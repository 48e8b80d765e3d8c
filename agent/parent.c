/* SPDX-License-Identifier: ISC */
/* The main loop of the privileged half: deadline, poll, drain, perform. Between deadlines and
 * events it does not wake up. Everything it does to the system stands in the modules it calls. */
#include "agent/parent.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/log.h"

#define NEVER              PARENT_NEVER
#define REFRESH_GAP_MS     50     /* events closer together are looked at together */
#define REFRESH_GAP_MAX_MS 2000   /* where somebody puts a route back as often as it is taken */
#define RETRY_MS           10000  /* after something of the quarantine failed */
#define RESOLVE_MS         600000 /* while quarantined */
#define TIMER_GAP_MS       2

enum {
    POLL_ROUTE,
    POLL_FILTER,
    POLL_CHILD,
    POLL_SIGNAL,
    POLL_TIMER,
    POLL_CLOCK,
    POLL_RESOLVE,
    POLL_CONTROL,
    POLL_N = POLL_CONTROL + CONTROL_POLL_N
};

static void plan(uint64_t *at_ms, uint64_t when_ms)
{
    if (when_ms < *at_ms)
        *at_ms = when_ms;
}

static void see_route_event(void *ctx, const struct nlmsghdr *event)
{
    struct parent *p = ctx;

    if (event->nlmsg_type != RTM_NEWNEIGH && event->nlmsg_type != RTM_DELNEIGH)
        p->saw_change = true;
    if (event->nlmsg_type == RTM_NEWLINK)
        p->refresh_gap_ms = REFRESH_GAP_MS; /* the block must cover a new one soon */
}

static void see_filter_event(void *ctx, const struct nlmsghdr *event)
{
    struct parent *p = ctx;

    if (block_is_touched(&p->quarantine.block, event)) {
        p->saw_touch = true;
        p->refresh_gap_ms = REFRESH_GAP_MS; /* it must stand again at once */
    }
}

/* Neighbours change all the time; they are listened to only while one is being looked for. */
static void listen_to_neighbours(struct parent *p, bool wanted)
{
    if (wanted != p->listens_to_neighbours && nl_join(&p->route_events, RTNLGRP_NEIGH, wanted) == 0)
        p->listens_to_neighbours = wanted;
}

static void start_resolving(struct parent *p, uint64_t mono_ms)
{
    p->resolve_at_ms = p->quarantine.standing ? mono_ms + RESOLVE_MS : NEVER;
    if (!muster_device_emits(&p->device) || p->attach.families == 0)
        return;
    int error = resolve_start(&p->quarantine.resolve, &p->settings);
    if (error != 0)
        log_warn("the update hosts' names cannot be looked up: %s", strerror(-error));
}

static void attach(struct parent *p, uint64_t mono_ms)
{
    struct muster_actions actions;

    bool is_new = attach_update(&p->attach, &p->quarantine, mono_ms);
    listen_to_neighbours(p, p->attach.looking);
    if (!is_new)
        return;
    struct muster_now now = parent_now(p);
    muster_device_on_attach(&p->device, &now, p->attach.id, p->attach.families, &actions);
    parent_perform(p, &actions);
    plan(&p->resolve_at_ms, mono_ms);
}

/* Doubles while events come as fast as they are looked at. */
static uint64_t next_gap(const struct parent *p, uint64_t mono_ms)
{
    uint64_t doubled = 2 * p->refresh_gap_ms;

    if (mono_ms - p->refreshed_ms > doubled)
        return REFRESH_GAP_MS;
    return doubled < REFRESH_GAP_MAX_MS ? doubled : REFRESH_GAP_MAX_MS;
}

/* A device may begin to forward for others at any time; from then on it is notice only (R4 i). */
static void look_at_forwarding(struct parent *p)
{
    struct muster_now now = parent_now(p);
    struct muster_actions actions;

    muster_device_set_forwards(&p->device, &now, settings_forwards(&p->settings), &actions);
    parent_perform(p, &actions);
}

void parent_refresh(struct parent *p, uint64_t mono_ms)
{
    bool touched = p->saw_touch || p->quarantine.error != 0;

    p->refresh_at_ms = NEVER;
    p->refresh_gap_ms = next_gap(p, mono_ms);
    p->refreshed_ms = mono_ms;
    look_at_forwarding(p);
    if (p->quarantine.standing && !muster_device_is_quarantined(&p->device))
        (void)quarantine_release(&p->quarantine); /* it failed before */
    p->saw_change = p->saw_touch = false;
    if (quarantine_refresh(&p->quarantine, touched) != 0 || p->quarantine.error != 0 ||
        (p->quarantine.standing && !muster_device_is_quarantined(&p->device)))
        p->refresh_at_ms = mono_ms + RETRY_MS;
    attach(p, mono_ms);
}

static void hear_signals(struct parent *p, uint64_t mono_ms)
{
    struct signalfd_siginfo info;

    while (read(p->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            p->stop = true;
        if (info.ssi_signo == SIGHUP)
            p->restart = true;
        if (info.ssi_signo == SIGCHLD)
            notice_reap(&p->notice, mono_ms);
    }
}

static void run_timer(struct parent *p, uint64_t mono_ms)
{
    struct muster_now now = parent_now(p);
    struct muster_actions actions;

    p->timer_ran_ms = mono_ms;
    muster_device_on_timer(&p->device, &now, &actions);
    parent_perform(p, &actions);
}

static uint64_t device_deadline(struct parent *p)
{
    struct muster_now now = parent_now(p);
    uint64_t at = muster_device_next_deadline(&p->device, &now), scale = p->options->scale;

    if (at == NEVER)
        return NEVER;
    at = at / scale + (at % scale != 0);
    return at > p->timer_ran_ms + TIMER_GAP_MS ? at : p->timer_ran_ms + TIMER_GAP_MS;
}

static uint64_t next_deadline(struct parent *p)
{
    uint64_t at = device_deadline(p);

    plan(&at, p->refresh_at_ms);
    plan(&at, p->resolve_at_ms);
    plan(&at, p->child_at_ms);
    plan(&at, p->attach.looking ? p->attach.look_until_ms : NEVER);
    plan(&at, routes_deadline(&p->quarantine.routes));
    plan(&at, notice_deadline(&p->notice));
    plan(&at, control_deadline(&p->control));
    return at;
}

static void arm(struct parent *p)
{
    uint64_t at = next_deadline(p);
    struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(at / 1000), .tv_nsec = (long)(at % 1000) * 1000000}};

    if (at == NEVER)
        memset(&when, 0, sizeof when);
    else if (at == 0)
        when.it_value.tv_nsec = 1;
    (void)timerfd_settime(p->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* A timer that never fires but fails when somebody sets the clock. */
void parent_watch_clock(const struct parent *p)
{
    const struct itimerspec far = {.it_value = {.tv_sec = (time_t)1 << 40}};

    (void)timerfd_settime(p->clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

static void hear_clock(struct parent *p, uint64_t mono_ms)
{
    uint64_t times;

    if (read(p->clock_fd, &times, sizeof times) < 0 && errno == ECANCELED)
        run_timer(p, mono_ms);
    parent_watch_clock(p);
}

/* Whatever is due by now. */
static void run_deadlines(struct parent *p, uint64_t mono_ms)
{
    uint64_t times;

    (void)!read(p->timer_fd, &times, sizeof times);
    if (mono_ms >= device_deadline(p))
        run_timer(p, mono_ms);
    if (mono_ms >= p->child_at_ms)
        half_start(p, mono_ms);
    if (mono_ms >= p->resolve_at_ms)
        start_resolving(p, mono_ms);
    if (mono_ms >= p->refresh_at_ms || mono_ms >= routes_deadline(&p->quarantine.routes))
        parent_refresh(p, mono_ms);
    if (p->attach.looking && mono_ms >= p->attach.look_until_ms)
        attach(p, mono_ms);
    notice_reap(&p->notice, mono_ms);
}

static void hear_kernel(struct parent *p, const struct pollfd *polled, uint64_t mono_ms)
{
    if (polled[POLL_ROUTE].revents != 0 &&
        nl_drain(&p->route_events, see_route_event, p) == -ENOBUFS)
        p->saw_change = true;
    if (polled[POLL_FILTER].revents != 0 &&
        nl_drain(&p->filter_events, see_filter_event, p) == -ENOBUFS)
        p->saw_touch = true;
    if (p->saw_change || (p->saw_touch && p->quarantine.standing))
        plan(&p->refresh_at_ms, p->refreshed_ms + p->refresh_gap_ms);
    else if (p->attach.looking)
        attach(p, mono_ms);
}

static void fill(const struct parent *p, struct pollfd polled[POLL_N])
{
    const int fds[] = {
        [POLL_ROUTE] = mnl_socket_get_fd(p->route_events.socket),
        [POLL_FILTER] =
            p->filter_events.socket != NULL ? mnl_socket_get_fd(p->filter_events.socket) : -1,
        [POLL_CHILD] = p->child_fd,
        [POLL_SIGNAL] = p->signal_fd,
        [POLL_TIMER] = p->timer_fd,
        [POLL_CLOCK] = p->clock_fd,
        [POLL_RESOLVE] = p->quarantine.resolve.fd,
    };

    for (size_t i = 0; i < POLL_CONTROL; i++)
        polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    control_poll(&p->control, polled + POLL_CONTROL);
}

void parent_loop(struct parent *p)
{
    struct pollfd polled[POLL_N];

    while (!p->stop && !p->restart) {
        arm(p);
        fill(p, polled);
        if (poll(polled, POLL_N, -1) < 0)
            continue;
        uint64_t mono_ms = clock_mono_ms();
        hear_kernel(p, polled, mono_ms);
        if (polled[POLL_CHILD].revents != 0)
            half_hear(p, mono_ms);
        if (polled[POLL_RESOLVE].revents != 0 && resolve_read(&p->quarantine.resolve))
            plan(&p->refresh_at_ms, mono_ms);
        if (polled[POLL_CLOCK].revents != 0)
            hear_clock(p, mono_ms);
        control_serve(&p->control, polled + POLL_CONTROL, mono_ms, owner_answer, p);
        run_deadlines(p, mono_ms);
        if (polled[POLL_SIGNAL].revents != 0)
            hear_signals(p, mono_ms);
    }
}
