/* SPDX-License-Identifier: ISC */
/* PKCS#11 through p11-kit. It must not show a PIN, nor take a public key from anywhere but the
 * token. */
#include "tool/token.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/keyfile.h"
#include "tool/cli.h"
#include "tool/passphrase.h"

#define SLOTS_MAX    64
#define TEMPLATE_MAX 8
#define POINT_CAP    64
#define ID_CAP       256
#define NAME_CAP     256
#define ID_NEW_LEN   16
#define TRY_CONTEXT  "muster key test 1\n"
#define TRY_LEN      (sizeof TRY_CONTEXT - 1 + 32)

struct token {
    P11KitUri *uri;
    char name[NAME_CAP]; /* the URI without its PIN, for messages */
    CK_FUNCTION_LIST **modules, *own[2];
    CK_FUNCTION_LIST *module; /* of the token, once it is found */
    CK_SLOT_ID slot;
    CK_TOKEN_INFO info;
    CK_SESSION_HANDLE session; /* 0: none */
    CK_OBJECT_HANDLE key;
    uint8_t public_key[MUSTER_KEY_LEN];
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct token *t, const char *fmt, ...)
{
    char why[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    (void)cli_error("%s: %s", SAFE(t->name), why);
    return STATUS_ERROR;
}

bool token_is_uri(const char *uri)
{
    return strncmp(uri, "pkcs11:", 7) == 0;
}

/* --- modules and slots */

static int parse_uri(struct token *t, const char *text)
{
    char *plain = NULL, *pin;
    const char *value;
    int ret;

    t->uri = p11_kit_uri_new();
    ret = t->uri != NULL ? p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, t->uri)
                         : P11_KIT_URI_NO_MEMORY;
    (void)snprintf(t->name, sizeof t->name, "a pkcs11: URI");
    if (ret != P11_KIT_URI_OK)
        return refuse(t,
                      "cannot be read: %s; write it as in RFC 7512, such as "
                      "'pkcs11:token=room;object=signer'",
                      p11_kit_uri_message(ret));
    if (p11_kit_uri_any_unrecognized(t->uri))
        return refuse(t, "has attributes that are not known here; leave them out");
    value = p11_kit_uri_get_pin_value(t->uri);
    pin = value != NULL ? strdup(value) : NULL;
    p11_kit_uri_set_pin_value(t->uri, NULL);
    ret = p11_kit_uri_format(t->uri, P11_KIT_URI_FOR_ANY, &plain);
    (void)snprintf(t->name, sizeof t->name, "%s", ret == P11_KIT_URI_OK ? plain : "pkcs11:");
    p11_kit_uri_set_pin_value(t->uri, pin);
    if (pin != NULL)
        sodium_memzero(pin, strlen(pin));
    free(pin);
    free(plain);
    return 0;
}

/* The URI's own module, or all that p11-kit is configured for. */
static int load_modules(struct token *t)
{
    const char *path = p11_kit_uri_get_module_path(t->uri);

    if (path == NULL) {
        t->modules = p11_kit_modules_load_and_initialize(0);
        if (t->modules == NULL || t->modules[0] == NULL)
            return refuse(t, "no PKCS#11 module is configured; see p11-kit(8), or add "
                             "?module-path=FILE to the URI");
        return 0;
    }
    t->own[0] = p11_kit_module_load(path, 0);
    if (t->own[0] == NULL)
        return refuse(t, "its module cannot be loaded: %s; correct module-path", p11_kit_message());
    if (p11_kit_module_initialize(t->own[0]) != CKR_OK) {
        p11_kit_module_release(t->own[0]);
        t->own[0] = NULL;
        return refuse(t, "its module does not start: %s; see its configuration", p11_kit_message());
    }
    t->modules = t->own;
    return 0;
}

static bool is_wanted(const struct token *t, CK_FUNCTION_LIST *module, CK_SLOT_ID slot,
                      CK_TOKEN_INFO *ret_info)
{
    CK_SLOT_ID only = p11_kit_uri_get_slot_id(t->uri);

    if (only != (CK_SLOT_ID)-1 && only != slot)
        return false;
    return module->C_GetTokenInfo(slot, ret_info) == CKR_OK &&
           (ret_info->flags & CKF_TOKEN_INITIALIZED) != 0 &&
           p11_kit_uri_match_token_info(t->uri, ret_info) == 1;
}

/* Counts the tokens that match, and keeps the last. */
static size_t look_into(struct token *t, CK_FUNCTION_LIST *module)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG slots_n = SLOTS_MAX, i;
    CK_TOKEN_INFO info;
    size_t n = 0;

    if (module->C_GetSlotList(CK_TRUE, slots, &slots_n) != CKR_OK)
        return 0;
    for (i = 0; i < slots_n; i++)
        if (is_wanted(t, module, slots[i], &info)) {
            t->module = module;
            t->slot = slots[i];
            t->info = info;
            n++;
        }
    return n;
}

static int find_token(struct token *t)
{
    size_t i, n = 0;

    for (i = 0; t->modules[i] != NULL; i++)
        n += look_into(t, t->modules[i]);
    if (n == 0)
        return refuse(t, "no such token is there; plug it in, or correct token=, serial= or "
                         "module-path");
    if (n > 1)
        return refuse(t, "%zu tokens match; add token= or serial= to the URI", n);
    return 0;
}

/* --- PIN */

static int ask_pin(const struct token *t, const char *passphrase_file, char *ret_pin)
{
    const char *value = p11_kit_uri_get_pin_value(t->uri);
    const char *file = p11_kit_uri_get_pin_source(t->uri);
    struct passphrase_source from = {.file = passphrase_file};

    if (value != NULL && strlen(value) >= KEYFILE_PASSPHRASE_CAP)
        return refuse(t, "its pin-value is too long");
    if (value != NULL) {
        (void)snprintf(ret_pin, KEYFILE_PASSPHRASE_CAP, "%s", value);
        return 0;
    }
    if (file != NULL)
        from.file = strncmp(file, "file:", 5) == 0 ? file + 5 : file;
    if (passphrase_ask(&from, t->name, ret_pin) != 0)
        return refuse(t, "no PIN given");
    return 0;
}

static int say_login(const struct token *t, CK_RV rv)
{
    switch (rv) {
    case CKR_OK:
    case CKR_USER_ALREADY_LOGGED_IN:
        return 0;
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
        return refuse(t, "the PIN is wrong; most tokens lock after a few wrong ones");
    case CKR_PIN_LOCKED:
        return refuse(t, "the PIN is locked after too many wrong ones; unlock it with the token's "
                         "own tool");
    case CKR_USER_PIN_NOT_INITIALIZED:
        return refuse(t, "the token has no PIN yet; set one with the token's own tool");
    default:
        return refuse(t, "cannot log in: %s", p11_kit_strerror(rv));
    }
}

static int log_in(const struct token *t, const char *passphrase_file)
{
    char pin[KEYFILE_PASSPHRASE_CAP] = "";
    int ret = 0;
    CK_RV rv;

    if ((t->info.flags & CKF_LOGIN_REQUIRED) == 0)
        return 0;
    if ((t->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0)
        return say_login(t, t->module->C_Login(t->session, CKU_USER, NULL, 0));
    ret = ask_pin(t, passphrase_file, pin);
    if (ret == 0) {
        rv = t->module->C_Login(t->session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin));
        ret = say_login(t, rv);
    }
    sodium_memzero(pin, sizeof pin);
    return ret;
}

static int open_session(struct token *t, const char *passphrase_file, bool to_write)
{
    CK_FLAGS flags = CKF_SERIAL_SESSION | (to_write ? CKF_RW_SESSION : 0);
    CK_RV rv = t->module->C_OpenSession(t->slot, flags, NULL, NULL, &t->session);

    if (rv != CKR_OK)
        return refuse(t, "the token does not open a session: %s", p11_kit_strerror(rv));
    return log_in(t, passphrase_file);
}

static int connect_token(struct token *t, const char *uri, const char *passphrase_file,
                         bool to_write)
{
    if (parse_uri(t, uri) != 0 || load_modules(t) != 0 || find_token(t) != 0)
        return STATUS_ERROR;
    return open_session(t, passphrase_file, to_write);
}

/* --- objects */

/* All of this class that the URI names, at most `max`. */
static CK_ULONG find(const struct token *t, CK_OBJECT_CLASS class, const CK_ATTRIBUTE *more,
                     CK_OBJECT_HANDLE *ret_objects, CK_ULONG max)
{
    CK_ATTRIBUTE templ[TEMPLATE_MAX] = {{CKA_CLASS, &class, sizeof class}}, *named;
    static const CK_ATTRIBUTE_TYPE kinds[] = {CKA_LABEL, CKA_ID};
    CK_ULONG n = 1, found = 0;
    size_t i;

    for (i = 0; more == NULL && i < sizeof kinds / sizeof *kinds; i++) {
        named = p11_kit_uri_get_attribute(t->uri, kinds[i]);
        if (named != NULL)
            templ[n++] = *named;
    }
    if (more != NULL)
        templ[n++] = *more;
    if (t->module->C_FindObjectsInit(t->session, templ, n) != CKR_OK)
        return 0;
    if (t->module->C_FindObjects(t->session, ret_objects, max, &found) != CKR_OK)
        found = 0;
    (void)t->module->C_FindObjectsFinal(t->session);
    return found;
}

/* The length, or 0 if the object has it not or longer than cap. */
static size_t read_attribute(const struct token *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                             void *ret_bytes, size_t cap)
{
    CK_ATTRIBUTE a = {type, ret_bytes, cap};

    if (t->module->C_GetAttributeValue(t->session, object, &a, 1) != CKR_OK || a.ulValueLen > cap)
        return 0;
    return a.ulValueLen;
}

static bool is_edwards(const struct token *t, CK_OBJECT_HANDLE object)
{
    CK_KEY_TYPE type = 0;

    return read_attribute(t, object, CKA_KEY_TYPE, &type, sizeof type) == sizeof type &&
           type == CKK_EC_EDWARDS;
}

static int find_key(struct token *t)
{
    CK_OBJECT_HANDLE keys[16];
    CK_ULONG n = find(t, CKO_PRIVATE_KEY, NULL, keys, 16), i, edwards_n = 0;

    for (i = 0; i < n; i++)
        if (is_edwards(t, keys[i])) {
            t->key = keys[i];
            edwards_n++;
        }
    if (n == 0)
        return refuse(t, "no such private key is in the token; correct object= or id=, or make it "
                         "with muster key new");
    if (edwards_n == 0)
        return refuse(t, "the key is not Ed25519 (CKK_EC_EDWARDS); muster signs with nothing else");
    if (edwards_n > 1)
        return refuse(t, "%lu keys match; add object= or id= to the URI", edwards_n);
    return 0;
}

/* CKA_EC_POINT is the 32 bytes, or the same in a DER octet string. */
static bool take_point(const uint8_t *point, size_t len, uint8_t ret_key[MUSTER_KEY_LEN])
{
    if (len == MUSTER_KEY_LEN + 2 && point[0] == 0x04 && point[1] == MUSTER_KEY_LEN)
        point += 2;
    else if (len != MUSTER_KEY_LEN)
        return false;
    memcpy(ret_key, point, MUSTER_KEY_LEN);
    return true;
}

/* Of the public key beside it with the same id. */
static int read_public_key(struct token *t)
{
    uint8_t point[POINT_CAP], id[ID_CAP];
    CK_ATTRIBUTE same = {CKA_ID, id, read_attribute(t, t->key, CKA_ID, id, sizeof id)};
    CK_OBJECT_HANDLE found[2];
    CK_ULONG n = find(t, CKO_PUBLIC_KEY, same.ulValueLen > 0 ? &same : NULL, found, 2);
    size_t len = 0;

    if (n == 1)
        len = read_attribute(t, found[0], CKA_EC_POINT, point, sizeof point);
    if (n == 0)
        len = read_attribute(t, t->key, CKA_EC_POINT, point, sizeof point);
    if (n > 1)
        return refuse(t, "several public keys have its id; remove those that are not its own");
    if (len == 0)
        return refuse(t, "its public key is not in the token; import that beside it, with the same "
                         "id");
    if (!take_point(point, len, t->public_key) || keyfile_check_key(t->public_key) != 0)
        return refuse(t, "its public key is not one of Ed25519; muster signs with nothing else");
    return 0;
}

static CK_RV sign_raw(const struct token *t, uint8_t sig[MUSTER_SIGNATURE_LEN], const uint8_t *msg,
                      size_t msg_len)
{
    CK_MECHANISM mechanism = {CKM_EDDSA, NULL, 0};
    CK_ULONG len = MUSTER_SIGNATURE_LEN;
    CK_RV rv = t->module->C_SignInit(t->session, &mechanism, t->key);

    if (rv == CKR_OK)
        rv = t->module->C_Sign(t->session, (CK_BYTE *)(uintptr_t)msg, msg_len, sig, &len);
    return rv == CKR_OK && len != MUSTER_SIGNATURE_LEN ? CKR_SIGNATURE_LEN_RANGE : rv;
}

int token_sign(void *secret, uint8_t ret_sig[MUSTER_SIGNATURE_LEN], const uint8_t *msg,
               size_t msg_len)
{
    const struct token *t = secret;
    uint8_t sig[MUSTER_SIGNATURE_LEN];
    CK_RV rv = sign_raw(t, sig, msg, msg_len);

    if (rv != CKR_OK) {
        (void)refuse(t, "does not sign: %s", p11_kit_strerror(rv));
        return -1;
    }
    if (muster_crypto_verify(sig, msg, msg_len, t->public_key) != 0) {
        (void)refuse(t, "signs, but not with the key whose public key is beside it");
        return -1;
    }
    memcpy(ret_sig, sig, sizeof sig);
    return 0;
}

/* The words before it keep it from being anything else; the rest is fresh. */
static int try_key(struct token *t)
{
    uint8_t message[TRY_LEN], sig[MUSTER_SIGNATURE_LEN];

    memcpy(message, TRY_CONTEXT, sizeof TRY_CONTEXT - 1);
    randombytes_buf(message + sizeof TRY_CONTEXT - 1, 32);
    return token_sign(t, sig, message, sizeof message) == 0 ? 0 : STATUS_ERROR;
}

/* --- making a key */

static CK_RV generate(const struct token *t, const uint8_t *params, size_t params_len,
                      const CK_ATTRIBUTE *label, const CK_ATTRIBUTE *id)
{
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_MECHANISM mechanism = {CKM_EC_EDWARDS_KEY_PAIR_GEN, NULL, 0};
    CK_ATTRIBUTE public[] = {{CKA_TOKEN, &yes, sizeof yes},
                             {CKA_VERIFY, &yes, sizeof yes},
                             {CKA_EC_PARAMS, (void *)(uintptr_t)params, params_len},
                             *label,
                             *id};
    CK_ATTRIBUTE private[] = {{CKA_TOKEN, &yes, sizeof yes},
                              {CKA_PRIVATE, &yes, sizeof yes},
                              {CKA_SENSITIVE, &yes, sizeof yes},
                              {CKA_EXTRACTABLE, &no, sizeof no},
                              {CKA_SIGN, &yes, sizeof yes},
                              *label,
                              *id};
    CK_OBJECT_HANDLE public_key, private_key;

    return t->module->C_GenerateKeyPair(
        t->session, &mechanism, public, sizeof public / sizeof *public, private,
        sizeof private / sizeof *private, &public_key, &private_key);
}

/* Tokens know the curve by its object identifier or by its name. */
static int generate_either(const struct token *t, const CK_ATTRIBUTE *label, const CK_ATTRIBUTE *id)
{
    static const uint8_t by_oid[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
    static const uint8_t by_name[] = "\x13\x0c"
                                     "edwards25519";
    CK_RV rv = generate(t, by_oid, sizeof by_oid, label, id);

    if (rv != CKR_OK)
        rv = generate(t, by_name, sizeof by_name - 1, label, id);
    if (rv == CKR_OK)
        return 0;
    if (rv == CKR_MECHANISM_INVALID)
        return refuse(t, "the token makes no Ed25519 keys; use another, or a key file");
    return refuse(t, "the token does not make the key: %s", p11_kit_strerror(rv));
}

static int make_key(const struct token *t)
{
    CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(t->uri, CKA_LABEL);
    CK_ATTRIBUTE *named_id = p11_kit_uri_get_attribute(t->uri, CKA_ID);
    uint8_t fresh[ID_NEW_LEN];
    CK_ATTRIBUTE id = {CKA_ID, fresh, sizeof fresh};
    CK_OBJECT_HANDLE there;

    if (label == NULL)
        return refuse(t, "what shall it be called? Add object=NAME to the URI");
    if (find(t, CKO_PRIVATE_KEY, label, &there, 1) > 0 ||
        find(t, CKO_PUBLIC_KEY, label, &there, 1) > 0)
        return refuse(t, "a key of that name is in the token; choose another object=NAME");
    randombytes_buf(fresh, sizeof fresh);
    return generate_either(t, label, named_id != NULL ? named_id : &id);
}

/* --- from outside */

static int begin(struct token *t, const char *uri, const char *passphrase_file, bool makes)
{
    if (connect_token(t, uri, passphrase_file, makes) != 0 || (makes && make_key(t) != 0) ||
        find_key(t) != 0 || read_public_key(t) != 0)
        return STATUS_ERROR;
    return try_key(t);
}

static int open_token(const char *uri, const char *passphrase_file, bool makes,
                      struct token **ret_token, uint8_t *ret_key)
{
    struct token *t = calloc(1, sizeof *t);

    if (t == NULL)
        return cli_error("out of memory");
    if (begin(t, uri, passphrase_file, makes) != 0) {
        token_close(t);
        return STATUS_ERROR;
    }
    memcpy(ret_key, t->public_key, MUSTER_KEY_LEN);
    *ret_token = t;
    return 0;
}

int token_open(const char *uri, const char *passphrase_file, struct token **ret_token,
               uint8_t ret_key[MUSTER_KEY_LEN])
{
    return open_token(uri, passphrase_file, false, ret_token, ret_key);
}

int token_new(const char *uri, const char *passphrase_file, struct token **ret_token,
              uint8_t ret_key[MUSTER_KEY_LEN])
{
    return open_token(uri, passphrase_file, true, ret_token, ret_key);
}

void token_close(struct token *t)
{
    if (t == NULL)
        return;
    if (t->session != 0) {
        (void)t->module->C_Logout(t->session);
        (void)t->module->C_CloseSession(t->session);
    }
    if (t->own[0] != NULL) {
        (void)p11_kit_module_finalize(t->own[0]);
        p11_kit_module_release(t->own[0]);
    } else if (t->modules != NULL) {
        p11_kit_modules_finalize_and_release(t->modules);
    }
    p11_kit_uri_free(t->uri);
    free(t);
}
