/* SPDX-License-Identifier: ISC */
/* The privileged half (R13): owns the device's state machine, the state file, the quarantine,
 * the owner's socket and notices; parses nothing from the network, and judges again what the
 * network half hands up. */
#ifndef AGENT_PARENT_H
#define AGENT_PARENT_H

#include "agent/attach.h"
#include "agent/notice.h"
#include "agent/quarantine.h"
#include "agent/state.h"
#include "host/control.h"
#include "muster/device.h"

#define PARENT_NEVER UINT64_MAX

struct parent_options {
    const char *config;
    struct settings_overrides over;
    uint64_t scale; /* 1 but for tests and the demo */
    bool log_is_syslog, log_is_verbose;
    char **argv; /* to start again with, on SIGHUP */
};

struct parent {
    const struct parent_options *options;
    struct settings settings;
    struct anchorfile anchors[ANCHORFILE_MAX];
    struct muster_device device;
    struct quarantine quarantine;
    struct attach attach;
    struct state state;
    struct notice notice;
    struct control control;
    struct nl route_events, filter_events;
    bool listens_to_neighbours, saw_change, saw_touch;

    int lock_fd, signal_fd, timer_fd, clock_fd;
    int child_fd; /* -1 while it does not run */
    pid_t child_pid;
    unsigned child_deaths; /* in a row */
    uint64_t child_since_ms, child_at_ms;

    uint64_t refreshed_ms, refresh_gap_ms;
    uint64_t refresh_at_ms, resolve_at_ms, timer_ran_ms; /* or PARENT_NEVER */
    uint64_t last_report_s;
    bool stop, restart;
};

/* boot.c: runs until a signal ends it; an exit code of agent/verbs.h. */
int parent_run(const struct parent_options *options);

/* parent.c: the main loop, until `stop` or `restart`. */
void parent_loop(struct parent *p);
/* Looks at the network again, and tells the state machine what is new. */
void parent_refresh(struct parent *p, uint64_t mono_ms);
/* Makes clock_fd readable when somebody sets the clock. */
void parent_watch_clock(const struct parent *p);

/* half.c: the network half. It runs only while the device may send. */
void half_start(struct parent *p, uint64_t mono_ms);
void half_stop(struct parent *p);
void half_hear(struct parent *p, uint64_t mono_ms);
/* Starts it, at the next turn, or ends it, as `emit` says. */
void half_settle(struct parent *p);

/* perform.c: what the state machine asks for. */
struct muster_now parent_now(const struct parent *p);
void parent_perform(struct parent *p, const struct muster_actions *actions);
struct status parent_status(struct parent *p);

/* owner.c: answers one line of the owner's; ctx is a struct parent. */
int owner_answer(void *ctx, const char *request, FILE *out);

#endif
