/* SPDX-License-Identifier: ISC */
/* Forking with nothing left over. It must not allocate in the child. */
#include "agent/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_FREE_FD 4
#define FD_GUESS_MAX  1024 /* where the kernel cannot close a range */

static void close_from(int first)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
        return;
#endif
    for (int fd = first; fd < FD_GUESS_MAX; fd++)
        close(fd);
}

static void default_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP)
            (void)signal(number, SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void silence(void)
{
    int null = open("/dev/null", O_RDWR);

    for (int fd = 0; fd <= 2 && null >= 0; fd++)
        (void)dup2(null, fd);
}

pid_t process_fork(int *io_keep_fd, int quiet)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid < 0 ? -errno : pid;
    default_signals();
    if (quiet)
        silence();
    if (dup2(*io_keep_fd, FIRST_FREE_FD - 1) < 0)
        process_exit(1);
    *io_keep_fd = FIRST_FREE_FD - 1;
    close_from(FIRST_FREE_FD);
    return 0;
}

void process_exit(int status)
{
    _exit(status);
}
