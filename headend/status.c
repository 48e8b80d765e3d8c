/* SPDX-License-Identifier: ISC */
/* Status as text and JSON. It must not change anything, nor print a byte of a file unescaped. */
#include "headend/status.h"

#include <stdarg.h>
#include <string.h>

#include "host/clock.h"
#include "host/hex.h"
#include "host/json.h"
#include "host/log.h"

#define TEXT_CAP   512
#define SPAN_CAP   48
#define SAFE(text) log_safe((char[TEXT_CAP]){0}, TEXT_CAP, (text), strlen(text))

/* Called with each warning. */
typedef void warn_fn(void *ctx, const char *text);

struct warner {
    warn_fn *say;
    void *ctx;
};

__attribute__((format(printf, 2, 3))) static void warn(const struct warner *warner, const char *fmt,
                                                       ...)
{
    char text[TEXT_CAP];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    warner->say(warner->ctx, text);
}

static uint64_t left_s(uint64_t expires, uint64_t now_s)
{
    return now_s < expires ? expires - now_s : 0;
}

static const char *span(char out[SPAN_CAP], uint64_t s)
{
    unsigned long long days = s / 86400, hours = s / 3600 % 24, minutes = s / 60 % 60;

    if (days > 0)
        (void)snprintf(out, SPAN_CAP, "%llu d %llu h", days, hours);
    else if (hours > 0)
        (void)snprintf(out, SPAN_CAP, "%llu h %llu min", hours, minutes);
    else
        (void)snprintf(out, SPAN_CAP, "%llu min %llu s", minutes, (unsigned long long)(s % 60));
    return out;
}

static const char *life(char out[SPAN_CAP], uint64_t expires, uint64_t now_s)
{
    if (now_s >= expires)
        return "EXPIRED";
    (void)snprintf(out, SPAN_CAP, "%.40s left", span((char[SPAN_CAP]){0}, expires - now_s));
    return out;
}

static void warn_of_list(const struct warner *w, const struct listing *listing, uint64_t now_s)
{
    char text[LISTING_ERROR_CAP];
    const char *problem = listing_problem(listing, now_s, text);

    if (problem != NULL)
        warn(w, "list %s: %s", SAFE(listing->path), problem);
    if (!listing_is_usable(listing, now_s))
        warn(w, "list %s is not usable: reports of models that no other list has stay unanswered",
             SAFE(listing->path));
    else if (listing_days_left(listing, now_s) <= LISTING_ALARM_DAYS)
        warn(w, "list %s: %u days of life left; renew it with `muster sign --old`",
             SAFE(listing->path), listing_days_left(listing, now_s));
}

static bool is_signer_here(const struct snapshot *s, const uint8_t key[MUSTER_KEY_LEN])
{
    size_t i;

    for (i = 0; i < s->lists_n; i++)
        if (s->lists[i].image != NULL &&
            memcmp(s->lists[i].image->list.key, key, MUSTER_KEY_LEN) == 0)
            return true;
    return false;
}

static void warn_of_standing(const struct warner *w, const struct standings_file *file,
                             uint64_t now_s)
{
    if (file->standing.level != MUSTER_GOOD)
        warn(w, "standing %s: the signer of a list here is %s; devices do not obey it",
             SAFE(file->path), muster_level_name(file->standing.level));
    else if (left_s(file->standing.expires, now_s) <= STATUS_STANDING_ALARM_DAYS * MUSTER_DAY_S)
        warn(w, "standing %s: %u days of life left; fetch a new one from its authority",
             SAFE(file->path), (unsigned)(left_s(file->standing.expires, now_s) / MUSTER_DAY_S));
}

static void warn_all(const struct status *status, warn_fn *say, void *ctx)
{
    const struct warner w = {say, ctx};
    const struct snapshot *s = status->snapshot;
    size_t i;

    for (i = 0; i < s->lists_n; i++)
        warn_of_list(&w, &s->lists[i], status->now_s);
    for (i = 0; i < s->standings->files_n; i++)
        if (s->standings->files[i].error[0] != '\0')
            warn(&w, "standing %s: %s", SAFE(s->standings->files[i].path),
                 s->standings->files[i].error);
    for (i = 0; i < s->standings->current_n; i++)
        if (is_signer_here(s, s->standings->current[i]->standing.key))
            warn_of_standing(&w, s->standings->current[i], status->now_s);
}

static uint64_t read_counter(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Text. */

static void print_list(FILE *out, const struct listing *listing, uint64_t now_s)
{
    char hex[2 * MUSTER_KEY_LEN + 1], issued[CLOCK_TEXT_CAP], expires[CLOCK_TEXT_CAP];
    const struct muster_list *list;

    fprintf(out, "list %s: %s\n", SAFE(listing->path),
            listing_is_usable(listing, now_s) ? "usable" : "NOT USABLE");
    if (listing->image == NULL)
        return;
    list = &listing->image->list;
    fprintf(out, "  %u models, issued %s, expires %s (%s)\n  signer %s\n", list->models_n,
            clock_format(issued, list->issued), clock_format(expires, list->expires),
            life((char[SPAN_CAP]){0}, list->expires, now_s),
            hex_encode(hex, list->key, MUSTER_KEY_LEN));
}

static void print_standing(FILE *out, const struct standings_file *file, uint64_t now_s)
{
    char signer[2 * MUSTER_KEY_LEN + 1], authority[2 * MUSTER_KEY_LEN + 1];
    const struct muster_standing *standing = &file->standing;

    fprintf(out, "standing %s: ", SAFE(file->path));
    if (file->len == 0) {
        fputs("NOT USABLE\n", out);
        return;
    }
    fprintf(out, "%s (%s)\n  signer %s, \"%s\"\n  authority %s\n",
            muster_level_name(standing->level), life((char[SPAN_CAP]){0}, standing->expires, now_s),
            hex_encode(signer, standing->key, MUSTER_KEY_LEN),
            log_safe((char[TEXT_CAP]){0}, TEXT_CAP, (const char *)standing->name.bytes,
                     standing->name.len),
            hex_encode(authority, file->authority, MUSTER_KEY_LEN));
}

static void print_counters(FILE *out, const struct worker *worker)
{
    size_t i;

    fputs("counters\n", out);
    for (i = 0; i < MUSTER_OUTCOMES_N; i++)
        fprintf(out, "  %-18s %llu\n", muster_outcome_name((enum muster_outcome)i),
                (unsigned long long)read_counter(&worker->counters.outcomes[i]));
    fprintf(out, "  %-18s %llu\n", "covered (would fail)",
            (unsigned long long)read_counter(&worker->counters.covered));
    fprintf(out, "  %-18s %llu\n", "send errors",
            (unsigned long long)read_counter(&worker->counters.send_errors));
    fprintf(out, "  %-18s %llu\n", "overflowed",
            (unsigned long long)worker->ops->overflowed(worker->io));
}

static void print_warning(void *ctx, const char *text)
{
    fprintf(ctx, "WARNING: %s\n", text);
}

static void print_server(FILE *out, const struct status *status)
{
    const struct settings *settings = status->snapshot->settings;
    char text[ADDR_TEXT_CAP];
    size_t i;

    fprintf(out, "musterd %s, mode %s%s", MUSTER_VERSION, settings_mode_name(settings->mode),
            settings->inquiries ? ", answers inquiries" : "");
    if (status->worker != NULL)
        fprintf(out, ", up %s", span((char[SPAN_CAP]){0}, status->uptime_s));
    fputs("\nlisten", out);
    for (i = 0; i < settings->listens_n; i++)
        fprintf(out, " %s", addr_format(&settings->listens[i].addr, text));
    fprintf(out, "\nexempt prefixes %zu\n", settings->exempts_n);
}

static void print_all(FILE *out, const struct status *status)
{
    const struct snapshot *s = status->snapshot;
    size_t i;

    print_server(out, status);
    for (i = 0; i < s->lists_n; i++)
        print_list(out, &s->lists[i], status->now_s);
    for (i = 0; i < s->standings->files_n; i++)
        print_standing(out, &s->standings->files[i], status->now_s);
    if (status->worker != NULL)
        print_counters(out, status->worker);
    warn_all(status, print_warning, out);
}

/* JSON. */

static void json_list(struct json *json, const struct listing *listing, uint64_t now_s)
{
    char text[LISTING_ERROR_CAP];

    json_open_object(json, NULL);
    json_key_text(json, "path", listing->path);
    json_key_bool(json, "usable", listing_is_usable(listing, now_s));
    json_key_text(json, "error", listing_problem(listing, now_s, text));
    if (listing->image != NULL) {
        const struct muster_list *list = &listing->image->list;

        json_key_hex(json, "signer", list->key, MUSTER_KEY_LEN);
        json_key_u64(json, "models", list->models_n);
        json_key_u64(json, "issued", list->issued);
        json_key_u64(json, "expires", list->expires);
        json_key_u64(json, "life_s", left_s(list->expires, now_s));
    }
    json_close(json);
}

static void json_standing(struct json *json, const struct standings_file *file, uint64_t now_s)
{
    json_open_object(json, NULL);
    json_key_text(json, "path", file->path);
    json_key_text(json, "error", file->error[0] != '\0' ? file->error : NULL);
    if (file->len > 0) {
        const struct muster_standing *standing = &file->standing;

        json_key_hex(json, "signer", standing->key, MUSTER_KEY_LEN);
        json_key_hex(json, "authority", file->authority, MUSTER_KEY_LEN);
        json_key_string(json, "name", (const char *)standing->name.bytes, standing->name.len);
        json_key_text(json, "level", muster_level_name(standing->level));
        json_key_u64(json, "issued", standing->issued);
        json_key_u64(json, "expires", standing->expires);
        json_key_u64(json, "life_s", left_s(standing->expires, now_s));
    }
    json_close(json);
}

/* "drop size" is drop_size in JSON. */
static void json_outcome(struct json *json, enum muster_outcome outcome, uint64_t value)
{
    char key[32];
    char *blank;

    (void)snprintf(key, sizeof key, "%s", muster_outcome_name(outcome));
    while ((blank = strchr(key, ' ')) != NULL)
        *blank = '_';
    json_key_u64(json, key, value);
}

static void json_counters(struct json *json, const struct worker *worker)
{
    size_t i;

    json_open_object(json, "counters");
    for (i = 0; i < MUSTER_OUTCOMES_N; i++)
        json_outcome(json, (enum muster_outcome)i, read_counter(&worker->counters.outcomes[i]));
    json_key_u64(json, "covered", read_counter(&worker->counters.covered));
    json_key_u64(json, "send_errors", read_counter(&worker->counters.send_errors));
    json_key_u64(json, "overflowed", worker->ops->overflowed(worker->io));
    json_close(json);
}

static void json_server(struct json *json, const struct status *status)
{
    const struct settings *settings = status->snapshot->settings;
    char text[ADDR_TEXT_CAP];
    size_t i;

    json_key_text(json, "version", MUSTER_VERSION);
    json_key_text(json, "mode", settings_mode_name(settings->mode));
    json_key_bool(json, "inquiries", settings->inquiries);
    json_key_u64(json, "now", status->now_s);
    json_key_u64(json, "uptime_s", status->uptime_s);
    json_key_u64(json, "exempts", settings->exempts_n);
    json_open_array(json, "listen");
    for (i = 0; i < settings->listens_n; i++)
        json_key_text(json, NULL, addr_format(&settings->listens[i].addr, text));
    json_close(json);
}

static void json_warning(void *ctx, const char *text)
{
    json_key_text(ctx, NULL, text);
}

static void json_all(FILE *out, const struct status *status)
{
    struct json json = {.out = out, .pretty = true};
    const struct snapshot *s = status->snapshot;
    size_t i;

    json_open_object(&json, NULL);
    json_server(&json, status);
    json_open_array(&json, "lists");
    for (i = 0; i < s->lists_n; i++)
        json_list(&json, &s->lists[i], status->now_s);
    json_close(&json);
    json_open_array(&json, "standings");
    for (i = 0; i < s->standings->files_n; i++)
        json_standing(&json, &s->standings->files[i], status->now_s);
    json_close(&json);
    if (status->worker != NULL)
        json_counters(&json, status->worker);
    json_open_array(&json, "warnings");
    warn_all(status, json_warning, &json);
    json_close(&json);
    json_close(&json);
}

void status_write(FILE *out, const struct status *status, bool as_json)
{
    if (as_json)
        json_all(out, status);
    else
        print_all(out, status);
}
