/* SPDX-License-Identifier: ISC */
/* What a bundle would change, for people on both sides of the air gap. It must be worked out from
 * the sources and lists alone, so that both see the same text, or see that they do not. */
#include <inttypes.h>
#include <stdlib.h>

#include "host/clock.h"
#include "host/hex.h"
#include "tool/bundle.h"
#include "tool/cli.h"
#include "tool/diff.h"

#define NAMES_MAX 500

struct names {
    FILE *out;
    size_t n;
};

static void tell_name(void *ctx, char sign, const char *change, const char *name)
{
    struct names *names = ctx;

    if (names->n++ < NAMES_MAX)
        fprintf(names->out, "%c %s %s\n", sign, name, change);
}

static void tell_options(FILE *out, const struct bundle_options *o)
{
    fprintf(out, "%-9s  --days %" PRIu64, "options", o->days);
    if (o->enforce == ENFORCE_NEVER)
        fprintf(out, " --enforce-after never");
    else
        fprintf(out, " --enforce-after %" PRIu64, o->enforce_days);
    fprintf(out, " --blast-limit %" PRIu64, o->blast_percent);
    if (o->accepts)
        fprintf(out, " --accept-blast %" PRIu64, o->accept_n);
    fputc('\n', out);
}

void bundle_summary(FILE *out, const struct bundle *b, const struct muster_list *old,
                    const struct muster_list *next)
{
    char text[CLOCK_TEXT_CAP], hex[2 * MUSTER_KEY_LEN + 1];
    struct names names = {.out = out};
    struct diff_counts counts;

    fprintf(out, "%-9s  %s\n", "prepared", clock_format(text, b->options.prepared_s));
    fprintf(out, "%-9s  %" PRIu64 "\n", "folders", b->options.layers_n);
    fprintf(out, "%-9s  %zu\n", "files", b->layers_n);
    fprintf(out, "%-9s  %u with muster.test/always-fail\n", "models", next->models_n);
    if (old == NULL) {
        fprintf(out, "%-9s  none: a signer's first\n", "list");
    } else {
        fprintf(out, "%-9s  after the one issued %s\n", "list", clock_format(text, old->issued));
        fprintf(out, "%-9s  %s\n", "signer", hex_encode(hex, old->key, MUSTER_KEY_LEN));
    }
    tell_options(out, &b->options);
    fprintf(out, "%-9s  %s\n", "tally", b->tally.bytes != NULL ? "in the bundle" : "none");
    diff_names(old, next, tell_name, &names, &counts);
    if (names.n > NAMES_MAX)
        fprintf(out, "... and %zu more\n", names.n - NAMES_MAX);
    fprintf(out, "added %zu, changed %zu, withdrawn %zu, left %zu, renewed %zu\n", counts.added,
            counts.changed, counts.withdrawn, counts.left, counts.renewed);
}

int bundle_tell(const struct bundle *b, const struct muster_list *old,
                const struct muster_list *next)
{
    char hex[2 * MUSTER_HASH_LEN + 1], *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL)
        return cli_error("out of memory");
    bundle_summary(out, b, old, next);
    if (fclose(out) != 0) {
        free(text);
        return cli_error("out of memory");
    }
    fputs(text, stdout);
    if (b->path != NULL &&
        !muster_slice_equal(b->summary, (struct muster_slice){(const uint8_t *)text, len}))
        printf("NOTE: the bundle's own SUMMARY.txt tells otherwise; this text was worked out "
               "here, believe it\n");
    free(text);
    printf("%-9s  %s (as the first 64 digits of sha512sum)\n", "digest",
           hex_encode(hex, b->digest, MUSTER_HASH_LEN));
    return 0;
}
