/* SPDX-License-Identifier: ISC */
/* Puts the device's state into words. All that comes from the network was proven printable ASCII
 * by the core; the owner's own name for the device is escaped where a terminal reads it. */
#include "agent/status.h"

#include <string.h>

#include "host/clock.h"
#include "host/json.h"
#include "host/log.h"

#define TEXT(slice) (int)(slice).len, (const char *)(slice).bytes

static struct muster_slice vendor_of(const struct status *status)
{
    return muster_identity_vendor(&status->device->memory.fw.id);
}

static struct muster_slice model_of(const struct status *status)
{
    return muster_identity_model(&status->device->memory.fw.id);
}

static struct muster_slice build_of(const struct status *status)
{
    return muster_identity_build(&status->device->memory.fw.id);
}

enum status_state status_state(const struct status *status)
{
    struct muster_shown shown;

    if (muster_device_is_quarantined(status->device))
        return STATUS_QUARANTINED;
    if (muster_device_shown(status->device, &status->now, 0, &shown))
        return STATUS_NOTICE;
    if (muster_device_override_left(status->device, &status->now) > 0)
        return STATUS_OVERRIDDEN;
    return STATUS_FIT;
}

const char *status_state_name(enum status_state state)
{
    static const char *const names[] = {"fit", "overridden", "notice", "quarantined"};

    return names[state];
}

const char *status_name(const struct settings *settings)
{
    return settings->name[0] != 0 ? settings->name : settings->model;
}

const char *status_reason(enum muster_reason reason)
{
    switch (reason) {
    case MUSTER_REMOTE_TAKEOVER:
        return "can be taken over from the network";
    case MUSTER_DEFAULT_PASSWORD:
        return "has a default or hard-coded password";
    case MUSTER_KNOWN_EXPLOITED:
        return "has a defect that is known to be exploited";
    case MUSTER_USED_IN_ATTACKS:
        return "is of a kind that is used in attacks";
    case MUSTER_NO_MORE_UPDATES:
        return "gets no more updates";
    default:
        return "has a defect";
    }
}

const char *status_format_left(uint64_t left_s, char out[STATUS_LEFT_CAP])
{
    if (left_s == MUSTER_FOREVER)
        return strcpy(out, "for good");
    if (left_s < 120)
        (void)snprintf(out, STATUS_LEFT_CAP, "%llu s", (unsigned long long)left_s);
    else if (left_s < 7200)
        (void)snprintf(out, STATUS_LEFT_CAP, "%llu min", (unsigned long long)(left_s / 60));
    else if (left_s < 2 * MUSTER_DAY_S)
        (void)snprintf(out, STATUS_LEFT_CAP, "%llu h", (unsigned long long)(left_s / 3600));
    else
        (void)snprintf(out, STATUS_LEFT_CAP, "%llu days",
                       (unsigned long long)(left_s / MUSTER_DAY_S));
    return out;
}

static void advise(const struct muster_shown *shown, char *out, size_t cap)
{
    const char *before = shown->url.len > 0 ? ", see " : "";

    if (shown->fixed_in.len > 0)
        (void)snprintf(out, cap, "update to %.*s or later%s%.*s", TEXT(shown->fixed_in), before,
                       TEXT(shown->url));
    else if (shown->reason == MUSTER_NO_MORE_UPDATES)
        (void)snprintf(out, cap, "replace it, or keep it off the internet%s%.*s", before,
                       TEXT(shown->url));
    else
        (void)snprintf(out, cap, "ask the vendor for an update%s%.*s", before, TEXT(shown->url));
}

void status_sentence(const struct status *status, char *out, size_t cap)
{
    struct muster_shown shown;
    enum status_state state = status_state(status);
    char advice[256], name[256];

    log_safe(name, sizeof name, status_name(status->settings),
             strlen(status_name(status->settings)));
    if (muster_device_shown(status->device, &status->now, 0, &shown)) {
        advise(&shown, advice, sizeof advice);
        (void)snprintf(out, cap, "%s %s because it %s (%.*s); %s", name,
                       state == STATUS_QUARANTINED ? "was cut off from the internet" : "needs care",
                       status_reason(shown.reason), TEXT(shown.id), advice);
    } else if (state == STATUS_OVERRIDDEN) {
        (void)snprintf(out, cap,
                       "%s is on the internet because its owner has overridden what is "
                       "known against it",
                       name);
    } else {
        (void)snprintf(out, cap, "nothing is known against %s; it is on the internet as usual",
                       name);
    }
}

static void write_identity(const struct status *status, FILE *out)
{
    char name[256];

    if (status->settings->name[0] != 0)
        fprintf(
            out, "Name:      %s\n",
            log_safe(name, sizeof name, status->settings->name, strlen(status->settings->name)));
    fprintf(out, "Device:    %.*s %.*s, build %.*s", TEXT(vendor_of(status)),
            TEXT(model_of(status)), TEXT(build_of(status)));
    if (status->device->memory.fw.id.number != 0)
        fprintf(out, " (number %llu)", (unsigned long long)status->device->memory.fw.id.number);
    fputc('\n', out);
}

static void write_state(const struct status *status, FILE *out)
{
    uint64_t left_s = muster_device_override_left(status->device, &status->now);
    char left[STATUS_LEFT_CAP];

    fputs("State:     ", out);
    switch (status_state(status)) {
    case STATUS_QUARANTINED:
        fputs("quarantined: only the LAN is left\n", out);
        break;
    case STATUS_NOTICE:
        fputs("listed (notice): it works as usual, but see below\n", out);
        break;
    case STATUS_OVERRIDDEN:
        fprintf(out, "overridden by its owner, %s%s\n", status_format_left(left_s, left),
                left_s == MUSTER_FOREVER ? "" : " of running time left");
        break;
    default:
        fputs("fit: nothing is known against it\n", out);
    }
    if (!muster_device_emits(status->device))
        fputs("Reports:   off (emit = no)\n", out);
}

static const char *level_name(enum muster_verdict_level level)
{
    static const char *const names[] = {"fit", "notice", "fail", "ending"};

    return names[level];
}

static void write_shown(const struct muster_shown *shown, FILE *out)
{
    char when[CLOCK_TEXT_CAP], left[STATUS_LEFT_CAP], advice[256];

    advise(shown, advice, sizeof advice);
    fprintf(out, "\n%.*s (%s): it %s\n", TEXT(shown->id), level_name(shown->level),
            status_reason(shown->reason));
    if (shown->fixed_in.len > 0)
        fprintf(out, "  Fixed in:  %.*s\n", TEXT(shown->fixed_in));
    if (shown->url.len > 0)
        fprintf(out, "  More:      %.*s\n", TEXT(shown->url));
    if (shown->enforce_from != 0)
        fprintf(out, "  Enforced:  from %s\n", clock_format(when, shown->enforce_from));
    else
        fputs("  Enforced:  no, a notice only\n", out);
    fprintf(out, "  Said by:   %.*s\n",
            shown->signer_name.len > 0 ? (int)shown->signer_name.len : 23,
            shown->signer_name.len > 0 ? (const char *)shown->signer_name.bytes
                                       : "a signer without a name");
    if (shown->level == MUSTER_ENDING)
        fputs("  Lease:     over; released within the hour\n", out);
    else
        fprintf(out, "  Lease:     %s left unless renewed\n",
                status_format_left(shown->left_s, left));
    fprintf(out, "  To do:     %s\n", advice);
}

static void write_block(const struct status *status, FILE *out)
{
    const struct quarantine *q = status->quarantine;

    if (!q->standing)
        return;
    fprintf(out, "Block:     %s%s; %zu routes taken away\n", block_kind_name(q->block.kind),
            q->block.kind == BLOCK_EGRESS   ? ""
            : q->block.kind == BLOCK_OUTPUT ? " (packet sockets are not covered)"
                                            : " (sockets bound to a device are not covered)",
            q->routes.n);
}

static void write_network(const struct status *status, FILE *out)
{
    const struct muster_device_counts *counts = &status->device->counts;
    char when[CLOCK_TEXT_CAP];
    unsigned long ignored = 0;

    for (size_t i = 0; i < MUSTER_ERRORS_N; i++)
        ignored += counts->ignored[i];
    fprintf(out, "Network:   %s%s%s\n", status->families & MUSTER_IPV4 ? "IPv4 " : "",
            status->families & MUSTER_IPV6 ? "IPv6" : "",
            status->families == 0 ? "none with a gateway" : "");
    fprintf(out, "Reported:  %s\n", clock_format(when, status->last_report_s));
    fprintf(out,
            "Counters:  %lu packets of reports, %lu of inquiries, %lu replies (%lu heard), "
            "%lu ignored, %lu cuts, %lu releases\n",
            (unsigned long)counts->reports, (unsigned long)counts->inquiries,
            (unsigned long)counts->replies, (unsigned long)counts->heard, ignored,
            (unsigned long)counts->cuts, (unsigned long)counts->releases);
    if (!status->child_runs)
        fputs("Warning:   the network half does not run; it is being restarted, see the log\n",
              out);
#ifdef MUSTER_TIME_SCALE
    if (status->scale > 1)
        fprintf(out, "Warning:   time runs %llu times as fast (--time-scale)\n",
                (unsigned long long)status->scale);
#endif
}

void status_write_text(const struct status *status, FILE *out)
{
    struct muster_shown shown;

    write_identity(status, out);
    write_state(status, out);
    write_block(status, out);
    write_network(status, out);
    for (size_t i = 0; muster_device_shown(status->device, &status->now, i, &shown); i++)
        write_shown(&shown, out);
    if (status_state(status) == STATUS_QUARANTINED)
        fputs("\nOnce it runs a build that is not defective it comes back by itself. `muster-agent "
              "override` lets it\nout before that, for 30 days and at your own risk.\n",
              out);
}

static void put_slice(struct json *json, const char *key, struct muster_slice slice)
{
    json_key_string(json, key, (const char *)slice.bytes, slice.len);
}

static void put_shown(struct json *json, const struct muster_shown *shown)
{
    char advice[256];

    advise(shown, advice, sizeof advice);
    json_open_object(json, NULL);
    json_key_text(json, "level", level_name(shown->level));
    put_slice(json, "id", shown->id);
    json_key_text(json, "reason", muster_reason_name(shown->reason));
    put_slice(json, "fixed_in", shown->fixed_in);
    put_slice(json, "url", shown->url);
    json_key_u64(json, "enforce_from", shown->enforce_from);
    json_key_u64(json, "issued", shown->issued);
    json_key_u64(json, "expires", shown->expires);
    json_key_u64(json, "lease_left_s", shown->left_s);
    put_slice(json, "signer_name", shown->signer_name);
    json_key_hex(json, "signer_key", shown->signer_key, MUSTER_KEY_LEN);
    json_key_text(json, "to_do", advice);
    json_close(json);
}

static void put_override(const struct status *status, struct json *json)
{
    uint64_t left_s = muster_device_override_left(status->device, &status->now);

    if (left_s == 0) {
        json_key_null(json, "override");
        return;
    }
    json_open_object(json, "override");
    json_key_bool(json, "always", left_s == MUSTER_FOREVER);
    json_key_u64(json, "left_s", left_s == MUSTER_FOREVER ? 0 : left_s);
    json_close(json);
}

static void put_block(const struct status *status, struct json *json)
{
    const struct quarantine *q = status->quarantine;

    json_open_object(json, "block");
    json_key_text(json, "kind", block_kind_name(q->standing ? q->block.kind : BLOCK_NONE));
    json_key_bool(json, "covers_device_bound_sockets",
                  q->standing && (q->block.kind == BLOCK_EGRESS || q->block.kind == BLOCK_OUTPUT));
    json_key_bool(json, "covers_packet_sockets", q->standing && q->block.kind == BLOCK_EGRESS);
    json_key_u64(json, "routes_taken", q->standing ? q->routes.n : 0);
    json_close(json);
}

/* What was ignored is counted by reason, beside the rest. */
static void put_counters(const struct status *status, struct json *json)
{
    const struct muster_device_counts *counts = &status->device->counts;
    char name[32];

    json_open_object(json, "counters");
    json_key_u64(json, "reports", counts->reports);
    json_key_u64(json, "inquiries", counts->inquiries);
    json_key_u64(json, "replies", counts->replies);
    json_key_u64(json, "heard", counts->heard);
    json_key_u64(json, "more", counts->more);
    json_key_u64(json, "cuts", counts->cuts);
    json_key_u64(json, "releases", counts->releases);
    for (int i = 1; i < MUSTER_ERRORS_N; i++) {
        (void)snprintf(name, sizeof name, "%s", muster_error_name(-i));
        for (char *blank = name; (blank = strchr(blank, ' ')) != NULL;)
            *blank = '_';
        json_key_u64(json, name, counts->ignored[i]);
    }
    json_close(json);
}

static void put_families(const struct status *status, struct json *json)
{
    json_open_array(json, "families");
    if (status->families & MUSTER_IPV4)
        json_key_text(json, NULL, "IPv4");
    if (status->families & MUSTER_IPV6)
        json_key_text(json, NULL, "IPv6");
    json_close(json);
}

void status_write_json(const struct status *status, FILE *out)
{
    struct json json = {.out = out};
    struct muster_shown shown;
    char sentence[768];

    status_sentence(status, sentence, sizeof sentence);
    json_open_object(&json, NULL);
    json_key_text(&json, "state", status_state_name(status_state(status)));
    json_key_bool(&json, "quarantined", status_state(status) == STATUS_QUARANTINED);
    json_key_text(&json, "text", sentence);
    json_key_text(&json, "name", status_name(status->settings));
    put_slice(&json, "vendor", vendor_of(status));
    put_slice(&json, "model", model_of(status));
    put_slice(&json, "build", build_of(status));
    json_key_u64(&json, "number", status->device->memory.fw.id.number);
    json_key_bool(&json, "emit", muster_device_emits(status->device));
    json_open_array(&json, "verdicts");
    for (size_t i = 0; muster_device_shown(status->device, &status->now, i, &shown); i++)
        put_shown(&json, &shown);
    json_close(&json);
    put_override(status, &json);
    put_block(status, &json);
    put_families(status, &json);
    json_key_u64(&json, "last_report", status->last_report_s);
    json_key_u64(&json, "time", muster_device_time(status->device, &status->now));
    put_counters(status, &json);
    json_close(&json);
}
