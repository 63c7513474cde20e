/* SPDX-License-Identifier: Apache-2.0 */
#include "web/dashboards.h"

#include "web/limits.h"

#include <stdlib.h>
#include <string.h>

/* D2: the times of files are those of a clock that ticks each 4 to 10 ms, or each two seconds (FAT). */
enum { SETTLED_MS = 2500 };

struct web_dashboards_entry {
    bool is_fixed;
    struct stat seen; /* unless it is fixed */
    web_dashboard dashboard;
    char *name; /* this and the texts of the dashboard: in the same piece of memory */
};

void web_dashboards_init(web_dashboards *known)
{
    *known = (web_dashboards){.entries = NULL};
    pthread_mutex_init(&known->lock, NULL);
    atomic_init(&known->parsed, 0);
}

void web_dashboards_deinit(web_dashboards *known)
{
    for (size_t i = 0; i < known->count; i++) {
        ifm_free(known->entries[i]);
    }
    ifm_free(known->entries);
    pthread_mutex_destroy(&known->lock);
}

/* Where `name` is, or would be. */
static size_t place_of(const web_dashboards *known, const char *name, bool *found)
{
    size_t from = 0, to = known->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(known->entries[middle]->name, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        from = order < 0 ? middle + 1 : from;
        to = order < 0 ? to : middle;
    }
    *found = false;
    return from;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* D1 */
static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

static const char *copy_text(ifm_bump *arena, const char *text)
{
    return text == NULL ? NULL : ifm_bump_copy(arena, text, strlen(text));
}

bool web_dashboards_find(web_dashboards *known, const char *name, const struct stat *now, ifm_bump *arena,
                         web_dashboard *out)
{
    pthread_mutex_lock(&known->lock);
    bool found;
    size_t at = place_of(known, name, &found);
    const web_dashboards_entry *entry = found ? known->entries[at] : NULL;
    found = found && (entry->is_fixed ? now == NULL : now != NULL && same_file(&entry->seen, now));
    if (found) {
        *out = entry->dashboard;
        out->item = copy_text(arena, entry->dashboard.item);
        out->wrong = copy_text(arena, entry->dashboard.wrong);
    }
    pthread_mutex_unlock(&known->lock);
    return found && arena->failed == IFM_OK;
}

static char *place_text(char **at, const char *text)
{
    char *placed = *at;
    size_t size = text == NULL ? 0 : strlen(text) + 1;
    if (text != NULL) {
        memcpy(placed, text, size);
    }
    *at += size;
    return text == NULL ? NULL : placed;
}

static web_dashboards_entry *entry_new(const char *name, const struct stat *seen,
                                       const web_dashboard *dashboard)
{
    size_t texts = strlen(name) + 1;
    texts += dashboard->item == NULL ? 0 : strlen(dashboard->item) + 1;
    texts += dashboard->wrong == NULL ? 0 : strlen(dashboard->wrong) + 1;
    web_dashboards_entry *entry =
        texts > WEB_DASHBOARD_KNOWN_BYTES_MAX ? NULL : ifm_alloc_zero(1, sizeof *entry + texts);
    if (entry == NULL) {
        return NULL;
    }
    char *at = (char *)(entry + 1);
    entry->is_fixed = seen == NULL;
    if (seen != NULL) {
        entry->seen = *seen;
    }
    entry->dashboard = *dashboard;
    entry->name = place_text(&at, name);
    entry->dashboard.item = place_text(&at, dashboard->item);
    entry->dashboard.wrong = place_text(&at, dashboard->wrong);
    return entry;
}

/* Takes `entry`. False: without memory. */
static bool entry_insert(web_dashboards *known, web_dashboards_entry *entry)
{
    bool found;
    size_t at = place_of(known, entry->name, &found);
    if (found) {
        ifm_free(known->entries[at]);
        known->entries[at] = entry;
        return true;
    }
    web_dashboards_entry **grown = ifm_realloc(known->entries, known->count + 1, sizeof(void *));
    if (grown == NULL) {
        return false;
    }
    memmove(grown + at + 1, grown + at, (known->count - at) * sizeof(void *));
    grown[at] = entry;
    known->entries = grown;
    known->count++;
    return true;
}

/* D2: ctime, as mtime can be set to anything. */
static bool has_settled(const struct stat *about, int64_t read_ms)
{
    int64_t changed_ms = (int64_t)about->st_ctim.tv_sec * 1000 + about->st_ctim.tv_nsec / 1000000;
    return changed_ms < read_ms - SETTLED_MS;
}

void web_dashboards_put(web_dashboards *known, const char *name, const struct stat *before,
                        const struct stat *after, int64_t read_ms, const web_dashboard *dashboard)
{
    atomic_fetch_add_explicit(&known->parsed, 1, memory_order_relaxed);
    if (before != NULL && (!same_file(before, after) || !has_settled(before, read_ms))) {
        return; /* what is known of it is of another file, so that nobody takes it for this one */
    }
    web_dashboards_entry *entry = entry_new(name, before, dashboard);
    if (entry == NULL) {
        return;
    }
    pthread_mutex_lock(&known->lock);
    bool ok = entry_insert(known, entry);
    pthread_mutex_unlock(&known->lock);
    if (!ok) {
        ifm_free(entry);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void web_dashboards_keep(web_dashboards *known, char *const *names, size_t count)
{
    size_t kept = 0;
    pthread_mutex_lock(&known->lock);
    for (size_t i = 0; i < known->count; i++) {
        web_dashboards_entry *entry = known->entries[i];
        if (entry->is_fixed || (count > 0 && bsearch(&entry->name, names, count, sizeof *names, by_text))) {
            known->entries[kept++] = entry;
        } else {
            ifm_free(entry);
        }
    }
    known->count = kept;
    pthread_mutex_unlock(&known->lock);
}
