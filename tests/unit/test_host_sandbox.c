/* SPDX-License-Identifier: ISC */
/* host/sandbox.h: what is dropped stays dropped. Each case runs in a child process. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/log.h"
#include "host/sandbox.h"
#include "scratch.h"

/* Runs `part` in a child; its exit status is the number of the line that failed, 0 for none. */
static int run_child(int (*part)(void))
{
    int status;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        _exit(part());
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static int drops_to_nobody(void)
{
    struct rlimit core;
    gid_t groups[8];

    if (sandbox_drop("nobody", NULL) != 0)
        return 1;
    if (getuid() != getpwnam("nobody")->pw_uid || geteuid() != getuid() || getegid() == 0)
        return 2;
    if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
        return 3;
    if (getgroups(8, groups) != 1 || groups[0] != getegid())
        return 4;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        return 5;
    return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 ? 0 : 6;
}

TEST(root_becomes_the_user_for_good)
{
    if (geteuid() != 0)
        TEST_SKIP("needs root");
    CHECK_EQ_INT(run_child(drops_to_nobody), 0);
}

static int enters_chroot(void)
{
    if (sandbox_drop("nobody", scratch_dir()) != 0)
        return 1;
    return access("/inside", F_OK) == 0 && access("/etc/passwd", F_OK) != 0 ? 0 : 2;
}

TEST(the_chroot_is_entered)
{
    if (geteuid() != 0)
        TEST_SKIP("needs root");
    scratch_write("inside", "");
    REQUIRE(chmod(scratch_dir(), 0755) == 0);
    CHECK_EQ_INT(run_child(enters_chroot), 0);
}

static int refuses_bad_users(void)
{
    if (sandbox_drop("no-such-user-here", NULL) != -ENOENT)
        return 1;
    return sandbox_drop("root", NULL) == -EINVAL ? 0 : 2;
}

TEST(unknown_users_and_root_are_refused)
{
    CHECK_EQ_INT(run_child(refuses_bad_users), 0);
}

static int refuses_without_privilege(void)
{
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(12345) != 0 || setuid(12345) != 0))
        return 1;
    if (sandbox_drop("nobody", NULL) != -EPERM)
        return 2;
    return sandbox_drop(NULL, "/") == -EPERM ? 0 : 3;
}

TEST(without_privilege_it_says_so)
{
    CHECK_EQ_INT(run_child(refuses_without_privilege), 0);
}

static int stays_and_hardens(void)
{
    uid_t before = geteuid();

    if (sandbox_drop(NULL, NULL) != 0 || geteuid() != before)
        return 1;
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 2;
}

TEST(staying_who_we_are_still_hardens)
{
    CHECK_EQ_INT(run_child(stays_and_hardens), 0);
}
