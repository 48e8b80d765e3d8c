/* SPDX-License-Identifier: ISC */
/* Names of products in feeds: models, or the reason why not. */
#include "test.h"
#include "tool/models.h"

struct row {
    const char *vendor, *product;
    enum import_doubt doubt;
    const char *name; /* "vendor/model", or "/" for none */
};

static void check_name(const struct models *m, const struct row *row)
{
    char name[2 * MUSTER_NAME_MAX + 2];

    test_case("%s | %s", row->vendor, row->product);
    CHECK_EQ_STR(import_doubt_name(m->doubt), import_doubt_name(row->doubt));
    (void)snprintf(name, sizeof name, "%s/%s", m->model[0].vendor, m->model[0].model);
    CHECK_EQ_STR(name, row->name);
}

TEST(words)
{
    static const struct row rows[] = {
        {"Juplink", "RX4-1500", DOUBT_NONE, "juplink/rx4-1500"},
        {"D-Link", "D-Link DIR-823G", DOUBT_NONE, "d-link/dir-823g"},
        {"D-Link", "DIR-823X", DOUBT_NONE, "d-link/dir-823x"},
        {"Enphase ", "Envoy firmware", DOUBT_NONE, "enphase/envoy"},
        {"TP-Link", "Archer  AX21 (AX1800)", DOUBT_NO_MODEL, "/"},
        {"TP-Link", "Archer  AX21", DOUBT_NONE, "tp-link/archer_ax21"},
        {"n/a", "TP-Link Archer AX21 (AX1800)", DOUBT_NO_MODEL, "/"},
        {"n/a", "n/a", DOUBT_NO_MODEL, "/"},
        {"Arcadyan", "Buffalo WSR-2533DHPL2, Buffalo WSR-2533DHP3", DOUBT_MODELS, "/"},
        {"Kiloview", "P1/P2", DOUBT_MODELS, "/"},
        {"x", "A1 and A2", DOUBT_MODELS, "/"},
        {"Moxa", "TN-5900 Series", DOUBT_PATTERN, "/"},
        {"Dahua", "IPC-HX3XXX", DOUBT_PATTERN, "/"},
        {"Hikvision", "DS-2CD2xx2FWD", DOUBT_PATTERN, "/"},
        {"Zyxel", "VMG8825-Bx0B", DOUBT_PATTERN, "/"},
        {"Ubiquiti", "UniFi Switches", DOUBT_PATTERN, "/"},
        {"x", "CK75 running Android OS", DOUBT_PATTERN, "/"},
        {"TP-Link", "Archer C7(EU) V2", DOUBT_REVISION, "/"},
        {"ASUS", "RT-AX56U V2", DOUBT_REVISION, "/"},
        {"D-Link", "DIR-882 A1", DOUBT_REVISION, "/"},
        {"D-Link", "DIR-600 Rev. B", DOUBT_REVISION, "/"},
        {"x", "caf\xc3\xa9", DOUBT_TEXT, "/"},
    };
    struct models m;
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        models_of_words(NULL, rows[i].vendor, rows[i].product, &m);
        check_name(&m, &rows[i]);
    }
}

TEST(cpe_names)
{
    static const struct {
        const char *cpe, *revision;
        struct row want;
    } rows[] = {
        {"cpe:2.3:o:dlink:dir-600_firmware:-:*:*:*:*:*:*:*",
         "",
         {"", "", DOUBT_NONE, "dlink/dir-600"}},
        {"cpe:2.3:h:tp-link:archer_c7:2.0:*:*:*:*:*:*:*",
         "2.0",
         {"", "", DOUBT_REVISION, "tp-link/archer_c7"}},
        {"cpe:2.3:o:x:a\\/b\\(eu\\)_firmware:*:*:*:*:*:*:*:*",
         "",
         {"", "", DOUBT_NONE, "x/a_b_eu_"}},
        {"cpe:2.3:o:dahua:ipc-hx3xxx_firmware:*:*:*:*:*:*:*:*",
         "",
         {"", "", DOUBT_PATTERN, "dahua/ipc-hx3xxx"}},
        {"cpe:2.3:o:*:x:*:*:*:*:*:*:*:*", "", {"", "", DOUBT_NO_MODEL, "/"}},
    };
    struct models m;
    struct cpe cpe;
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_case("%s", rows[i].cpe);
        REQUIRE(cpe_parse(rows[i].cpe, &cpe) == 0);
        models_of_cpe(NULL, &cpe, rows[i].revision, &m);
        check_name(&m, &rows[i].want);
    }
}

TEST(what_is_no_cpe_name_is_refused)
{
    static const char *const texts[] = {"", "cpe:/o:a:b", "cpe:2.3:x:a:b:c", "cpe:2.3:oo:a:b:c:d",
                                        "cpe:2.3::a:b:c:d"};
    struct cpe cpe;
    char text[600];
    size_t i;

    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        test_case("%s", texts[i]);
        CHECK(cpe_parse(texts[i], &cpe) < 0);
    }
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "cpe:2.3:o:", 10);
    text[sizeof text - 1] = '\0';
    CHECK(cpe_parse(text, &cpe) < 0);
}

TEST(squashing_keeps_models_apart)
{
    char a[SQUASH_CAP], b[SQUASH_CAP];

    CHECK_EQ_STR(models_squash("D-Link", a), models_squash("dlink", b));
    CHECK_EQ_STR(models_squash("DIR-823G_firmware", a), models_squash("dir823g", b));
    CHECK(strcmp(models_squash("DIR-823", a), models_squash("DIR-823G", b)) != 0);
}
