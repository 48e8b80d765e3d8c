/* SPDX-License-Identifier: ISC */
/* host/keyfile.h: keys made, locked, read back and refused; and the adapter that signs with them.
 * */
#include "test.h"

#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sodium.h"
#include "host/file.h"
#include "host/hex.h"
#include "host/keyfile.h"
#include "scratch.h"

static char err[512];

static int answer(void *ctx, const char *path, char *ret_passphrase)
{
    (void)path;
    if (ctx == NULL)
        return -EINTR;
    (void)snprintf(ret_passphrase, KEYFILE_PASSPHRASE_CAP, "%s", (const char *)ctx);
    return 0;
}

TEST(a_key_pair_is_made_and_read_back)
{
    uint8_t made[32], seed[32], key[32], public_key[32];
    struct stat info;

    REQUIRE(keyfile_new(scratch_path("k"), NULL, made, err, sizeof err) == 0);
    REQUIRE(keyfile_load_secret(scratch_path("k"), NULL, NULL, seed, key, err, sizeof err) == 0);
    CHECK_EQ_MEM(key, made, 32);
    REQUIRE(keyfile_load_public(scratch_path("k.pub"), public_key, err, sizeof err) == 0);
    CHECK_EQ_MEM(public_key, made, 32);
    CHECK(stat(scratch_path("k"), &info) == 0 && (info.st_mode & 07777) == 0600);
    CHECK(stat(scratch_path("k.pub"), &info) == 0 && (info.st_mode & 07777) == 0644);
}

TEST(the_public_line_is_as_documented)
{
    uint8_t key[32], *text;
    char want[256], hex[65];
    size_t len;

    REQUIRE(keyfile_new(scratch_path("named"), NULL, key, err, sizeof err) == 0);
    REQUIRE(file_read(scratch_path("named.pub"), 256, &text, &len) == 0);
    (void)snprintf(want, sizeof want, "muster public key 1 %s named\n", hex_encode(hex, key, 32));
    CHECK_EQ_STR((const char *)text, want);
    free(text);
}

TEST(existing_files_are_never_overwritten)
{
    uint8_t key[32], *text;
    size_t len;

    REQUIRE(mkdir(scratch_path("taken"), 0700) == 0);
    scratch_write("taken/k", "precious");
    CHECK_EQ_INT(keyfile_new(scratch_path("taken/k"), NULL, key, err, sizeof err), -EEXIST);
    CHECK(strstr(err, "taken/k: exists already") != NULL);
    scratch_write("taken/j.pub", "precious");
    CHECK_EQ_INT(keyfile_new(scratch_path("taken/j"), NULL, key, err, sizeof err), -EEXIST);
    CHECK(strstr(err, "j.pub: exists already") != NULL);
    CHECK_EQ_INT(scratch_count("taken"), 2);
    REQUIRE(file_read(scratch_path("taken/k"), 100, &text, &len) == 0);
    CHECK_EQ_STR((const char *)text, "precious");
    free(text);
    CHECK_EQ_INT(keyfile_new(scratch_path("no/dir/k"), NULL, key, err, sizeof err), -ENOENT);
}

TEST(a_locked_key_opens_with_its_passphrase_alone)
{
    static char right[] = "correct horse", wrong[] = "correct horsf";
    uint8_t made[32], seed[32], key[32], *text;
    const char *path = scratch_path("locked");
    char hex[65];
    size_t len;

    REQUIRE(keyfile_new(path, right, made, err, sizeof err) == 0);
    REQUIRE(keyfile_load_secret(path, answer, right, seed, key, err, sizeof err) == 0);
    CHECK_EQ_MEM(key, made, 32);
    REQUIRE(file_read(path, 1024, &text, &len) == 0);
    CHECK(strncmp((const char *)text, "muster secret key 1 locked\nargon2id 3 268435456\n", 48) ==
          0);
    CHECK(strstr((const char *)text, hex_encode(hex, seed, 32)) == NULL);
    free(text);
    CHECK_EQ_INT(keyfile_load_secret(path, answer, wrong, seed, key, err, sizeof err),
                 -EKEYREJECTED);
    CHECK(strstr(err, "the passphrase does not open it") != NULL);
    CHECK_EQ_INT(keyfile_load_secret(path, answer, NULL, seed, key, err, sizeof err), -EINTR);
    CHECK_EQ_INT(keyfile_load_secret(path, NULL, NULL, seed, key, err, sizeof err), -ENOKEY);
    CHECK(strstr(err, "is locked; give its passphrase") != NULL);
}

static int load_text(const char *text, mode_t mode)
{
    const char *path = scratch_write("s", text);
    uint8_t seed[32], key[32];

    if (chmod(path, mode) != 0)
        return -1;
    return keyfile_load_secret(path, answer, NULL, seed, key, err, sizeof err);
}

#define HEX64 "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define HEX48 "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919"
#define HEX96 HEX48 HEX48
#define SALT  "9d61b19deffd5a60ba844af492ec2cc4"

TEST(a_secret_others_can_read_is_refused)
{
    static const mode_t open_modes[] = {0644, 0640, 0604, 0620, 0601};
    size_t i;

    for (i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        test_case("mode %o", open_modes[i]);
        CHECK_EQ_INT(load_text("muster secret key 1\n" HEX64 "\n", open_modes[i]), -EPERM);
        CHECK(strstr(err, "chmod 600") != NULL);
    }
    CHECK_EQ_INT(load_text("muster secret key 1\n" HEX64 "\n", 0600), 0);
    CHECK_EQ_INT(load_text("muster secret key 1\n" HEX64 "\n", 0400), 0);
}

TEST(damaged_secrets_are_refused)
{
    static const char *const bad[] = {
        "",
        "muster secret key 1",
        "muster secret key 1\n",
        "muster secret key 2\n" HEX64 "\n",
        "muster secret key 1\n" HEX64,
        "muster secret key 1\n" HEX64 "\n\n",
        "muster secret key 1\n" HEX48 "\n",
        "muster secret key 1\nz" HEX64 "\n",
        "muster secret key 1 locked\n",
        "muster secret key 1 locked\nargon2id 3\n",
        "muster secret key 1 locked\nargon2id 99 268435456\n" SALT "\n" HEX48 "\n" HEX96 "\n",
        "muster secret key 1 locked\nargon2id 3 9999999999\n" SALT "\n" HEX48 "\n" HEX96 "\n",
        "muster secret key 1 locked\nargon2id 0 268435456\n" SALT "\n" HEX48 "\n" HEX96 "\n",
        "muster secret key 1 locked\nargon2id -1 268435456\n" SALT "\n" HEX48 "\n" HEX96 "\n",
        "muster secret key 1 locked\nargon2id 3 268435456\n" SALT "\n" HEX48 "\n" HEX48 "\n",
        "muster secret key 1 locked\nargon2id 3 268435456\n" HEX48 "\n" HEX48 "\n" HEX96 "\n"};
    uint8_t seed[32], key[32];
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_case("text %zu", i);
        CHECK_EQ_INT(load_text(bad[i], 0600), -EINVAL);
        CHECK(strstr(err, "is not a muster secret key") != NULL);
    }
    test_case("files");
    CHECK_EQ_INT(load_text("muster secret key 1 locked\nargon2id 3 268435456\n" SALT "\n" HEX48
                           "\n" HEX96 "\n",
                           0600),
                 -EINTR); /* whole: it came to the question */
    CHECK_EQ_INT(keyfile_load_secret(scratch_dir(), NULL, NULL, seed, key, err, sizeof err),
                 -EINVAL);
    CHECK_EQ_INT(keyfile_load_secret(scratch_path("none"), NULL, NULL, seed, key, err, sizeof err),
                 -ENOENT);
}

TEST(public_keys_are_read_from_files_and_arguments)
{
    uint8_t made[32], key[32];
    char hex[65], line[200];

    REQUIRE(keyfile_new(scratch_path("p"), NULL, made, err, sizeof err) == 0);
    hex_encode(hex, made, 32);
    REQUIRE(keyfile_load_public(hex, key, err, sizeof err) == 0);
    CHECK_EQ_MEM(key, made, 32);
    (void)snprintf(line, sizeof line, "muster public key 1 %s", hex);
    CHECK_EQ_INT(keyfile_load_public(scratch_write("q", line), key, err, sizeof err), -EINVAL);
    (void)snprintf(line, sizeof line, "muster public key 1 %s\n", hex);
    CHECK_EQ_INT(keyfile_load_public(scratch_write("q", line), key, err, sizeof err), 0);
    (void)snprintf(line, sizeof line, "muster public key 1 %sab x\n", hex);
    CHECK_EQ_INT(keyfile_load_public(scratch_write("q", line), key, err, sizeof err), -EINVAL);
    CHECK_EQ_INT(keyfile_load_public(scratch_path("p"), key, err, sizeof err), -EINVAL);
    CHECK(strstr(err, "is not a muster public key") != NULL);
    CHECK_EQ_INT(keyfile_load_public("abcd", key, err, sizeof err), -ENOENT);
}

/* The points of small order, encodings that are none, and a point off the prime-order subgroup. */
TEST(keys_anyone_could_sign_under_are_refused)
{
    static const char *const bad[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0200000000000000000000000000000000000000000000000000000000000000"};
    uint8_t key[32];
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_case("%s", bad[i]);
        CHECK_EQ_INT(keyfile_load_public(bad[i], key, err, sizeof err), -EINVAL);
        CHECK(strstr(err, "cannot be") != NULL || strstr(err, "can be trusted") != NULL);
    }
}

/* RFC 8032, section 7.1, test 1: the adapter's keys and signatures are everybody's. */
TEST(the_adapter_signs_as_rfc_8032_says)
{
    uint8_t seed[32], want_key[32], want[64], sig[64], hash[32];
    struct muster_sodium_secret secret;
    struct muster_signing signing;

    REQUIRE(hex_decode(HEX64, 64, seed, 32) == 32);
    REQUIRE(hex_decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", 64,
                       want_key, 32) == 32);
    REQUIRE(hex_decode("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                       "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
                       128, want, 64) == 64);
    muster_sodium_open(seed, &secret, &signing);
    CHECK_EQ_MEM(signing.key, want_key, 32);
    REQUIRE(signing.sign(signing.secret, sig, (const uint8_t *)"", 0) == 0);
    CHECK_EQ_MEM(sig, want, 64);
    CHECK_EQ_INT(muster_crypto_verify(sig, (const uint8_t *)"", 0, want_key), 0);
    CHECK_EQ_INT(muster_crypto_verify(sig, (const uint8_t *)"x", 1, want_key), -1);
    sig[63] ^= 0x20;
    CHECK_EQ_INT(muster_crypto_verify(sig, (const uint8_t *)"", 0, want_key), -1);
    muster_sodium_close(&secret);
    CHECK(sodium_is_zero(secret.bytes, sizeof secret.bytes));
    muster_crypto_hash(hash, (const uint8_t *)"abc", 3);
    CHECK_EQ_MEM(hash,
                 "\xdd\xaf\x35\xa1\x93\x61\x7a\xba\xcc\x41\x73\x49\xae\x20\x41\x31"
                 "\x12\xe6\xfa\x4e\x89\xa9\x7e\xa2\x0a\x9e\xee\xe6\x4b\x55\xd3\x9a",
                 32);
}
