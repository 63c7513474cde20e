/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries while generations are frozen and written, blocks are merged, and series come and die: each sample
 * that was acknowledged is found, once.
 */
#include "tsdb/tsdb.h"

#include "check.h"
#include "scratch.h"
#include "tsdb_store.h"

#include <sched.h>
#include <semaphore.h>
#include <time.h>

enum { STEP_MS = 60000, BATCHES = 400, BATCHES_MAX = 4000, QUERIES = 30, FLUSH_EACH = 7, READERS = 2 };
enum { AHEAD_MAX = 3 * FLUSH_EACH };

typedef struct beside {
    tsdb *db;
    _Atomic bool stop;
    _Atomic int acked;   /* batches; the one with number n is at n * STEP_MS */
    _Atomic int flushed; /* batches that the flusher has seen: the writer does not run away from it */
    _Atomic int queries, failures;
} beside;

static void note(beside *b, bool ok)
{
    atomic_fetch_add(&b->failures, ok ? 0 : 1);
}

/* The samples 1, 2, .. without a gap, as many as were acknowledged or more. */
static bool is_whole(const storage_samples *samples, int first, int acked)
{
    bool ok = samples->count + (size_t)first > (size_t)acked;
    for (size_t i = 0; i < samples->count && ok; i++) {
        int64_t number = first + (int64_t)i;
        ok = samples->times_ms[i] == number * STEP_MS && samples->values[i] == (double)number;
    }
    return ok;
}

/* The two that are in each batch, from the batch `first` on. */
static bool query_lasting(storage_querier *q, int first, int acked, ifm_bump *arena)
{
    ifm_error err;
    const model_matcher matcher = {.name = model_text_of("a"), .value = {"", 0}, .match = MODEL_NOT_EQUAL};
    const storage_hints hints = {.start_ms = (int64_t)first * STEP_MS, .end_ms = INT64_MAX, .function = ""};
    const storage_series *series = NULL;
    size_t count = 0;
    storage_samples samples[2] = {{0}, {0}};
    if (!q->functions->select(q, &matcher, 1, &hints, arena, &series, &count, &err) || count != 2) {
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        if (!q->functions->read(q, &series[i], hints.start_ms, hints.end_ms, arena, &samples[i], &err) ||
            !is_whole(&samples[i], first, acked)) {
            return false;
        }
    }
    return samples[0].count == samples[1].count;
}

/* The one that is in this batch alone. */
static bool query_single(storage_querier *q, int number, ifm_bump *arena)
{
    ifm_error err;
    char value[16];
    snprintf(value, sizeof value, "%d", number);
    const model_matcher matcher = {
        .name = model_text_of("n"), .value = model_text_of(value), .match = MODEL_EQUAL};
    const storage_hints hints = {.start_ms = INT64_MIN, .end_ms = INT64_MAX, .function = ""};
    const storage_series *series = NULL;
    size_t count = 0;
    storage_samples samples = {0};
    return q->functions->select(q, &matcher, 1, &hints, arena, &series, &count, &err) && count == 1 &&
           q->functions->read(q, series, INT64_MIN, INT64_MAX, arena, &samples, &err) && samples.count == 1 &&
           samples.times_ms[0] == (int64_t)number * STEP_MS && samples.values[0] == (double)number;
}

static void *query_always(void *argument)
{
    beside *b = argument;
    for (int i = 0; !atomic_load(&b->stop); i++) {
        int acked = atomic_load(&b->acked);
        ifm_error err;
        ifm_bump arena;
        storage_querier *q = NULL;
        storage *from = tsdb_storage(b->db);
        if (acked == 0) {
            sched_yield();
            continue;
        }
        int first = i % 2 == 0 ? 1 : 1 + (i * 37) % acked;
        ifm_bump_init(&arena, 1 << 26);
        bool ok = from->functions->querier(from, INT64_MIN, INT64_MAX, &q, &err);
        note(b, ok && query_lasting(q, first, acked, &arena));
        note(b, ok && query_single(q, first, &arena));
        if (ok) {
            q->functions->close(q);
        }
        ifm_bump_deinit(&arena);
        atomic_fetch_add(&b->queries, 1);
    }
    return NULL;
}

static void *flush_always(void *argument)
{
    beside *b = argument;
    ifm_error err;
    for (; !atomic_load(&b->stop); sched_yield()) {
        int acked = atomic_load(&b->acked);
        if (acked >= atomic_load(&b->flushed) + FLUSH_EACH) {
            note(b, tsdb_flush(b->db, &err));
            atomic_store(&b->flushed, acked);
        }
    }
    return NULL;
}

static void *merge_always(void *argument)
{
    beside *b = argument;
    for (; !atomic_load(&b->stop); sched_yield()) {
        tsdb_maintain(b->db);
    }
    return NULL;
}

static void append(store *s, int number)
{
    char value[16];
    snprintf(value, sizeof value, "%d", number);
    tsdb_batch *batch = store_begin(s, (int64_t)number * STEP_MS);
    tsdb_batch_append(batch, store_ref(batch, "a", "1"), number);
    tsdb_batch_append(batch, store_ref(batch, "n", value), number);
    tsdb_batch_append(batch, store_ref(batch, "a", "2"), number);
    store_commit(batch);
}

static bool is_enough(beside *b, int number)
{
    tsdb_stats stats;
    tsdb_stats_now(b->db, &stats);
    return number > BATCHES && stats.compactions > 0 && stats.series_removed > 0 &&
           atomic_load(&b->queries) >= QUERIES;
}

static void queries_find_each_sample_once_whatever_goes_on(void **state)
{
    store s;
    beside b = {0};
    pthread_t readers[READERS], flusher, merger;
    tsdb_stats stats;
    (void)state;
    store_open(&s, "beside");
    b.db = s.db;
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, query_always, &b), 0);
    }
    assert_int_equal(pthread_create(&flusher, NULL, flush_always, &b), 0);
    assert_int_equal(pthread_create(&merger, NULL, merge_always, &b), 0);
    for (int number = 1; number <= BATCHES_MAX && !is_enough(&b, number); number++) {
        append(&s, number);
        atomic_store(&b.acked, number);
        while (number > atomic_load(&b.flushed) + AHEAD_MAX) {
            sched_yield();
        }
    }
    atomic_store(&b.stop, true);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(readers[i], NULL);
    }
    pthread_join(flusher, NULL);
    pthread_join(merger, NULL);
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(b.failures, 0);
    CHECK(b.queries > 0);
    CHECK(stats.compactions > 0);
    CHECK(stats.series_removed > 0);
    CHECK(tsdb_head_check(s.db));
    store_close(&s);
    check_end();
}

/* ---- A merge that lasts ---- */

enum { MERGE_SECONDS_MAX = 60 };

static struct {
    sem_t begun, may_end;
    _Atomic bool gave_up;
} lasting_merge;

static bool wait_at_most(sem_t *semaphore, int seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    return sem_timedwait(semaphore, &until) == 0;
}

static int rename_slowly(const char *from, const char *to)
{
    if (strstr(to, "-1.block") != NULL) {
        sem_post(&lasting_merge.begun);
        atomic_store(&lasting_merge.gave_up, !wait_at_most(&lasting_merge.may_end, MERGE_SECONDS_MAX));
    }
    return rename(from, to);
}

static void *maintain_once(void *db)
{
    tsdb_maintain(db);
    return NULL;
}

static void flushes_do_not_wait_for_a_merge(void **state)
{
    store s;
    ifm_error err = {0};
    pthread_t merger;
    tsdb_stats stats;
    ifm_os_files files = ifm_os_files_real;
    (void)state;
    files.rename = rename_slowly;
    sem_init(&lasting_merge.begun, 0, 0);
    sem_init(&lasting_merge.may_end, 0, 0);
    store_open_with(&s, "lasting", &(tsdb_options){.files = &files});
    for (int number = 1; number <= 3 * FLUSH_EACH; number++) {
        append(&s, number);
        CHECK(number % FLUSH_EACH != 0 || tsdb_flush(s.db, &err));
    }
    assert_int_equal(pthread_create(&merger, NULL, maintain_once, s.db), 0);
    CHECK(wait_at_most(&lasting_merge.begun, MERGE_SECONDS_MAX));
    append(&s, 3 * FLUSH_EACH + 1);
    CHECK(tsdb_flush(s.db, &err));
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(stats.blocks, 4);
    sem_post(&lasting_merge.may_end);
    pthread_join(merger, NULL);
    CHECK(!atomic_load(&lasting_merge.gave_up));
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(stats.compactions, 1);
    CHECK_INT(stats.blocks, 3);
    store_close(&s);
    sem_destroy(&lasting_merge.begun);
    sem_destroy(&lasting_merge.may_end);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_find_each_sample_once_whatever_goes_on),
        cmocka_unit_test(flushes_do_not_wait_for_a_merge),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
