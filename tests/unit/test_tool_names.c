/* SPDX-License-Identifier: ISC */
/* Which names are suggested for which models, how sure, and which never are. */
#include <stdlib.h>

#include "scratch.h"
#include "test.h"
#include "tool/aliases.h"
#include "tool/suggest.h"

static unsigned folders_n, files_n;
static char folder[32];

static void fresh(void)
{
    (void)snprintf(folder, sizeof folder, "names%u", folders_n++);
    if (mkdir(scratch_path(folder), 0700) != 0)
        abort();
}

/* An advisory with one statement; model "" for none. */
static void told(const char *model, const char *id, const char *feed, const char *vendor,
                 const char *product, const char *more)
{
    char name[64], text[2048];

    (void)snprintf(name, sizeof name, "%s/%u.json", folder, files_n++);
    (void)snprintf(text, sizeof text,
                   "{\"id\":\"%s\",\"affected\":[{\"package\":{\"name\":\"%s\"}}],"
                   "\"database_specific\":{\"muster_import\":{\"statements\":[{\"feed\":\"%s\","
                   "\"vendor\":\"%s\",\"product\":\"%s\"%s}]}}}",
                   id, model, feed, vendor, product, more);
    scratch_write(name, text);
}

/* All suggestions, "likely vendor|product|revision=model" each on a line. */
static const char *suggested(const char *tally, const char *names)
{
    static const char *const words[] = {"likely", "maybe", "look"};
    static char text[4096];
    char *dirs[] = {(char *)(uintptr_t)scratch_path(folder)};
    struct problems problems = {.out = stdout};
    struct aliases *aliases = NULL;
    struct spellings spellings;
    struct suggestions all;
    size_t i, len = 0;

    text[0] = '\0';
    if (names != NULL && aliases_read(names, &aliases) != 0)
        return "no names";
    if (spellings_read(dirs, 1, tally, &problems, &spellings) != 0)
        return "no advisories";
    if (suggest(&spellings, aliases, &all) != 0)
        return "no memory";
    for (i = 0; i < all.n; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s %s|%s|%s=%s\n",
                                words[all.all[i].confidence], all.all[i].vendor, all.all[i].product,
                                all.all[i].revision, all.all[i].to->name);
    free(all.all);
    spellings_free(&spellings);
    aliases_free(aliases);
    return text;
}

TEST(spellings_of_one_name)
{
    fresh();
    told("d-link/dir-823g", "CVE-1", "cve5", "D-Link", "DIR-823G", "");
    told("dlink/dir-823g", "CVE-2", "nvd2", "dlink", "dir-823g_firmware", "");
    CHECK_EQ_STR(suggested(NULL, NULL), "likely D-Link|DIR-823G|=dlink/dir-823g\n");
}

TEST(a_part_of_a_name_is_another_name)
{
    fresh();
    told("dlink/dir-823", "CVE-1", "cve5", "dlink", "dir-823", "");
    told("dlink/dir-823g", "CVE-1", "nvd2", "dlink", "dir-823g_firmware", "");
    told("d-link/dir-823x", "CVE-1", "cve5", "d-link", "dir-823x", "");
    told("dlink/dir-823+", "CVE-1", "cve5", "d-link", "dir-823+", "");
    told("", "CVE-1", "cve5", "D-Link", "DIR-82", "");
    told("", "CVE-1", "cve5", "n/a", "823g", "");
    CHECK_EQ_STR(suggested(NULL, NULL), "");
}

TEST(a_letter_of_the_vendor)
{
    fresh();
    told("seimens/scalance_x204", "CVE-1", "cve5", "seimens", "scalance_x204", "");
    told("siemens/scalance_x204", "CVE-2", "nvd2", "siemens", "scalance_x204", "");
    told("siemens/scalance_x206", "CVE-2", "nvd2", "siemens", "scalance_x206", "");
    told("acme/cam", "CVE-1", "cve5", "acme", "cam", "");
    told("acne/cam", "CVE-2", "cve5", "acne", "cam", ""); /* too short to tell */
    CHECK_EQ_STR(suggested(NULL, NULL), "maybe seimens|scalance_x204|=siemens/scalance_x204\n");
}

TEST(names_in_one_cve)
{
    fresh();
    told("", "CVE-1", "cve5", "n/a", "TP-Link Archer AX21", "");
    told("tp-link/archer_ax21", "CVE-1", "nvd2", "tp-link", "archer_ax21_firmware", "");
    told("", "CVE-2", "cve5", "n/a", "WSR-2533", "");
    told("buffalo/wsr-2533", "CVE-2", "nvd2", "buffalo", "wsr-2533_firmware", "");
    told("arris/tg862g", "CVE-3", "cve5", "arris", "tg862g", "");
    told("commscope/tg862g", "CVE-3", "nvd2", "commscope", "tg862g_firmware", "");
    told("other/router", "CVE-3", "cve5", "other", "router", "");
    told("another/router", "CVE-3", "nvd2", "another", "router_firmware", "");
    CHECK_EQ_STR(suggested(NULL, NULL), "likely n/a|TP-Link Archer AX21|=tp-link/archer_ax21\n"
                                        "maybe arris|tg862g|=commscope/tg862g\n"
                                        "maybe n/a|WSR-2533|=buffalo/wsr-2533\n");
}

TEST(hardware_revisions_need_a_look)
{
    fresh();
    told("", "CVE-1", "cve5", "TP-Link", "Archer C7(EU) V2", "");
    told("", "CVE-1", "cve5", "TP-Link", "Archer C7 Rev B", "");
    told("tp-link/archer_c7", "CVE-2", "nvd2", "tp-link", "archer_c7_firmware",
         ",\"revision\":\"v5\"");
    told("tp-link/archer_c7_v2", "CVE-3", "cve5", "tp-link", "archer_c7_v2", "");
    CHECK_EQ_STR(suggested(NULL, NULL), "look TP-Link|Archer C7 Rev B|=tp-link/archer_c7\n"
                                        "look TP-Link|Archer C7(EU) V2|=tp-link/archer_c7_v2\n"
                                        "look tp-link|archer_c7_firmware|v5=tp-link/archer_c7\n");
}

TEST(what_was_seen_is_what_devices_report)
{
    const char *tally = scratch_write("tally", "d-link\tdir-823g\t1.0\t0\t70\n"
                                               "d-link\tdir-823g\t1.1\t0\t30\n"
                                               "who\tknows\t1\t0\t5\n");
    char kept[128];

    (void)snprintf(kept, sizeof kept, "%s", tally);
    fresh();
    told("dlink/dir-823g", "CVE-2", "nvd2", "dlink", "dir-823g_firmware", "");
    CHECK_EQ_STR(suggested(kept, NULL), "likely dlink|dir-823g_firmware|=d-link/dir-823g\n");
}

TEST(what_is_mapped_is_left_alone)
{
    char names[128];

    (void)snprintf(names, sizeof names, "%s",
                   scratch_write("n.tsv", "d-link\tdir-823g\t-\tdlink/dir-823g\n"));
    fresh();
    told("d-link/dir-823g", "CVE-1", "cve5", "D-Link", "DIR-823G", "");
    told("dlink/dir-823g", "CVE-2", "nvd2", "dlink", "dir-823g_firmware", "");
    CHECK_EQ_STR(suggested(NULL, names), "");
}

TEST(words_that_are_no_names)
{
    fresh();
    told("dlink/dir-823g", "CVE-1", "nvd2", "dlink", "dir-823g_firmware", "");
    told("", "CVE-1", "cve5", "n/a", "dlink DIR-823G",
         ",\"readings\":[{\"doubt\":\"several-models\"}]");
    told("", "CVE-1", "kev", "D-Link", "DIR-823G", "");
    told("", "CVE-1", "cve5", "dlink", "dir-823g\\t-\\tacme/cam\\nx", "");
    told("", "CVE-1", "cve5", "# dlink", "dir-823g", "");
    told("../../etc/x", "CVE-1", "cve5", "dlink", "", "");
    CHECK_EQ_STR(suggested(NULL, NULL), "");
}

TEST(many_alike_are_a_word)
{
    char vendor[16], model[32];
    unsigned i;

    fresh();
    for (i = 0; i < 300; i++) {
        (void)snprintf(vendor, sizeof vendor, "vendor%03u", i);
        (void)snprintf(model, sizeof model, "%s/router", vendor);
        told(model, "CVE-1", "cve5", vendor, "router", "");
    }
    CHECK_EQ_STR(suggested(NULL, NULL), "");
}
