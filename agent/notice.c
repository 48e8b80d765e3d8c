/* SPDX-License-Identifier: ISC */
/* Runs the owner's executables. Nothing that came from the network reaches a command line; what
 * they say is not read. */
#include "agent/notice.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "agent/process.h"
#include "host/log.h"
#include "host/sandbox.h"

#define FACTS_MAX 20
#define FACT_CAP  800

struct facts {
    size_t n;
    char text[FACTS_MAX][FACT_CAP];
    char *environ[FACTS_MAX + 1];
};

__attribute__((format(printf, 2, 3))) static void add_fact(struct facts *facts, const char *fmt,
                                                           ...)
{
    va_list args;

    if (facts->n == FACTS_MAX)
        return;
    va_start(args, fmt);
    (void)vsnprintf(facts->text[facts->n], FACT_CAP, fmt, args);
    va_end(args);
    facts->environ[facts->n] = facts->text[facts->n];
    facts->environ[++facts->n] = NULL;
}

static void add_slice(struct facts *facts, const char *name, struct muster_slice slice)
{
    add_fact(facts, "%s=%.*s", name, (int)slice.len, (const char *)slice.bytes);
}

static void gather(const struct status *status, const char *sentence, struct facts *ret)
{
    const struct muster_identity *id = &status->device->memory.fw.id;
    struct muster_shown shown;

    ret->n = 0;
    add_fact(ret, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    add_fact(ret, "MUSTER_STATE=%s", status_state_name(status_state(status)));
    add_fact(ret, "MUSTER_TEXT=%s", sentence);
    add_fact(ret, "MUSTER_NAME=%s", status_name(status->settings));
    add_slice(ret, "MUSTER_VENDOR", muster_identity_vendor(id));
    add_slice(ret, "MUSTER_MODEL", muster_identity_model(id));
    add_slice(ret, "MUSTER_BUILD", muster_identity_build(id));
    add_fact(ret, "MUSTER_NUMBER=%llu", (unsigned long long)id->number);
    if (!muster_device_shown(status->device, &status->now, 0, &shown))
        return;
    add_slice(ret, "MUSTER_ID", shown.id);
    add_fact(ret, "MUSTER_REASON=%s", muster_reason_name(shown.reason));
    add_slice(ret, "MUSTER_FIXED_IN", shown.fixed_in);
    add_slice(ret, "MUSTER_URL", shown.url);
    add_fact(ret, "MUSTER_ENFORCE_FROM=%llu", (unsigned long long)shown.enforce_from);
    add_slice(ret, "MUSTER_SIGNER", shown.signer_name);
}

/* A pipe that already holds the JSON: it is shorter than any pipe, so nobody waits. */
static int open_json(const struct status *status)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return -errno;
    FILE *out = fdopen(ends[1], "w");
    if (out == NULL) {
        close(ends[0]);
        close(ends[1]);
        return -ENOMEM;
    }
    status_write_json(status, out);
    fclose(out);
    return ends[0];
}

static void run(int fd, const char *user, const char *path, char *const *environment)
{
    char *const argv[] = {(char *)path, NULL};

    (void)fcntl(fd, F_SETFL, 0);
    if (setsid() < 0 || dup2(fd, STDIN_FILENO) < 0 || close(fd) != 0 ||
        sandbox_drop(user, NULL) != 0)
        process_exit(126);
    execve(path, argv, environment);
    process_exit(127);
}

static struct notice_run *free_run(struct notice *notice)
{
    for (size_t i = 0; i < NOTICE_RUNNING_MAX; i++)
        if (notice->runs[i].pid == 0)
            return &notice->runs[i];
    return NULL;
}

static const char *fault_of(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return strerror(errno);
    if (!S_ISREG(info.st_mode))
        return "it is no file";
    if (info.st_uid != 0 && info.st_uid != geteuid())
        return "it is not root's own (chown root)";
    if (info.st_mode & (S_IWGRP | S_IWOTH))
        return "others may write to it (chmod go-w)";
    if (!(info.st_mode & S_IXOTH))
        return "it is not executable for all (chmod 755)";
    return NULL;
}

static void start(struct notice *notice, const struct status *status, const char *path,
                  const struct facts *facts, uint64_t mono_ms)
{
    const char *fault = fault_of(path);
    struct notice_run *place = free_run(notice);
    int fd = -1;

    if (fault == NULL && place == NULL)
        fault = "too many are still running";
    if (fault == NULL && (fd = open_json(status)) < 0)
        fault = strerror(-fd);
    if (fault != NULL) {
        log_warn("%s is not run: %s", path, fault);
        return;
    }
    int child_fd = fd;
    pid_t pid = process_fork(&child_fd, 1);
    if (pid == 0)
        run(child_fd, settings_user(status->settings), path, facts->environ);
    close(fd);
    if (pid < 0) {
        log_warn("%s is not run: %s", path, strerror((int)-pid));
        return;
    }
    place->pid = pid;
    place->until_ms = mono_ms + NOTICE_PATIENCE_MS;
    (void)snprintf(place->name, sizeof place->name, "%s", strrchr(path, '/') + 1);
}

/* Hidden files and what editors leave behind are passed over. */
static int is_candidate(const struct dirent *entry)
{
    const char *name = entry->d_name;

    return name[0] != '.' && name[strlen(name) - 1] != '~' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789._-")] == 0;
}

static void start_all(struct notice *notice, const struct status *status, const char *sentence,
                      uint64_t mono_ms)
{
    static struct facts facts;
    struct dirent **names;
    char path[SETTINGS_PATH_CAP + 256];
    int n = scandir(status->settings->notice, &names, is_candidate, alphasort);

    if (n < 0) {
        if (errno != ENOENT)
            log_warn("%s: %s; the owner is told by the log alone", status->settings->notice,
                     strerror(errno));
        return;
    }
    gather(status, sentence, &facts);
    for (int i = 0; i < n; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", status->settings->notice, names[i]->d_name);
        start(notice, status, path, &facts, mono_ms);
        free(names[i]);
    }
    free(names);
}

void notice_tell(struct notice *notice, const struct status *status, uint64_t mono_ms)
{
    char sentence[sizeof notice->said];
    enum status_state state = status_state(status);

    status_sentence(status, sentence, sizeof sentence);
    if (strcmp(sentence, notice->said) == 0)
        return;
    bool first_and_fit = notice->said[0] == 0 && state == STATUS_FIT;
    memcpy(notice->said, sentence, sizeof sentence);
    if (first_and_fit)
        return;
    log_warn("%s", sentence);
    if (!notice->log_is_syslog)
        syslog(LOG_DAEMON | LOG_WARNING, "%s", sentence);
    start_all(notice, status, sentence, mono_ms);
}

static void say_end(const struct notice_run *run, int how)
{
    if (WIFEXITED(how) && WEXITSTATUS(how) != 0)
        log_warn("notice %s ended with status %d", run->name, WEXITSTATUS(how));
    else if (WIFSIGNALED(how))
        log_warn("notice %s was ended by signal %d", run->name, WTERMSIG(how));
}

void notice_reap(struct notice *notice, uint64_t mono_ms)
{
    for (size_t i = 0; i < NOTICE_RUNNING_MAX; i++) {
        struct notice_run *run = &notice->runs[i];
        int how;
        if (run->pid == 0)
            continue;
        if (mono_ms >= run->until_ms)
            (void)kill(-run->pid, SIGKILL);
        if (waitpid(run->pid, &how, WNOHANG) == run->pid) {
            say_end(run, how);
            (void)kill(-run->pid, SIGKILL);
            run->pid = 0;
        } else if (mono_ms >= run->until_ms) {
            run->until_ms = mono_ms + 1000;
        }
    }
}

void notice_stop(struct notice *notice)
{
    for (size_t i = 0; i < NOTICE_RUNNING_MAX; i++) {
        struct notice_run *run = &notice->runs[i];
        if (run->pid == 0)
            continue;
        (void)kill(-run->pid, SIGKILL);
        (void)kill(run->pid, SIGKILL);
        while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        run->pid = 0;
    }
}

uint64_t notice_deadline(const struct notice *notice)
{
    uint64_t at = UINT64_MAX;

    for (size_t i = 0; i < NOTICE_RUNNING_MAX; i++)
        if (notice->runs[i].pid != 0 && notice->runs[i].until_ms < at)
            at = notice->runs[i].until_ms;
    return at;
}
