/* SPDX-License-Identifier: ISC */
/* One occasion (R2): the report over all families with its retries, the inquiries it causes
 * (R5), and what arrives until listening ends. */
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
        o->next_ms = c->now->mono_ms + gap_ms[o->sent] + call_random(c, gap_ms[o->sent] / 2u + 1);
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
    q->next_ms =
        q->tries == 0 ? c->now->mono_ms + INQUIRY_WAIT_MS + call_random(c, INQUIRY_WAIT_MS / 2) : 0;
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

/* At most as many signers are asked about in an occasion as are remembered, whatever names
 * somebody makes up. */
static bool may_ask_about(const struct muster_occasion *o, const uint8_t key[MUSTER_KEY_LEN])
{
    size_t signers = 0, i, k;

    for (i = 0; i < MUSTER_INQUIRIES && o->questions[i].used; i++) {
        if (memcmp(o->questions[i].key, key, MUSTER_KEY_LEN) == 0)
            return true;
        for (k = 0; k < i; k++)
            if (memcmp(o->questions[i].key, o->questions[k].key, MUSTER_KEY_LEN) == 0)
                break;
        signers += k == i;
    }
    return signers < MUSTER_SIGNERS;
}

/* An inquiry about this signer to each authority that has not been asked (R5). */
static void ask_all(struct call *c, const uint8_t key[MUSTER_KEY_LEN])
{
    const struct muster_firmware *fw = &c->d->memory.fw;
    unsigned a;

    if (!may_ask_about(occasion(c), key))
        return;
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
    call_do(c, MUSTER_DO_STORE);
    if (d->aways >= 2)
        verdict_delete_all(c);
}

/* The advisories that the occasion never came to believe. */
static void count_ignored(struct call *c)
{
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++)
        if (occasion(c)->pending[i].len > 0)
            c->d->counts.ignored[-occasion(c)->pending[i].why]++;
}

void occasion_end(struct call *c)
{
    struct muster_occasion *o = occasion(c);

    if (!o->active)
        return;
    if (o->recheck && o->replied && !o->renewed && (o->soft || !o->named))
        count_away(c);
    count_ignored(c);
    if (o->heard && !o->judged)
        verdict_delete_notices(c);
    c->d->memory.budget.recheck = false;
    memset(o, 0, sizeof *o);
    call_do(c, MUSTER_DO_CLOSE);
    verdict_settle(c);
}

/* Whether a signer's first word of this weight still waits for an authority's answer. */
static bool is_waiting(struct call *c, const uint8_t key[MUSTER_KEY_LEN],
                       enum muster_verdict_level level)
{
    const struct muster_signer *s = muster_memory_signer(&c->d->memory, key);
    size_t i;

    if (s == NULL || s->verdict.level >= level)
        return false;
    for (i = 0; i < MUSTER_INQUIRIES; i++) {
        const struct muster_question *q = &occasion(c)->questions[i];

        if (q->used && !q->answered && c->now->mono_ms < q->asked_ms + INQUIRY_WAIT_MS &&
            memcmp(q->key, key, MUSTER_KEY_LEN) == 0)
            return true;
    }
    return false;
}

/* What a later arrival of the same occasion may still change. */
static bool is_open(int why)
{
    return why == MUSTER_E_STANDING || why == MUSTER_E_DISOWNED || why == MUSTER_E_FLOOR ||
           why == MUSTER_E_BUDGET || why == MUSTER_E_FUTURE;
}

/* Judges one that covers. True: it stays open; *ret_why tells what it waits for, MUSTER_OK: only
 * for inquiries. */
static bool judge_covering(struct call *c, const struct muster_record *r, bool notice_only,
                           int *ret_why)
{
    struct muster_judgement j;

    muster_judge(&c->d->memory, r, notice_only, &c->t, &j);
    *ret_why = j.why;
    if (j.accepted)
        verdict_accept(c, r);
    if (is_open(j.why) || (j.why == MUSTER_OK && is_waiting(c, r->key, j.level)))
        return true;
    if (j.why != MUSTER_OK)
        c->d->counts.ignored[-j.why]++;
    verdict_apply(c, r, notice_only, &j);
    return false;
}

static void judge_pending(struct call *c, struct muster_pending *p)
{
    struct muster_slice raw = {p->bytes, p->len};
    struct muster_record r;
    int why = MUSTER_OK;

    if (muster_record_parse(raw, &r) != MUSTER_OK || !judge_covering(c, &r, p->notice_only, &why))
        p->len = 0;
    p->why = (int8_t)why;
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

/* The place for an open record: where it is already, a free one, or, for one whose signature has
 * verified, that of one whose has not. */
static struct muster_pending *pending_place(struct muster_occasion *o,
                                            const struct muster_record *r, int why)
{
    struct muster_pending *place = NULL;
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++) {
        struct muster_pending *p = &o->pending[i];

        if (p->len == r->raw.len && memcmp(p->bytes, r->raw.bytes, p->len) == 0)
            return p;
        if (p->len == 0 || (place == NULL && why == MUSTER_OK && p->why != MUSTER_OK))
            place = p;
    }
    return place;
}

static void hold_pending(struct call *c, const struct muster_record *r, bool notice_only, int why)
{
    struct muster_pending *p = pending_place(occasion(c), r, why);
    bool same;

    if (p == NULL) {
        c->d->counts.ignored[-MUSTER_E_SPACE]++;
        return;
    }
    same = p->len == r->raw.len && memcmp(p->bytes, r->raw.bytes, p->len) == 0;
    p->notice_only = notice_only && !(same && !p->notice_only);
    p->why = (int8_t)why;
    p->len = (uint16_t)r->raw.len;
    memcpy(p->bytes, r->raw.bytes, r->raw.len);
}

/* Without anchors: one advisory a datagram costs a signature check (R4). True if this was it. */
static bool take_unanchored(struct call *c, const struct muster_record *r)
{
    struct muster_judgement j;

    muster_judge(&c->d->memory, r, true, &c->t, &j);
    if (j.why == MUSTER_OK)
        verdict_apply(c, r, true, &j);
    else
        c->d->counts.ignored[-j.why]++;
    return j.why == MUSTER_OK || j.why == MUSTER_E_SIGNATURE || j.why == MUSTER_E_BUDGET;
}

/* A withdrawal, or narrowed: it may release at once. */
static void take_not_covering(struct call *c, const struct muster_record *r)
{
    struct muster_judgement j;

    muster_judge(&c->d->memory, r, false, &c->t, &j);
    verdict_apply(c, r, false, &j);
    c->d->counts.ignored[-j.why]++;
}

/* One that covers: its signer is asked about, it is judged, and held while more may be learned. */
static void take_covering(struct call *c, const struct muster_record *r, bool notice_only,
                          int screened)
{
    int why;

    occasion(c)->named = true;
    if (screened == MUSTER_OK)
        ask_all(c, r->key);
    if (judge_covering(c, r, notice_only, &why))
        hold_pending(c, r, notice_only, why);
}

/* Who signed one standing of the datagram; authority < 0: not proven. */
struct proof {
    int authority, rank;
};

static struct proof prove_standing(struct call *c, const struct muster_record *r)
{
    struct proof p = {-1, 0};
    struct muster_occasion *o = occasion(c);
    int error = muster_judge_standing(&c->d->memory, r, &c->t, &p.authority, &p.rank);

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
    struct muster_record r;
    size_t i;

    for (i = 0; i < reply->records_n; i++) {
        int error;

        if (!parse_kind(c, reply, i, MUSTER_ADVISORY, &r))
            continue;
        error = muster_judge_screen(&c->d->memory, &r, &c->t);
        if (!call_is_anchored(c)) {
            if (take_unanchored(c, &r))
                return;
        } else if (error == MUSTER_E_FOREIGN) {
            c->d->counts.ignored[-error]++;
        } else if (error == MUSTER_E_NOT_COVERED) {
            take_not_covering(c, &r);
        } else {
            take_covering(c, &r, (reply->flags & MUSTER_FLAG_NOTICE_ONLY) != 0, error);
        }
    }
}

static void note_answer(struct call *c, const uint8_t *signer, int authority)
{
    struct muster_signer *s = muster_memory_signer(&c->d->memory, signer);

    if (s != NULL)
        s->answered |= (uint8_t)(1u << authority);
}

/* All are proven before any is taken, so that they can first move the floor of time together
 * (R9). */
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
    if (muster_judge_raise_floor(&c->d->memory, occasion(c)->issued, &c->t))
        call_reckon(c);
    for (i = 0; i < reply->records_n; i++) {
        bool news;
        int error;

        if (proofs[i].authority < 0 || !parse_kind(c, reply, i, MUSTER_STANDING, &r))
            continue;
        error =
            muster_judge_take(&c->d->memory, &r, proofs[i].authority, proofs[i].rank, &c->t, &news);
        if (error != MUSTER_OK)
            c->d->counts.ignored[-error]++;
        else if (is_inquiry)
            note_answer(c, r.u.standing.key, proofs[i].authority);
        if (error == MUSTER_OK && news)
            call_do(c, MUSTER_DO_STORE);
    }
}

/* `more` (R1): once per family and occasion, never in answer to a padded report. */
static void take_more(struct call *c, unsigned family)
{
    struct muster_occasion *o = occasion(c);

    c->d->counts.more++;
    if (o->padded & family)
        return;
    o->padded |= (uint8_t)family;
    o->retries_over = false; /* a heard that came first may have been anybody's */
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
    if (reply->records_n == 0 || (reply->flags & MUSTER_FLAG_NOTICE_ONLY))
        o->soft = true;
    if (reply->records_n == 0) {
        c->d->counts.heard++;
        o->heard = true;
        o->retries_over = true;
        return;
    }
    take_standings(c, reply, false);
    take_advisories(c, reply);
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
        occasion_end(c);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return b != 0 && b < a ? b : a;
}

uint64_t occasion_deadline(const struct muster_device *d, uint64_t mono_ms)
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
        if (mono_ms < q->asked_ms + INQUIRY_WAIT_MS)
            at = earlier(at, q->asked_ms + INQUIRY_WAIT_MS);
    }
    return at;
}
