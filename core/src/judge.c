/* SPDX-License-Identifier: ISC */
/* R4 as a pure function: one advisory against what the device is and remembers. Cheap conditions
 * first; a signature is checked only under a key that somebody in the firmware vouches for, and
 * once for the same bytes. */
#include "muster/judge.h"

#include <string.h>

static struct muster_slice slice(const char *text, size_t len)
{
    struct muster_slice s;

    s.bytes = (const uint8_t *)text;
    s.len = len;
    return s;
}

struct muster_slice muster_identity_vendor(const struct muster_identity *id)
{
    return slice(id->vendor, id->vendor_len);
}

struct muster_slice muster_identity_model(const struct muster_identity *id)
{
    return slice(id->model, id->model_len);
}

struct muster_slice muster_identity_build(const struct muster_identity *id)
{
    return slice(id->build, id->build_len);
}

int muster_identity_set(struct muster_identity *ret_id, const char *vendor, const char *model,
                        const char *build, uint64_t number)
{
    struct muster_slice v = muster_slice_of(vendor), m = muster_slice_of(model),
                        b = muster_slice_of(build);

    if (!muster_name_is_legal(v) || !muster_name_is_legal(m) || !muster_build_is_legal(b))
        return MUSTER_E_LIMIT;
    memcpy(ret_id->vendor, v.bytes, v.len);
    memcpy(ret_id->model, m.bytes, m.len);
    memcpy(ret_id->build, b.bytes, b.len);
    ret_id->vendor_len = (uint8_t)v.len;
    ret_id->model_len = (uint8_t)m.len;
    ret_id->build_len = (uint8_t)b.len;
    ret_id->number = number;
    return MUSTER_OK;
}

void muster_judge_short_hash(uint8_t ret_hash[8], struct muster_slice text)
{
    uint8_t hash[MUSTER_HASH_LEN];

    muster_crypto_hash(hash, text.bytes, text.len);
    memcpy(ret_hash, hash, 8);
}

static bool override_names(const struct muster_override *o, const uint8_t id[8])
{
    size_t i;

    for (i = 0; i < o->ids_n; i++)
        if (memcmp(o->ids[i], id, 8) == 0)
            return true;
    return false;
}

bool muster_judge_is_overridden(const struct muster_memory *m, struct muster_slice id,
                                uint64_t running_s)
{
    uint8_t id_hash[8], build_hash[8];
    size_t i;

    muster_judge_short_hash(id_hash, id);
    muster_judge_short_hash(build_hash, muster_identity_build(&m->fw.id));
    for (i = 0; i < MUSTER_OVERRIDES; i++) {
        const struct muster_override *o = &m->overrides[i];

        if (o->ids_n > 0 && (o->forever || running_s < o->until_s) &&
            (o->any_build || memcmp(o->build, build_hash, 8) == 0) && override_names(o, id_hash))
            return true;
    }
    return false;
}

/* Whether a names the verdict rather than b: the one that enforces first, 0 last (protocol.md,
 * J10). */
static bool enforces_before(const struct muster_defect *a, const struct muster_defect *b)
{
    return a->enforce_from != 0 && (b->enforce_from == 0 || a->enforce_from < b->enforce_from);
}

bool muster_judge_may_cut(const struct muster_memory *m)
{
    return !m->fw.notice_only && (!m->fw.forwards || m->fw.enforce_anyway) && m->fw.anchors_n > 0;
}

static bool may_enforce(const struct muster_memory *m, const struct muster_defect *d,
                        bool notice_only_flag, uint64_t now_s)
{
    return d->enforce_from != 0 && d->enforce_from <= now_s && !notice_only_flag &&
           muster_judge_may_cut(m);
}

void muster_judge_defects(const struct muster_memory *m, const struct muster_advisory *a,
                          bool notice_only_flag, const struct muster_judge_time *t,
                          struct muster_judgement *j)
{
    const struct muster_defect *naming = NULL;
    size_t i;

    j->covers = false;
    j->overridden = false;
    for (i = 0; i < a->defects_n; i++) {
        const struct muster_defect *d = &a->defects[i];

        if (!muster_defect_covers(d, muster_identity_build(&m->fw.id), m->fw.id.number))
            continue;
        j->covers = true;
        if (muster_judge_is_overridden(m, d->id, t->running_s))
            j->overridden = true;
        else if (naming == NULL || enforces_before(d, naming)) {
            naming = d;
            j->defect = (uint8_t)i;
        }
    }
    j->level = MUSTER_FIT;
    if (naming != NULL) {
        j->overridden = false;
        j->level = may_enforce(m, naming, notice_only_flag, t->now_s) ? MUSTER_FAIL : MUSTER_NOTICE;
    }
}

static uint64_t newest_standing(const struct muster_memory *m)
{
    uint64_t newest = 0;
    size_t i, a;

    for (i = 0; i < MUSTER_SIGNERS; i++)
        for (a = 0; a < MUSTER_AUTHORITIES; a++) {
            const struct muster_held_standing *h = &m->signers[i].standings[a];

            if (m->signers[i].used && h->len > 0 && h->issued > newest)
                newest = h->issued;
        }
    return newest;
}

/* R4 e, with R9's reading of it where the clock is not synchronised. */
static int check_time(const struct muster_memory *m, const struct muster_advisory *a,
                      const struct muster_judge_time *t)
{
    uint64_t newest;

    if (t->now_s >= a->expires)
        return MUSTER_E_EXPIRED;
    if (t->synced)
        return a->issued <= t->now_s + MUSTER_DAY_S ? MUSTER_OK : MUSTER_E_FUTURE;
    newest = newest_standing(m);
    if (newest != 0 && a->issued > newest + MUSTER_ADVISORY_LIFE_S)
        return MUSTER_E_FUTURE;
    return MUSTER_OK;
}

enum rollback { OLDER, SAME, OTHER_BYTES, NEWER };

/* R4 f. SAME: the very bytes that were accepted before, so their signature was checked then. */
static enum rollback compare_newest(const struct muster_signer *signer,
                                    const struct muster_record *r)
{
    uint8_t hash[MUSTER_HASH_LEN];

    if (r->u.advisory.issued != signer->newest_issued)
        return r->u.advisory.issued < signer->newest_issued ? OLDER : NEWER;
    muster_crypto_hash(hash, r->raw.bytes, r->raw.len);
    return memcmp(hash, signer->newest_hash, sizeof hash) == 0 ? SAME : OTHER_BYTES;
}

static int check_signature(struct muster_memory *m, const struct muster_record *r,
                           const struct muster_judge_time *t)
{
    if (!muster_budget_take(&m->budget, t->running_s))
        return MUSTER_E_BUDGET;
    return muster_record_verify(r);
}

static bool would_release(const struct muster_signer *signer, const struct muster_record *r)
{
    struct muster_slice held = {signer->verdict.bytes, signer->verdict.len};
    struct muster_record v;

    return signer->verdict.level != MUSTER_FIT && muster_record_parse(held, &v) == MUSTER_OK &&
           r->u.advisory.issued > v.u.advisory.issued;
}

/* A withdrawn or narrowed advisory: its signature matters only if it releases something or is to
 * be remembered (R6). */
static int judge_not_covering(struct muster_memory *m, const struct muster_signer *signer,
                              const struct muster_record *r, const struct muster_judge_time *t,
                              struct muster_judgement *j)
{
    enum rollback age = compare_newest(signer, r);
    uint64_t until;
    bool acceptable;
    int error;

    if (age == OLDER || age == OTHER_BYTES)
        return MUSTER_E_ROLLBACK;
    acceptable = check_time(m, &r->u.advisory, t) == MUSTER_OK &&
                 muster_judge_vouched(m, signer, r->u.advisory.issued, t, &until) == MUSTER_OK;
    if (age == NEWER && !acceptable && !would_release(signer, r))
        return MUSTER_E_NOT_COVERED;
    error = age == SAME ? MUSTER_OK : check_signature(m, r, t);
    if (error != MUSTER_OK)
        return error;
    j->verified = true;
    j->accepted = acceptable;
    return MUSTER_E_NOT_COVERED;
}

/* R4 e and f, in this order. *ret_same: these very bytes were accepted before. */
static int screen_covering(const struct muster_memory *m, const struct muster_signer *signer,
                           const struct muster_record *r, const struct muster_judge_time *t,
                           bool *ret_same)
{
    int error = check_time(m, &r->u.advisory, t);
    enum rollback age = signer == NULL ? NEWER : compare_newest(signer, r);

    if (error != MUSTER_OK)
        return error;
    *ret_same = age == SAME;
    return age == OLDER || age == OTHER_BYTES ? MUSTER_E_ROLLBACK : MUSTER_OK;
}

static bool is_named(const struct muster_memory *m, const struct muster_advisory *a)
{
    return muster_slice_equal(a->vendor, muster_identity_vendor(&m->fw.id)) &&
           muster_slice_equal(a->model, muster_identity_model(&m->fw.id));
}

static bool is_covered(const struct muster_memory *m, const struct muster_advisory *a)
{
    return muster_advisory_covers(a, muster_identity_build(&m->fw.id), m->fw.id.number) != 0;
}

int muster_judge_screen(struct muster_memory *m, const struct muster_record *r,
                        const struct muster_judge_time *t)
{
    bool same;

    if (!is_named(m, &r->u.advisory))
        return MUSTER_E_FOREIGN;
    if (!is_covered(m, &r->u.advisory))
        return MUSTER_E_NOT_COVERED;
    return screen_covering(m, muster_memory_signer(m, r->key), r, t, &same);
}

static int judge_covering(struct muster_memory *m, const struct muster_signer *signer,
                          const struct muster_record *r, const struct muster_judge_time *t,
                          struct muster_judgement *j)
{
    uint64_t until;
    bool same;
    int error = screen_covering(m, signer, r, t, &same);

    if (error == MUSTER_OK && signer == NULL)
        error = MUSTER_E_STANDING;
    if (error == MUSTER_OK)
        error = muster_judge_vouched(m, signer, r->u.advisory.issued, t, &until);
    if (error == MUSTER_OK && !same)
        error = check_signature(m, r, t);
    if (error != MUSTER_OK)
        return error;
    j->verified = true;
    j->accepted = true;
    return MUSTER_OK;
}

/* Firmware without anchors: a word under its own key, good for a notice (R4, last sentence). */
static int judge_unanchored(struct muster_memory *m, const struct muster_record *r,
                            const struct muster_judge_time *t, struct muster_judgement *j)
{
    int error = j->covers ? check_time(m, &r->u.advisory, t) : MUSTER_E_NOT_COVERED;

    if (error == MUSTER_OK)
        error = check_signature(m, r, t);
    j->verified = error == MUSTER_OK;
    return error;
}

void muster_judge(struct muster_memory *m, const struct muster_record *r, bool notice_only_flag,
                  const struct muster_judge_time *t, struct muster_judgement *ret_judgement)
{
    const struct muster_signer *signer = muster_memory_signer(m, r->key);
    const struct muster_advisory *a = &r->u.advisory;
    struct muster_judgement j;

    memset(&j, 0, sizeof j);
    j.named = is_named(m, a);
    if (!j.named) {
        j.why = MUSTER_E_FOREIGN;
    } else {
        j.covers = is_covered(m, a);
        if (m->fw.anchors_n == 0)
            j.why = judge_unanchored(m, r, t, &j);
        else if (j.covers)
            j.why = judge_covering(m, signer, r, t, &j);
        else
            j.why = signer == NULL ? MUSTER_E_NOT_COVERED : judge_not_covering(m, signer, r, t, &j);
        if (j.why == MUSTER_OK)
            muster_judge_defects(m, a, notice_only_flag, t, &j);
    }
    *ret_judgement = j;
}
