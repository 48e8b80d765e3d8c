/* SPDX-License-Identifier: ISC */
/* What the device remembers of signers and authorities (R5), the floor of time (R9) and the
 * signature budget (R10). */
#include <string.h>

#include "muster/judge.h"

uint8_t muster_memory_quorum(const struct muster_memory *m)
{
    if (m->fw.quorum != 0)
        return m->fw.quorum;
    return m->fw.anchors_n >= 2 ? 2 : 1;
}

struct muster_signer *muster_memory_signer(struct muster_memory *m,
                                           const uint8_t key[MUSTER_KEY_LEN])
{
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++)
        if (m->signers[i].used && memcmp(m->signers[i].key, key, MUSTER_KEY_LEN) == 0)
            return &m->signers[i];
    return NULL;
}

static bool is_zero(const uint8_t key[MUSTER_KEY_LEN])
{
    static const uint8_t zero[MUSTER_KEY_LEN];

    return memcmp(key, zero, sizeof zero) == 0;
}

int muster_memory_anchor(const struct muster_memory *m, const uint8_t key[MUSTER_KEY_LEN],
                         int *ret_rank)
{
    int i;

    for (i = 0; i < m->fw.anchors_n; i++) {
        const struct muster_anchor *a = &m->fw.anchors[i];

        if (memcmp(a->key, key, MUSTER_KEY_LEN) == 0) {
            *ret_rank = 0;
            return i;
        }
        if (!is_zero(a->next) && memcmp(a->next, key, MUSTER_KEY_LEN) == 0) {
            *ret_rank = 1;
            return i;
        }
    }
    return -1;
}

int muster_memory_authority(const struct muster_memory *m, const uint8_t key[MUSTER_KEY_LEN],
                            int *ret_rank)
{
    int authority = muster_memory_anchor(m, key, ret_rank);

    if (authority >= 0 && *ret_rank == 0 && (m->retired & 1u << authority))
        return -1;
    return authority;
}

bool muster_budget_take(struct muster_budget *b, uint64_t running_s)
{
    unsigned most =
        b->recheck ? MUSTER_CHECKS_PER_HOUR : MUSTER_CHECKS_PER_HOUR - MUSTER_CHECKS_FOR_RECHECKS;

    if (b->unlimited)
        return true;
    if (running_s >= b->window_s + 3600) {
        b->window_s = running_s;
        b->used = 0;
    }
    if (b->used >= most)
        return false;
    b->used++;
    return true;
}

/* Whether a standing is older than the one held from this authority: by key first, then by date
 * (R5). */
static bool is_stale(const struct muster_held_standing *held, const struct muster_record *r,
                     int rank)
{
    const struct muster_standing *s = &r->u.standing;

    if (held->len == 0)
        return false;
    if (held->level == MUSTER_REVOKED)
        return true; /* for good */
    if (s->level == MUSTER_REVOKED)
        return false; /* whatever its date */
    if (rank != held->rank)
        return rank < held->rank;
    return s->issued <= held->issued;
}

static bool is_held(const struct muster_held_standing *held, const struct muster_record *r)
{
    return held->len > 0 && held->len == r->raw.len &&
           memcmp(held->bytes, r->raw.bytes, r->raw.len) == 0;
}

int muster_judge_standing(struct muster_memory *m, const struct muster_record *r,
                          const struct muster_judge_time *t, int *ret_authority, int *ret_rank)
{
    int rank, authority = muster_memory_authority(m, r->key, &rank);
    struct muster_signer *signer = muster_memory_signer(m, r->u.standing.key);

    if (authority < 0)
        return MUSTER_E_FOREIGN;
    if (signer == NULL || !is_held(&signer->standings[authority], r)) {
        int error;

        if (signer != NULL && is_stale(&signer->standings[authority], r, rank))
            return MUSTER_E_ROLLBACK;
        if (!muster_budget_take(&m->budget, t->running_s))
            return MUSTER_E_BUDGET;
        error = muster_record_verify(r);
        if (error != MUSTER_OK)
            return error;
    }
    *ret_authority = authority;
    *ret_rank = rank;
    return MUSTER_OK;
}

/* Who may go to make room: nobody with a verdict, nobody freshly revoked or suspended (and
 * really so: a date far ahead must not hold the place for ever). */
static bool may_evict(const struct muster_signer *s, uint64_t now_s)
{
    size_t a;

    if (s->verdict.level != MUSTER_FIT)
        return false;
    for (a = 0; a < MUSTER_AUTHORITIES; a++)
        if (s->standings[a].len > 0 && s->standings[a].level != MUSTER_GOOD &&
            s->standings[a].issued <= now_s + MUSTER_DAY_S &&
            now_s < s->standings[a].issued + MUSTER_STANDING_LIFE_S)
            return false;
    return true;
}

/* Those go first of whom no advisory was ever accepted: genuine standings on strangers must not
 * flush the rollback memory. Then the least recently used. */
static bool goes_before(const struct muster_signer *a, const struct muster_signer *b)
{
    if ((a->newest_issued == 0) != (b->newest_issued == 0))
        return a->newest_issued == 0;
    return a->last_use < b->last_use;
}

static struct muster_signer *make_room(struct muster_memory *m, uint64_t now_s)
{
    struct muster_signer *first = NULL;
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++) {
        struct muster_signer *s = &m->signers[i];

        if (!s->used)
            return s;
        if (may_evict(s, now_s) && (first == NULL || goes_before(s, first)))
            first = s;
    }
    return first;
}

static struct muster_signer *add_signer(struct muster_memory *m, const uint8_t *key, uint64_t now_s)
{
    struct muster_signer *s = make_room(m, now_s);

    if (s == NULL)
        return NULL;
    memset(s, 0, sizeof *s);
    s->used = true;
    memcpy(s->key, key, MUSTER_KEY_LEN);
    return s;
}

static void hold(struct muster_held_standing *held, const struct muster_memory *m,
                 const struct muster_record *r, int rank)
{
    const struct muster_standing *s = &r->u.standing;

    held->issued = s->issued;
    held->expires = s->expires;
    if (s->floor > held->floor)
        held->floor = s->floor;
    held->level = (uint8_t)s->level;
    held->rank = (uint8_t)rank;
    held->speaks = muster_standing_speaks_of(s, muster_identity_vendor(&m->fw.id)) ? true : false;
    held->len = (uint16_t)r->raw.len;
    memcpy(held->bytes, r->raw.bytes, r->raw.len);
}

int muster_judge_take(struct muster_memory *m, const struct muster_record *r, int authority,
                      int rank, const struct muster_judge_time *t, bool *ret_news)
{
    const struct muster_standing *s = &r->u.standing;
    struct muster_signer *signer = muster_memory_signer(m, s->key);

    *ret_news = false;
    if (s->level != MUSTER_REVOKED && s->issued > t->now_s + MUSTER_DAY_S)
        return MUSTER_E_FUTURE;
    if (signer != NULL && is_held(&signer->standings[authority], r))
        return MUSTER_OK;
    if (signer != NULL && is_stale(&signer->standings[authority], r, rank))
        return MUSTER_E_ROLLBACK;
    if (signer == NULL)
        signer = add_signer(m, s->key, t->now_s);
    if (signer == NULL)
        return MUSTER_E_SPACE;
    signer->last_use = ++m->uses;
    hold(&signer->standings[authority], m, r, rank);
    if (rank == 1)
        m->retired |= (uint8_t)(1u << authority);
    *ret_news = true;
    return MUSTER_OK;
}

/* Good, under a key in use, and allowed to speak of this vendor. */
static bool would_vouch(const struct muster_memory *m, size_t authority,
                        const struct muster_held_standing *h)
{
    return h->len > 0 && h->level == MUSTER_GOOD && h->speaks &&
           !(h->rank == 0 && (m->retired & 1u << authority));
}

static bool vouches(const struct muster_memory *m, size_t authority,
                    const struct muster_held_standing *h, uint64_t now_s)
{
    return would_vouch(m, authority, h) && now_s < h->expires && h->issued <= now_s + MUSTER_DAY_S;
}

bool muster_judge_would_be_vouched(const struct muster_memory *m,
                                   const struct muster_signer *signer)
{
    unsigned n = 0;
    size_t a;

    for (a = 0; a < MUSTER_AUTHORITIES; a++)
        n += would_vouch(m, a, &signer->standings[a]);
    return n >= muster_memory_quorum(m);
}

/* The latest time until which at least `quorum` of those who vouch now will. 0 if there are
 * fewer. */
static uint64_t vouched_until(const struct muster_memory *m, const struct muster_signer *signer,
                              uint64_t now_s)
{
    const struct muster_held_standing *h = signer->standings;
    uint64_t until = 0;
    size_t a, b;

    for (a = 0; a < MUSTER_AUTHORITIES; a++) {
        unsigned n = 0;

        if (!vouches(m, a, &h[a], now_s))
            continue;
        for (b = 0; b < MUSTER_AUTHORITIES; b++)
            n += vouches(m, b, &h[b], now_s) && h[b].expires >= h[a].expires;
        if (n >= muster_memory_quorum(m) && h[a].expires > until)
            until = h[a].expires;
    }
    return until;
}

int muster_judge_vouched(const struct muster_memory *m, const struct muster_signer *signer,
                         uint64_t issued, const struct muster_judge_time *t, uint64_t *ret_until)
{
    uint64_t until = vouched_until(m, signer, t->now_s), floor = 0;
    size_t a;

    for (a = 0; a < MUSTER_AUTHORITIES; a++) {
        const struct muster_held_standing *h = &signer->standings[a];

        if (h->len > 0 && h->level != MUSTER_GOOD)
            return MUSTER_E_DISOWNED;
        if (h->len > 0 && h->floor > floor)
            floor = h->floor;
    }
    if (until == 0)
        return MUSTER_E_STANDING;
    if (issued < floor)
        return MUSTER_E_FLOOR;
    *ret_until = until;
    return MUSTER_OK;
}

uint64_t muster_judge_now(const struct muster_memory *m, uint64_t clock_s, uint64_t aged_s)
{
    uint64_t ran = aged_s > m->floor_aged_s ? aged_s - m->floor_aged_s : 0;
    uint64_t floor_now = m->floor_s + ran;

    return clock_s > floor_now ? clock_s : floor_now;
}

/* An authority's newest `issued`: what just arrived, or any standing held of it. */
static uint64_t newest_of(const struct muster_memory *m, size_t authority, uint64_t arrived)
{
    uint64_t newest = arrived;
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++) {
        const struct muster_held_standing *h = &m->signers[i].standings[authority];

        if (m->signers[i].used && h->len > 0 && h->issued > newest)
            newest = h->issued;
    }
    return newest;
}

/* The quorum-th highest of the authorities' newest `issued`; 0 if fewer have spoken. */
static uint64_t quorum_time(const struct muster_memory *m,
                            const uint64_t issued[MUSTER_AUTHORITIES])
{
    uint64_t newest[MUSTER_AUTHORITIES], time = 0;
    size_t a, b;

    for (a = 0; a < m->fw.anchors_n; a++)
        newest[a] = newest_of(m, a, issued[a]);
    for (a = 0; a < m->fw.anchors_n; a++) {
        unsigned n = 0;

        for (b = 0; b < m->fw.anchors_n; b++)
            n += newest[b] >= newest[a];
        if (n >= muster_memory_quorum(m) && newest[a] > time)
            time = newest[a];
    }
    return time;
}

bool muster_judge_raise_floor(struct muster_memory *m, const uint64_t issued[MUSTER_AUTHORITIES],
                              const struct muster_judge_time *t)
{
    uint64_t sure = m->floor_s + (t->running_s - m->floor_running_s);
    uint64_t floor = quorum_time(m, issued);

    if (floor <= m->floor_s || floor + MUSTER_STANDING_LIFE_S <= sure ||
        (m->floor_s > m->fw.built_s && t->aged_s < m->floor_aged_s + MUSTER_DAY_S))
        return false;
    if (floor > sure + MUSTER_FLOOR_STEP_S)
        floor = sure + MUSTER_FLOOR_STEP_S;
    if (t->synced && floor > t->clock_s + MUSTER_DAY_S)
        floor = t->clock_s + MUSTER_DAY_S;
    if (floor <= m->floor_s)
        return false;
    m->floor_s = floor;
    m->floor_aged_s = t->aged_s;
    m->floor_running_s = t->running_s;
    return true;
}
