/* SPDX-License-Identifier: ISC */
/* Statements into one answer. It must not widen: what it lists is said, whole, by a provider whose
 * words hold, and spoken against by none. */
#include "tool/decide.h"

#include <stdio.h>
#include <string.h>

#include "tool/words.h"

#define STATEMENTS_MAX 64
#define PIECES_MAX     256
#define RANGES_LEN_MAX 300 /* bytes of ranges: with id, names and fixed-in they fit one record */

/* One range, and who said so. */
struct piece {
    struct words words;
    struct muster_range range;
    size_t said_by;
};

/* What one statement comes to. */
enum state {
    STATE_SILENT = 0, /* says nothing of builds */
    STATE_DOUBTFUL = 1,
    STATE_CLEAN = 2
};

struct deciding {
    struct decision *d;
    bool has_more; /* statements than can be compared */
    size_t statements_n;
    const json_t *statements[STATEMENTS_MAX];
    enum state states[STATEMENTS_MAX];
    bool is_all[STATEMENTS_MAX];
    size_t pieces_n;
    struct piece pieces[PIECES_MAX];
};

const char *answer_name(enum answer answer)
{
    static const char *const names[] = {"review", "exact", "listed"};

    return names[answer];
}

static void doubt(struct decision *d, enum import_doubt why)
{
    size_t i;

    for (i = 0; i < d->doubts_n; i++)
        if (d->doubts[i] == why)
            return;
    d->doubts[d->doubts_n++] = why;
}

static const char *provider(const struct deciding *c, size_t statement)
{
    return import_text(c->statements[statement], "provider");
}

/* A doubt that says something of every other statement on this model, too. */
static bool is_poison(enum import_doubt why)
{
    return why == DOUBT_REVISION || why == DOUBT_PLATFORM || why == DOUBT_CONTRADICTION ||
           why == DOUBT_FIX_COVERED || why == DOUBT_TEXT;
}

static bool is_silence(enum import_doubt why)
{
    return why == DOUBT_NO_VERSION || why == DOUBT_NO_BUILDS;
}

/* Keeps the reading's range; false if it is no reading or there are too many. */
static bool take_reading(struct deciding *c, size_t statement, const json_t *reading,
                         enum import_doubt *ret_doubt)
{
    struct piece *p = &c->pieces[c->pieces_n];

    *ret_doubt = DOUBT_NONE;
    if (c->pieces_n == PIECES_MAX) {
        *ret_doubt = DOUBT_TOO_MANY;
        return true;
    }
    if (!import_words(reading, &p->words))
        return false;
    *ret_doubt = p->words.doubt;
    if (p->words.doubt != DOUBT_NONE)
        return true;
    if (p->words.from_excluded) /* OSV's events cannot say so */
        return false;
    if (p->words.is_all) {
        c->is_all[statement] = true;
        return true;
    }
    if (!words_range(&p->words, &p->range) || muster_range_check(&p->range) != MUSTER_OK)
        return false;
    p->said_by = statement;
    c->pieces_n++;
    return true;
}

static void read_statement(struct deciding *c, size_t i)
{
    const json_t *readings = json_object_get(c->statements[i], "readings"), *reading;
    size_t k, before = c->pieces_n, clean_n = 0;
    enum import_doubt why;

    c->states[i] = STATE_SILENT;
    json_array_foreach(readings, k, reading)
    {
        if (!take_reading(c, i, reading, &why))
            why = DOUBT_TEXT;
        if (why == DOUBT_NONE) {
            clean_n++;
            continue;
        }
        doubt(c->d, why);
        if (!is_silence(why))
            c->states[i] = STATE_DOUBTFUL;
    }
    if (c->states[i] == STATE_SILENT && clean_n > 0)
        c->states[i] = STATE_CLEAN;
    if (c->states[i] != STATE_CLEAN) {
        c->pieces_n = before;
        c->is_all[i] = false;
    }
    if (json_array_size(readings) == 0)
        doubt(c->d, DOUBT_NO_VERSION);
}

static bool is_level(struct muster_slice a, struct muster_slice b)
{
    return a.len == 0 || b.len == 0 ? a.len == b.len : muster_order_compare(a, b) == 0;
}

static bool is_point(const struct muster_range *r)
{
    return r->kind == MUSTER_RANGE_EXACT || (r->until.len > 0 && is_level(r->from, r->until));
}

static bool same_range(const struct muster_range *a, const struct muster_range *b)
{
    if (is_point(a) && is_point(b))
        return is_level(a->from, b->from);
    return a->kind == b->kind && is_level(a->from, b->from) && is_level(a->until, b->until) &&
           a->bounds == b->bounds;
}

/* Is a's lower end at or above b's, and do they begin alike? */
static bool begins_inside(const struct muster_range *a, const struct muster_range *b)
{
    if (b->from.len == 0)
        return a->until.len > 0 && b->until.len > 0 ? muster_order_alike(a->until, b->until)
                                                    : false;
    if (a->from.len == 0 || !muster_order_alike(a->from, b->from))
        return false;
    return muster_order_compare(a->from, b->from) >= 0;
}

static bool ends_inside(const struct muster_range *a, const struct muster_range *b)
{
    int order;

    if (b->until.len == 0)
        return true;
    if (a->until.len == 0 || !muster_order_alike(a->until, b->until))
        return false;
    order = muster_order_compare(a->until, b->until);
    return order < 0 || (order == 0 && ((b->bounds & MUSTER_UNTIL_INCLUDED) ||
                                        !(a->bounds & MUSTER_UNTIL_INCLUDED)));
}

/* Does b cover all that a does? */
static bool is_inside(const struct muster_range *a, const struct muster_range *b)
{
    if (a->kind == MUSTER_RANGE_EXACT)
        return muster_range_covers(b, a->from, 0);
    return b->kind == MUSTER_RANGE_NATURAL && begins_inside(a, b) && ends_inside(a, b);
}

static void speak_against(struct deciding *c, enum import_doubt why, const char *text)
{
    doubt(c->d, why);
    if (c->d->detail[0] == '\0')
        (void)snprintf(c->d->detail, sizeof c->d->detail, "%.399s", text);
}

static void describe(const struct words *w, char ret[160])
{
    if (w->is_exact)
        (void)snprintf(ret, 160, "\"%s\"", w->from);
    else
        (void)snprintf(ret, 160, "%s%s%s%s", w->from[0] != '\0' ? "from " : "", w->from,
                       w->until[0] == '\0' ? " on"
                       : w->until_included ? " through "
                                           : " before ",
                       w->until);
}

/* How many of a's pieces b says as well: the same, or, of single builds, inside. */
static void compare(const struct deciding *c, size_t a, size_t b, size_t *ret_said,
                    const struct piece **ret_unsaid)
{
    size_t i, k;

    *ret_said = 0;
    *ret_unsaid = NULL;
    for (i = 0; i < c->pieces_n; i++) {
        bool said = false;

        if (c->pieces[i].said_by != a)
            continue;
        for (k = 0; k < c->pieces_n && !said; k++)
            said = c->pieces[k].said_by == b &&
                   (same_range(&c->pieces[i].range, &c->pieces[k].range) ||
                    (is_point(&c->pieces[i].range) &&
                     is_inside(&c->pieces[i].range, &c->pieces[k].range)));
        if (said)
            (*ret_said)++;
        else if (*ret_unsaid == NULL)
            *ret_unsaid = &c->pieces[i];
    }
}

/* Two providers agree if each says the other's ranges; single builds of one may lie inside ranges
 * of the other, and of two who only tell builds seen, one build must be the same. */
static bool do_agree(const struct deciding *c, size_t a, size_t b, const struct piece **ret_unsaid)
{
    const struct piece *unsaid_a, *unsaid_b;
    size_t said_a, said_b;

    if (c->is_all[a] || c->is_all[b])
        return c->is_all[a] && c->is_all[b];
    compare(c, a, b, &said_a, &unsaid_a);
    compare(c, b, a, &said_b, &unsaid_b);
    *ret_unsaid = unsaid_a != NULL ? unsaid_a : unsaid_b;
    if (unsaid_a == NULL && unsaid_b == NULL)
        return true;
    if (unsaid_a == NULL && said_a > 0) { /* all of a's are inside b's: are they single builds? */
        *ret_unsaid = unsaid_b;
        return is_point(&unsaid_b->range) || said_b == 0;
    }
    if (unsaid_b == NULL && said_b > 0)
        return is_point(&unsaid_a->range) || said_a == 0;
    return said_a > 0 && said_b > 0 && is_point(&unsaid_a->range) && is_point(&unsaid_b->range);
}

static void check_agreement(struct deciding *c)
{
    const struct piece *unsaid;
    char text[600], range[160];
    size_t a, b;

    for (a = 0; a < c->statements_n; a++)
        for (b = a + 1; b < c->statements_n; b++) {
            unsaid = NULL;
            if (c->states[a] != STATE_CLEAN || c->states[b] != STATE_CLEAN ||
                do_agree(c, a, b, &unsaid))
                continue;
            (void)snprintf(range, sizeof range, "all");
            if (unsaid != NULL)
                describe(&unsaid->words, range);
            (void)snprintf(text, sizeof text, "%.60s and %.60s do not agree: only one says %s",
                           provider(c, a), provider(c, b), range);
            speak_against(c, DOUBT_CONTRADICTION, text);
        }
}

static void check_fixed(struct deciding *c, struct muster_slice build, const char *who)
{
    char text[600], range[160];
    size_t i;

    for (i = 0; i < c->pieces_n; i++) {
        if (!muster_range_covers(&c->pieces[i].range, build, 0))
            continue;
        describe(&c->pieces[i].words, range);
        (void)snprintf(text, sizeof text, "%.60s calls \"%.64s\" fixed, and %.60s says %s", who,
                       (const char *)build.bytes, provider(c, c->pieces[i].said_by), range);
        speak_against(c, DOUBT_FIX_COVERED, text);
        return;
    }
}

/* A build that anybody calls fixed, or an excluded bound, must not lie inside any range. */
static void check_all_fixed(struct deciding *c)
{
    const json_t *fixed;
    size_t i, k;

    for (i = 0; i < c->statements_n; i++)
        json_array_foreach(json_object_get(c->statements[i], "fixed"), k, fixed)
        {
            if (json_is_string(fixed))
                check_fixed(c, muster_slice_of(json_string_value(fixed)), provider(c, i));
        }
    for (i = 0; i < c->pieces_n; i++)
        if (!c->pieces[i].words.until_included && c->pieces[i].range.until.len > 0)
            check_fixed(c, c->pieces[i].range.until, provider(c, c->pieces[i].said_by));
}

/* Do two ranges share a build? Of those that are alike, one's lower end lies in the other. */
static bool do_overlap(const struct muster_range *a, const struct muster_range *b)
{
    if (a->kind == MUSTER_RANGE_EXACT)
        return muster_range_covers(b, a->from, 0);
    if (b->from.len > 0 && a->from.len > 0)
        return muster_range_covers(a, b->from, 0) || muster_range_covers(b, a->from, 0);
    if (a->from.len == 0 && b->from.len == 0)
        return a->until.len == 0 || b->until.len == 0 || muster_order_alike(a->until, b->until);
    return a->from.len > 0 ? muster_range_covers(b, a->from, 0)
                           : muster_range_covers(a, b->from, 0);
}

static void check_free(struct deciding *c, const json_t *reading, const char *who)
{
    struct muster_range range;
    struct words w;
    char text[600], said[160], is_free[160];
    size_t i;

    if (!import_words(reading, &w) || !words_range(&w, &range)) {
        speak_against(c, DOUBT_FIX_COVERED,
                      "a range of builds that are not affected cannot be read");
        return;
    }
    for (i = 0; i < c->pieces_n; i++) {
        if (!do_overlap(&c->pieces[i].range, &range))
            continue;
        describe(&c->pieces[i].words, said);
        describe(&w, is_free);
        (void)snprintf(text, sizeof text, "%.60s calls builds %s not affected, and %.60s says %s",
                       who, is_free, provider(c, c->pieces[i].said_by), said);
        speak_against(c, DOUBT_FIX_COVERED, text);
        return;
    }
}

static void check_all_free(struct deciding *c)
{
    const json_t *one;
    size_t i, k;

    for (i = 0; i < c->statements_n; i++)
        json_array_foreach(json_object_get(c->statements[i], "free"), k, one)
        {
            check_free(c, one, provider(c, i));
        }
}

/* Every build is defective, and yet some are not? */
static void check_all_builds(struct deciding *c)
{
    size_t i, k;

    for (i = 0; i < c->statements_n; i++)
        for (k = 0; k < c->statements_n; k++)
            if (c->is_all[i] && (json_array_size(json_object_get(c->statements[k], "fixed")) > 0 ||
                                 json_array_size(json_object_get(c->statements[k], "free")) > 0))
                speak_against(c, DOUBT_FIX_COVERED,
                              "all builds are said to be affected, and some not to be");
}

static void drop_contained(struct deciding *c)
{
    size_t i, k, kept = 0;

    for (i = 0; i < c->pieces_n; i++) {
        bool inside = false;

        for (k = 0; k < c->pieces_n && !inside; k++)
            inside = k != i && is_inside(&c->pieces[i].range, &c->pieces[k].range) &&
                     (k < i || !is_inside(&c->pieces[k].range, &c->pieces[i].range));
        c->pieces[i].said_by = inside ? SIZE_MAX : 0;
    }
    for (i = 0; i < c->pieces_n; i++)
        if (c->pieces[i].said_by == 0) {
            struct words words = c->pieces[i].words;

            c->pieces[kept].words = words;
            (void)words_range(&c->pieces[kept].words, &c->pieces[kept].range);
            kept++;
        }
    c->pieces_n = kept;
}

static json_t *events(const struct words *w)
{
    json_t *list = json_array();

    (void)json_array_append_new(
        list, json_pack("{s:s}", "introduced", w->from[0] != '\0' ? w->from : "0"));
    if (w->until[0] != '\0')
        (void)json_array_append_new(
            list, json_pack("{s:s}", w->until_included ? "last_affected" : "fixed", w->until));
    return json_pack("{s:s, s:o}", "type", "ECOSYSTEM", "events", list);
}

static void note_fix(struct decision *d, const struct words *w)
{
    struct muster_slice until = muster_slice_of(w->until), so_far = muster_slice_of(d->fixed_in);

    if (w->is_exact || w->until_included || w->until[0] == '\0')
        return;
    if (so_far.len == 0 || muster_order_compare(until, so_far) > 0)
        (void)snprintf(d->fixed_in, sizeof d->fixed_in, "%s", w->until);
}

static void write_ranges(struct deciding *c)
{
    struct decision *d = c->d;
    size_t i;

    d->ranges = json_array();
    d->versions = json_array();
    d->answer = ANSWER_EXACT;
    for (i = 0; i < c->pieces_n; i++) {
        const struct piece *p = &c->pieces[i];

        if (!is_point(&p->range))
            d->answer = ANSWER_LISTED;
        if (p->words.is_exact)
            (void)json_array_append_new(d->versions, json_string(p->words.from));
        else
            (void)json_array_append_new(d->ranges, events(&p->words));
        note_fix(d, &p->words);
    }
}

static void write_all(struct deciding *c)
{
    struct words all = {.rule = ""};

    c->d->ranges = json_pack("[o]", events(&all));
    c->d->all_builds = true;
    c->d->answer = ANSWER_LISTED;
}

static bool has_clean(const struct deciding *c, bool *ret_all)
{
    bool clean = false;
    size_t i;

    *ret_all = false;
    for (i = 0; i < c->statements_n; i++) {
        clean |= c->states[i] == STATE_CLEAN;
        *ret_all |= c->is_all[i];
    }
    return clean;
}

static bool is_marked(const struct decision *d)
{
    size_t i;

    for (i = 0; i < d->doubts_n; i++)
        if (is_poison(d->doubts[i]))
            return true;
    return false;
}

static size_t ranges_len(const struct deciding *c)
{
    size_t i, len = 0;

    for (i = 0; i < c->pieces_n; i++)
        len += 2 * 3 + c->pieces[i].range.from.len + c->pieces[i].range.until.len;
    return len;
}

static void conclude(struct deciding *c)
{
    bool all;

    if (c->has_more)
        doubt(c->d, DOUBT_TOO_MANY);
    if (c->has_more || !has_clean(c, &all) || is_marked(c->d))
        return;
    if (all) {
        write_all(c);
        return;
    }
    drop_contained(c);
    if (c->pieces_n > MUSTER_RANGES_MAX || ranges_len(c) > RANGES_LEN_MAX)
        doubt(c->d, DOUBT_TOO_MANY);
    else
        write_ranges(c);
}

static void take_statements(struct deciding *c, const json_t *statements)
{
    const json_t *statement;
    bool only_marks = true;
    size_t i;

    json_array_foreach(statements, i, statement)
    {
        if (strcmp(import_text(statement, "feed"), "kev") != 0)
            only_marks = false;
    }
    json_array_foreach(statements, i, statement)
    {
        if (strcmp(import_text(statement, "feed"), "kev") == 0 && !only_marks)
            continue;
        c->has_more |= c->statements_n == STATEMENTS_MAX;
        if (!c->has_more)
            c->statements[c->statements_n++] = statement;
    }
}

void decide(const json_t *statements, struct decision *ret_decision)
{
    struct deciding c;
    size_t i;

    memset(&c, 0, sizeof c);
    memset(ret_decision, 0, sizeof *ret_decision);
    c.d = ret_decision;
    take_statements(&c, statements);
    for (i = 0; i < c.statements_n; i++)
        read_statement(&c, i);
    check_agreement(&c);
    check_all_fixed(&c);
    check_all_free(&c);
    check_all_builds(&c);
    conclude(&c);
    if (ret_decision->answer == ANSWER_REVIEW && ret_decision->doubts_n == 0)
        doubt(ret_decision, DOUBT_NO_VERSION);
    if (ret_decision->answer != ANSWER_REVIEW)
        ret_decision->doubts_n = 0;
}

void decision_free(struct decision *decision)
{
    json_decref(decision->ranges);
    json_decref(decision->versions);
    decision->ranges = decision->versions = NULL;
}
