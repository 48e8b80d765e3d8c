/* SPDX-License-Identifier: ISC */
/* Lines of places in JSON texts, sound or not. */
#include "scratch.h"
#include "test.h"
#include "tool/locate.h"

static const char document[] = "{\n"
                               "  \"id\": \"CVE-1\",\n"
                               "  \"note\": \"a \\\"brace { and ] \\\\\",\n"
                               "  \"affected\": [\n"
                               "    { \"package\": { \"name\": \"a/b\" },\n"
                               "      \"versions\": [ \"1\",\n"
                               "         \"2\" ] },\n"
                               "    {\n"
                               "      \"ranges\": [\n"
                               "        { \"events\": [ { \"introduced\": \"0\" },\n"
                               "          { \"fixed\": \"1\" } ] },\n"
                               "        [ [], {} ] ] }\n"
                               "  ]\n"
                               "}\n";

static size_t line_of(const char *place)
{
    test_case("%s", place);
    return locate_line((const uint8_t *)document, sizeof document - 1, place);
}

TEST(places_have_their_lines)
{
    CHECK_EQ_INT(line_of("id"), 2);
    CHECK_EQ_INT(line_of("affected"), 4);
    CHECK_EQ_INT(line_of("affected[0]"), 5);
    CHECK_EQ_INT(line_of("affected[0].package.name"), 5);
    CHECK_EQ_INT(line_of("affected[0].versions[1]"), 7);
    CHECK_EQ_INT(line_of("affected[1]"), 8);
    CHECK_EQ_INT(line_of("affected[1].ranges[0].events[1].fixed"), 11);
    CHECK_EQ_INT(line_of("affected[1].ranges[1][1]"), 12);
}

TEST(what_is_not_there_has_the_line_of_what_is)
{
    CHECK_EQ_INT(line_of("document"), 1);
    CHECK_EQ_INT(line_of("modified"), 1);
    CHECK_EQ_INT(line_of("affected[2]"), 4);
    CHECK_EQ_INT(line_of("affected[1].package.name"), 8);
    CHECK_EQ_INT(line_of("affected[1].ranges[0].events[7]"), 10);
    CHECK_EQ_INT(line_of("affected[99999999999999999999]"), 4);
    CHECK_EQ_INT(line_of("affected[x"), 5); /* no number: 0 */
    CHECK_EQ_INT(line_of(""), 1);
}

TEST(broken_texts_end)
{
    size_t len;

    for (len = 0; len < sizeof document; len++) {
        uint8_t *copy = malloc(len + 1);

        REQUIRE(copy != NULL);
        memcpy(copy, document, len);
        CHECK(locate_line(copy, len, "affected[1].ranges[1][1]") <= 12);
        free(copy);
    }
    CHECK_EQ_INT(locate_line((const uint8_t *)"\n\n]]]}}{\"a", 10, "a"), 3);
}

TEST(in_a_file)
{
    const char *path = scratch_write("doc.json", document);

    CHECK_EQ_INT(locate_line_in_file(path, 1, "affected[1]"), 8);
    CHECK_EQ_INT(locate_line_in_file(path, 40, "affected[1]"), 40);
    CHECK_EQ_INT(locate_line_in_file("/nonexistent", 7, "id"), 7);
}
