/* SPDX-License-Identifier: ISC */
/* One occasion (R2): the report over all families with its retries, the inquiries it causes (R5), and what arrives until listening ends. */
#include <string.h>

#include "device_call.h"

static struct muster_occasion *occasion(struct call *c)
{
    return &c->d->occasion;
}

static unsigned slot_of(unsigned family)
{
    return family == MUSTER_IPV6 ? MUSTER_SLOT_IPV6 : MUSTER_SLOT_IPV4;
}

/* Sends the report on this family and sets the time of the next packet. */
static void send_report(struct call *c, unsigned family)
{
    static const uint16_t gap_ms[] = {3000, 9000, 27000};
    struct muster_occasion *o = occasion(c);

    call_send(c, slot_of(family), 0, o->sent);
    c->d->counts.reports++;
    o->last_packet_ms = c->now->mono_ms;
    o->next_ms = 0;
    if (o->sent < sizeof gap_ms / sizeof *gap_ms)
        o->next_ms =
            c->now->mono_ms + gap_ms[o->sent] + call_random(c, gap_ms[o->sent] / 2u + 1);
    o->sent++;
}

/* IPv6 first, then in turn where both are up. */
static unsigned family_in_turn(const struct muster_occasion *o)
{
    if (o->families != (MUSTER_IPV4 | MUSTER_IPV6))
        return o->families;
    return o->sent % 2 == 0 ? MUSTER_IPV6 : MUSTER_IPV4;
}

static bool is_asked(struct call *c, const uint8_t key[MUSTER_KEY_LEN], unsigned authority)
{
    const struct muster_signer *s = muster_memory_signer(&c->d->memory, key);
    size_t i;

    if (!occasion(c)->recheck && s != NULL && (s->answered & 1u << authority))
        return true;
    for (i = 0; i < MUSTER_INQUIRIES; i++) {
        const struct muster_question *q = &occasion(c)->questions[i];

        if (q->used && q->authority == authority && memcmp(q->key, key, MUSTER_KEY_LEN) == 0)
            return true;
    }
    return false;
}

static void send_inquiry(struct call *c, size_t i)
{
    struct muster_question *q = &occasion(c)->questions[i];

    call_send(c, (unsigned)(MUSTER_SLOT_INQUIRY + i), q->authority, q->tries);
    c->d->counts.inquiries++;
    occasion(c)->last_packet_ms = c->now->mono_ms;
    q->next_ms = q->tries == 0 ? c->now->mono_ms + INQUIRY_WAIT_MS + call_random(c, INQUIRY_WAIT_MS / 2)
                               : 0;
    q->tries++;
}

static void ask(struct call *c, const uint8_t key[MUSTER_KEY_LEN], unsigned authority)
{
    size_t i;

    for (i = 0; i < MUSTER_INQUIRIES; i++) {
        struct muster_question *q = &occasion(c)->questions[i];

        if (q->used)
            continue;
        q->used = true;
        q->authority = (uint8_t)authority;
        q->asked_ms = c->now->mono_ms;
        memcpy(q->key, key, MUSTER_KEY_LEN);
        c->d->random(c->d->random_ctx, q->nonce, sizeof q->nonce);
        send_inquiry(c, i);
        return;
    }
}

/* An inquiry about this signer to each authority that has not been asked (R5). */
static void ask_all(struct call *c, const uint8_t key[MUSTER_KEY_LEN])
{
    const struct muster_firmware *fw = &c->d->memory.fw;
    unsigned a;

    for (a = 0; a < fw->anchors_n; a++)
        if (fw->anchors[a].has_service && !is_asked(c, key, a))
            ask(c, key, a);
}

static void ask_about_verdicts(struct call *c)
{
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++)
        if (c->d->memory.signers[i].used && c->d->memory.signers[i].verdict.level >= MUSTER_FAIL)
            ask_all(c, c->d->memory.signers[i].key);
}

void occasion_begin(struct call *c, enum muster_event event)
{
    struct muster_occasion *o = occasion(c);

    memset(o, 0, sizeof *o);
    o->active = true;
    o->recheck = c->d->state == MUSTER_QUARANTINED;
    o->event = (uint8_t)(o->recheck ? MUSTER_RECHECK : event);
    o->families = c->d->families;
    c->d->memory.budget.recheck = o->recheck;
    c->d->random(c->d->random_ctx, o->nonce[0], sizeof o->nonce);
    send_report(c, family_in_turn(o));
    if (o->recheck)
        ask_about_verdicts(c);
}

/* A recheck that was answered, but by nothing that could have renewed the fail (R6). */
static void count_away(struct call *c)
{
    struct muster_device *d = c->d;

    if (d->aways > 0 && !d->away_before_start && c->now->mono_ms < d->away_ms + AWAY_GAP_MS)
        return;
    d->aways++;
    d->away_ms = c->now->mono_ms;
    d->away_before_start = false;
    d->dirty = true;
    if (d->aways >= 2)
        verdict_delete_all(c);
}

static void end(struct call *c)
{
    struct muster_occasion *o = occasion(c);

    if (o->recheck && o->replied && !o->renewed && !o->named)
        count_away(c);
    if (o->heard && !o->judged)
        verdict_delete_notices(c);
    c->d->memory.budget.recheck = false;
    memset(o, 0, sizeof *o);
    call_do(c, MUSTER_DO_CLOSE);
    verdict_settle(c);
}

/* Whether a first cut on this signer's word still waits for an authority's answer. */
static bool is_waiting(struct call *c, const uint8_t key[MUSTER_KEY_LEN])
{
    size_t i;

    if (c->d->state != MUSTER_FREE)
        return false;
    for (i = 0; i < MUSTER_INQUIRIES; i++) {
        const struct muster_question *q = &occasion(c)->questions[i];

        if (q->used && !q->answered && c->now->mono_ms < q->asked_ms + INQUIRY_WAIT_MS &&
            memcmp(q->key, key, MUSTER_KEY_LEN) == 0)
            return true;
    }
    return false;
}

static void judge_pending(struct call *c, struct muster_pending *p)
{
    struct muster_slice raw = {p->bytes, p->len};
    struct muster_judgement j;
    struct muster_record r;

    if (muster_record_parse(raw, &r) != MUSTER_OK) {
        p->len = 0;
        return;
    }
    muster_judge(&c->d->memory, &r, p->notice_only, &c->t, &j);
    if (j.accepted)
        verdict_accept(c, &r);
    if (j.why == MUSTER_E_STANDING || (j.level == MUSTER_FAIL && is_waiting(c, p->key)))
        return; /* until more is known of its signer */
    if (j.why != MUSTER_OK)
        c->d->counts.ignored[-j.why]++;
    verdict_apply(c, &r, p->notice_only, &j);
    p->len = 0;
}

static void judge_all_pending(struct call *c)
{
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++)
        if (occasion(c)->pending[i].len > 0)
            judge_pending(c, &occasion(c)->pending[i]);
    verdict_review(c);
    verdict_settle(c);
}

static struct muster_pending *pending_of(struct muster_occasion *o,
                                         const uint8_t key[MUSTER_KEY_LEN])
{
    struct muster_pending *empty = NULL;
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++) {
        if (o->pending[i].len > 0 && memcmp(o->pending[i].key, key, MUSTER_KEY_LEN) == 0)
            return &o->pending[i];
        if (o->pending[i].len == 0 && empty == NULL)
            empty = &o->pending[i];
    }
    return empty;
}

/* Holds an advisory that passed the cheap conditions; of one signer the newest, unflagged before flagged. */
static void hold_pending(struct call *c, const struct muster_record *r, bool notice_only)
{
    struct muster_pending *p = pending_of(occasion(c), r->key);
    struct muster_record held;
    struct muster_slice raw;

    if (p == NULL) {
        c->d->counts.ignored[-MUSTER_E_SPACE]++;
        return;
    }
    raw.bytes = p->bytes;
    raw.len = p->len;
    if (p->len > 0 && muster_record_parse(raw, &held) == MUSTER_OK &&
        (held.u.advisory.issued > r->u.advisory.issued ||
         (held.u.advisory.issued == r->u.advisory.issued && notice_only)))
        return;
    p->notice_only = notice_only;
    p->len = (uint16_t)r->raw.len;
    memcpy(p->key, r->key, MUSTER_KEY_LEN);
    memcpy(p->bytes, r->raw.bytes, r->raw.len);
}

/* An advisory as it arrives: a covering one is held and its signer asked about; another may release at once. */
static void take_advisory(struct call *c, const struct muster_record *r, bool notice_only)
{
    struct muster_judgement j;
    int error;

    if (!call_is_anchored(c)) {
        muster_judge(&c->d->memory, r, true, &c->t, &j);
        if (j.why == MUSTER_OK)
            verdict_apply(c, r, true, &j);
        error = j.why;
    } else {
        error = muster_judge_screen(&c->d->memory, r, &c->t);
        if (error == MUSTER_E_NOT_COVERED) {
            muster_judge(&c->d->memory, r, notice_only, &c->t, &j);
            verdict_apply(c, r, notice_only, &j);
            error = j.why;
        }
        if (error == MUSTER_OK) {
            hold_pending(c, r, notice_only);
            ask_all(c, r->key);
        }
    }
    if (error != MUSTER_OK)
        c->d->counts.ignored[-error]++;
}

static bool is_of_interest(struct call *c, const uint8_t signer[MUSTER_KEY_LEN])
{
    size_t i;

    if (muster_memory_signer(&c->d->memory, signer) != NULL)
        return true;
    for (i = 0; i < MUSTER_SIGNERS; i++)
        if (occasion(c)->pending[i].len > 0 &&
            memcmp(occasion(c)->pending[i].key, signer, MUSTER_KEY_LEN) == 0)
            return true;
    return false;
}

/* Who signed one standing of the datagram; authority < 0: not proven. */
struct proof {
    int authority, rank;
};

static struct proof prove_standing(struct call *c, const struct muster_record *r)
{
    struct proof p = {-1, 0};
    struct muster_occasion *o = occasion(c);
    int error = is_of_interest(c, r->u.standing.key)
                    ? muster_judge_standing(&c->d->memory, r, &c->t, &p.authority, &p.rank)
                    : MUSTER_E_FOREIGN;

    if (error != MUSTER_OK) {
        c->d->counts.ignored[-error]++;
        p.authority = -1;
    } else if (r->u.standing.issued > o->issued[p.authority]) {
        o->issued[p.authority] = r->u.standing.issued;
    }
    return p;
}

static bool is_repeated(const struct muster_reply *reply, size_t i)
{
    size_t k;

    for (k = 0; k < i; k++)
        if (muster_slice_equal(reply->records[k], reply->records[i]))
            return true;
    return false;
}

/* Parses the i-th record if it is of this kind; malformed ones are counted on the way. */
static bool parse_kind(struct call *c, const struct muster_reply *reply, size_t i,
                       enum muster_record_kind kind, struct muster_record *ret_record)
{
    int error;

    if (is_repeated(reply, i))
        return false;
    error = muster_record_parse(reply->records[i], ret_record);
    if (error != MUSTER_OK && kind == MUSTER_ADVISORY)
        c->d->counts.ignored[-error]++;
    return error == MUSTER_OK && ret_record->kind == kind;
}

static void take_advisories(struct call *c, const struct muster_reply *reply)
{
    bool notice_only = (reply->flags & MUSTER_FLAG_NOTICE_ONLY) != 0;
    const struct muster_identity *id = &c->d->memory.fw.id;
    struct muster_record r;
    size_t i;

    for (i = 0; i < reply->records_n; i++) {
        if (!parse_kind(c, reply, i, MUSTER_ADVISORY, &r))
            continue;
        if (!notice_only && muster_judge_screen(&c->d->memory, &r, &c->t) != MUSTER_E_FOREIGN &&
            muster_advisory_covers(&r.u.advisory, muster_identity_build(id), id->number))
            occasion(c)->named = true;
        take_advisory(c, &r, notice_only);
        if (!call_is_anchored(c))
            return; /* one a datagram */
    }
}

static void note_answer(struct call *c, const uint8_t *signer, int authority)
{
    struct muster_signer *s = muster_memory_signer(&c->d->memory, signer);

    if (s != NULL)
        s->answered |= (uint8_t)(1u << authority);
}

/* All are proven before any is taken, so that they can first move the floor of time together (R9). */
static void take_standings(struct call *c, const struct muster_reply *reply, bool is_inquiry)
{
    struct proof proofs[MUSTER_RECORDS_MAX];
    struct muster_record r;
    size_t i;

    for (i = 0; i < reply->records_n; i++) {
        proofs[i].authority = -1;
        if (parse_kind(c, reply, i, MUSTER_STANDING, &r))
            proofs[i] = prove_standing(c, &r);
    }
    if (muster_judge_raise_floor(&c->d->memory, occasion(c)->issued, &c->t)) {
        c->d->dirty = true;
        call_reckon(c);
    }
    for (i = 0; i < reply->records_n; i++) {
        int error;

        if (proofs[i].authority < 0 || !parse_kind(c, reply, i, MUSTER_STANDING, &r))
            continue;
        error = muster_judge_take(&c->d->memory, &r, proofs[i].authority, proofs[i].rank, &c->t);
        c->d->dirty = true;
        if (error != MUSTER_OK)
            c->d->counts.ignored[-error]++;
        else if (is_inquiry)
            note_answer(c, r.u.standing.key, proofs[i].authority);
    }
}

/* `more` (R1): once per family and occasion, never in answer to a padded report. */
static void take_more(struct call *c, unsigned family)
{
    struct muster_occasion *o = occasion(c);

    c->d->counts.more++;
    if ((o->padded & family) || o->retries_over)
        return;
    o->padded |= (uint8_t)family;
    o->sent = 0;
    send_report(c, family);
}

static void take_report_reply(struct call *c, unsigned family, const struct muster_reply *reply)
{
    struct muster_occasion *o = occasion(c);

    c->d->counts.replies++;
    if (reply->flags & MUSTER_FLAG_MORE) {
        take_more(c, family);
        return;
    }
    o->replied = true;
    if (reply->records_n == 0) {
        c->d->counts.heard++;
        o->heard = true;
        o->retries_over = true;
        return;
    }
    take_advisories(c, reply);
    take_standings(c, reply, false);
    judge_all_pending(c);
}

static void take_inquiry_reply(struct call *c, struct muster_question *q,
                               const struct muster_reply *reply)
{
    c->d->counts.replies++;
    q->answered = true;
    q->next_ms = 0;
    take_standings(c, reply, true);
    judge_all_pending(c);
}

void occasion_reply(struct call *c, unsigned slot, const struct muster_reply *reply)
{
    struct muster_occasion *o = occasion(c);
    const uint8_t *nonce = NULL;

    if (o->active && slot < MUSTER_SLOT_INQUIRY)
        nonce = o->nonce[slot];
    else if (o->active && slot < MUSTER_SLOTS && o->questions[slot - MUSTER_SLOT_INQUIRY].used)
        nonce = o->questions[slot - MUSTER_SLOT_INQUIRY].nonce;
    if (nonce == NULL || memcmp(nonce, reply->nonce, MUSTER_NONCE_LEN) != 0) {
        c->d->counts.ignored[-MUSTER_E_NONCE]++;
        return;
    }
    if (slot < MUSTER_SLOT_INQUIRY)
        take_report_reply(c, slot == MUSTER_SLOT_IPV6 ? MUSTER_IPV6 : MUSTER_IPV4, reply);
    else
        take_inquiry_reply(c, &o->questions[slot - MUSTER_SLOT_INQUIRY], reply);
}

static void resend_inquiries(struct call *c)
{
    size_t i;

    for (i = 0; i < MUSTER_INQUIRIES; i++) {
        struct muster_question *q = &occasion(c)->questions[i];

        if (q->used && q->next_ms != 0 && c->now->mono_ms >= q->next_ms)
            send_inquiry(c, i);
    }
}

void occasion_timer(struct call *c)
{
    struct muster_occasion *o = occasion(c);

    if (!o->active)
        return;
    if (o->retries_over)
        o->next_ms = 0;
    if (o->next_ms != 0 && c->now->mono_ms >= o->next_ms)
        send_report(c, family_in_turn(o));
    resend_inquiries(c);
    judge_all_pending(c);
    if (o->next_ms == 0 && c->now->mono_ms >= o->last_packet_ms + LISTEN_MS)
        end(c);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return b != 0 && b < a ? b : a;
}

uint64_t occasion_deadline(const struct muster_device *d)
{
    const struct muster_occasion *o = &d->occasion;
    uint64_t at = UINT64_MAX;
    size_t i;

    if (!o->active)
        return at;
    at = o->next_ms != 0 && !o->retries_over ? o->next_ms : o->last_packet_ms + LISTEN_MS;
    for (i = 0; i < MUSTER_INQUIRIES; i++) {
        const struct muster_question *q = &o->questions[i];

        if (!q->used || q->answered)
            continue;
        at = earlier(at, q->next_ms);
        if (d->state == MUSTER_FREE && q->tries == 1)
            at = earlier(at, q->asked_ms + INQUIRY_WAIT_MS);
    }
    return at;
}
