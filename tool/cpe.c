/* SPDX-License-Identifier: ISC */
/* Splits and unescapes CPE names. It must not compare or complete them. */
#include "tool/cpe.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tool/names.h"

#define PREFIX "cpe:2.3:"

/* The next value up to an unescaped colon; NULL if it does not fit. */
static const char *take(const char *at, char ret[CPE_VALUE_CAP])
{
    size_t n = 0;

    for (; *at != '\0' && *at != ':'; at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        if (n == CPE_VALUE_CAP - 1)
            return NULL;
        ret[n++] = *at;
    }
    ret[n] = '\0';
    return *at == ':' ? at + 1 : at;
}

bool cpe_is_open(const char *value)
{
    return value[0] == '\0' || ((value[0] == '*' || value[0] == '-') && value[1] == '\0');
}

const char *cpe_revision(const struct cpe *cpe)
{
    const char *text = cpe->version, *at = text;
    size_t digits;

    if (cpe->part != 'h' || cpe_is_open(text) || strcmp(text, "0") == 0)
        return "";
    if (strncasecmp(text, "rev", 3) == 0 || strncasecmp(text, "ver", 3) == 0 ||
        strncasecmp(text, "hw", 2) == 0)
        return text;
    at += (*at | 0x20) >= 'a' && (*at | 0x20) <= 'z';
    digits = strspn(at, "0123456789");
    at += digits <= 2 ? digits : 0;
    if (at[0] == '.' && at[1] >= '0' && at[1] <= '9')
        at += 2;
    return *at == '\0' ? text : "";
}

static void name(const char *value, size_t len, char ret[MUSTER_NAME_MAX + 1])
{
    ret[0] = '\0';
    if (len <= MUSTER_NAME_MAX && !cpe_is_open(value))
        names_suggest((struct muster_slice){(const uint8_t *)value, len}, ret);
}

static size_t without_firmware(const char *product)
{
    static const char suffix[] = "firmware";
    size_t len = strlen(product), suffix_len = sizeof suffix - 1;

    if (len > suffix_len + 1 && strcasecmp(product + len - suffix_len, suffix) == 0 &&
        strchr("_- ", product[len - suffix_len - 1]) != NULL)
        return len - suffix_len - 1;
    return len;
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= 0x20 || *text > 0x7e)
            return false;
    return true;
}

int cpe_parse(const char *text, struct cpe *ret_cpe)
{
    char part[CPE_VALUE_CAP], rest[CPE_VALUE_CAP];
    struct cpe c;
    const char *at;

    memset(&c, 0, sizeof c);
    if (strncmp(text, PREFIX, sizeof PREFIX - 1) != 0 || !is_printable(text))
        return -1;
    at = take(text + sizeof PREFIX - 1, part);
    if (at == NULL || part[0] == '\0' || part[1] != '\0' || strchr("aoh", part[0]) == NULL)
        return -1;
    c.part = part[0];
    if ((at = take(at, c.vendor)) == NULL || (at = take(at, c.product)) == NULL ||
        (at = take(at, c.version)) == NULL || (at = take(at, c.update)) == NULL)
        return -1;
    while (*at != '\0') {
        if ((at = take(at, rest)) == NULL)
            return -1;
        c.is_limited |= !cpe_is_open(rest);
    }
    c.is_firmware = without_firmware(c.product) < strlen(c.product);
    name(c.vendor, strlen(c.vendor), c.vendor_name);
    name(c.product, without_firmware(c.product), c.model_name);
    *ret_cpe = c;
    return 0;
}
