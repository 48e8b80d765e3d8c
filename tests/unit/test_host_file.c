/* SPDX-License-Identifier: ISC */
/* host/file.h: whole files, and nothing half-written when the disk is full or the target is odd. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "host/file.h"
#include "scratch.h"

TEST(what_is_written_reads_back)
{
    static const uint8_t bytes[] = {0, 1, 2, 0xff, '\n'};
    uint8_t *got;
    size_t len;

    REQUIRE(file_write_atomic(scratch_path("a"), bytes, sizeof bytes, 0644) == 0);
    REQUIRE(file_read(scratch_path("a"), 5, &got, &len) == 0);
    CHECK_EQ_INT(len, sizeof bytes);
    CHECK_EQ_MEM(got, bytes, sizeof bytes);
    CHECK_EQ_INT(got[len], 0);
    free(got);
}

TEST(a_large_file_reads_back)
{
    size_t len = 300001, got_len, i;
    uint8_t *bytes = malloc(len), *got;

    REQUIRE(bytes != NULL);
    for (i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 7);
    REQUIRE(file_write_atomic(scratch_path("large"), bytes, len, 0600) == 0);
    CHECK_EQ_INT(file_read(scratch_path("large"), len - 1, &got, &got_len), -EFBIG);
    REQUIRE(file_read(scratch_path("large"), len, &got, &got_len) == 0);
    CHECK_EQ_INT(got_len, len);
    CHECK_EQ_MEM(got, bytes, len);
    free(got);
    free(bytes);
}

TEST(an_empty_file_is_read_and_mapped)
{
    const uint8_t *map;
    uint8_t *got;
    size_t len = 9;

    REQUIRE(file_write_atomic(scratch_path("empty"), "", 0, 0600) == 0);
    REQUIRE(file_read(scratch_path("empty"), 0, &got, &len) == 0);
    CHECK_EQ_INT(len, 0);
    free(got);
    REQUIRE(file_map(scratch_path("empty"), &map, &len) == 0);
    CHECK_EQ_INT(len, 0);
    file_unmap(map, len);
}

TEST(only_regular_files_are_read)
{
    const uint8_t *map;
    uint8_t *got;
    size_t len;

    REQUIRE(mkfifo(scratch_path("fifo"), 0600) == 0);
    CHECK_EQ_INT(file_read(scratch_path("fifo"), 10, &got, &len), -EINVAL);
    CHECK_EQ_INT(file_read(scratch_dir(), 10, &got, &len), -EISDIR);
    CHECK_EQ_INT(file_read("/dev/zero", 10, &got, &len), -EINVAL);
    CHECK_EQ_INT(file_read(scratch_path("missing"), 10, &got, &len), -ENOENT);
    CHECK_EQ_INT(file_map(scratch_path("fifo"), &map, &len), -EINVAL);
    CHECK_EQ_INT(file_map(scratch_path("missing"), &map, &len), -ENOENT);
}

TEST(dash_reads_standard_input)
{
    uint8_t *got;
    size_t len;
    int saved = dup(STDIN_FILENO), ends[2];

    REQUIRE(pipe(ends) == 0);
    REQUIRE(write(ends[1], "hello", 5) == 5);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    CHECK_EQ_INT(file_read("-", 5, &got, &len), 0);
    dup2(saved, STDIN_FILENO);
    close(saved);
    CHECK_EQ_INT(len, 5);
    CHECK_EQ_STR((const char *)got, "hello");
    free(got);
}

TEST(the_mode_is_exact_whatever_the_umask)
{
    static const mode_t modes[] = {0600, 0644, 0660, 0400};
    mode_t old = umask(0077);
    struct stat info;
    size_t i;

    for (i = 0; i < sizeof modes / sizeof *modes; i++) {
        CHECK_EQ_INT(file_write_atomic(scratch_path("mode"), "x", 1, modes[i]), 0);
        CHECK_EQ_INT(stat(scratch_path("mode"), &info), 0);
        CHECK_EQ_INT(info.st_mode & 07777, modes[i]);
    }
    umask(old);
}

TEST(a_new_file_replaces_none)
{
    uint8_t *got;
    size_t len;

    REQUIRE(mkdir(scratch_path("new"), 0700) == 0);
    CHECK_EQ_INT(file_write_new(scratch_path("new/f"), "one", 3, 0600), 0);
    CHECK_EQ_INT(file_write_new(scratch_path("new/f"), "two", 3, 0600), -EEXIST);
    REQUIRE(file_read(scratch_path("new/f"), 10, &got, &len) == 0);
    CHECK_EQ_STR((const char *)got, "one");
    free(got);
    CHECK_EQ_INT(scratch_count("new"), 1);
}

TEST(a_symbolic_link_is_replaced_not_followed)
{
    struct stat info;
    uint8_t *got;
    size_t len;

    REQUIRE(mkdir(scratch_path("link"), 0700) == 0);
    scratch_write("link/victim", "old");
    REQUIRE(symlink("victim", scratch_path("link/f")) == 0);
    CHECK_EQ_INT(file_write_atomic(scratch_path("link/f"), "new", 3, 0600), 0);
    CHECK(lstat(scratch_path("link/f"), &info) == 0 && S_ISREG(info.st_mode));
    REQUIRE(file_read(scratch_path("link/victim"), 10, &got, &len) == 0);
    CHECK_EQ_STR((const char *)got, "old");
    free(got);
}

/* Writes 1 MiB over the file while no file may grow beyond 4 KiB: the disk full, as a process sees
 * it. */
static int write_too_much(const char *path)
{
    static const uint8_t bytes[1 << 20];
    const struct rlimit limit = {4096, 4096};

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 99;
    return -file_write_atomic(path, bytes, sizeof bytes, 0600);
}

TEST(a_full_disk_leaves_the_old_file_and_nothing_else)
{
    const char *path;
    uint8_t *got;
    size_t len;
    pid_t child;
    int status;

    REQUIRE(mkdir(scratch_path("full"), 0700) == 0);
    path = scratch_write("full/f", "old");
    fflush(stdout);
    child = fork();
    if (child == 0)
        _exit(write_too_much(path));
    REQUIRE(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    CHECK_EQ_INT(WEXITSTATUS(status), EFBIG);
    REQUIRE(file_read(path, 100, &got, &len) == 0);
    CHECK_EQ_STR((const char *)got, "old");
    free(got);
    CHECK_EQ_INT(scratch_count("full"), 1);
}

TEST(a_target_that_cannot_be_replaced_leaves_no_temporary)
{
    REQUIRE(mkdir(scratch_path("odd"), 0700) == 0);
    REQUIRE(mkdir(scratch_path("odd/d"), 0700) == 0);
    CHECK(file_write_atomic(scratch_path("odd/d"), "x", 1, 0600) < 0);
    CHECK_EQ_INT(scratch_count("odd"), 1);
    CHECK_EQ_INT(file_write_atomic(scratch_path("no/such/f"), "x", 1, 0600), -ENOENT);
}

TEST(a_map_outlives_the_rename)
{
    const uint8_t *map;
    size_t len;

    REQUIRE(file_write_atomic(scratch_path("map"), "first", 5, 0600) == 0);
    REQUIRE(file_map(scratch_path("map"), &map, &len) == 0);
    REQUIRE(file_write_atomic(scratch_path("map"), "SECOND", 6, 0600) == 0);
    CHECK_EQ_INT(len, 5);
    CHECK_EQ_MEM(map, "first", 5);
    file_unmap(map, len);
}

TEST(a_second_lock_is_refused_until_the_first_ends)
{
    const char *path = scratch_path("lock");
    int first = file_lock(path), again;

    REQUIRE(first >= 0);
    CHECK_EQ_INT(file_lock(path), -EWOULDBLOCK);
    close(first);
    again = file_lock(path);
    CHECK(again >= 0);
    close(again);
    CHECK_EQ_INT(file_lock(scratch_path("no/such/lock")), -ENOENT);
}
