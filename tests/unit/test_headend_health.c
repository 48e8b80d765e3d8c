/* SPDX-License-Identifier: ISC */
/* What makes `musterd health` say healthy, and each way in which it does not. */
#include "headend/health.h"

#include "test.h"
#include "test_headend_records.h"

#define DAY       MUSTER_DAY_S
#define SIGNER    1
#define AUTHORITY 11

static struct test_signed advisory, standing;
static struct muster_reply reply;
static struct health_wanted wanted;
static char why[HEALTH_WHY_CAP];

static void set_up(void)
{
    advisory = test_advisory(SIGNER, "muster.test", "always-fail", NOW - DAY, NOW + 20 * DAY, 1);
    standing = test_standing(AUTHORITY, SIGNER, MUSTER_GOOD, NOW - DAY, NOW + 10 * DAY);
    memset(&reply, 0, sizeof reply);
    memset(&wanted, 0, sizeof wanted);
    reply.records_n = 2;
    wanted.now_s = NOW;
    wanted.min_life_s = 3 * DAY;
    wanted.standing_expected = true;
}

static bool judge(void)
{
    reply.records[0] = test_slice(&advisory);
    reply.records[1] = test_slice(&standing);
    return health_judge(&reply, &wanted, why);
}

static void check_unhealthy(const char *reason)
{
    CHECK(!judge());
    CHECK(strstr(why, reason) != NULL);
    if (strstr(why, reason) == NULL)
        printf("#   said: %s\n", why);
}

TEST(healthy)
{
    set_up();
    CHECK(judge());
    CHECK(strstr(why, "20 days, standing for 10") != NULL);
}

TEST(replies_of_the_wrong_kind)
{
    set_up();
    reply.flags = MUSTER_FLAG_NOTICE_ONLY;
    check_unhealthy("notice only");
    reply.flags = MUSTER_FLAG_MORE;
    check_unhealthy("longer report");
    set_up();
    reply.records_n = 0;
    check_unhealthy("answered heard");
    set_up();
    advisory = standing;
    check_unhealthy("not an advisory");
}

TEST(advisories_that_will_not_do)
{
    set_up();
    advisory = test_advisory(SIGNER, "muster.test", "other", NOW - DAY, NOW + 20 * DAY, 1);
    check_unhealthy("another model");
    advisory = test_advisory(SIGNER, "muster.test", "always-fail", NOW - DAY, NOW + 20 * DAY, 0);
    check_unhealthy("does not cover");
    advisory = test_advisory(SIGNER, "muster.test", "always-fail", NOW - 9 * DAY, NOW, 1);
    check_unhealthy("has expired");
    advisory = test_advisory(SIGNER, "muster.test", "always-fail", NOW - DAY, NOW + 2 * DAY, 1);
    check_unhealthy("only 2 days");
    advisory = test_advisory(SIGNER, "muster.test", "always-fail", NOW + 2 * DAY, NOW + 9 * DAY, 1);
    check_unhealthy("future");
    set_up();
    advisory.bytes[advisory.len - 1] ^= 1;
    check_unhealthy("signature does not verify");
}

TEST(standings_that_do_not_vouch)
{
    set_up();
    standing = test_standing(AUTHORITY, 2, MUSTER_GOOD, NOW - DAY, NOW + 10 * DAY);
    check_unhealthy("no standing vouches");
    standing = test_standing(AUTHORITY, SIGNER, MUSTER_SUSPENDED, NOW - DAY, NOW + 10 * DAY);
    check_unhealthy("no standing vouches");
    standing = test_standing(AUTHORITY, SIGNER, MUSTER_GOOD, NOW - DAY, NOW);
    check_unhealthy("no standing vouches");
    standing = test_standing(AUTHORITY, SIGNER, MUSTER_GOOD, NOW - DAY, NOW + 2 * DAY);
    check_unhealthy("standing has only 2 days");
    set_up();
    standing.bytes[standing.len - 1] ^= 1;
    check_unhealthy("no standing vouches");
}

TEST(no_standing_is_a_warning_where_none_is_configured)
{
    set_up();
    reply.records_n = 1;
    check_unhealthy("no standing vouches");
    wanted.standing_expected = false;
    CHECK(judge());
    CHECK(strstr(why, "WARNING: no standing") != NULL);
}

TEST(an_anchor_takes_its_two_keys_only)
{
    struct anchorfile anchor = {.has_next = false};

    set_up();
    wanted.anchor = &anchor;
    memcpy(anchor.key, test_public(12), MUSTER_KEY_LEN);
    memcpy(anchor.next, test_public(AUTHORITY), MUSTER_KEY_LEN);
    check_unhealthy("signed by the anchor");
    anchor.has_next = true;
    CHECK(judge());
    memcpy(anchor.key, test_public(AUTHORITY), MUSTER_KEY_LEN);
    anchor.has_next = false;
    CHECK(judge());
}
