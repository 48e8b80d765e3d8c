/* SPDX-License-Identifier: ISC */
/* The main loop of the privileged half: deadline, poll, drain, perform. Between deadlines and events it does not wake
 * up. Everything it does to the system stands in the modules it calls. */
#include "agent/parent.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/child.h"
#include "agent/message.h"
#include "agent/verbs.h"
#include "host/clock.h"
#include "host/config.h"
#include "host/file.h"
#include "host/log.h"

#define NEVER UINT64_MAX
#define REFRESH_GAP_MS 50      /* events closer together are looked at together */
#define RETRY_MS 10000         /* after something of the quarantine failed */
#define RESOLVE_MS 600000      /* while quarantined */
#define TIMER_GAP_MS 2
#define CHILD_WELL_MS 60000    /* a network half that lived this long starts afresh at once */
#define CHILD_DELAY_MAX_MS 60000
#define MESSAGES_PER_TURN 64

enum { POLL_ROUTE, POLL_FILTER, POLL_CHILD, POLL_SIGNAL, POLL_TIMER, POLL_CLOCK, POLL_RESOLVE,
       POLL_CONTROL, POLL_N = POLL_CONTROL + CONTROL_POLL_N };

static void plan(uint64_t *at_ms, uint64_t when_ms)
{
    if (when_ms < *at_ms)
        *at_ms = when_ms;
}

static void random_bytes(void *ctx, uint8_t *ret_bytes, size_t len)
{
    (void)ctx;
    randombytes_buf(ret_bytes, len);
}

static void see_route_event(void *ctx, const struct nlmsghdr *event)
{
    struct parent *p = ctx;

    if (event->nlmsg_type != RTM_NEWNEIGH && event->nlmsg_type != RTM_DELNEIGH)
        p->saw_change = true;
}

static void see_filter_event(void *ctx, const struct nlmsghdr *event)
{
    struct parent *p = ctx;

    p->saw_touch |= block_is_touched(&p->quarantine.block, event);
}

/* Neighbours change all the time; they are listened to only while one is being looked for. */
static void listen_to_neighbours(struct parent *p, bool wanted)
{
    if (wanted != p->listens_to_neighbours &&
        nl_join(&p->route_events, RTNLGRP_NEIGH, wanted) == 0)
        p->listens_to_neighbours = wanted;
}

static void start_resolving(struct parent *p, uint64_t mono_ms)
{
    p->resolve_at_ms = p->quarantine.standing ? mono_ms + RESOLVE_MS : NEVER;
    if (!p->device.emit || p->attach.families == 0)
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

static void refresh(struct parent *p, uint64_t mono_ms)
{
    bool touched = p->saw_touch || p->quarantine.error != 0;

    p->refresh_at_ms = NEVER;
    p->refreshed_ms = mono_ms;
    p->saw_change = p->saw_touch = false;
    if (quarantine_refresh(&p->quarantine, touched) != 0 || p->quarantine.error != 0)
        p->refresh_at_ms = mono_ms + RETRY_MS;
    attach(p, mono_ms);
}

static void start_child(struct parent *p, uint64_t mono_ms)
{
    char empty[SETTINGS_PATH_CAP + 16];

    p->child_at_ms = NEVER;
    if (!p->device.emit)
        return;
    (void)snprintf(empty, sizeof empty, "%s/empty", p->settings.run_dir);
    (void)mkdir(empty, 0555);
    pid_t pid = child_start(settings_user(&p->settings), empty, &p->child_fd);
    if (pid < 0) {
        log_error("the network half cannot be started: %s; trying again", strerror((int)-pid));
        p->child_at_ms = mono_ms + CHILD_DELAY_MAX_MS;
        return;
    }
    p->child_pid = pid;
    p->child_since_ms = mono_ms;
}

void parent_want_child(struct parent *p)
{
    if (p->device.emit && p->child_fd < 0)
        plan(&p->child_at_ms, clock_mono_ms());
}

static void stop_child(struct parent *p)
{
    if (p->child_fd < 0)
        return;
    close(p->child_fd);
    p->child_fd = -1;
    (void)kill(p->child_pid, SIGKILL);
    while (waitpid(p->child_pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static void bury_child(struct parent *p, uint64_t mono_ms)
{
    uint64_t delay_ms;

    stop_child(p);
    p->child_deaths = mono_ms - p->child_since_ms > CHILD_WELL_MS ? 0 : p->child_deaths + 1;
    delay_ms = p->child_deaths < 6 ? UINT64_C(1000) << p->child_deaths : CHILD_DELAY_MAX_MS;
    log_warn("the network half ended; it is started again in %llu s",
             (unsigned long long)(delay_ms / 1000));
    p->child_at_ms = mono_ms + delay_ms;
}

static void hear_child(struct parent *p, uint64_t mono_ms)
{
    struct message message;
    struct muster_actions actions;
    struct muster_reply reply;
    int got = 0;

    for (int i = 0; i < MESSAGES_PER_TURN && p->child_fd >= 0; i++) {
        got = message_get(p->child_fd, &message);
        if (got <= 0)
            break;
        if (!message_is_for_parent(&message)) {
            log_error("the network half sent what it must not; ending it");
            got = -EBADMSG;
            break;
        }
        if (message.kind == MESSAGE_DROPPED) {
            p->device.counts.ignored[-message.error]++;
            continue;
        }
        struct muster_now now = parent_now(p);
        message_to_reply(&message, &reply);
        muster_device_on_reply(&p->device, &now, message.slot, &reply, &actions);
        parent_perform(p, &actions);
    }
    if (got < 0)
        bury_child(p, mono_ms);
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
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at / 1000),
                                           .tv_nsec = (long)(at % 1000) * 1000000}};

    if (at == NEVER)
        memset(&when, 0, sizeof when);
    else if (at == 0)
        when.it_value.tv_nsec = 1;
    (void)timerfd_settime(p->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* A timer that never fires but fails when somebody sets the clock. */
static void watch_clock(const struct parent *p)
{
    const struct itimerspec far = {.it_value = {.tv_sec = (time_t)1 << 40}};

    (void)timerfd_settime(p->clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

static void hear_clock(struct parent *p, uint64_t mono_ms)
{
    uint64_t times;

    if (read(p->clock_fd, &times, sizeof times) < 0 && errno == ECANCELED)
        run_timer(p, mono_ms);
    watch_clock(p);
}

/* Whatever is due by now. */
static void run_deadlines(struct parent *p, uint64_t mono_ms)
{
    uint64_t times;

    (void)!read(p->timer_fd, &times, sizeof times);
    if (mono_ms >= device_deadline(p))
        run_timer(p, mono_ms);
    if (mono_ms >= p->child_at_ms)
        start_child(p, mono_ms);
    if (mono_ms >= p->resolve_at_ms)
        start_resolving(p, mono_ms);
    if (mono_ms >= p->refresh_at_ms || mono_ms >= routes_deadline(&p->quarantine.routes))
        refresh(p, mono_ms);
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
        plan(&p->refresh_at_ms, p->refreshed_ms + REFRESH_GAP_MS);
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

static void loop(struct parent *p)
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
            hear_child(p, mono_ms);
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

static bool has_privilege(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};

    return geteuid() == 0 && syscall(SYS_capget, &head, data) == 0 &&
           (data[0].effective & (1U << CAP_NET_ADMIN)) != 0;
}

static int open_signals(void)
{
    sigset_t set;

    (void)signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int take_lock(struct parent *p)
{
    char path[SETTINGS_PATH_CAP + 16];

    (void)mkdir(p->settings.run_dir, 0755);
    (void)snprintf(path, sizeof path, "%s/agent.lock", p->settings.run_dir);
    p->lock_fd = file_lock(path);
    if (p->lock_fd == -EWOULDBLOCK) {
        log_error("another muster-agent runs here (%s is locked); stop it first, or give this one "
                  "its own --run-dir",
                  path);
        return END_RUNS_ALREADY;
    }
    if (p->lock_fd < 0) {
        log_error("%s: %s; make its directory writable for root", path, strerror(-p->lock_fd));
        return END_PROBLEM;
    }
    return END_OK;
}

static int open_system(struct parent *p)
{
    static const int route_groups[] = {RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                                       RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_RULE,
                                       RTNLGRP_IPV6_RULE,  0};
    static const int filter_groups[] = {NFNLGRP_NFTABLES, 0};
    int error = nl_listen(&p->route_events, NETLINK_ROUTE, route_groups);

    if (error == 0)
        error = quarantine_open(&p->quarantine, &p->settings, p->anchors,
                                p->device.memory.fw.anchors_n);
    if (error != 0) {
        log_error("rtnetlink: %s; this kernel cannot tell the network's state", strerror(-error));
        return END_PROBLEM;
    }
    if (nl_listen(&p->filter_events, NETLINK_NETFILTER, filter_groups) != 0)
        p->filter_events.socket = NULL;
    p->signal_fd = open_signals();
    p->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    p->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (p->signal_fd < 0 || p->timer_fd < 0 || p->clock_fd < 0) {
        log_error("timers or signals: %s; a Linux kernel of 4.4 or later is needed",
                  strerror(errno));
        return END_PROBLEM;
    }
    watch_clock(p);
    return END_OK;
}

static int open_control(struct parent *p)
{
    char path[SETTINGS_PATH_CAP + 16];

    (void)snprintf(path, sizeof path, "%s/agent.sock", p->settings.run_dir);
    int error = control_open(&p->control, path);
    if (error == 0)
        return END_OK;
    log_error("%s: %s; make its directory writable for root, or choose a shorter --run-dir", path,
              strerror(-error));
    return END_PROBLEM;
}

/* What was cut before stays cut before anything else happens; what nobody wants any more is cleared. */
static void start_device(struct parent *p)
{
    static uint8_t saved[MUSTER_STATE_MAX];
    struct muster_now now = parent_now(p);
    struct muster_actions actions;
    size_t len = state_load(&p->state, saved);

    if (muster_device_start(&p->device, &now, saved, len, &actions) != MUSTER_OK)
        state_put_aside(&p->state);
    parent_perform(p, &actions);
    if (!muster_device_is_quarantined(&p->device))
        (void)quarantine_release(&p->quarantine);
}

static int read_settings(const struct parent_options *options, struct settings *ret_settings,
                         struct anchorfile ret_anchors[ANCHORFILE_MAX],
                         struct muster_firmware *ret_firmware)
{
    char err[CONFIG_ERR_CAP + 256];

    if (settings_read(options->config, &options->over, ret_settings, err, sizeof err) == 0 &&
        settings_firmware(ret_settings, ret_firmware, ret_anchors, err, sizeof err) == 0)
        return END_OK;
    log_error("%s", err);
    return END_USAGE;
}

static void save_and_close(struct parent *p)
{
    static uint8_t bytes[MUSTER_STATE_MAX];
    struct muster_now now = parent_now(p);

    (void)state_save(&p->state, bytes,
                     muster_device_save(&p->device, &now, bytes, sizeof bytes));
    stop_child(p);
    control_close(&p->control);
    quarantine_close(&p->quarantine);
    nl_close(&p->route_events);
    nl_close(&p->filter_events);
    close(p->lock_fd);
}

/* As after a kill -9: the block and what is remembered are there for the one that starts. */
static void start_again(struct parent *p)
{
    static struct settings settings;
    static struct anchorfile anchors[ANCHORFILE_MAX];
    struct muster_firmware firmware;

    p->restart = false;
    if (read_settings(p->options, &settings, anchors, &firmware) != END_OK) {
        log_error("the configuration was not reloaded; the agent goes on with the old one");
        return;
    }
    log_info("reloading");
    save_and_close(p);
    if (strchr(p->options->argv[0], '/') != NULL)
        (void)execv(p->options->argv[0], p->options->argv);
    (void)execv("/proc/self/exe", p->options->argv);
    log_error("cannot start again: %s", strerror(errno));
    exit(END_PROBLEM);
}

static void greet(const struct parent *p)
{
    const struct muster_firmware *fw = &p->device.memory.fw;

    log_info("%s %s, build %s: reports %s, %u authorities, %s", p->settings.vendor,
             p->settings.model, p->settings.build, p->device.emit ? "on" : "off", fw->anchors_n,
             fw->anchors_n == 0                     ? "notices only (no anchors)"
             : fw->notice_only                      ? "notices only (on_fail = notice)"
             : fw->forwards && !fw->enforce_anyway  ? "notices only (forwards, or telephony)"
                                                    : "a fail is enforced");
}

static int start(struct parent *p)
{
    struct muster_firmware firmware;
    int code = read_settings(p->options, &p->settings, p->anchors, &firmware);

    if (code == END_OK && !has_privilege()) {
        log_error("root with CAP_NET_ADMIN is needed; start muster-agent as root");
        code = END_NO_PRIVILEGE;
    }
    if (code == END_OK)
        code = take_lock(p);
    if (code != END_OK)
        return code;
    state_open(&p->state, p->settings.state_dir);
    p->notice.log_is_syslog = p->options->log_is_syslog;
    muster_device_init(&p->device, &firmware,
                       p->settings.emit && !state_emit_is_off(&p->state), random_bytes, NULL);
    code = open_system(p);
    if (code != END_OK)
        return code;
    start_device(p);
    code = open_control(p);
    if (code != END_OK)
        return code;
    greet(p);
    start_child(p, clock_mono_ms());
    refresh(p, clock_mono_ms());
    return END_OK;
}

int parent_run(const struct parent_options *options)
{
    static struct parent parent;
    struct parent *p = &parent;

    memset(p, 0, sizeof *p);
    p->options = options;
    p->child_fd = p->control.fd = -1;
    p->refresh_at_ms = p->resolve_at_ms = p->child_at_ms = NEVER;
    int code = start(p);
    if (code != END_OK)
        return code;
    do {
        loop(p);
        if (p->restart && !p->stop)
            start_again(p);
    } while (!p->stop);
    log_info("stopping%s", p->quarantine.standing
                               ? ": the quarantine is lifted until the agent runs again" : "");
    if (p->quarantine.standing && quarantine_release(&p->quarantine) != 0)
        code = END_PROBLEM;
    save_and_close(p);
    return code;
}
