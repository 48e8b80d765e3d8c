/* SPDX-License-Identifier: ISC */
/* What makes an answer to a health report good. It must not accept what a device would refuse. */
#include "headend/health.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "muster/answer.h"
#include "muster/record.h"

__attribute__((format(printf, 2, 3))) static bool say(char why[HEALTH_WHY_CAP], const char *fmt,
                                                      ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(why, HEALTH_WHY_CAP, fmt, args);
    va_end(args);
    return false;
}

static unsigned days(uint64_t s)
{
    return (unsigned)(s / MUSTER_DAY_S);
}

static bool judge_advisory(const struct muster_advisory *advisory,
                           const struct health_wanted *wanted, char why[HEALTH_WHY_CAP])
{
    uint64_t now_s = wanted->now_s;

    if (!muster_slice_equal(advisory->vendor, muster_slice_of(MUSTER_TEST_VENDOR)) ||
        !muster_slice_equal(advisory->model, muster_slice_of(MUSTER_ALWAYS_FAIL)))
        return say(why, "the advisory is for another model than " MUSTER_ALWAYS_FAIL);
    if (!muster_advisory_covers(advisory, muster_slice_of(HEALTH_BUILD), 0))
        return say(why,
                   "the advisory for " MUSTER_ALWAYS_FAIL " does not cover build " HEALTH_BUILD);
    if (advisory->issued > now_s + MUSTER_DAY_S)
        return say(why, "the advisory is from the future; is this clock right?");
    if (now_s >= advisory->expires)
        return say(why, "the advisory has expired; sign the list anew");
    if (advisory->expires - now_s < wanted->min_life_s)
        return say(why, "the advisory has only %u days of life left; sign the list anew",
                   days(advisory->expires - now_s));
    return true;
}

static bool judge_kind(const struct muster_reply *reply, char why[HEALTH_WHY_CAP])
{
    if ((reply->flags & MUSTER_FLAG_MORE) != 0)
        return say(why, "asked for a longer report although it had the full length");
    if ((reply->flags & MUSTER_FLAG_NOTICE_ONLY) != 0)
        return say(why, "answered " MUSTER_TEST_VENDOR " with notice only");
    if (reply->records_n == 0)
        return say(why, "answered heard: no list here has " MUSTER_TEST_VENDOR
                        "/" MUSTER_ALWAYS_FAIL "; is a list configured, made with `muster sign`?");
    return true;
}

static bool is_anchored(const struct muster_record *standing, const struct anchorfile *anchor)
{
    return anchor == NULL || memcmp(standing->key, anchor->key, MUSTER_KEY_LEN) == 0 ||
           (anchor->has_next && memcmp(standing->key, anchor->next, MUSTER_KEY_LEN) == 0);
}

/* The scope is not looked at: a signer that may speak of some vendors only is well too. */
static bool vouches(const struct muster_standing *s, const struct muster_record *advisory,
                    uint64_t now_s)
{
    return memcmp(s->key, advisory->key, MUSTER_KEY_LEN) == 0 && s->level == MUSTER_GOOD &&
           s->floor <= advisory->u.advisory.issued && s->issued <= now_s + MUSTER_DAY_S &&
           now_s < s->expires;
}

/* When the last standing that vouches ends; 0 if none does. */
static uint64_t standing_end(const struct muster_reply *reply, const struct health_wanted *wanted,
                             const struct muster_record *advisory)
{
    struct muster_record r;
    uint64_t end = 0;
    size_t i;

    for (i = 1; i < reply->records_n; i++)
        if (muster_record_parse(reply->records[i], &r) == MUSTER_OK && r.kind == MUSTER_STANDING &&
            is_anchored(&r, wanted->anchor) && vouches(&r.u.standing, advisory, wanted->now_s) &&
            r.u.standing.expires > end && muster_record_verify(&r) == MUSTER_OK)
            end = r.u.standing.expires;
    return end;
}

bool health_judge(const struct muster_reply *reply, const struct health_wanted *wanted,
                  char ret_why[HEALTH_WHY_CAP])
{
    struct muster_record advisory;
    uint64_t end, life_s;

    if (!judge_kind(reply, ret_why))
        return false;
    if (muster_record_parse(reply->records[0], &advisory) != MUSTER_OK ||
        advisory.kind != MUSTER_ADVISORY)
        return say(ret_why, "the first record of the answer is not an advisory");
    if (!judge_advisory(&advisory.u.advisory, wanted, ret_why))
        return false;
    if (muster_record_verify(&advisory) != MUSTER_OK)
        return say(ret_why, "the advisory's signature does not verify");
    life_s = advisory.u.advisory.expires - wanted->now_s;
    end = standing_end(reply, wanted, &advisory);
    if (end == 0 && wanted->standing_expected)
        return say(ret_why,
                   "no standing vouches for the list's signer: none that is good, unexpired "
                   "and signed by %s",
                   wanted->anchor != NULL ? "the anchor" : "its key");
    if (end == 0) {
        (void)say(ret_why,
                  "advisory good for %u days; WARNING: no standing came with it, so devices "
                  "must inquire",
                  days(life_s));
        return true;
    }
    if (end - wanted->now_s < wanted->min_life_s)
        return say(ret_why, "the standing has only %u days of life left; fetch a new one",
                   days(end - wanted->now_s));
    (void)say(ret_why, "advisory good for %u days, standing for %u", days(life_s),
              days(end - wanted->now_s));
    return true;
}
