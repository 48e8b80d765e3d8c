/* SPDX-License-Identifier: ISC */
/* Descriptions: they speak against ranges, and never make one. */
#include "test.h"
#include "tool/prose.h"

static bool is_named(const char (*list)[WORDS_CAP], size_t n, const char *build)
{
    while (n-- > 0)
        if (strcmp(list[n], build) == 0)
            return true;
    return false;
}

TEST(fixed_and_affected_builds)
{
    struct prose p;

    prose_read("RouterOS before versions 6.41.3/6.42rc27 are vulnerable. Firmware prior to version "
               "1.1.4 Build 20230219, fixed in v2.0.1. Also 3.1 through 3.9, and 1.02 and earlier.",
               &p);
    CHECK(is_named(p.fixed, p.fixed_n, "6.41.3"));
    CHECK(is_named(p.fixed, p.fixed_n, "6.42rc27"));
    CHECK(is_named(p.fixed, p.fixed_n, "1.1.4 Build 20230219"));
    CHECK(is_named(p.fixed, p.fixed_n, "v2.0.1"));
    CHECK_EQ_INT(p.fixed_n, 4);
    CHECK(is_named(p.affected, p.affected_n, "3.9"));
    CHECK(is_named(p.affected, p.affected_n, "1.02"));
    CHECK(!p.has_revision && !p.is_unsupported);
}

TEST(revisions_and_products_given_up)
{
    struct prose p;

    prose_read("D-Link DIR-600 router (rev. Bx) with firmware before 2.17b02", &p);
    CHECK(p.has_revision);
    prose_read("** UNSUPPORTED WHEN ASSIGNED ** reverse engineering", &p);
    CHECK(p.is_unsupported && !p.has_revision);
    prose_read("", &p);
    CHECK(!p.has_revision && !p.is_unsupported && p.fixed_n == 0);
}

TEST(remedies)
{
    struct prose p;

    memset(&p, 0, sizeof p);
    prose_read_remedy("DS-2CD2xx2F-I Series: V5.4.5 build 170123 and later", &p);
    CHECK(is_named(p.fixed, p.fixed_n, "V5.4.5 build 170123"));
    prose_read_remedy("Update to version 1.4.2 or later.", &p);
    CHECK(is_named(p.fixed, p.fixed_n, "1.4.2"));
}

static const char *doubt_of(const char *text, const char *reading, bool mapped)
{
    static char name[40];
    json_t *statement = json_pack("{s:[o]}", "readings", json_loads(reading, 0, NULL));
    struct prose p;

    if (mapped)
        (void)json_object_set_new(statement, "mapped", json_true());
    prose_read(text, &p);
    prose_check(&p, statement);
    (void)snprintf(name, sizeof name, "%s",
                   import_text(json_array_get(json_object_get(statement, "readings"), 0), "doubt"));
    json_decref(statement);
    return name;
}

TEST(what_the_description_speaks_against)
{
    static const char below[] = "{\"until\":\"1.14\"}",
                      upto[] = "{\"until\":\"1.4\",\"until_included\":true}",
                      all[] = "{\"all\":true}", exact[] = "{\"exact\":\"1.4\"}";

    CHECK_EQ_STR(doubt_of("before 1.1.4 Build 20230219", below, false), "fix-covered");
    CHECK_EQ_STR(doubt_of("before 1.14 and before 1.2", below, false), "");
    CHECK_EQ_STR(doubt_of("through 1.14", below, false), "contradiction");
    CHECK_EQ_STR(doubt_of("before 1.4", upto, false), "fix-covered");
    CHECK_EQ_STR(doubt_of("1.4 and earlier", upto, false), "");
    CHECK_EQ_STR(doubt_of("before 1.4", exact, false), "fix-covered");
    CHECK_EQ_STR(doubt_of("before 1.5", all, false), "fix-covered");
    CHECK_EQ_STR(doubt_of("nothing", all, false), "");
    CHECK_EQ_STR(doubt_of("hardware version 2", upto, false), "hardware-revision");
    CHECK_EQ_STR(doubt_of("hardware version 2", upto, true), "");
    CHECK_EQ_STR(doubt_of("** DISPUTED ** nothing to see", upto, false), "contradiction");
}
