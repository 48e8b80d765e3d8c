/* SPDX-License-Identifier: ISC */
/* Dropping privileges, in the one order that works. It must not give any back. */
#include "host/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/log.h"

static int fail(const char *what, const char *advice)
{
    int error = errno;

    log_error("%s: %s; %s", what, strerror(error), advice);
    return -error;
}

static int find_user(const char *user, uid_t *ret_uid, gid_t *ret_gid)
{
    const struct passwd *entry = getpwnam(user);

    if (entry == NULL) {
        log_error("user '%s' is not known here; make that system user or name another", user);
        return -ENOENT;
    }
    if (entry->pw_uid == 0) {
        log_error("user '%s' is root; name a user without privileges", user);
        return -EINVAL;
    }
    *ret_uid = entry->pw_uid;
    *ret_gid = entry->pw_gid;
    return 0;
}

static int enter(const char *dir)
{
    if (chroot(dir) != 0 || chdir("/") != 0)
        return fail(dir, "start as root with a chroot directory that exists");
    return 0;
}

static bool is_only(uid_t uid, gid_t gid)
{
    uid_t real_uid, effective_uid, saved_uid;
    gid_t real_gid, effective_gid, saved_gid;

    if (getresuid(&real_uid, &effective_uid, &saved_uid) != 0 ||
        getresgid(&real_gid, &effective_gid, &saved_gid) != 0)
        return false;
    return real_uid == uid && effective_uid == uid && saved_uid == uid && real_gid == gid &&
           effective_gid == gid && saved_gid == gid;
}

static int become(const char *user, uid_t uid, gid_t gid)
{
    if (is_only(uid, gid) && geteuid() != 0)
        return 0;
    if (setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return fail(user, "start as root to become that user");
    if (!is_only(uid, gid) || setresuid(0, 0, 0) == 0) {
        log_error("root's privileges came back after becoming '%s'; refusing to run", user);
        return -EPERM;
    }
    return 0;
}

static int harden(void)
{
    const struct rlimit none = {0, 0};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        setrlimit(RLIMIT_CORE, &none) != 0)
        return fail("hardening this process", "a Linux kernel of 3.5 or later is needed");
    return 0;
}

int sandbox_drop(const char *user, const char *chroot_dir)
{
    uid_t uid = 0;
    gid_t gid = 0;
    int ret = 0;

    if (user != NULL)
        ret = find_user(user, &uid, &gid);
    if (ret == 0 && chroot_dir != NULL)
        ret = enter(chroot_dir);
    if (ret == 0 && user != NULL)
        ret = become(user, uid, gid);
    return ret == 0 ? harden() : ret;
}
