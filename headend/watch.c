/* SPDX-License-Identifier: ISC */
/* inotify on directories. It must not decide what changed. */
#include "headend/watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define PATH_CAP 4096
#define EVENTS   (IN_CLOSE_WRITE | IN_MOVE | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR)

int watch_open(void)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    return fd >= 0 ? fd : -errno;
}

static void watch_parent(int fd, const char *path)
{
    const char *slash = strrchr(path, '/');
    char dir[PATH_CAP] = ".";

    if (slash != NULL)
        (void)snprintf(dir, sizeof dir, "%.*s", (int)(slash - path) + 1, path);
    (void)inotify_add_watch(fd, dir, EVENTS);
}

void watch_settings(int fd, const struct settings *settings)
{
    size_t i;

    for (i = 0; i < settings->lists_n; i++)
        watch_parent(fd, settings->lists[i]);
    for (i = 0; i < settings->standings_n; i++)
        if (inotify_add_watch(fd, settings->standings[i], EVENTS) < 0)
            watch_parent(fd, settings->standings[i]);
}

bool watch_drain(int fd)
{
    char events[4096] __attribute__((aligned(8)));
    bool any = false;

    while (read(fd, events, sizeof events) > 0)
        any = true;
    return any;
}
