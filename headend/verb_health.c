/* SPDX-License-Identifier: ISC */
/* `musterd health`: one report over the wire, and whether what comes back would be believed. It
 * must ask like a device does, never through the control socket. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "headend/health.h"
#include "headend/settings.h"
#include "headend/verbs.h"
#include "host/clock.h"
#include "host/config.h"
#include "host/log.h"

#define ERR_CAP    (CONFIG_ERR_CAP + 256)
#define MIN_LIFE_S (3 * UINT64_C(86400))
#define TIMEOUT_S  3
#define AGAIN_MS   1000

static const char help[] =
    "usage: musterd health [--addr A[:PORT]] [--min-life 3d] [--anchor FILE] [--timeout 3s]\n"
    "                      [--config FILE]\n\n"
    "Sends a report for muster.test/always-fail and judges the answer: nonce, coverage, "
    "signatures,\n"
    "standing, life left. Prints one line. Without --addr: the first listen address of the\n"
    "configuration, or 127.0.0.1.\n"
    "Exit status: 0 healthy, 1 not, 2 wrong usage.\n";

struct request {
    bool help;
    const char *addr, *anchor, *config;
    uint64_t min_life_s, timeout_s;
};

static int parse(int argc, char **argv, struct request *ret, char *err)
{
    static const struct option options[] = {{"addr", required_argument, NULL, 'a'},
                                            {"min-life", required_argument, NULL, 'm'},
                                            {"anchor", required_argument, NULL, 'n'},
                                            {"timeout", required_argument, NULL, 't'},
                                            {"config", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int letter, error = 0;

    while (error == 0 && (letter = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
        switch (letter) {
        case 'a':
            ret->addr = optarg;
            break;
        case 'm':
            error = config_duration_s(optarg, &ret->min_life_s, err, ERR_CAP);
            break;
        case 'n':
            ret->anchor = optarg;
            break;
        case 't':
            error = config_duration_s(optarg, &ret->timeout_s, err, ERR_CAP);
            break;
        case 'c':
            ret->config = optarg;
            break;
        case 'h':
            ret->help = true;
            break;
        default:
            error = -EINVAL;
        }
    return error == 0 && optind < argc ? -EINVAL : error;
}

/* A wildcard is asked through the loopback address of its family. */
static void to_reachable(struct addr *addr)
{
    static const uint8_t any[16], loopback4[4] = {127, 0, 0, 1}, loopback6[16] = {[15] = 1};
    size_t len;
    const uint8_t *bytes = addr_bytes(addr, &len);

    if (memcmp(bytes, any, len) == 0)
        (void)addr_from_bytes(len == 4 ? loopback4 : loopback6, len, addr_port(addr), addr);
}

/* Where to ask, and whether standings are configured. 0, or -EINVAL with the reason in err. */
static int read_configured(const struct request *request, struct addr *ret_addr,
                           bool *ret_standings, char *err)
{
    const char *path = settings_find(request->config);
    struct settings *settings;
    int ret;

    ret = addr_parse("127.0.0.1", MUSTER_PORT, ret_addr);
    if (ret == 0 && path != NULL) {
        ret = settings_read(path, NULL, 0, &settings, err, ERR_CAP);
        if (ret != 0)
            return ret;
        *ret_addr = settings->listens[0].addr;
        *ret_standings = settings->standings_n > 0;
        settings_unref(settings);
    }
    if (request->addr != NULL && addr_parse(request->addr, MUSTER_PORT, ret_addr) != 0) {
        (void)snprintf(err, ERR_CAP, "'%.80s' is no address; write one like 192.0.2.1:6878",
                       request->addr);
        return -EINVAL;
    }
    to_reachable(ret_addr);
    return ret;
}

static size_t write_report(uint8_t nonce[MUSTER_NONCE_LEN], uint8_t ret[MUSTER_DATAGRAM_MAX])
{
    const struct muster_report report = {
        .nonce = nonce,
        .event = MUSTER_MANUAL,
        .vendor = muster_slice_of(MUSTER_TEST_VENDOR),
        .model = muster_slice_of(MUSTER_ALWAYS_FAIL),
        .build = muster_slice_of(HEALTH_BUILD),
    };

    randombytes_buf(nonce, MUSTER_NONCE_LEN);
    return muster_report_write(&report, 1, ret, MUSTER_DATAGRAM_MAX);
}

static int dial(const struct addr *addr)
{
    int fd = socket(addr->ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;

    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&addr->ss, addr->len) == 0)
        return fd;
    error = errno;
    close(fd);
    return -error;
}

/* Waits up to AGAIN_MS for the reply with this nonce; anything else does not end the wait. */
static bool await(int fd, const uint8_t nonce[MUSTER_NONCE_LEN], uint64_t until_ms,
                  uint8_t bytes[MUSTER_DATAGRAM_MAX + 1], struct muster_reply *ret_reply)
{
    uint64_t now_ms = clock_mono_ms(), end_ms = now_ms + AGAIN_MS;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t got;

    if (end_ms > until_ms)
        end_ms = until_ms;
    for (; now_ms < end_ms; now_ms = clock_mono_ms()) {
        if (poll(&p, 1, (int)(end_ms - now_ms)) != 1)
            continue;
        got = recv(fd, bytes, MUSTER_DATAGRAM_MAX + 1, MSG_DONTWAIT);
        if (got > 0 && muster_reply_parse(bytes, (size_t)got, ret_reply) == MUSTER_OK &&
            memcmp(ret_reply->nonce, nonce, MUSTER_NONCE_LEN) == 0)
            return true;
    }
    return false;
}

static bool ask(int fd, uint64_t timeout_s, uint8_t bytes[MUSTER_DATAGRAM_MAX + 1],
                struct muster_reply *ret_reply)
{
    uint8_t nonce[MUSTER_NONCE_LEN], report[MUSTER_DATAGRAM_MAX];
    size_t len = write_report(nonce, report);
    uint64_t until_ms = clock_mono_ms() + timeout_s * 1000;

    while (clock_mono_ms() < until_ms) {
        (void)send(fd, report, len, 0);
        if (await(fd, nonce, until_ms, bytes, ret_reply))
            return true;
    }
    return false;
}

static int examine(const struct addr *addr, const struct request *request,
                   const struct health_wanted *wanted)
{
    uint8_t bytes[MUSTER_DATAGRAM_MAX + 1];
    char why[HEALTH_WHY_CAP], text[ADDR_TEXT_CAP];
    struct muster_reply reply;
    bool healthy = false;
    int fd = dial(addr);

    if (fd < 0)
        (void)snprintf(why, sizeof why, "cannot be asked: %s", strerror(-fd));
    else if (!ask(fd, request->timeout_s, bytes, &reply))
        (void)snprintf(why, sizeof why, "no answer within %llu s",
                       (unsigned long long)request->timeout_s);
    else
        healthy = health_judge(&reply, wanted, why);
    if (fd >= 0)
        close(fd);
    printf("%s: %s: %s\n", addr_format(addr, text), healthy ? "healthy" : "NOT HEALTHY", why);
    return healthy ? END_OK : END_PROBLEM;
}

int health_main(int argc, char **argv)
{
    struct request request = {.min_life_s = MIN_LIFE_S, .timeout_s = TIMEOUT_S};
    struct health_wanted wanted = {.now_s = clock_wall_s()};
    struct anchorfile anchor;
    struct addr addr;
    char err[ERR_CAP] = "wrong usage; musterd health --help tells more";

    if (parse(argc, argv, &request, err) != 0 ||
        read_configured(&request, &addr, &wanted.standing_expected, err) != 0 ||
        (request.anchor != NULL &&
         anchorfile_read(request.anchor, &anchor, err, sizeof err) != 0)) {
        log_error("%s", err);
        return END_USAGE;
    }
    if (request.help) {
        fputs(help, stdout);
        return END_OK;
    }
    wanted.min_life_s = request.min_life_s;
    if (request.anchor != NULL) {
        wanted.anchor = &anchor;
        wanted.standing_expected = true;
    }
    return examine(&addr, &request, &wanted);
}
