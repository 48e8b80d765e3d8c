/* SPDX-License-Identifier: ISC */
/* List files in, verified whole or refused with a reason. It must not decide what an unusable list
 * means for answers: muster_answer() does. */
#include "headend/listing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/file.h"
#include "host/hex.h"
#include "host/listcheck.h"
#include "host/log.h"
#include "host/parallel.h"
#include "muster/record.h"

#define FILE_MAX (SIZE_MAX / 4)

__attribute__((format(printf, 2, 3))) static int refuse(char *error, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(error, LISTING_ERROR_CAP, fmt, args);
    va_end(args);
    return -1;
}

static int refuse_signer(const struct muster_list *list, char *error)
{
    char hex[2 * MUSTER_KEY_LEN + 1];

    return refuse(error,
                  "signed by %s, which no `signer =` names; sign it with a key that is "
                  "named there, or name this one",
                  hex_encode(hex, list->key, MUSTER_KEY_LEN));
}

static int refuse_approvals(const struct settings *settings, uint32_t n, char *error)
{
    return refuse(error,
                  "approved by %u of the named approvers, and %u must have; have it approved with "
                  "`muster approve` and install that",
                  n, settings->approvals);
}

static int check(const struct settings *settings, const struct muster_list *list, char *error)
{
    uint32_t approvals_n;

    switch (listcheck_verify(list, parallel_processors())) {
    case MUSTER_OK:
        break;
    case MUSTER_E_SIGNATURE:
        return refuse(error, "its signature does not verify; it was changed after signing: "
                             "fetch it again, or sign it again with `muster sign`");
    default:
        return refuse(error, "damaged inside; fetch it again, or make it again with `muster sign`");
    }
    if (!settings_allows_signer(settings, list->key))
        return refuse_signer(list, error);
    if (!settings_allows_approvals(settings, list, &approvals_n))
        return refuse_approvals(settings, approvals_n, error);
    if (listcheck_has_never_fail(list))
        return refuse(error, "lists " MUSTER_TEST_VENDOR "/" MUSTER_NEVER_FAIL ", which must never "
                             "be listed: its source calls everything defective; check that source");
    return 0;
}

/* 0 and an image with one reference, or -1 and the reason. */
static int load(const struct settings *settings, const char *path, struct image **ret, char *error)
{
    struct image *image = calloc(1, sizeof *image);
    struct muster_slice bytes;
    int ret_read;

    if (image == NULL)
        return refuse(error, "out of memory; give musterd more");
    ret_read = file_read(path, FILE_MAX, &image->bytes, &bytes.len);
    if (ret_read != 0) {
        free(image);
        return refuse(error, "cannot be read: %s; %s", strerror(-ret_read),
                      stamp_advice(-ret_read));
    }
    bytes.bytes = image->bytes;
    image->refs = 1;
    if (muster_list_open(bytes, &image->list) != MUSTER_OK)
        (void)refuse(error, "not a list, or cut short; make it with `muster sign`");
    else if (check(settings, &image->list, error) == 0) {
        *ret = image;
        return 0;
    }
    free(image->bytes);
    free(image);
    return -1;
}

static void release(struct image *image)
{
    if (image == NULL || --image->refs > 0)
        return;
    free(image->bytes);
    free(image);
}

static struct image *keep(const struct settings *settings, const struct listing *old)
{
    uint32_t approvals_n;

    if (old == NULL || old->image == NULL ||
        !settings_allows_signer(settings, old->image->list.key) ||
        !settings_allows_approvals(settings, &old->image->list, &approvals_n))
        return NULL;
    old->image->refs++;
    return old->image;
}

static void say_loaded(const struct listing *listing)
{
    const struct muster_list *list = &listing->image->list;
    char when[CLOCK_TEXT_CAP], hex[2 * MUSTER_KEY_LEN + 1];

    log_info("list %s: in use, %u models, expires %s, signed by %s", listing->path, list->models_n,
             clock_format(when, list->expires), hex_encode(hex, list->key, MUSTER_KEY_LEN));
}

static void say_refused(const struct listing *listing)
{
    log_error("list %s: %s (%s)", listing->path, listing->error,
              listing->image != NULL ? "the list read before stays in use"
                                     : "until it is good, models that no other list has are not "
                                       "answered, but in monitor mode");
}

static void say_expired(char *error, const struct image *image)
{
    char when[CLOCK_TEXT_CAP];

    (void)refuse(error, "expired on %s; sign it anew with `muster sign --old`",
                 clock_format(when, image->list.expires));
}

/* Once a day from LISTING_ALARM_DAYS on. */
static void alarm_life(struct listing *listing, uint64_t now_s)
{
    char text[LISTING_ERROR_CAP];
    unsigned days;

    if (listing->image == NULL)
        return;
    days = listing_days_left(listing, now_s);
    if (!listing_is_usable(listing, now_s)) {
        say_expired(text, listing->image);
        if (listing->alarm != LISTING_ALARM_EXPIRED)
            log_error("list %s: %s", listing->path, text);
        listing->alarm = LISTING_ALARM_EXPIRED;
    } else if (days <= LISTING_ALARM_DAYS && listing->alarm != (int)days) {
        log_warn("list %s: %u days of life left; renew it with `muster sign --old`", listing->path,
                 days);
        listing->alarm = (int)days;
    }
}

/* Whether what was just read must not replace what is in use; the reason is in `error` then. */
static bool is_worse(const struct image *read, const struct image *old, uint64_t now_s, char *error)
{
    if (read == NULL)
        return true;
    if (old == NULL)
        return false;
    if (now_s >= read->list.expires && now_s < old->list.expires) {
        say_expired(error, read);
        return true;
    }
    if (read->list.issued < old->list.issued &&
        memcmp(read->list.key, old->list.key, MUSTER_KEY_LEN) == 0) {
        (void)refuse(error, "is older than the list in use; sign it anew with `muster sign --old`, "
                            "or restart musterd if it must be this one");
        return true;
    }
    return false;
}

static void settle(struct listing *listing, struct image *old, uint64_t now_s)
{
    if (is_worse(listing->image, old, now_s, listing->error)) {
        release(listing->image);
        listing->image = old;
        say_refused(listing);
    } else {
        release(old);
        say_loaded(listing);
    }
}

void listing_load(const struct settings *settings, const char *path, const struct listing *old,
                  bool force, uint64_t now_s, struct listing *ret)
{
    struct listing listing = {.path = path, .stamp = stamp_of(path), .alarm = LISTING_ALARM_NONE};
    struct image *before = keep(settings, old);

    if (old != NULL && !force && stamp_equal(&old->stamp, &listing.stamp)) {
        listing.image = before;
        memcpy(listing.error, old->error, sizeof listing.error);
        listing.alarm = old->alarm;
    } else {
        (void)load(settings, path, &listing.image, listing.error);
        settle(&listing, before, now_s);
    }
    alarm_life(&listing, now_s);
    *ret = listing;
}

void listing_release(struct listing *listing)
{
    release(listing->image);
    listing->image = NULL;
}

bool listing_is_usable(const struct listing *listing, uint64_t now_s)
{
    return listing->image != NULL && now_s < listing->image->list.expires;
}

const char *listing_problem(const struct listing *listing, uint64_t now_s,
                            char text[LISTING_ERROR_CAP])
{
    if (listing->error[0] != '\0')
        return listing->error;
    if (listing_is_usable(listing, now_s))
        return NULL;
    say_expired(text, listing->image);
    return text;
}

unsigned listing_days_left(const struct listing *listing, uint64_t now_s)
{
    uint64_t expires = listing->image->list.expires;

    return now_s < expires ? (unsigned)((expires - now_s) / MUSTER_DAY_S) : 0;
}
