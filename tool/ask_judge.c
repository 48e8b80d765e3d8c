/* SPDX-License-Identifier: ISC */
/* The reply judged by the core, as a device of this build with these anchors would, and told
 * condition by condition (R4). It must not decide anything that the core decides. */
#include <stdio.h>

#include "host/clock.h"
#include "host/hex.h"
#include "tool/ask.h"
#include "tool/cli.h"
#include "tool/describe.h"

struct judging {
    const struct ask *ask;
    struct out out;
    struct muster_memory memory;
    struct muster_judge_time time;
    bool notice_only;
    struct muster_judgement best;
    struct muster_record best_record;
};

static void begin(const struct ask *a, const struct ask_answer *answer, struct judging *j)
{
    size_t i;

    memset(j, 0, sizeof *j);
    j->ask = a;
    j->time.now_s = j->time.clock_s = clock_wall_s();
    j->time.synced = true;
    j->notice_only = (answer->reply.flags & MUSTER_FLAG_NOTICE_ONLY) != 0;
    out_init(&j->out, a->as_json, j->time.now_s);
    (void)!muster_identity_set(&j->memory.fw.id, a->vendor, a->model, a->build, a->number);
    j->memory.fw.anchors_n = (uint8_t)a->anchors_n;
    for (i = 0; i < a->anchors_n; i++) {
        memcpy(j->memory.fw.anchors[i].key, a->anchors[i].key, MUSTER_KEY_LEN);
        if (a->anchors[i].has_next)
            memcpy(j->memory.fw.anchors[i].next, a->anchors[i].next, MUSTER_KEY_LEN);
    }
}

/* Takes a standing and tells what became of it. */
static void take_standing(struct judging *j, const struct muster_record *r, const char *came)
{
    const struct muster_standing *s = &r->u.standing;
    int authority = -1, rank;
    bool news;
    int error = muster_judge_standing(&j->memory, r, &j->time, &authority, &rank);

    if (error == MUSTER_OK)
        error = muster_judge_take(&j->memory, r, authority, rank, &j->time, &news);
    out_open_object(&j->out, NULL, "standing");
    out_text(&j->out, "came", came);
    out_text(&j->out, "authority",
             authority >= 0 ? j->ask->anchors[authority].name : "not among the anchors");
    out_slice(&j->out, "name", s->name);
    out_hex(&j->out, "signer", s->key, MUSTER_KEY_LEN);
    out_text(&j->out, "level", muster_level_name(s->level));
    out_time(&j->out, "expires", s->expires, "1970");
    out_text(&j->out, "taken", error == MUSTER_OK ? "yes" : muster_error_name(error));
    out_close_object(&j->out);
}

static void take_standings(struct judging *j, const struct muster_slice *records, size_t n,
                           const char *came)
{
    struct muster_record r;
    size_t i;

    for (i = 0; i < n; i++)
        if (muster_record_parse(records[i], &r) == MUSTER_OK && r.kind == MUSTER_STANDING)
            take_standing(j, &r, came);
}

static const char *tell_vouched(struct judging *j, const struct muster_record *r)
{
    const struct muster_signer *signer = muster_memory_signer(&j->memory, r->key);
    uint64_t until;
    int error = MUSTER_E_STANDING;

    if (j->ask->anchors_n == 0)
        return "not judged without --anchor; this is the advisory under its own key alone";
    if (signer != NULL)
        error = muster_judge_vouched(&j->memory, signer, r->u.advisory.issued, &j->time, &until);
    switch (error) {
    case MUSTER_OK:
        return "enough authorities vouch for the signer";
    case MUSTER_E_DISOWNED:
        return "no: an authority says suspended or revoked";
    case MUSTER_E_FLOOR:
        return "no: issued before the floor that an authority set";
    default:
        return "no: fewer authorities vouch for the signer than the anchors ask for";
    }
}

static const char *tell_time(const struct judging *j, const struct muster_advisory *a)
{
    if (j->time.now_s >= a->expires)
        return "no: it has ended";
    return a->issued > j->time.now_s + MUSTER_DAY_S ? "no: issued more than a day ahead of now"
                                                    : "valid now";
}

static const char *tell_limits(const struct judging *j)
{
    if (j->notice_only)
        return "notice only: the operator's flag asks not to enforce";
    return j->ask->anchors_n == 0 ? "notice only: firmware without anchors never enforces" : "none";
}

static const char *level_name(enum muster_verdict_level level)
{
    static const char *const names[] = {"fit", "notice", "fail"};

    return names[level];
}

static void judge_advisory(struct judging *j, const struct muster_record *r)
{
    struct muster_judgement judged;

    muster_judge(&j->memory, r, j->notice_only, &j->time, &judged);
    out_open_object(&j->out, NULL, "advisory");
    out_hex(&j->out, "signed_by", r->key, MUSTER_KEY_LEN);
    out_bool(&j->out, "names_it", judged.named);
    out_bool(&j->out, "covers_it", judged.covers);
    out_text(&j->out, "signature",
             muster_record_verify(r) == MUSTER_OK ? "verifies under that key" : "DOES NOT VERIFY");
    out_text(&j->out, "time", tell_time(j, &r->u.advisory));
    out_text(&j->out, "standing", tell_vouched(j, r));
    out_text(&j->out, "limits", tell_limits(j));
    out_text(&j->out, "judged", judged.why == MUSTER_OK ? level_name(judged.level) : "ignored");
    if (judged.why != MUSTER_OK)
        out_text(&j->out, "because", muster_error_name(judged.why));
    out_close_object(&j->out);
    if (judged.why == MUSTER_OK && judged.level > j->best.level) {
        j->best = judged;
        j->best_record = *r;
    }
}

static void judge_advisories(struct judging *j, const struct muster_reply *reply)
{
    struct muster_record r;
    size_t i;

    out_open_array(&j->out, "advisories");
    for (i = 0; i < reply->records_n; i++) {
        int error = muster_record_parse(reply->records[i], &r);

        if (error == MUSTER_OK && r.kind == MUSTER_ADVISORY)
            judge_advisory(j, &r);
        else if (error != MUSTER_OK)
            (void)describe_record(&j->out, NULL, reply->records[i]);
    }
    out_close_array(&j->out);
}

static void tell_answer(struct judging *j, const struct ask_answer *answer)
{
    struct out *out = &j->out;

    out_open_object(out, "answer", "answer");
    out_text(out, "from", answer->from);
    out_u64(out, "bytes", answer->len);
    out_u64(out, "asked_with", answer->sent_len);
    out_u64(out, "ignored", answer->ignored_n);
    out_bool(out, "heard", answer->reply.records_n == 0);
    out_bool(out, "notice_only", j->notice_only);
    out_close_object(out);
}

static void tell_defect(struct judging *j)
{
    const struct muster_defect *d = &j->best_record.u.advisory.defects[j->best.defect];
    struct out *out = &j->out;

    out_open_object(out, "defect", SAFE_SLICE(d->id));
    if (out->as_json)
        out_slice(out, "id", d->id);
    out_text(out, "reason", muster_reason_name(muster_reason_read(d->reason)));
    out_time(out, "enforce_from", d->enforce_from, "never: notice only");
    out_slice(out, "fixed_in", d->fixed_in);
    if (j->ask->anchors_n > 0) /* R4: without anchors the url is not shown */
        out_slice(out, "url", d->url);
    out_close_object(out);
}

static const char *tell_verdict(const struct judging *j, const struct ask_answer *answer)
{
    static const char *const words[] = {
        "fit: nothing in the answer holds against this build",
        "notice: the owner is told, the network stays",
        "fail: the owner is told, and only the local network stays",
    };

    if (answer->reply.records_n == 0)
        return "fit: heard, nothing known";
    return words[j->best.level];
}

int ask_judge(const struct ask *a, const struct ask_answer *answer,
              const struct ask_standings *standings)
{
    struct judging j;

    begin(a, answer, &j);
    if (a->as_json)
        out_open_object(&j.out, NULL, "");
    tell_answer(&j, answer);
    out_open_array(&j.out, "standings");
    take_standings(&j, answer->reply.records, answer->reply.records_n, "with the reply");
    take_standings(&j, standings->records, standings->n, "asked for");
    out_close_array(&j.out);
    judge_advisories(&j, &answer->reply);
    if (j.best.level != MUSTER_FIT)
        tell_defect(&j);
    out_text(&j.out, "verdict", a->as_json ? level_name(j.best.level) : tell_verdict(&j, answer));
    if (a->as_json)
        out_close_object(&j.out);
    return j.best.level == MUSTER_FIT ? STATUS_OK : STATUS_FOUND;
}
