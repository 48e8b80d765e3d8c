/* SPDX-License-Identifier: ISC */
/* Martians, and the worker over an I/O table made of memory. */
#include "headend/worker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "test.h"
#include "test_headend_records.h"

static struct io_packet packet(const char *from, const char *to)
{
    struct io_packet p = {.to_host = true};

    if (addr_parse(from, 40000, &p.from) != 0 || addr_parse(to, MUSTER_PORT, &p.to) != 0)
        printf("# bad address in the test: %s or %s\n", from, to);
    return p;
}

static bool is_martian(const char *from, const char *to)
{
    struct io_packet p = packet(from, to);

    return worker_is_martian(&p);
}

TEST(hosts_are_answered)
{
    CHECK(!is_martian("192.0.2.1", "192.0.0.68"));
    CHECK(!is_martian("10.0.0.1:1", "192.0.0.68"));
    CHECK(!is_martian("192.0.2.255:65535", "192.0.0.68"));
    CHECK(!is_martian("[2001:db8::1]:40000", "2001:1::68"));
    CHECK(!is_martian("fe80::1", "2001:1::68"));
}

TEST(martians_are_not_answered)
{
    static const char *const from[] = {
        "192.0.2.1:6878",
        "0.0.0.0",
        "0.1.2.3",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "[2001:db8::1]:6878",
        "::",
        "ff02::1",
        "ff0e::1",
        "::ffff:224.0.0.1",
    };
    size_t i;

    for (i = 0; i < sizeof from / sizeof from[0]; i++) {
        test_case("%s", from[i]);
        CHECK(is_martian(from[i], strchr(from[i], '.') != NULL ? "192.0.0.68" : "2001:1::68"));
    }
}

TEST(port_0_cannot_be_answered)
{
    struct io_packet p = packet("192.0.2.1", "192.0.0.68");

    addr_set_port(&p.from, 0);
    CHECK(worker_is_martian(&p));
}

TEST(what_was_asked_must_be_a_host)
{
    struct io_packet p = packet("192.0.2.1", "192.0.2.255");

    p.to_host = false;
    CHECK(worker_is_martian(&p));
}

TEST(loopback_comes_through_loopback_only)
{
    struct io_packet p = packet("127.0.0.1", "127.0.0.2");

    CHECK(worker_is_martian(&p));
    p.by_loopback = true;
    CHECK(!worker_is_martian(&p));
    p = packet("::1", "::1");
    CHECK(worker_is_martian(&p));
    p.by_loopback = true;
    CHECK(!worker_is_martian(&p));
    CHECK(is_martian("192.0.2.1", "127.0.0.1"));
}

/* An I/O table that offers `left` reports, a few at a time, and drops every tenth reply. */
struct io {
    _Atomic unsigned left, sent, too_long;
    uint8_t report[MUSTER_DATAGRAM_MAX];
    size_t report_len;
};

static void memory_wait(struct io *io, int wake_fd)
{
    struct pollfd p = {.fd = wake_fd, .events = POLLIN};
    eventfd_t count;

    (void)io;
    if (poll(&p, 1, 10) == 1)
        (void)eventfd_read(wake_fd, &count);
}

static void memory_receive(struct io *io, struct io_batch *batch)
{
    unsigned left = io->left;

    for (batch->n = 0; batch->n < 10 && batch->n < left; batch->n++) {
        struct io_packet *p = &batch->packets[batch->n];

        *p = packet("192.0.2.1", "192.0.0.68");
        memcpy(p->request, io->report, io->report_len);
        p->request_len = io->report_len;
    }
    io->left = left - (unsigned)batch->n;
}

static size_t memory_send(struct io *io, struct io_batch *batch)
{
    size_t i;

    for (i = 0; i < batch->n; i++) {
        io->sent += batch->packets[i].reply_len > 0;
        io->too_long += batch->packets[i].reply_len > batch->packets[i].request_len;
    }
    return batch->n / 10;
}

static uint64_t memory_overflowed(const struct io *io)
{
    (void)io;
    return 0;
}

static void memory_close(struct io *io)
{
    (void)io;
}

static const struct io_ops memory = {
    .wait = memory_wait,
    .receive = memory_receive,
    .send = memory_send,
    .overflowed = memory_overflowed,
    .close = memory_close,
};

static struct snapshot *snapshot(void)
{
    static const struct settings_override listen = {"server", "listen", "127.0.0.1"};
    struct settings *settings;
    struct snapshot *s = NULL;
    char err[512];

    if (settings_read(NULL, &listen, 1, &settings, err, sizeof err) != 0)
        return NULL;
    (void)snapshot_build(settings, NULL, true, NOW, &s);
    settings_unref(settings);
    return s;
}

TEST(every_report_is_answered_and_counted_while_snapshots_change)
{
    static struct worker worker;
    static struct io io;
    struct muster_report report = {.nonce = (const uint8_t *)"0123456789abcdef",
                                   .vendor = muster_slice_of("acme"),
                                   .model = muster_slice_of("x"),
                                   .build = muster_slice_of("1")};
    struct snapshot *now = snapshot(), *next;
    unsigned i;

    io.report_len = muster_report_write(&report, 0, io.report, sizeof io.report);
    io.left = 20000;
    REQUIRE(now != NULL && io.report_len > 0);
    REQUIRE(worker_start(&worker, &memory, &io, now) == 0);
    for (i = 0; i < 50 || io.left > 0; i++) {
        next = snapshot();
        worker_swap(&worker, next);
        snapshot_free(now); /* the sanitizers tell if the worker still reads it */
        now = next;
    }
    worker_stop(&worker);
    snapshot_free(now);
    CHECK_EQ_INT(io.sent, 20000);
    CHECK_EQ_INT(io.too_long, 0);
    CHECK_EQ_INT(worker.counters.outcomes[MUSTER_HEARD], 20000);
    CHECK_EQ_INT(worker.counters.send_errors, 2000);
    CHECK_EQ_INT(worker.counters.covered, 0);
}
