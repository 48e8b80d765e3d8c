/* SPDX-License-Identifier: ISC */
/* How the privileged half begins and ends. What was cut before is cut again before any socket is
 * opened; an orderly end lifts the quarantine, a reload passes it on to the one that starts. */
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
#include <unistd.h>

#include "agent/parent.h"
#include "agent/verbs.h"
#include "host/clock.h"
#include "host/config.h"
#include "host/file.h"
#include "host/log.h"

static void random_bytes(void *ctx, uint8_t *ret_bytes, size_t len)
{
    (void)ctx;
    randombytes_buf(ret_bytes, len);
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
    static const int route_groups[] = {
        RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
        RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,   RTNLGRP_IPV6_RULE,   0};
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
    parent_watch_clock(p);
    return END_OK;
}

static int open_control(struct parent *p)
{
    char path[SETTINGS_PATH_CAP + 16], err[CONFIG_ERR_CAP];

    (void)snprintf(path, sizeof path, "%s/agent.sock", p->settings.run_dir);
    if (control_open(path, (gid_t)-1, &p->control, err, sizeof err) == 0)
        return END_OK;
    log_error("%s (--run-dir)", err);
    return END_PROBLEM;
}

/* Leaves this boot's id in the run directory, and tells whether it was not there yet. */
static bool is_first_since_boot(const struct parent *p)
{
    char path[SETTINGS_PATH_CAP + 16];
    uint8_t *boot = NULL, *seen = NULL;
    size_t boot_len = 0, seen_len = 0;

    (void)snprintf(path, sizeof path, "%s/boot", p->settings.run_dir);
    bool same = file_read("/proc/sys/kernel/random/boot_id", 64, &boot, &boot_len) == 0 &&
                file_read(path, 64, &seen, &seen_len) == 0 && boot_len == seen_len &&
                memcmp(boot, seen, boot_len) == 0;
    if (!same && boot != NULL)
        (void)file_write_atomic(path, boot, boot_len, 0600);
    free(boot);
    free(seen);
    return !same;
}

/* What was cut before stays cut before anything else happens; what nobody wants any more is
 * cleared. */
static void start_device(struct parent *p)
{
    static uint8_t saved[MUSTER_STATE_MAX];
    struct muster_now now = parent_now(p);
    struct muster_actions actions;
    size_t len = state_load(&p->state, saved);

    if (muster_device_start(&p->device, &now, saved, len, is_first_since_boot(p), &actions) !=
        MUSTER_OK)
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

    (void)state_save(&p->state, bytes, muster_device_save(&p->device, &now, bytes, sizeof bytes));
    half_stop(p);
    notice_stop(&p->notice);
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
             p->settings.model, p->settings.build, muster_device_emits(&p->device) ? "on" : "off",
             fw->anchors_n,
             fw->anchors_n == 0                    ? "notices only (no anchors)"
             : fw->notice_only                     ? "notices only (on_fail = notice)"
             : fw->forwards && !fw->enforce_anyway ? "notices only (forwards, or telephony)"
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
    muster_device_init(&p->device, &firmware, p->settings.emit, random_bytes, NULL);
    code = open_system(p);
    if (code != END_OK)
        return code;
    code = open_control(p);
    if (code != END_OK)
        return code;
    start_device(p);
    greet(p);
    half_start(p, clock_mono_ms());
    parent_refresh(p, clock_mono_ms());
    return END_OK;
}

int parent_run(const struct parent_options *options)
{
    static struct parent parent;
    struct parent *p = &parent;

    memset(p, 0, sizeof *p);
    p->options = options;
    p->child_fd = p->control.fd = -1;
    p->refresh_at_ms = p->resolve_at_ms = p->child_at_ms = PARENT_NEVER;
    int code = start(p);
    if (code != END_OK)
        return code;
    do {
        parent_loop(p);
        if (p->restart && !p->stop)
            start_again(p);
    } while (!p->stop);
    log_info("stopping%s",
             p->quarantine.standing ? ": the quarantine is lifted until the agent runs again" : "");
    if (p->quarantine.standing && quarantine_release(&p->quarantine) != 0)
        code = END_PROBLEM;
    save_and_close(p);
    return code;
}
