/* SPDX-License-Identifier: ISC */
/* host/anchorfile.h: what firmware may trust is read strictly. */
#include "test.h"

#include <errno.h>
#include <sys/stat.h>

#include "host/anchorfile.h"
#include "host/hex.h"
#include "scratch.h"

#define KEY_A "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_B "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define KEY_C "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
#define KEY_D "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e"
#define KEY_E "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"
#define SMALL "0100000000000000000000000000000000000000000000000000000000000000"

static char err[512];

static int read_text(const char *text, struct anchorfile *ret)
{
    err[0] = '\0';
    return anchorfile_read(scratch_write("a.anchor", text), ret, err, sizeof err);
}

TEST(a_whole_file_is_read)
{
    struct anchorfile anchor;
    char hex[65], addr[ADDR_TEXT_CAP];

    REQUIRE(read_text("# ours\n[authority]\nname = Example Authority\nkey = " KEY_A
                      "\nnext = " KEY_B
                      "\nservice = 192.0.2.7:7000\nservice = 2001:db8::7 ; v6\ndrill = yes\n",
                      &anchor) == 0);
    CHECK_EQ_STR(anchor.name, "Example Authority");
    CHECK_EQ_STR(hex_encode(hex, anchor.key, 32), KEY_A);
    CHECK(anchor.has_next);
    CHECK_EQ_STR(hex_encode(hex, anchor.next, 32), KEY_B);
    REQUIRE(anchor.services_n == 2);
    CHECK_EQ_STR(addr_format(&anchor.services[0], addr), "192.0.2.7:7000");
    CHECK_EQ_STR(addr_format(&anchor.services[1], addr), "[2001:db8::7]:6878");
    CHECK(anchor.drill);
}

TEST(little_is_needed)
{
    struct anchorfile anchor;

    REQUIRE(read_text("[authority]\nname=x\nkey=" KEY_A "\n", &anchor) == 0);
    CHECK(!anchor.has_next && !anchor.drill);
    CHECK_EQ_INT(anchor.services_n, 0);
}

TEST(mistakes_are_named_with_their_line)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"[authority]\nname=x\n", "a.anchor: [authority] has no key; add it"},
        {"[authority]\nkey=" KEY_A "\n", "a.anchor: [authority] has no name; add it"},
        {"", "a.anchor: [authority] has no key; add it"},
        {"[autority]\nname=x\n", ":2: unknown section 'autority'; did you mean 'authority'?"},
        {"[authority]\nnmae=x\n",
         ":2: unknown key 'nmae'; known are name, key, next, service, drill"},
        {"[authority]\nkey=" KEY_A "00\n", ":2: a key has 64 hex digits"},
        {"[authority]\nkey=xyz\n", ":2: a key has 64 hex digits"},
        {"[authority]\n\nkey=" SMALL "\n", ":3: not an Ed25519 key that can be trusted"},
        {"[authority]\nkey=" KEY_A "\nnext=" SMALL "\n", ":3: not an Ed25519 key"},
        {"[authority]\nkey=" KEY_A "\nnext=" KEY_A "\n", ":3: this key stands in the file twice"},
        {"[authority]\nnext=" KEY_A "\nkey=" KEY_A "\n", ":3: this key stands in the file twice"},
        {"[authority]\nkey=" KEY_A "\nkey=" KEY_B "\n", ":3: given a second time"},
        {"[authority]\nname=x\nname=y\n", ":3: a second name"},
        {"[authority]\nname=\n", ":2: the name must have 1 to 32"},
        {"[authority]\nname=123456789012345678901234567890123\n", ":2: the name must have 1 to 32"},
        {"[authority]\nname=M\xc3\xbcnchen\n", ":2: the name must have 1 to 32"},
        {"[authority]\nservice=authority.example\n", ":2: no numeric host address"},
        {"[authority]\nservice=224.0.0.1\n", ":2: no numeric host address"},
        {"[authority]\ndrill=maybe\n", ":2: 'maybe' is neither yes nor no"},
        {"[authority]\nservice=192.0.2.1\nservice=192.0.2.2\nservice=192.0.2.3\nservice=192.0.2.4\n"
         "service=192.0.2.5\n",
         ":6: a fifth service"}};
    struct anchorfile anchor = {.services_n = 77};
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_case("row %zu: %s", i, rows[i].message);
        CHECK_EQ_INT(read_text(rows[i].text, &anchor), -EINVAL);
        CHECK(strstr(err, rows[i].message) != NULL);
    }
    CHECK_EQ_INT(anchor.services_n, 77);
}

/* A fresh directory with the given files: pairs of a name and a key. */
static const char *make_dir(const char *dir, const char *const (*files)[2], size_t n)
{
    char name[64], text[256];
    size_t i;

    (void)mkdir(scratch_path(dir), 0700);
    for (i = 0; i < n; i++) {
        (void)snprintf(name, sizeof name, "%s/%s", dir, files[i][0]);
        (void)snprintf(text, sizeof text, "[authority]\nname=%s\nkey=%s\n", files[i][0],
                       files[i][1]);
        scratch_write(name, text);
    }
    return scratch_path(dir);
}

TEST(a_directory_is_read_in_the_order_of_names)
{
    static const char *const files[][2] = {{"b.anchor", KEY_B},
                                           {"a.anchor", KEY_A},
                                           {"C.anchor", KEY_C},
                                           {".h.anchor", KEY_D},
                                           {"z.anchor.bak", KEY_D}};
    struct anchorfile anchors[ANCHORFILE_MAX];
    size_t n = 77;

    REQUIRE(anchorfile_read_dir(make_dir("d", files, 5), 4, anchors, &n, err, sizeof err) == 0);
    REQUIRE(n == 3);
    CHECK_EQ_STR(anchors[0].name, "C.anchor");
    CHECK_EQ_STR(anchors[1].name, "a.anchor");
    CHECK_EQ_STR(anchors[2].name, "b.anchor");
}

TEST(a_directory_without_anchors_has_none)
{
    struct anchorfile anchors[ANCHORFILE_MAX];
    size_t n = 77;

    CHECK_EQ_INT(anchorfile_read_dir(make_dir("none", NULL, 0), 4, anchors, &n, err, sizeof err),
                 0);
    CHECK_EQ_INT(n, 0);
    CHECK_EQ_INT(anchorfile_read_dir(scratch_path("absent"), 4, anchors, &n, err, sizeof err),
                 -ENOENT);
    CHECK(strstr(err, "absent: cannot be read") != NULL);
}

TEST(too_many_anchors_are_refused)
{
    static const char *const files[][2] = {{"1.anchor", KEY_A},
                                           {"2.anchor", KEY_B},
                                           {"3.anchor", KEY_C},
                                           {"4.anchor", KEY_D},
                                           {"5.anchor", KEY_E}};
    struct anchorfile anchors[ANCHORFILE_MAX];
    size_t n = 77;

    CHECK_EQ_INT(anchorfile_read_dir(make_dir("four", files, 4), 4, anchors, &n, err, sizeof err),
                 0);
    CHECK_EQ_INT(n, 4);
    n = 77;
    CHECK_EQ_INT(anchorfile_read_dir(make_dir("five", files, 5), 4, anchors, &n, err, sizeof err),
                 -E2BIG);
    CHECK(strstr(err, "5 anchor files; a device keeps 4") != NULL);
    CHECK_EQ_INT(anchorfile_read_dir(scratch_path("four"), 2, anchors, &n, err, sizeof err),
                 -E2BIG);
    CHECK_EQ_INT(n, 77);
}

TEST(one_authority_cannot_stand_for_two)
{
    static const char *const same_key[][2] = {{"1.anchor", KEY_A}, {"2.anchor", KEY_A}};
    struct anchorfile anchors[ANCHORFILE_MAX];
    size_t n = 77;

    CHECK_EQ_INT(anchorfile_read_dir(make_dir("dup", same_key, 2), 4, anchors, &n, err, sizeof err),
                 -EINVAL);
    CHECK(strstr(err, "2.anchor:3: another anchor file has this key") != NULL);
    scratch_write("dup/2.anchor", "[authority]\nname=other\nkey=" KEY_B "\nnext=" KEY_A "\n");
    CHECK_EQ_INT(anchorfile_read_dir(scratch_path("dup"), 4, anchors, &n, err, sizeof err),
                 -EINVAL);
    CHECK(strstr(err, "2.anchor:4: another anchor file has this key") != NULL);
    scratch_write("dup/2.anchor", "[authority]\nname=1.anchor\nkey=" KEY_B "\n");
    CHECK_EQ_INT(anchorfile_read_dir(scratch_path("dup"), 4, anchors, &n, err, sizeof err),
                 -EINVAL);
    CHECK(strstr(err, "2.anchor:2: another anchor file names this authority") != NULL);
    CHECK_EQ_INT(n, 77);
}

TEST(what_is_written_reads_back)
{
    struct anchorfile anchor, back;
    const char *path = scratch_path("w.anchor");

    REQUIRE(read_text("[authority]\nname=An = odd # name\nkey=" KEY_A "\nnext=" KEY_B
                      "\nservice=[2001:db8::7]:1\nservice=192.0.2.7\ndrill=yes\n",
                      &anchor) == 0);
    REQUIRE(anchorfile_write(path, &anchor, err, sizeof err) == 0);
    REQUIRE(anchorfile_read(path, &back, err, sizeof err) == 0);
    CHECK_EQ_STR(back.name, anchor.name);
    CHECK_EQ_MEM(back.key, anchor.key, 32);
    CHECK_EQ_MEM(back.next, anchor.next, 32);
    CHECK(back.has_next && back.drill);
    CHECK_EQ_INT(back.services_n, 2);
    CHECK(addr_equal_ip(&back.services[0], &anchor.services[0]));
    CHECK_EQ_INT(addr_port(&back.services[0]), 1);
    CHECK_EQ_INT(anchorfile_write(path, &anchor, err, sizeof err), -EEXIST);
    CHECK(strstr(err, "exists already") != NULL);
}

TEST(what_would_not_read_back_is_not_written)
{
    struct anchorfile anchor, broken;

    REQUIRE(read_text("[authority]\nname=x\nkey=" KEY_A "\n", &anchor) == 0);
    broken = anchor;
    memcpy(broken.name, "a ;b", 5);
    CHECK_EQ_INT(anchorfile_write(scratch_path("n.anchor"), &broken, err, sizeof err), -EINVAL);
    memcpy(broken.name, "a\nkey=", 7);
    CHECK_EQ_INT(anchorfile_write(scratch_path("n.anchor"), &broken, err, sizeof err), -EINVAL);
    broken = anchor;
    memset(broken.key, 0, 32);
    CHECK_EQ_INT(anchorfile_write(scratch_path("n.anchor"), &broken, err, sizeof err), -EINVAL);
    broken = anchor;
    broken.has_next = true;
    memcpy(broken.next, broken.key, 32);
    CHECK_EQ_INT(anchorfile_write(scratch_path("n.anchor"), &broken, err, sizeof err), -EINVAL);
    CHECK(access(scratch_path("n.anchor"), F_OK) != 0);
}
