/* SPDX-License-Identifier: ISC */
/* What the bytes say, in words. It must not judge it: that is the device's business (ask). */
#include "tool/describe.h"

#include <inttypes.h>
#include <stdio.h>

#include "tool/cli.h"
#include "tool/names.h"

static void describe_natural(char buf[DESCRIBE_RANGE_CAP], const struct muster_range *r)
{
    const char *from_word = (r->bounds & MUSTER_FROM_EXCLUDED) ? "after" : "from";
    const char *until_word = (r->bounds & MUSTER_UNTIL_INCLUDED) ? "up to and including" : "before";

    if (r->from.len == 0 && r->until.len == 0)
        (void)snprintf(buf, DESCRIBE_RANGE_CAP, "every build");
    else if (r->until.len == 0)
        (void)snprintf(buf, DESCRIBE_RANGE_CAP, "builds %s \"%s\" on", from_word,
                       SAFE_SLICE(r->from));
    else if (r->from.len == 0)
        (void)snprintf(buf, DESCRIBE_RANGE_CAP, "builds %s \"%s\"", until_word,
                       SAFE_SLICE(r->until));
    else
        (void)snprintf(buf, DESCRIBE_RANGE_CAP, "builds %s \"%s\" %s \"%s\"", from_word,
                       SAFE_SLICE(r->from), until_word, SAFE_SLICE(r->until));
}

const char *describe_range(char buf[DESCRIBE_RANGE_CAP], const struct muster_range *r)
{
    if (r->kind == MUSTER_RANGE_EXACT)
        (void)snprintf(buf, DESCRIBE_RANGE_CAP, "exactly build \"%s\"", SAFE_SLICE(r->from));
    else if (r->kind == MUSTER_RANGE_NUMBER)
        (void)snprintf(buf, DESCRIBE_RANGE_CAP, "numbers %" PRIu64 " to %" PRIu64, r->low, r->high);
    else
        describe_natural(buf, r);
    return buf;
}

const char *describe_event(enum muster_event event)
{
    static const char *const names[] = {"attach", "periodic", "recheck", "manual"};

    return names[event];
}

static void describe_range_json(struct out *out, const struct muster_range *r, const char *text)
{
    out_open_object(out, NULL, "");
    out_u64(out, "kind", r->kind);
    if (r->kind == MUSTER_RANGE_EXACT) {
        out_slice(out, "build", r->from);
    } else if (r->kind == MUSTER_RANGE_NATURAL) {
        out_slice(out, "from", r->from);
        out_slice(out, "until", r->until);
        out_u64(out, "bounds", r->bounds);
    } else {
        out_u64(out, "low", r->low);
        out_u64(out, "high", r->high);
    }
    out_text(out, "text", text);
    out_close_object(out);
}

static void describe_defect(struct out *out, const struct muster_defect *d)
{
    char text[DESCRIBE_RANGE_CAP];
    struct muster_range range;
    struct muster_cbor c;
    size_t i;

    out_open_object(out, NULL, SAFE_SLICE(d->id));
    if (out->as_json)
        out_slice(out, "id", d->id);
    out_text(out, "reason", muster_reason_name(muster_reason_read(d->reason)));
    out_time(out, "enforce_from", d->enforce_from, "never: notice only");
    out_slice(out, "fixed_in", d->fixed_in);
    out_slice(out, "url", d->url);
    out_open_array(out, "ranges");
    muster_cbor_init(&c, d->ranges);
    for (i = 0; i < d->ranges_n; i++) {
        muster_range_read(&c, &range);
        (void)describe_range(text, &range);
        if (out->as_json)
            describe_range_json(out, &range, text);
        else
            out_text(out, "covers", text);
    }
    out_close_array(out);
    out_close_object(out);
}

void describe_advisory(struct out *out, const struct muster_advisory *a)
{
    size_t i;

    out_slice(out, "vendor", a->vendor);
    out_slice(out, "model", a->model);
    out_time(out, "issued", a->issued, "1970");
    out_time(out, "expires", a->expires, "1970");
    if (!out->as_json && a->defects_n == 0)
        out_text(out, "defects", "none: this is a withdrawal");
    out_open_array(out, "defects");
    for (i = 0; i < a->defects_n; i++)
        describe_defect(out, &a->defects[i]);
    out_close_array(out);
}

static void describe_standing(struct out *out, const struct muster_standing *s)
{
    size_t i;

    out_hex(out, "signer", s->key, MUSTER_KEY_LEN);
    out_slice(out, "name", s->name);
    out_text(out, "level", muster_level_name(s->level));
    out_time(out, "issued", s->issued, "1970");
    out_time(out, "expires", s->expires, "1970");
    out_time(out, "floor", s->floor, "none");
    if (!out->as_json && s->scope_n == 0)
        out_text(out, "vendors", "any");
    out_open_array(out, "vendors");
    for (i = 0; i < s->scope_n; i++)
        out_slice(out, out->as_json ? NULL : "vendor", s->scope[i]);
    out_close_array(out);
}

static int describe_malformed(struct out *out, const char *key, struct muster_slice raw, int error)
{
    out_open_object(out, key, "malformed record");
    if (out->as_json)
        out_text(out, "type", "malformed");
    out_u64(out, "bytes", raw.len);
    out_text(out, "error", muster_error_name(error));
    out_close_object(out);
    return -1;
}

int describe_record(struct out *out, const char *key, struct muster_slice raw)
{
    struct muster_record r;
    int error = muster_record_parse(raw, &r);
    bool verifies;

    if (error != MUSTER_OK)
        return describe_malformed(out, key, raw, error);
    out_open_object(out, key, r.kind == MUSTER_ADVISORY ? "advisory" : "standing");
    if (out->as_json)
        out_text(out, "type", r.kind == MUSTER_ADVISORY ? "advisory" : "standing");
    verifies = muster_record_verify(&r) == MUSTER_OK;
    out_u64(out, "bytes", raw.len);
    out_hex(out, "signed_by", r.key, MUSTER_KEY_LEN);
    out_text(out, "signature", verifies ? "verifies under that key" : "DOES NOT VERIFY");
    if (r.kind == MUSTER_ADVISORY)
        describe_advisory(out, &r.u.advisory);
    else
        describe_standing(out, &r.u.standing);
    out_close_object(out);
    return verifies ? 0 : -1;
}

void describe_report(struct out *out, const struct muster_report *r)
{
    out_open_object(out, NULL, "report");
    if (out->as_json)
        out_text(out, "type", "report");
    out_hex(out, "nonce", r->nonce, MUSTER_NONCE_LEN);
    out_text(out, "event", describe_event(r->event));
    out_slice(out, "vendor", r->vendor);
    out_slice(out, "model", r->model);
    out_slice(out, "build", r->build);
    out_u64(out, "number", r->number);
    out_u64(out, "padding_len", r->padding_len);
    out_close_object(out);
}

void describe_inquiry(struct out *out, const struct muster_inquiry *q)
{
    out_open_object(out, NULL, "inquiry");
    if (out->as_json)
        out_text(out, "type", "inquiry");
    out_hex(out, "nonce", q->nonce, MUSTER_NONCE_LEN);
    out_hex(out, "signer", q->key, MUSTER_KEY_LEN);
    out_close_object(out);
}

int describe_reply(struct out *out, const struct muster_reply *r)
{
    size_t i;
    int ret = 0;

    out_open_object(out, NULL, "reply");
    if (out->as_json)
        out_text(out, "type", "reply");
    out_hex(out, "nonce", r->nonce, MUSTER_NONCE_LEN);
    out_bool(out, "more", (r->flags & MUSTER_FLAG_MORE) != 0);
    out_bool(out, "notice_only", (r->flags & MUSTER_FLAG_NOTICE_ONLY) != 0);
    if (!out->as_json && r->records_n == 0 && !(r->flags & MUSTER_FLAG_MORE))
        out_text(out, "records", "none: heard, nothing known");
    out_open_array(out, "records");
    for (i = 0; i < r->records_n; i++)
        if (describe_record(out, NULL, r->records[i]) != 0)
            ret = -1;
    out_close_array(out);
    out_close_object(out);
    return ret;
}

static int describe_entry(struct out *out, const struct muster_list_entry *entry)
{
    char name[NAMES_TEXT_CAP];
    struct muster_record r;

    if (muster_record_parse(entry->record, &r) != MUSTER_OK || r.kind != MUSTER_ADVISORY)
        return -1;
    out_open_object(out, NULL, names_text(name, entry->name_key));
    describe_advisory(out, &r.u.advisory);
    out_close_object(out);
    return 0;
}

static const char *judge_approval(const struct muster_list *l, uint32_t i)
{
    if (!muster_list_approval_verifies(l, i))
        return "DOES NOT VERIFY";
    if (memcmp(muster_list_approval(l, i), l->key, MUSTER_KEY_LEN) == 0)
        return "the signer's own: never counts";
    return "verifies under that key";
}

static int describe_approvals(struct out *out, const struct muster_list *l)
{
    uint32_t i;
    int ret = 0;

    out_open_array(out, "approvals");
    for (i = 0; i < MUSTER_LIST_APPROVALS_MAX; i++) {
        const uint8_t *key = muster_list_approval(l, i);

        if (key == NULL)
            continue;
        out_open_object(out, NULL, "approval");
        out_hex(out, "approved_by", key, MUSTER_KEY_LEN);
        out_text(out, "signature", judge_approval(l, i));
        out_close_object(out);
        if (!muster_list_approval_verifies(l, i))
            ret = -1;
    }
    out_close_array(out);
    return ret;
}

int describe_list(struct out *out, const struct muster_list *l, size_t models_max)
{
    struct muster_list_entry entry;
    uint64_t offset = 0;
    size_t n = 0;
    int ret = 0, approvals;

    out_open_object(out, NULL, "list");
    if (out->as_json)
        out_text(out, "type", "list");
    out_hex(out, "signed_by", l->key, MUSTER_KEY_LEN);
    out_time(out, "issued", l->issued, "1970");
    out_time(out, "expires", l->expires, "1970");
    out_u64(out, "models_n", l->models_n);
    out_u64(out, "slots_n", l->slots_n);
    out_u64(out, "probes_max", l->probes_max);
    out_u64(out, "bytes", l->image.len);
    out_hex(out, "digest", l->digest, MUSTER_HASH_LEN);
    approvals = describe_approvals(out, l);
    out_open_array(out, "models");
    while (ret == 0 && n < models_max &&
           muster_list_entry_at(l, offset, &entry, &offset) == MUSTER_OK) {
        ret = describe_entry(out, &entry);
        n++;
    }
    out_close_array(out);
    if (!out->as_json && n < l->models_n)
        printf("  ... and %zu more; --all shows them\n", (size_t)l->models_n - n);
    out_close_object(out);
    return ret == 0 ? approvals : ret;
}
