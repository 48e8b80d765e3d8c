/* SPDX-License-Identifier: ISC */
/* Start and end of the daemon: settings, descriptors, then no privileges, then the loader. Nothing
 * after the drop may need what was given up. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "headend/io.h"
#include "headend/loader.h"
#include "headend/options.h"
#include "headend/status.h"
#include "headend/verbs.h"
#include "host/clock.h"
#include "host/config.h"
#include "host/control.h"
#include "host/log.h"
#include "host/sandbox.h"

#define ERR_CAP (CONFIG_ERR_CAP + 256)

static const char help[] =
    "musterd - the head-end: answers reports from signed lists\n\n"
    "usage: musterd [OPTION...]            run in the foreground\n"
    "       musterd --check [OPTION...]    say what it would do, and what is wrong\n"
    "       musterd status [--json]        ask the one that runs\n"
    "       musterd health [--addr A]      does it really serve? for BGP daemons\n\n"
    "  --config FILE        read FILE, not " SETTINGS_PATH "\n"
    "  --listen ADDR:PORT   answer here; repeatable (default *:6878)\n"
    "  --list FILE          serve this list; repeatable, the first that has a model answers\n"
    "  --standing FILE|DIR  send these standings along; repeatable\n"
    "  --mode M             monitor (default), notice or enforce\n"
    "  --inquiries          answer inquiries, as an authority's service\n"
    "  --user U             become U when started as root (default muster, else nobody)\n"
    "  --control PATH|none  the socket for musterd status (default " SETTINGS_CONTROL ")\n"
    "  --syslog             log to syslog, not to standard error\n"
    "  --foreground, -f     accepted; it always stays in the foreground\n"
    "  --help, --version\n\n"
    "Options win over the file. Exit status: 0 ended as told, 1 a problem, 2 usage or "
    "configuration.\n";

/* Whom to become, NULL to stay. */
static const char *choose_user(const struct settings *settings)
{
    if (geteuid() != 0) {
        if (settings->user != NULL)
            log_warn("not started as root: staying as I am, not becoming '%s'", settings->user);
        return NULL;
    }
    if (settings->user != NULL)
        return settings->user;
    if (getpwnam(SETTINGS_USER) != NULL)
        return SETTINGS_USER;
    log_warn("there is no user '" SETTINGS_USER "' here: running as nobody; "
             "`useradd --system " SETTINGS_USER "` makes it");
    return "nobody";
}

/* The socket's group is that of the user we become; a user that is not known fails in the drop. */
static int open_control(const struct settings *settings, const char *user, struct control *ret)
{
    const struct passwd *entry = user != NULL ? getpwnam(user) : NULL;
    char err[ERR_CAP];
    int error = control_open(settings_control(settings), entry != NULL ? entry->pw_gid : (gid_t)-1,
                             ret, err, sizeof err);

    if (error == 0)
        return 0;
    if (settings->control == NULL && geteuid() != 0 && (error == -EACCES || error == -ENOENT)) {
        log_warn("%s; running without", err);
        return 0;
    }
    log_error("%s", err);
    return error;
}

static int run(const struct options *options, struct settings *settings)
{
    const char *user = choose_user(settings);
    struct control control;
    struct io *io;
    char err[ERR_CAP];

    if (open_control(settings, user, &control) != 0) {
        settings_unref(settings);
        return END_PROBLEM;
    }
    if (io_socket.open(settings->listens, settings->listens_n, &io, err, sizeof err) != 0) {
        log_error("%s", err);
        control_close(&control);
        settings_unref(settings);
        return END_PROBLEM;
    }
    if (sandbox_drop(user, NULL) != 0 || loader_run(options, settings, io, &control) != 0) {
        io_socket.close(io);
        control_close(&control);
        return END_PROBLEM;
    }
    io_socket.close(io);
    control_close(&control);
    return END_OK;
}

static int check(struct settings *settings)
{
    struct status status = {.now_s = clock_wall_s()};
    struct snapshot *snapshot;
    bool whole;

    if (snapshot_build(settings, NULL, true, status.now_s, &snapshot) != 0) {
        log_error("out of memory");
        settings_unref(settings);
        return END_PROBLEM;
    }
    status.snapshot = snapshot;
    status_write(stdout, &status, false);
    whole = snapshot_is_whole(snapshot, status.now_s);
    puts(whole ? "all is well" : "something is not usable, see above");
    snapshot_free(snapshot);
    settings_unref(settings);
    return whole ? END_OK : END_PROBLEM;
}

int daemon_main(int argc, char **argv)
{
    struct options options;
    struct settings *settings;
    char err[ERR_CAP];

    if (options_parse(argc, argv, &options) != 0)
        return END_USAGE;
    if (options.help || options.version) {
        fputs(options.help ? help : "musterd " MUSTER_VERSION "\n", stdout);
        return END_OK;
    }
    if (options_read_settings(&options, &settings, err, sizeof err) != 0) {
        log_error("%s", err);
        return END_USAGE;
    }
    if (options.check)
        return check(settings);
    log_open("musterd", options.syslog, LOG_LEVEL_INFO);
    return run(&options, settings);
}
