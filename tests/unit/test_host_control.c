/* SPDX-License-Identifier: ISC */
/* The control socket with clients that behave and clients that do not. */
#include "test.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/control.h"

static struct control control;
static const char *path;
static char err[256];

static int answer(void *ctx, const char *request, FILE *out)
{
    (void)ctx;
    if (strcmp(request, "long") == 0)
        for (int i = 0; i < 100000; i++)
            fputs("all work and no play\n", out);
    else
        fprintf(out, "you said %s\n", request);
    return strcmp(request, "fail") == 0 ? 7 : 0;
}

static bool begin(void)
{
    static char at[64];

    snprintf(at, sizeof at, "/tmp/muster-test-control.%d", (int)getpid());
    path = at;
    return control_open(path, (gid_t)-1, &control, err, sizeof err) == 0;
}

/* Serves until nothing happens for 50 ms. */
static void serve(uint64_t mono_ms)
{
    struct pollfd polled[CONTROL_POLL_N];

    control_poll(&control, polled);
    while (poll(polled, CONTROL_POLL_N, 50) > 0) {
        control_serve(&control, polled, mono_ms, answer, NULL);
        control_poll(&control, polled);
    }
    control_serve(&control, polled, mono_ms, answer, NULL);
}

static int dial(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(to.sun_path, path);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        printf("# connect: %s\n", strerror(errno));
    return fd;
}

/* Asks from another process, serves here; returns the exit code with what was printed in `said`. */
static int ask(const char *request, char *said, size_t cap)
{
    int ends[2], how = 0;
    size_t len = 0;
    ssize_t got;

    if (pipe(ends) != 0)
        return -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        FILE *out = fdopen(ends[1], "w");
        int code = control_ask(path, request, out);
        fflush(out);
        _exit(code < 0 ? 99 : code);
    }
    close(ends[1]);
    serve(0);
    while (len < cap - 1 && (got = read(ends[0], said + len, cap - 1 - len)) > 0)
        len += (size_t)got;
    said[len] = 0;
    close(ends[0]);
    waitpid(pid, &how, 0);
    return WEXITSTATUS(how);
}

TEST(an_answer_comes_with_its_exit_code)
{
    struct stat info;
    char said[128];

    REQUIRE(begin());
    CHECK(stat(path, &info) == 0 && (info.st_mode & 0777) == 0600);
    CHECK_EQ_INT(ask("status", said, sizeof said), 0);
    CHECK_EQ_STR(said, "you said status\n");
    CHECK_EQ_INT(ask("fail", said, sizeof said), 7);
    control_close(&control);
    CHECK(access(path, F_OK) != 0);
    CHECK_EQ_INT(control_ask(path, "status", stdout), -ENOENT);
}

TEST(a_place_is_taken_only_from_the_dead)
{
    struct control second;
    FILE *file;

    REQUIRE(begin());
    CHECK_EQ_INT(control_open(path, (gid_t)-1, &second, err, sizeof err), -EADDRINUSE);
    CHECK(strstr(err, "another instance") != NULL);
    close(control.fd); /* as if it had died: the socket stays behind */
    CHECK_EQ_INT(control_open(path, getgid(), &second, err, sizeof err), 0);
    CHECK_EQ_INT(second.same_user, false);
    control_close(&second);
    file = fopen(path, "w");
    REQUIRE(file != NULL);
    fclose(file);
    CHECK_EQ_INT(control_open(path, (gid_t)-1, &second, err, sizeof err), -EEXIST);
    CHECK(unlink(path) == 0);
}

TEST(no_path_no_socket)
{
    struct pollfd polled[CONTROL_POLL_N];

    CHECK_EQ_INT(control_open(NULL, (gid_t)-1, &control, err, sizeof err), 0);
    control_poll(&control, polled);
    CHECK_EQ_INT(poll(polled, CONTROL_POLL_N, 0), 0);
    CHECK(control_deadline(&control) == UINT64_MAX);
    control_close(&control);
}

TEST(a_request_without_end_is_cut_off)
{
    char c, flood[CONTROL_REQUEST_MAX * 2];
    int fd;

    REQUIRE(begin());
    fd = dial();
    memset(flood, 'x', sizeof flood);
    CHECK(send(fd, flood, sizeof flood, MSG_NOSIGNAL) > 0);
    serve(0);
    CHECK(recv(fd, &c, 1, MSG_DONTWAIT) <= 0 && errno != EAGAIN);
    close(fd);
    control_close(&control);
}

TEST(silent_clients_give_way_after_five_seconds)
{
    int fds[CONTROL_CLIENTS_MAX + 2];
    char said[128];

    REQUIRE(begin());
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX + 2; i++)
        fds[i] = dial(), serve(1000);
    CHECK_EQ_INT(control_deadline(&control), 6000);
    serve(6000);
    serve(6000);
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX + 2; i++)
        close(fds[i]);
    serve(6000);
    CHECK(control_deadline(&control) == UINT64_MAX);
    CHECK_EQ_INT(ask("status", said, sizeof said), 0);
    control_close(&control);
}

TEST(a_client_that_does_not_read_holds_up_nobody)
{
    char said[128];
    int fd;

    REQUIRE(begin());
    fd = dial();
    CHECK(send(fd, "long\n", 5, 0) == 5);
    serve(0);
    CHECK_EQ_INT(ask("status", said, sizeof said), 0);
    close(fd);
    serve(0);
    control_close(&control);
}
