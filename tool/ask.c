/* SPDX-License-Identifier: ISC */
/* muster ask: one report as a device would send it, and what a device would make of the reply. */
#include "tool/ask.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "tool/verbs.h"

static const struct ask_plan plan_default = {{1000, 1000}, 2, 3000};
static const struct ask_plan plan_inquiry = {{1000}, 1, 2000};

/* R2: gaps of 3, 9 and 27 s, each stretched by up to half, and 30 s of listening. */
static struct ask_plan make_patient(void)
{
    static const uint64_t gaps_ms[ASK_GAPS_MAX] = {3000, 9000, 27000};
    struct ask_plan plan = {.gaps_n = ASK_GAPS_MAX, .timeout_ms = 30000};
    size_t i;

    for (i = 0; i < ASK_GAPS_MAX; i++) {
        plan.gaps_ms[i] = gaps_ms[i] + randombytes_uniform((uint32_t)(gaps_ms[i] / 2 + 1));
        plan.timeout_ms += plan.gaps_ms[i];
    }
    return plan;
}

static size_t write_report(const struct ask *a, struct ask_leg *leg, bool padded)
{
    struct muster_report report = {.nonce = leg->nonce,
                                   .event = MUSTER_MANUAL,
                                   .vendor = muster_slice_of(a->vendor),
                                   .model = muster_slice_of(a->model),
                                   .build = muster_slice_of(a->build),
                                   .number = a->number};

    leg->len = muster_report_write(&report, padded, leg->request, sizeof leg->request);
    return leg->len;
}

struct taker {
    const struct ask *ask;
    struct ask_answer *answer;
};

static void keep(struct ask_answer *answer, const struct ask_leg *leg, const uint8_t *bytes,
                 size_t len)
{
    (void)addr_format(&leg->addr, answer->from);
    memcpy(answer->bytes, bytes, len);
    answer->len = len;
    answer->sent_len = leg->len;
    answer->was_padded = leg->len == MUSTER_DATAGRAM_MAX;
    (void)!muster_reply_parse(answer->bytes, len, &answer->reply);
}

static bool is_ours(const struct ask_leg *leg, const uint8_t *bytes, size_t len,
                    struct muster_reply *ret_reply)
{
    return len <= leg->len && muster_reply_parse(bytes, len, ret_reply) == MUSTER_OK &&
           memcmp(ret_reply->nonce, leg->nonce, MUSTER_NONCE_LEN) == 0;
}

static enum ask_taken take_reply(void *ctx, struct ask_leg *leg, const uint8_t *bytes, size_t len)
{
    struct taker *t = ctx;
    struct muster_reply reply;
    bool more;

    more = is_ours(leg, bytes, len, &reply) && (reply.flags & MUSTER_FLAG_MORE);
    if (more && leg->len < MUSTER_DATAGRAM_MAX && write_report(t->ask, leg, true) > 0)
        return ASK_AGAIN;
    if (more || !is_ours(leg, bytes, len, &reply)) {
        t->answer->ignored_n++;
        return ASK_IGNORED;
    }
    keep(t->answer, leg, bytes, len);
    return ASK_ANSWERED;
}

static int no_answer(const struct ask *a, const struct ask_answer *answer, int error)
{
    if (answer->ignored_n > 0)
        return cli_error("%s: no answer; %zu datagrams were not replies to this report",
                         SAFE(a->server), answer->ignored_n);
    if (error == -ETIMEDOUT)
        return cli_error(
            "%s: no answer; no head-end there, a list of it is unusable, or the path drops "
            "it (--patient waits as long as a device)",
            SAFE(a->server));
    return cli_error("%s: no answer (%s)", SAFE(a->server), strerror(-error));
}

int ask_report(const struct ask *a, struct ask_answer *ret_answer)
{
    struct ask_leg legs[ASK_LEGS_MAX];
    struct ask_plan plan = a->patient ? make_patient() : plan_default;
    struct taker taker = {.ask = a};
    int i, error, legs_n = ask_resolve(a->server, legs);

    memset(ret_answer, 0, sizeof *ret_answer);
    taker.answer = ret_answer;
    if (legs_n < 0)
        return STATUS_ERROR;
    for (i = 0; i < legs_n; i++) {
        randombytes_buf(legs[i].nonce, sizeof legs[i].nonce);
        if (write_report(a, &legs[i], a->padded) == 0)
            return cli_error("the report cannot be written");
    }
    if (a->timeout_s != 0)
        plan.timeout_ms = a->timeout_s * 1000;
    error = ask_exchange(legs, (size_t)legs_n, &plan, take_reply, &taker);
    return error == 0 ? 0 : no_answer(a, ret_answer, error);
}

static enum ask_taken take_answer(void *ctx, struct ask_leg *leg, const uint8_t *bytes, size_t len)
{
    struct ask_answer *answer = ctx;
    struct muster_reply reply;

    if (!is_ours(leg, bytes, len, &reply) || reply.flags != 0) {
        answer->ignored_n++;
        return ASK_IGNORED;
    }
    keep(answer, leg, bytes, len);
    return ASK_ANSWERED;
}

static int inquire(const struct addr *service, const uint8_t key[MUSTER_KEY_LEN],
                   struct ask_answer *ret_answer)
{
    struct ask_leg leg = {.addr = *service};
    struct muster_inquiry inquiry = {.nonce = leg.nonce, .key = key};

    memset(ret_answer, 0, sizeof *ret_answer);
    randombytes_buf(leg.nonce, sizeof leg.nonce);
    leg.len = muster_inquiry_write(&inquiry, leg.request, sizeof leg.request);
    return ask_exchange(&leg, 1, &plan_inquiry, take_answer, ret_answer);
}

void ask_inquire(const struct ask *a, const uint8_t key[MUSTER_KEY_LEN],
                 struct ask_standings *standings)
{
    size_t i, k;

    for (i = 0; i < a->anchors_n; i++) {
        struct ask_answer *answer = &standings->answers[i];
        int ret = -1;

        for (k = 0; k < a->anchors[i].services_n && ret != 0; k++)
            ret = inquire(&a->anchors[i].services[k], key, answer);
        for (k = 0; ret == 0 && k < answer->reply.records_n; k++)
            standings->records[standings->n++] = answer->reply.records[k];
    }
}

/* The signer of the first advisory that is worth asking about, or NULL. */
static const uint8_t *find_signer(const struct ask_answer *answer)
{
    struct muster_record r;
    size_t i;

    for (i = 0; i < answer->reply.records_n; i++)
        if (muster_record_parse(answer->reply.records[i], &r) == MUSTER_OK &&
            r.kind == MUSTER_ADVISORY)
            return r.key;
    return NULL;
}

static int ask(const struct ask *a)
{
    struct ask_standings standings = {.n = 0};
    struct ask_answer answer;
    const uint8_t *signer;

    if (ask_report(a, &answer) != 0)
        return STATUS_ERROR;
    signer = find_signer(&answer);
    if (signer != NULL)
        ask_inquire(a, signer, &standings);
    return ask_judge(a, &answer, &standings);
}

static int add_anchor(const char *path, struct ask *a)
{
    char err[1024];

    if (a->anchors_n == ANCHORFILE_MAX)
        return cli_error("more than %d --anchor; a device keeps no more", ANCHORFILE_MAX);
    if (anchorfile_read(path, &a->anchors[a->anchors_n], err, sizeof err) != 0)
        return cli_error("%s", err);
    a->anchors_n++;
    return 0;
}

static int parse_option(int option, struct ask *a)
{
    switch (option) {
    case 'n':
        return cli_u64("--number", optarg, 0, UINT64_MAX, &a->number);
    case 't':
        return cli_u64("--timeout", optarg, 1, 3600, &a->timeout_s);
    case 'a':
        return add_anchor(optarg, a);
    case 'j':
        a->as_json = true;
        return 0;
    case 'p':
        a->padded = true;
        return 0;
    case 'w':
        a->patient = true;
        return 0;
    default:
        return cli_usage(&verb_ask, NULL);
    }
}

static int check_question(const struct ask *a)
{
    return cli_question(a->vendor, a->model, a->build);
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"number", required_argument, NULL, 'n'},
                                            {"timeout", required_argument, NULL, 't'},
                                            {"anchor", required_argument, NULL, 'a'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"padded", no_argument, NULL, 'p'},
                                            {"patient", no_argument, NULL, 'w'},
                                            {NULL, 0, NULL, 0}};
    struct ask a = {.server = NULL};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (parse_option(option, &a) != 0)
            return STATUS_ERROR;
    if (argc - optind != 4)
        return cli_usage(&verb_ask, "SERVER, VENDOR, MODEL and BUILD are needed");
    a.server = argv[optind];
    a.vendor = argv[optind + 1];
    a.model = argv[optind + 2];
    a.build = argv[optind + 3];
    return check_question(&a) == 0 ? ask(&a) : STATUS_ERROR;
}

const struct verb verb_ask = {
    "ask", run, "send one report as a device would and judge the reply",
    "SERVER[:PORT] VENDOR MODEL BUILD [OPTION...]",
    "  --number N     the build number, if the device has one\n"
    "  --anchor FILE  judge as firmware with this anchor would, asking its service too; up to "
    "four\n"
    "                 times. Without it the advisory is checked under its own key alone\n"
    "  --json         as JSON; times are Unix seconds\n"
    "  --padded       send 1232 bytes at once, not only on request\n"
    "  --timeout S    seconds to wait in all (default 3)\n"
    "  --patient      retry as devices do, after 3, 9 and 27 s, and listen 30 s more\n"
    "\n"
    "SERVER is a name or an address. Exit status: 0 fit, 1 listed (notice or fail), 2 error or no\n"
    "answer. Put -- before a BUILD that begins with -.\n"};
