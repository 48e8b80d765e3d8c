/* SPDX-License-Identifier: ISC */
/* Where passphrases come from. It must not show or keep one. */
#include "tool/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "host/file.h"
#include "tool/cli.h"

static int keep(const char *text, size_t len, char *ret_passphrase)
{
    if (len >= KEYFILE_PASSPHRASE_CAP)
        return -E2BIG;
    memcpy(ret_passphrase, text, len);
    ret_passphrase[len] = '\0';
    return 0;
}

static int from_file(const char *file, char *ret_passphrase)
{
    uint8_t *bytes;
    size_t len;
    int ret = file_read(file, KEYFILE_PASSPHRASE_CAP, &bytes, &len);

    if (ret != 0) {
        (void)cli_error("%s: %s", SAFE(file),
                        ret == -EINVAL ? "is no regular file; name one, or - for standard input"
                                       : strerror(-ret));
        return ret;
    }
    ret = keep((const char *)bytes, strcspn((const char *)bytes, "\r\n"), ret_passphrase);
    sodium_memzero(bytes, len);
    free(bytes);
    return ret;
}

/* One line; what does not fit is an error, not a shorter passphrase. */
static int read_line(int fd, char *ret_passphrase)
{
    size_t len = 0;
    char c = '\0';

    while (read(fd, &c, 1) == 1 && c != '\n') {
        if (len == KEYFILE_PASSPHRASE_CAP - 1)
            return -E2BIG;
        ret_passphrase[len++] = c;
    }
    ret_passphrase[len] = '\0';
    return c == '\n' ? 0 : -ECANCELED;
}

static volatile sig_atomic_t caught;

static void catch (int signal)
{
    caught = signal;
}

/* Whoever is interrupted here must not leave a terminal that shows nothing: the signals only end the
 * read (no SA_RESTART), and are raised again when the terminal is as before. */
static int read_quietly(int fd, char *ret_passphrase)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    const size_t n = sizeof signals / sizeof *signals;
    struct sigaction action = {.sa_handler = catch}, before[sizeof signals / sizeof *signals];
    struct termios shown, quiet;
    size_t i;
    int ret;

    if (tcgetattr(fd, &shown) != 0)
        return -errno;
    caught = 0;
    for (i = 0; i < n; i++)
        (void)sigaction(signals[i], &action, &before[i]);
    quiet = shown;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(fd, TCSAFLUSH, &quiet);
    ret = read_line(fd, ret_passphrase);
    (void)tcsetattr(fd, TCSAFLUSH, &shown);
    (void)dprintf(fd, "\n");
    for (i = 0; i < n; i++)
        (void)sigaction(signals[i], &before[i], NULL);
    if (caught != 0)
        (void)raise(caught);
    return ret;
}

static int from_terminal(const char *prompt, const char *path, char *ret_passphrase)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), ret;

    if (fd < 0) {
        (void)cli_error("no terminal to ask for the passphrase; set MUSTER_PASSPHRASE or give "
                        "--passphrase-file");
        return -ENOTTY;
    }
    (void)dprintf(fd, "%s %s: ", prompt, SAFE(path));
    ret = read_quietly(fd, ret_passphrase);
    close(fd);
    return ret;
}

int passphrase_ask(void *ctx, const char *path, char *ret_passphrase)
{
    const struct passphrase_source *from = ctx;
    const char *set = getenv("MUSTER_PASSPHRASE");

    if (from->file != NULL)
        return from_file(from->file, ret_passphrase);
    if (set != NULL)
        return keep(set, strlen(set), ret_passphrase);
    return from_terminal("Passphrase of", path, ret_passphrase);
}

static int ask_twice(const char *path, char *ret_passphrase)
{
    char again[KEYFILE_PASSPHRASE_CAP];
    int ret = from_terminal("New passphrase for", path, ret_passphrase);

    if (ret == 0)
        ret = from_terminal("Once more for", path, again);
    if (ret == 0 && strcmp(again, ret_passphrase) != 0) {
        (void)cli_error("the two passphrases differ; nothing was written, try again");
        ret = -EINVAL;
    }
    sodium_memzero(again, sizeof again);
    return ret;
}

int passphrase_ask_new(const struct passphrase_source *from, const char *path, char *ret_passphrase)
{
    struct passphrase_source copy = *from;
    bool ask = from->file == NULL && getenv("MUSTER_PASSPHRASE") == NULL;
    int ret = ask ? ask_twice(path, ret_passphrase) : passphrase_ask(&copy, path, ret_passphrase);

    if (ret == 0 && ret_passphrase[0] == '\0') {
        (void)cli_error("the passphrase is empty; leave out --passphrase to keep the key unlocked");
        ret = -EINVAL;
    }
    return ret;
}
