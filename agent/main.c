/* SPDX-License-Identifier: ISC */
/* muster-agent: a table of verbs. Only `run` and `clear` touch the system; the others ask the
 * agent that runs. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/parent.h"
#include "agent/verbs.h"
#include "host/config.h"
#include "host/file.h"
#include "host/log.h"

struct command {
    struct parent_options run;
    bool json, always, off, help, version;
    const char *for_time;
    const char *word; /* what follows the verb: emit on */
};

__attribute__((format(printf, 1, 2))) static int usage(const char *fmt, ...)
{
    va_list args;

    fputs("muster-agent: ", stderr);
    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    fputs("; try muster-agent --help\n", stderr);
    return END_USAGE;
}

static int run(const struct command *command)
{
    return parent_run(&command->run);
}

/* A configuration that cannot be read must not keep anybody from the way out. */
static void find_paths(const struct command *command, struct settings *ret)
{
    char err[CONFIG_ERR_CAP + 256];
    const char *config = command->run.config;

    if (access(config, F_OK) != 0)
        config = NULL;
    if (settings_read_paths(config, &command->run.over, ret, err, sizeof err) != 0)
        log_warn("%s", err);
}

static int ask(const struct command *command, const char *request)
{
    struct settings settings;
    char path[SETTINGS_PATH_CAP + 16];

    find_paths(command, &settings);
    (void)snprintf(path, sizeof path, "%s/agent.sock", settings.run_dir);
    int code = control_ask(path, request, stdout);
    if (code >= 0)
        return code;
    if (code == -ENOENT || code == -ECONNREFUSED) {
        log_error("no agent answers at %s; start it: systemctl start muster-agent", path);
        return END_NOT_RUNNING;
    }
    log_error("%s: %s; run this as root", path, strerror(-code));
    return code == -EACCES || code == -EPERM ? END_NO_PRIVILEGE : END_PROBLEM;
}

static int status(const struct command *command)
{
    return ask(command, command->json ? "status json" : "status");
}

static int override(const struct command *command)
{
    char request[CONTROL_REQUEST_MAX], err[CONFIG_ERR_CAP];
    uint64_t for_s = MUSTER_OVERRIDE_S;

    if (command->always + command->off + (command->for_time != NULL) > 1)
        return usage("--for, --always and --off exclude each other");
    if (command->off || command->always)
        return ask(command, command->off ? "override off" : "override always");
    if (command->for_time != NULL &&
        (config_duration_s(command->for_time, &for_s, err, sizeof err) != 0 || for_s == 0))
        return usage("--for %s is no time; write one like 12h or 30d", command->for_time);
    (void)snprintf(request, sizeof request, "override %" PRIu64, for_s);
    return ask(command, request);
}

static int report(const struct command *command)
{
    return ask(command, "report");
}

static int emit(const struct command *command)
{
    if (command->word == NULL ||
        (strcmp(command->word, "on") != 0 && strcmp(command->word, "off") != 0))
        return usage("emit what? Write emit on or emit off");
    return ask(command, strcmp(command->word, "on") == 0 ? "emit on" : "emit off");
}

static int reset(const struct command *command)
{
    return ask(command, "reset");
}

static int clear(const struct command *command)
{
    static struct quarantine quarantine;
    struct settings settings;
    char lock[SETTINGS_PATH_CAP + 16];

    find_paths(command, &settings);
    (void)snprintf(lock, sizeof lock, "%s/agent.lock", settings.run_dir);
    if (geteuid() != 0) {
        log_error("root is needed to take the block down");
        return END_NO_PRIVILEGE;
    }
    int fd = access(settings.run_dir, F_OK) == 0 ? file_lock(lock) : -ENOENT;
    if (fd == -EWOULDBLOCK) {
        log_error(
            "an agent runs here and keeps the block; use `muster-agent override`, or stop it");
        return END_RUNS_ALREADY;
    }
    int error = quarantine_open(&quarantine, &settings, NULL, 0);
    if (error == 0) {
        error = quarantine_release(&quarantine);
        quarantine_close(&quarantine);
    }
    if (fd >= 0)
        close(fd);
    if (error != 0) {
        log_error("clear: %s", strerror(-error));
        return END_PROBLEM;
    }
    puts("No block stands and the routes are back. A saved fail cuts again when the agent starts.");
    return END_OK;
}

static const struct verb {
    const char *name;
    int (*run)(const struct command *command);
    const char *help;
} verbs[] = {
    {"run", run, "run the agent in the foreground (the default)"},
    {"status", status, "say how the device stands; --json for programs"},
    {"override", override,
     "let a device out that is cut off: --for 12h (30d if not given), --always;\n"
     "            --off takes it back"},
    {"report", report, "send a report now"},
    {"emit", emit, "on | off: switch reports on or off"},
    {"reset", reset, "forget overrides and verdicts, as a factory reset does"},
    {"clear", clear, "take down the block of an agent that no longer runs, put routes back"},
};
#define VERBS_N (sizeof verbs / sizeof *verbs)

static int print_help(void)
{
    puts("usage: muster-agent [VERB] [OPTIONS]\n\n"
         "Reports this device's model and build to the network it is attached to, and takes it off "
         "the\n"
         "internet, not off the LAN, when a signed fail comes back. See muster-agent(8).\n");
    for (size_t i = 0; i < VERBS_N; i++)
        printf("  %-9s %s\n", verbs[i].name, verbs[i].help);
    puts("\n  --config FILE     instead of " SETTINGS_PATH "\n"
         "  --state-dir DIR   instead of the configured one (" SETTINGS_STATE_DIR ")\n"
         "  --run-dir DIR     instead of the configured one (" SETTINGS_RUN_DIR ")\n"
         "  --syslog          log to syslog, not to standard error\n"
         "  --debug           log more");
#ifdef MUSTER_TIME_SCALE
    puts("  --time-scale N    time runs N times as fast: for tests only");
#endif
    puts("\nExit status: 0 done, 1 could not be done, 2 wrong usage or configuration, 3 no agent "
         "runs,\n"
         "4 another agent runs, 5 root is needed.");
    return END_OK;
}

enum {
    OPTION_CONFIG = 256,
    OPTION_STATE_DIR,
    OPTION_RUN_DIR,
    OPTION_SYSLOG,
    OPTION_DEBUG,
    OPTION_JSON,
    OPTION_FOR,
    OPTION_ALWAYS,
    OPTION_OFF,
    OPTION_VERSION,
    OPTION_TIME_SCALE
};

static const struct option options[] = {
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"state-dir", required_argument, NULL, OPTION_STATE_DIR},
    {"run-dir", required_argument, NULL, OPTION_RUN_DIR},
    {"syslog", no_argument, NULL, OPTION_SYSLOG},
    {"debug", no_argument, NULL, OPTION_DEBUG},
    {"json", no_argument, NULL, OPTION_JSON},
    {"for", required_argument, NULL, OPTION_FOR},
    {"always", no_argument, NULL, OPTION_ALWAYS},
    {"off", no_argument, NULL, OPTION_OFF},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
#ifdef MUSTER_TIME_SCALE
    {"time-scale", required_argument, NULL, OPTION_TIME_SCALE},
#endif
    {NULL, 0, NULL, 0},
};

#ifdef MUSTER_TIME_SCALE
static int take_scale(const char *text, uint64_t *ret)
{
    char err[CONFIG_ERR_CAP];

    return config_u64(text, 1, 1000000, ret, err, sizeof err);
}
#endif

static int take_option(int option, struct command *command)
{
    switch (option) {
    case OPTION_CONFIG:
        command->run.config = optarg;
        return 0;
    case OPTION_STATE_DIR:
        command->run.over.state_dir = optarg;
        return 0;
    case OPTION_RUN_DIR:
        command->run.over.run_dir = optarg;
        return 0;
    case OPTION_SYSLOG:
        command->run.log_is_syslog = true;
        return 0;
    case OPTION_DEBUG:
        command->run.log_is_verbose = true;
        return 0;
    case OPTION_JSON:
        command->json = true;
        return 0;
    case OPTION_FOR:
        command->for_time = optarg;
        return 0;
    case OPTION_ALWAYS:
        command->always = true;
        return 0;
    case OPTION_OFF:
        command->off = true;
        return 0;
    case OPTION_VERSION:
        command->version = true;
        return 0;
#ifdef MUSTER_TIME_SCALE
    case OPTION_TIME_SCALE:
        return take_scale(optarg, &command->run.scale);
#endif
    case 'h':
        command->help = true;
        return 0;
    default:
        return -EINVAL;
    }
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERBS_N; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

int main(int argc, char **argv)
{
    struct command command = {.run = {.config = SETTINGS_PATH, .scale = 1, .argv = argv}};
    const struct verb *verb = &verbs[0];
    int option;

    log_open("muster-agent", false, LOG_LEVEL_INFO);
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
        if (take_option(option, &command) != 0)
            return usage("this is no option, or not its value");
    if (command.help)
        return print_help();
    if (command.version)
        return puts("muster-agent " MUSTER_VERSION) < 0 ? END_PROBLEM : END_OK;
    if (optind < argc && (verb = find_verb(argv[optind++])) == NULL)
        return usage("there is no verb %s", argv[optind - 1]);
    if (optind < argc)
        command.word = argv[optind++];
    if (optind < argc || (command.word != NULL && verb->run != emit))
        return usage("%s is one word too many", argv[optind - 1]);
    if (sodium_init() < 0) {
        log_error("libsodium cannot start: the system gives no random numbers");
        return END_PROBLEM;
    }
    log_open("muster-agent", command.run.log_is_syslog,
             command.run.log_is_verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
    return verb->run(&command);
}
