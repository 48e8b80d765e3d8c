/* SPDX-License-Identifier: ISC */
/* Ed25519 keys in files, through libsodium. It must not leave a secret in memory that it used, nor
 * write one where others can read it. */
#include "host/keyfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/file.h"
#include "host/hex.h"

#define SECRET_HEAD "muster secret key 1\n"
#define LOCKED_HEAD "muster secret key 1 locked\n"
#define PUBLIC_HEAD "muster public key 1 "
#define TEXT_CAP    1024
#define PATH_CAP    4096

/* What a file may ask of us: a file from elsewhere must not eat all memory or time. */
#define OPS_MAX    16
#define MEMORY_MAX (1024ull * 1024 * 1024)

#define BOX_LEN (crypto_secretbox_MACBYTES + KEYFILE_SEED_LEN)

#define CONTENT(member) (((struct keyfile_content *)NULL)->member)
static_assert(sizeof CONTENT(salt) == crypto_pwhash_SALTBYTES &&
                  sizeof CONTENT(nonce) == crypto_secretbox_NONCEBYTES &&
                  sizeof CONTENT(box) == BOX_LEN,
              "a locked key's parts are libsodium's");

__attribute__((format(printf, 5, 6))) static int refuse(int error, char *err, size_t err_cap,
                                                        const char *path, const char *fmt, ...)
{
    char message[256];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    (void)snprintf(err, err_cap, "%s: %s", path, message);
    return error;
}

static int derive_key(const struct keyfile_content *lock, const char *passphrase,
                      uint8_t ret_key[crypto_secretbox_KEYBYTES])
{
    int ret =
        crypto_pwhash(ret_key, crypto_secretbox_KEYBYTES, passphrase, strlen(passphrase),
                      lock->salt, lock->ops, (size_t)lock->memory, crypto_pwhash_ALG_ARGON2ID13);

    return ret == 0 ? 0 : -ENOMEM;
}

static int close_lock(const char *passphrase, const uint8_t seed[KEYFILE_SEED_LEN],
                      struct keyfile_content *ret_lock)
{
    uint8_t key[crypto_secretbox_KEYBYTES];
    int ret;

    ret_lock->locked = true;
    ret_lock->ops = crypto_pwhash_OPSLIMIT_MODERATE;
    ret_lock->memory = crypto_pwhash_MEMLIMIT_MODERATE;
    randombytes_buf(ret_lock->salt, sizeof ret_lock->salt);
    randombytes_buf(ret_lock->nonce, sizeof ret_lock->nonce);
    ret = derive_key(ret_lock, passphrase, key);
    if (ret == 0)
        crypto_secretbox_easy(ret_lock->box, seed, KEYFILE_SEED_LEN, ret_lock->nonce, key);
    sodium_memzero(key, sizeof key);
    return ret;
}

static int open_lock(const struct keyfile_content *lock, const char *passphrase,
                     uint8_t ret_seed[KEYFILE_SEED_LEN])
{
    uint8_t key[crypto_secretbox_KEYBYTES];
    int ret = derive_key(lock, passphrase, key);

    if (ret == 0 && crypto_secretbox_open_easy(ret_seed, lock->box, BOX_LEN, lock->nonce, key) != 0)
        ret = -EKEYREJECTED;
    sodium_memzero(key, sizeof key);
    return ret;
}

static void print_secret(char text[TEXT_CAP], const uint8_t seed[KEYFILE_SEED_LEN])
{
    char hex[2 * KEYFILE_SEED_LEN + 1];

    sodium_bin2hex(hex, sizeof hex, seed, KEYFILE_SEED_LEN);
    (void)snprintf(text, TEXT_CAP, SECRET_HEAD "%s\n", hex);
    sodium_memzero(hex, sizeof hex);
}

static void print_locked(char text[TEXT_CAP], const struct keyfile_content *lock)
{
    char salt[2 * sizeof lock->salt + 1], nonce[2 * sizeof lock->nonce + 1], box[2 * BOX_LEN + 1];

    (void)snprintf(text, TEXT_CAP, LOCKED_HEAD "argon2id %llu %llu\n%s\n%s\n%s\n",
                   (unsigned long long)lock->ops, (unsigned long long)lock->memory,
                   hex_encode(salt, lock->salt, sizeof lock->salt),
                   hex_encode(nonce, lock->nonce, sizeof lock->nonce),
                   hex_encode(box, lock->box, BOX_LEN));
}

/* Writes one of the two files; what is there already is somebody's key. */
static int write_key(const char *path, const char *text, mode_t mode, char *err, size_t err_cap)
{
    int ret = file_write_new(path, text, strlen(text), mode);

    if (ret == -EEXIST)
        return refuse(ret, err, err_cap, path, "exists already; choose another name");
    if (ret != 0)
        return refuse(ret, err, err_cap, path, "cannot be written: %s", strerror(-ret));
    return 0;
}

int keyfile_write_public(const char *path, const uint8_t key[KEYFILE_KEY_LEN], char *err,
                         size_t err_cap)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    size_t len = strlen(name);
    char text[TEXT_CAP], hex[2 * KEYFILE_KEY_LEN + 1];

    if (len > 4 && strcmp(name + len - 4, ".pub") == 0)
        len -= 4;
    (void)snprintf(text, sizeof text, PUBLIC_HEAD "%s %.*s\n",
                   hex_encode(hex, key, KEYFILE_KEY_LEN), (int)(len < 255 ? len : 255), name);
    return write_key(path, text, 0644, err, err_cap);
}

static int write_pair(const char *path, const char *secret_text, const uint8_t *key, char *err,
                      size_t err_cap)
{
    char pub_path[PATH_CAP];
    int ret;

    if (snprintf(pub_path, sizeof pub_path, "%s.pub", path) >= PATH_CAP)
        return refuse(-ENAMETOOLONG, err, err_cap, path, "the name is too long; shorten it");
    if (access(pub_path, F_OK) == 0)
        return refuse(-EEXIST, err, err_cap, pub_path, "exists already; choose another name");
    ret = write_key(path, secret_text, 0600, err, err_cap);
    if (ret != 0)
        return ret;
    ret = keyfile_write_public(pub_path, key, err, err_cap);
    if (ret != 0)
        unlink(path);
    return ret;
}

int keyfile_new(const char *path, const char *passphrase, uint8_t ret_key[KEYFILE_KEY_LEN],
                char *err, size_t err_cap)
{
    uint8_t seed[KEYFILE_SEED_LEN], secret[crypto_sign_SECRETKEYBYTES], key[KEYFILE_KEY_LEN];
    char text[TEXT_CAP];
    struct keyfile_content lock;
    int ret = sodium_init() < 0 ? -ENOTSUP : 0;

    if (ret != 0)
        return refuse(ret, err, err_cap, path, "no random numbers here; see getrandom(2)");
    randombytes_buf(seed, sizeof seed);
    crypto_sign_seed_keypair(key, secret, seed);
    sodium_memzero(secret, sizeof secret);
    if (passphrase == NULL)
        print_secret(text, seed);
    else if ((ret = close_lock(passphrase, seed, &lock)) == 0)
        print_locked(text, &lock);
    sodium_memzero(seed, sizeof seed);
    if (ret != 0)
        return refuse(ret, err, err_cap, path, "not enough memory to lock it; free 256 MiB");
    ret = write_pair(path, text, key, err, err_cap);
    sodium_memzero(text, sizeof text);
    if (ret == 0)
        memcpy(ret_key, key, sizeof key);
    return ret;
}

static int check_private(const struct stat *info, const char *path, char *err, size_t err_cap)
{
    if (!S_ISREG(info->st_mode))
        return refuse(-EINVAL, err, err_cap, path, "is not a regular file; name a secret key file");
    if ((info->st_mode & 077) != 0)
        return refuse(-EPERM, err, err_cap, path, "others can read it; run: chmod 600 %s", path);
    if (info->st_uid != geteuid() && geteuid() != 0)
        return refuse(-EPERM, err, err_cap, path, "belongs to another user; use your own key");
    if (info->st_size >= TEXT_CAP)
        return refuse(-EFBIG, err, err_cap, path, "is too large; name a secret key file");
    return 0;
}

/* Whoever names FILE.pub must not be told to hide it. */
static bool is_public(int fd)
{
    char head[sizeof PUBLIC_HEAD - 1];

    return pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
           memcmp(head, PUBLIC_HEAD, sizeof head) == 0;
}

/* The mode is checked on the open file, so that it cannot be swapped in between. */
static int read_private(const char *path, char ret_text[TEXT_CAP], char *err, size_t err_cap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), ret;
    struct stat info;
    ssize_t len;

    if (fd < 0)
        return refuse(-errno, err, err_cap, path, "cannot be opened: %s", strerror(errno));
    if (fstat(fd, &info) != 0)
        ret = refuse(-errno, err, err_cap, path, "cannot be read: %s", strerror(errno));
    else if (is_public(fd))
        ret = refuse(-EINVAL, err, err_cap, path,
                     "is a public key, which signs nothing; name the secret key it was made with");
    else
        ret = check_private(&info, path, err, err_cap);
    if (ret == 0) {
        len = read(fd, ret_text, TEXT_CAP - 1);
        if (len < 0)
            ret = refuse(-errno, err, err_cap, path, "cannot be read: %s", strerror(errno));
        else
            ret_text[len] = '\0';
    }
    close(fd);
    return ret;
}

/* Takes a line of exactly `len` bytes in hex off the text. */
static bool take_hex(const char **text, uint8_t *ret_bytes, size_t len)
{
    if (strcspn(*text, "\n") != 2 * len || (*text)[2 * len] != '\n' ||
        hex_decode(*text, 2 * len, ret_bytes, len) != (ssize_t)len)
        return false;
    *text += 2 * len + 1;
    return true;
}

/* Takes a decimal number and the character after it, which must be `end`. */
static bool take_number(const char **text, char end, uint64_t *ret)
{
    size_t digits = strspn(*text, "0123456789");

    if (digits < 1 || digits > 10 || (*text)[digits] != end)
        return false;
    *ret = strtoull(*text, NULL, 10);
    *text += digits + 1;
    return true;
}

bool keyfile_content_is_sound(const struct keyfile_content *c)
{
    return !c->locked || (c->ops >= crypto_pwhash_OPSLIMIT_MIN && c->ops <= OPS_MAX &&
                          c->memory >= crypto_pwhash_MEMLIMIT_MIN && c->memory <= MEMORY_MAX);
}

static bool parse_lock(const char *text, struct keyfile_content *ret_lock)
{
    static const char algorithm[] = "argon2id ";

    if (strncmp(text, algorithm, sizeof algorithm - 1) != 0)
        return false;
    text += sizeof algorithm - 1;
    ret_lock->locked = true;
    return take_number(&text, ' ', &ret_lock->ops) && take_number(&text, '\n', &ret_lock->memory) &&
           keyfile_content_is_sound(ret_lock) &&
           take_hex(&text, ret_lock->salt, sizeof ret_lock->salt) &&
           take_hex(&text, ret_lock->nonce, sizeof ret_lock->nonce) &&
           take_hex(&text, ret_lock->box, BOX_LEN) && *text == '\0';
}

static int unlock(const char *path, const struct keyfile_content *lock, keyfile_passphrase_fn *ask,
                  void *ctx, uint8_t ret_seed[KEYFILE_SEED_LEN], char *err, size_t err_cap)
{
    char passphrase[KEYFILE_PASSPHRASE_CAP] = "";
    int ret;

    if (ask == NULL)
        return refuse(-ENOKEY, err, err_cap, path, "is locked; give its passphrase");
    ret = ask(ctx, path, passphrase);
    if (ret != 0)
        (void)refuse(ret, err, err_cap, path, "no passphrase given");
    else if ((ret = open_lock(lock, passphrase, ret_seed)) == -ENOMEM)
        (void)refuse(ret, err, err_cap, path, "not enough memory to unlock it; free %llu MiB",
                     (unsigned long long)lock->memory >> 20);
    else if (ret != 0)
        (void)refuse(ret, err, err_cap, path, "the passphrase does not open it; try again");
    sodium_memzero(passphrase, sizeof passphrase);
    return ret;
}

static int parse_content(const char *path, const char *text, struct keyfile_content *ret, char *err,
                         size_t err_cap)
{
    const char *at = text + strlen(SECRET_HEAD);

    memset(ret, 0, sizeof *ret);
    if (strncmp(text, SECRET_HEAD, strlen(SECRET_HEAD)) == 0 &&
        take_hex(&at, ret->seed, KEYFILE_SEED_LEN) && *at == '\0')
        return 0;
    if (strncmp(text, LOCKED_HEAD, strlen(LOCKED_HEAD)) == 0 &&
        parse_lock(text + strlen(LOCKED_HEAD), ret))
        return 0;
    return refuse(-EINVAL, err, err_cap, path,
                  "is not a muster secret key; make one with `muster key new`");
}

int keyfile_read_content(const char *path, struct keyfile_content *ret, char *err, size_t err_cap)
{
    struct keyfile_content content;
    char text[TEXT_CAP] = "";
    int error = read_private(path, text, err, err_cap);

    if (error == 0)
        error = parse_content(path, text, &content, err, err_cap);
    if (error == 0)
        *ret = content;
    sodium_memzero(text, sizeof text);
    sodium_memzero(&content, sizeof content);
    return error;
}

int keyfile_write_content(const char *path, const struct keyfile_content *content,
                          const uint8_t key[KEYFILE_KEY_LEN], char *err, size_t err_cap)
{
    char text[TEXT_CAP];
    int ret;

    if (content->locked)
        print_locked(text, content);
    else
        print_secret(text, content->seed);
    ret = write_pair(path, text, key, err, err_cap);
    sodium_memzero(text, sizeof text);
    return ret;
}

int keyfile_load_secret(const char *path, keyfile_passphrase_fn *ask, void *ctx,
                        uint8_t ret_seed[KEYFILE_SEED_LEN], uint8_t ret_key[KEYFILE_KEY_LEN],
                        char *err, size_t err_cap)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    struct keyfile_content content;
    int ret = keyfile_read_content(path, &content, err, err_cap);

    if (ret == 0 && sodium_init() < 0)
        ret = refuse(-ENOTSUP, err, err_cap, path, "no random numbers here; see getrandom(2)");
    if (ret == 0 && content.locked)
        ret = unlock(path, &content, ask, ctx, content.seed, err, err_cap);
    if (ret == 0) {
        crypto_sign_seed_keypair(ret_key, secret, content.seed);
        memcpy(ret_seed, content.seed, KEYFILE_SEED_LEN);
    }
    sodium_memzero(&content, sizeof content);
    sodium_memzero(secret, sizeof secret);
    return ret;
}

int keyfile_check_key(const uint8_t key[KEYFILE_KEY_LEN])
{
    return crypto_core_ed25519_is_valid_point(key) == 1 ? 0 : -EINVAL;
}

/* The digits of a public key: the argument itself, or those in the one line of a FILE.pub. */
static int read_public_hex(const char *path_or_hex, char ret_hex[2 * KEYFILE_KEY_LEN], char *err,
                           size_t err_cap)
{
    const size_t head_len = strlen(PUBLIC_HEAD), hex_len = (size_t)2 * KEYFILE_KEY_LEN;
    uint8_t *bytes;
    size_t len;
    int ret;

    if (strlen(path_or_hex) == hex_len &&
        strspn(path_or_hex, "0123456789abcdefABCDEF") == hex_len) {
        memcpy(ret_hex, path_or_hex, hex_len);
        return 0;
    }
    ret = file_read(path_or_hex, TEXT_CAP, &bytes, &len);
    if (ret != 0)
        return refuse(ret, err, err_cap, path_or_hex, "cannot be read: %s", strerror(-ret));
    if (len > head_len + hex_len && memcmp(bytes, PUBLIC_HEAD, head_len) == 0 &&
        strchr(" \r\n", bytes[head_len + hex_len]) != NULL)
        memcpy(ret_hex, bytes + head_len, hex_len);
    else
        ret = refuse(-EINVAL, err, err_cap, path_or_hex,
                     "is not a muster public key; name a FILE.pub or write its 64 hex digits");
    free(bytes);
    return ret;
}

int keyfile_load_public(const char *path_or_hex, uint8_t ret_key[KEYFILE_KEY_LEN], char *err,
                        size_t err_cap)
{
    char hex[2 * KEYFILE_KEY_LEN];
    uint8_t key[KEYFILE_KEY_LEN];
    int ret = read_public_hex(path_or_hex, hex, err, err_cap);

    if (ret != 0)
        return ret;
    if (hex_decode(hex, sizeof hex, key, sizeof key) != (ssize_t)sizeof key ||
        keyfile_check_key(key) != 0)
        return refuse(-EINVAL, err, err_cap, path_or_hex,
                      "is not an Ed25519 key that can be trusted; copy it anew from its owner");
    memcpy(ret_key, key, sizeof key);
    return 0;
}
