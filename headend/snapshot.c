/* SPDX-License-Identifier: ISC */
/* Snapshots put together and taken apart. It must not know of workers: who may still be reading
 * one is the loader's business. */
#include "headend/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct listing *find_listing(const struct snapshot *old, const char *path)
{
    size_t i;

    for (i = 0; old != NULL && i < old->lists_n; i++)
        if (strcmp(old->lists[i].path, path) == 0)
            return &old->lists[i];
    return NULL;
}

static void load_lists(struct snapshot *s, const struct snapshot *old, bool force, uint64_t now_s)
{
    const struct settings *settings = s->settings;
    size_t i;

    for (i = 0; i < settings->lists_n; i++)
        listing_load(settings, settings->lists[i], find_listing(old, settings->lists[i]), force,
                     now_s, &s->lists[i]);
    s->lists_n = settings->lists_n;
}

static void staple(struct snapshot *s, uint64_t now_s)
{
    size_t i;

    for (i = 0; i < s->lists_n; i++) {
        struct muster_source *source = &s->sources[i];

        if (s->lists[i].image == NULL)
            continue;
        source->list = &s->lists[i].image->list;
        source->standings_n =
            standings_staple(s->standings, source->list->key, now_s, source->standings);
    }
}

static int index_standings(struct snapshot *s)
{
    const struct standings *standings = s->standings;
    size_t i;

    s->entries = calloc(standings->current_n + 1, sizeof *s->entries);
    if (s->entries == NULL)
        return -ENOMEM;
    for (i = 0; i < standings->current_n; i++) {
        s->entries[i].key = standings->current[i]->standing.key;
        s->entries[i].record.bytes = standings->current[i]->bytes;
        s->entries[i].record.len = standings->current[i]->len;
    }
    return 0;
}

static void fill_state(struct snapshot *s)
{
    s->state.mode = s->settings->mode;
    s->state.sources_n = s->lists_n;
    s->state.sources = s->sources;
    s->state.answers_inquiries = s->settings->inquiries;
    s->state.standings_n = s->standings->current_n;
    s->state.standings = s->entries;
}

int snapshot_build(struct settings *settings, const struct snapshot *old, bool force,
                   uint64_t now_s, struct snapshot **ret)
{
    struct snapshot *s = calloc(1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->settings = settings_ref(settings);
    if (standings_load(settings->standings, settings->standings_n,
                       old != NULL ? old->standings : NULL, force, &s->standings) != 0 ||
        index_standings(s) != 0) {
        snapshot_free(s);
        return -ENOMEM;
    }
    load_lists(s, old, force, now_s);
    staple(s, now_s);
    fill_state(s);
    *ret = s;
    return 0;
}

void snapshot_free(struct snapshot *s)
{
    size_t i;

    if (s == NULL)
        return;
    for (i = 0; i < s->lists_n; i++)
        listing_release(&s->lists[i]);
    standings_free(s->standings);
    free(s->entries);
    settings_unref(s->settings);
    free(s);
}

bool snapshot_is_whole(const struct snapshot *s, uint64_t now_s)
{
    char text[LISTING_ERROR_CAP];
    size_t i;

    for (i = 0; i < s->lists_n; i++)
        if (listing_problem(&s->lists[i], now_s, text) != NULL)
            return false;
    for (i = 0; i < s->standings->files_n; i++)
        if (s->standings->files[i].error[0] != '\0')
            return false;
    return true;
}

bool snapshot_is_exempt(const struct snapshot *s, const struct addr *asker)
{
    const struct settings *settings = s->settings;
    size_t i;

    for (i = 0; i < settings->exempts_n; i++)
        if (prefix_contains(&settings->exempts[i], asker))
            return true;
    return false;
}
