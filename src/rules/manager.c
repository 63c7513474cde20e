/* SPDX-License-Identifier: Apache-2.0
 *
 * When each group is evaluated, and what becomes of groups when the files change.
 */
#include "os/os.h"
#include "rules/impl.h"

#include <stdio.h>
#include <time.h>

/* ---- Time ---- */

/* The next time of a group whose evaluation begins now. Evaluations whose time has passed are left out, as by
 * Go's ticker; the wall clock may have jumped. */
static void advance(rules_manager *manager, group *g, int64_t now_ns)
{
    /* The wall clock counts whole milliseconds: without one more a tick would seem to be early. */
    int64_t since_ns = (manager->clock->wall_ms() + 1) * 1000000 - g->eval_ns;
    int64_t missed = since_ns / g->interval_ns - 1;
    if (g->runs > 0) {
        pthread_mutex_lock(&manager->lock); /* R3 */
        g->missed += missed > 0 ? (uint64_t)missed : 0;
        g->iterations += missed > 0 ? (uint64_t)missed : 0;
        g->eval_ns += (missed + 1) * g->interval_ns;
        pthread_mutex_unlock(&manager->lock);
    }
    g->due_ns += g->interval_ns;
    if (g->due_ns <= now_ns) {
        g->due_ns += ((now_ns - g->due_ns) / g->interval_ns + 1) * g->interval_ns;
    }
}

/* The first evaluation is followed by a second before anything is restored: then the targets were asked, and
 * what other rules record is there. */
static void run_group(rules_manager *manager, group *g, int64_t now_ns)
{
    if (!g->half.begun) {
        advance(manager, g, now_ns);
    }
    if (!rules_group_eval(manager, g)) {
        return;
    }
    if (g->should_restore && g->runs == 2) {
        rules_restore(manager, g);
    }
}

static void run_leftovers(rules_manager *manager, int64_t now_ns)
{
    for (leftover **at = &manager->leftovers; *at != NULL;) {
        leftover *item = *at;
        if (item->due_ns > now_ns) {
            at = &item->next;
            continue;
        }
        *at = item->next;
        rules_mark_stale(manager, item->samples, &item->series, item->end_ms);
        tsdb_group_free(item->samples);
        ifm_free(item);
    }
}

/* The one that was given up (R4), else the group that has waited longest; NULL: none is due. *next_ns becomes
 * when one will be, -1: never. */
static group *due_group(const rules_manager *manager, int64_t now_ns, int64_t *next_ns)
{
    group *found = NULL;
    *next_ns = -1;
    for (size_t i = 0; manager->set != NULL && i < manager->set->count; i++) {
        group *g = manager->set->groups[i];
        if (g->half.begun) {
            *next_ns = now_ns;
            return g;
        }
        if (*next_ns < 0 || g->due_ns < *next_ns) {
            *next_ns = g->due_ns;
            found = g;
        }
    }
    for (const leftover *item = manager->leftovers; item != NULL; item = item->next) {
        *next_ns = *next_ns < 0 || item->due_ns < *next_ns ? item->due_ns : *next_ns;
    }
    return found != NULL && found->due_ns <= now_ns ? found : NULL;
}

/* One group, so that others come between: who wants to change the files does not wait for all. */
static int64_t step(rules_manager *manager)
{
    int64_t next_ns;
    pthread_mutex_lock(&manager->evaluating); /* R2 */
    int64_t now_ns = manager->clock->monotonic_ns();
    run_leftovers(manager, now_ns);
    group *g = due_group(manager, now_ns, &next_ns);
    if (g != NULL) {
        run_group(manager, g, now_ns);
        (void)due_group(manager, now_ns, &next_ns);
    }
    pthread_mutex_unlock(&manager->evaluating);
    if (next_ns < 0) {
        return -1;
    }
    now_ns = manager->clock->monotonic_ns();
    return next_ns > now_ns ? next_ns - now_ns : 0;
}

int64_t rules_manager_step(rules_manager *manager)
{
    int64_t wait_ns = step(manager);
    while (wait_ns == 0) {
        wait_ns = step(manager);
    }
    return wait_ns;
}

/* ---- The thread ---- */

/* Until something is due, or somebody wakes us. */
static void wait_for(rules_manager *manager, int64_t wait_ns)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t end_ns = until.tv_nsec + wait_ns;
    until.tv_sec += (time_t)(end_ns / 1000000000);
    until.tv_nsec = (long)(end_ns % 1000000000);
    pthread_mutex_lock(&manager->lock);
    int result = 0;
    while (!manager->woken && result == 0) {
        result = wait_ns < 0 ? pthread_cond_wait(&manager->wake, &manager->lock)
                             : pthread_cond_timedwait(&manager->wake, &manager->lock, &until);
    }
    manager->woken = false;
    pthread_mutex_unlock(&manager->lock);
}

/* A mutex has no order: one that is taken again at once is not had by who waits. */
static void let_apply(rules_manager *manager)
{
    pthread_mutex_lock(&manager->lock);
    while (manager->applying) {
        pthread_cond_wait(&manager->wake, &manager->lock);
    }
    pthread_mutex_unlock(&manager->lock);
}

static void *run(void *argument)
{
    rules_manager *manager = argument;
    while (!atomic_load_explicit(&manager->stopping, memory_order_relaxed)) {
        let_apply(manager);
        int64_t wait_ns = step(manager);
        if (wait_ns != 0) {
            wait_for(manager, wait_ns);
        }
    }
    return NULL;
}

static void wake(rules_manager *manager)
{
    pthread_mutex_lock(&manager->lock);
    manager->woken = true;
    pthread_cond_signal(&manager->wake);
    pthread_mutex_unlock(&manager->lock);
}

/* ---- Making one ---- */

static char *copy_url(const char *url)
{
    size_t size = url == NULL ? 0 : strlen(url);
    for (; size > 0 && url[size - 1] == '/'; size--) {
    }
    return ifm_copy_bytes(url == NULL ? "" : url, size);
}

static void locks_init(rules_manager *manager)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&manager->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&manager->evaluating, NULL);
    pthread_mutex_init(&manager->lock, NULL);
}

static void manager_free(rules_manager *manager)
{
    for (leftover *item = manager->leftovers, *next; item != NULL; item = next) {
        next = item->next;
        rules_series_free(&item->series);
        tsdb_group_free(item->samples);
        ifm_free(item);
    }
    rules_set_free(manager->set);
    pthread_cond_destroy(&manager->wake);
    pthread_mutex_destroy(&manager->evaluating);
    pthread_mutex_destroy(&manager->lock);
    ifm_free(manager->external_url);
    ifm_free(manager);
}

rules_manager *rules_manager_new(const rules_options *options, ifm_error *err)
{
    rules_manager *manager = ifm_alloc_zero(1, sizeof *manager);
    char *url = copy_url(options->external_url);
    if (manager == NULL || url == NULL) {
        ifm_error_nomem(err);
        ifm_free(manager);
        ifm_free(url);
        return NULL;
    }
    manager->options = *options;
    manager->options.external_url = NULL;
    manager->external_url = url;
    manager->clock = options->clock != NULL ? options->clock : &ifm_os_clock_real;
    manager->from = tsdb_storage(options->db);
    atomic_init(&manager->stopping, false);
    atomic_init(&manager->wanted, false);
    locks_init(manager);
    if (!options->no_thread && !ifm_os_thread_start("ifm-rules", run, manager, &manager->thread, err)) {
        manager_free(manager);
        return NULL;
    }
    return manager;
}

void rules_manager_cancel(rules_manager *manager)
{
    if (manager != NULL) {
        atomic_store_explicit(&manager->stopping, true, memory_order_relaxed);
        wake(manager);
    }
}

void rules_manager_free(rules_manager *manager)
{
    if (manager == NULL) {
        return;
    }
    rules_manager_cancel(manager);
    if (!manager->options.no_thread) {
        pthread_join(manager->thread, NULL);
    }
    manager_free(manager);
}

/* ---- Applying ---- */

static bool same_texts(const rule_templates *a, const rule_templates *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same = model_text_equal(a->items[i].name, b->items[i].name) &&
               model_text_equal(a->items[i].text, b->items[i].text);
    }
    return same;
}

static bool same_group(const group *a, const group *b)
{
    if (a->interval_ns != b->interval_ns || a->query_offset_ms != b->query_offset_ms ||
        a->limit != b->limit || a->rule_count != b->rule_count) {
        return false;
    }
    for (size_t i = 0; i < a->rule_count; i++) {
        const rule *x = &a->rules[i], *y = &b->rules[i];
        if (x->is_alert != y->is_alert || strcmp(x->name, y->name) != 0 || strcmp(x->query, y->query) != 0 ||
            x->for_ns != y->for_ns || x->keep_firing_for_ns != y->keep_firing_for_ns ||
            !same_texts(&x->labels, &y->labels) || !same_texts(&x->annotations, &y->annotations)) {
            return false;
        }
    }
    return true;
}

/* The series of a group that is gone end when it went. That is written two intervals later: by then a group
 * of another name may have them, whose samples are newer, so that the marker is refused. */
static void leave(rules_manager *manager, group *g)
{
    leftover *item = ifm_alloc_zero(1, sizeof *item);
    if (item == NULL) {
        return; /* they end five minutes later, by themselves */
    }
    int64_t last_ms = g->eval_ns / 1000000, now_ms = manager->clock->wall_ms();
    item->end_ms = (g->runs > 0 && now_ms <= last_ms ? last_ms + 1 : now_ms) - g->query_offset_ms;
    item->due_ns = manager->clock->monotonic_ns() + 2 * g->interval_ns;
    group nothing = {.rules = NULL};
    rules_group_take_over(&nothing, g);
    item->series = nothing.stale;
    item->samples = nothing.samples;
    item->next = manager->leftovers;
    manager->leftovers = item;
}

static void begin_group(rules_manager *manager, group *g)
{
    g->should_restore = !manager->started;
    for (size_t i = 0; i < g->rule_count; i++) {
        g->rules[i].restored = manager->started;
    }
    rules_group_schedule(manager, g);
}

/* Groups that are in both: both sets are sorted. */
static void merge(rules_manager *manager, rules_set *set, rules_set *before)
{
    size_t at = 0;
    for (size_t i = 0; i < set->count; i++) {
        group *g = set->groups[i];
        while (at < before->count && rules_group_compare(before->groups[at], g) < 0) {
            leave(manager, before->groups[at++]);
        }
        bool both = at < before->count && rules_group_compare(before->groups[at], g) == 0;
        if (both && same_group(before->groups[at], g)) {
            set->groups[i] = before->groups[at];
            before->groups[at] = g; /* which is freed with that set */
        } else {
            if (both) {
                rules_group_take_over(g, before->groups[at]);
            }
            begin_group(manager, g);
        }
        at += both;
    }
    while (at < before->count) {
        leave(manager, before->groups[at++]);
    }
}

void rules_manager_apply(rules_manager *manager, rules_set *set)
{
    pthread_mutex_lock(&manager->lock);
    manager->applying = true;
    pthread_mutex_unlock(&manager->lock);
    atomic_store_explicit(&manager->wanted, true, memory_order_relaxed); /* R4 */
    pthread_mutex_lock(&manager->evaluating);                            /* R2 */
    atomic_store_explicit(&manager->wanted, false, memory_order_relaxed);
    pthread_mutex_lock(&manager->lock);
    rules_set *before = manager->set;
    if (before != NULL) {
        merge(manager, set, before);
    } else {
        for (size_t i = 0; i < set->count; i++) {
            begin_group(manager, set->groups[i]);
        }
    }
    manager->set = set;
    manager->started = true;
    manager->applying = false;
    pthread_mutex_unlock(&manager->lock);
    pthread_mutex_unlock(&manager->evaluating);
    wake(manager);
    rules_set_free(before);
}
