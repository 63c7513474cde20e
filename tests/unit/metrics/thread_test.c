/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that come, update and go: totals are exact, and cells pass from one generation to the next.
 */
#include "metrics/thread.h"

#include "base/base.h"
#include "metrics/registry.h"
#include "torture.h"
#include "unit/metrics/metrics_fixture.h"

#include <pthread.h>

enum { AT_ONCE = 64, ONE_BY_ONE = 100, UPDATES = 500 };

static const double BOUNDS[] = {1, 2};

struct work {
    ifm_registry *registry;
    ifm_counter counter;
    ifm_gauge gauge;
    ifm_histogram histogram;
    ifm_summary summary;
    pthread_barrier_t *start; /* NULL: at once */
};

static void work_init(struct work *work)
{
    ifm_error err;
    *work = (struct work){.registry = fixture_registry(NULL)};
    MUST(ifm_counter_register(work->registry, COUNTER(.name = "c"), &work->counter, &err));
    MUST(ifm_gauge_register(work->registry, GAUGE(.name = "g"), &work->gauge, &err));
    MUST(ifm_histogram_register(work->registry,
                                &(ifm_histogram_options){.metric = {.name = "h", .help = "H"},
                                                         .kind = IFM_HISTOGRAM_BOTH,
                                                         .bounds = BOUNDS,
                                                         .bound_count = 2},
                                &work->histogram, &err));
    MUST(ifm_summary_register(work->registry, SUMMARY(.name = "s"), &work->summary, &err));
}

static void *work_run(void *context)
{
    struct work *work = context;
    if (work->start != NULL) {
        ifm_thread_current(); /* all have a record before the first gives its back */
        pthread_barrier_wait(work->start);
    }
    for (int i = 0; i < UPDATES; i++) {
        ifm_counter_inc(work->counter);
        ifm_counter_add(work->counter, 0.5);
        ifm_gauge_add(work->gauge, 1);
        ifm_histogram_observe(work->histogram, i % 3 + 0.5);
        ifm_summary_observe(work->summary, 2);
    }
    return NULL;
}

static void check_totals(const struct work *work, int threads)
{
    uint64_t count = 0;
    double sum = 0;
    double updates = (double)threads * UPDATES;
    CHECK_DOUBLE(ifm_counter_value(work->counter), updates * 1.5);
    CHECK_DOUBLE(ifm_gauge_value(work->gauge), updates);
    CHECK(ifm_histogram_read(work->histogram, &count, &sum));
    CHECK_DOUBLE((double)count, updates);
    CHECK_DOUBLE(fixture_value(work->registry, "h_bucket{le=\"1.0\"}"), threads * 167.0);
    CHECK_DOUBLE(fixture_value(work->registry, "h_bucket{le=\"2.0\"}"), threads * 334.0);
    CHECK_DOUBLE(fixture_value(work->registry, "h_bucket{le=\"+Inf\"}"), updates);
    CHECK_DOUBLE(fixture_value(work->registry, "s_count"), updates);
    CHECK_DOUBLE(fixture_value(work->registry, "s_sum"), 2 * updates);
    CHECK_INT(fixture_dropped(work->registry, "cells"), 0);
}

static void run_at_once(struct work *work, int threads)
{
    pthread_t ids[AT_ONCE];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, (unsigned)threads);
    work->start = &start;
    for (int i = 0; i < threads; i++) {
        assert_int_equal(pthread_create(&ids[i], NULL, work_run, work), 0);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
    }
    pthread_barrier_destroy(&start);
    work->start = NULL;
}

static void threads_at_once_lose_nothing(void **state)
{
    (void)state;
    static const int counts[] = {1, 2, 13, 14, 15, AT_ONCE}; /* the direct stripes are 14 */
    for (size_t i = 0; i < IFM_COUNT_OF(counts); i++) {
        struct work work;
        work_init(&work);
        run_at_once(&work, counts[i]);
        check_totals(&work, counts[i]);
        ifm_registry_free(work.registry);
    }
    check_end();
}

static void generations_of_threads_take_over_the_cells(void **state)
{
    (void)state;
    struct work work;
    work_init(&work);
    uint64_t bump = 0;
    long blocks = 0;
    for (int i = 0; i < ONE_BY_ONE; i++) {
        pthread_t id;
        assert_int_equal(pthread_create(&id, NULL, work_run, &work), 0);
        pthread_join(id, NULL);
        if (i == 0) {
            bump = atomic_load(&work.registry->arena.bump);
            blocks = torture_block_count();
        }
    }
    CHECK_INT(atomic_load(&work.registry->arena.bump), bump);
    CHECK_INT(torture_block_count(), blocks);
    check_totals(&work, ONE_BY_ONE);
    ifm_registry_free(work.registry);
    check_end();
}

static void many_threads_again_and_again_need_no_more_cells(void **state)
{
    (void)state;
    enum { ROUNDS = 5 };
    struct work work;
    work_init(&work);
    uint64_t bump = 0;
    for (int i = 0; i < ROUNDS; i++) {
        run_at_once(&work, AT_ONCE);
        if (i == 0) {
            bump = atomic_load(&work.registry->arena.bump);
        }
    }
    /* The same records serve, but which thread owns a series' own cell was decided in the first round. */
    CHECK_INT(atomic_load(&work.registry->arena.bump), bump);
    check_totals(&work, ROUNDS * AT_ONCE);
    ifm_registry_free(work.registry);
    check_end();
}

/* Threads that take a record each and keep it. */
struct holder {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int started;
    int attached;
    bool leave;
    uint32_t index[IFM_THREADS_MAX];
    pthread_t ids[IFM_THREADS_MAX];
};

static void *holder_run(void *context)
{
    struct holder *holder = context;
    const struct ifm_thread *self = ifm_thread_current();
    pthread_mutex_lock(&holder->lock);
    holder->index[holder->attached++] = self->index;
    pthread_cond_broadcast(&holder->changed);
    while (!holder->leave) {
        pthread_cond_wait(&holder->changed, &holder->lock);
    }
    pthread_mutex_unlock(&holder->lock);
    return NULL;
}

/* False when the system does not give that many threads. */
static bool holder_start(struct holder *holder, int threads)
{
    pthread_attr_t small;
    *holder = (struct holder){.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    while (holder->started < threads &&
           pthread_create(&holder->ids[holder->started], &small, holder_run, holder) == 0) {
        holder->started++;
    }
    pthread_attr_destroy(&small);
    pthread_mutex_lock(&holder->lock);
    while (holder->attached < holder->started) {
        pthread_cond_wait(&holder->changed, &holder->lock);
    }
    pthread_mutex_unlock(&holder->lock);
    return holder->started == threads;
}

static void holder_end(struct holder *holder)
{
    pthread_mutex_lock(&holder->lock);
    holder->leave = true;
    pthread_cond_broadcast(&holder->changed);
    pthread_mutex_unlock(&holder->lock);
    for (int i = 0; i < holder->started; i++) {
        pthread_join(holder->ids[i], NULL);
    }
}

static struct holder holder;

static void threads_alive_at_once_have_records_of_their_own(void **state)
{
    (void)state;
    bool seen[IFM_THREADS_MAX] = {false};
    seen[ifm_thread_current()->index] = true;
    CHECK(holder_start(&holder, AT_ONCE));
    for (int i = 0; i < AT_ONCE; i++) {
        CHECK(!seen[holder.index[i]]);
        CHECK(holder.index[i] <= AT_ONCE); /* records of threads that ended are used again */
        seen[holder.index[i]] = true;
    }
    holder_end(&holder);
    check_end();
}

static void a_thread_has_one_record(void **state)
{
    (void)state;
    struct ifm_thread *self = ifm_thread_current();
    CHECK(self != &ifm_thread_none);
    CHECK(self == ifm_thread_current());
    CHECK_INT(self->owner >> 48, self->index + 1);
    check_end();
}

static void hazards_of_other_threads_are_seen(void **state)
{
    (void)state;
    const void *hazards[4];
    int series = 0;
    int table = 0;
    struct ifm_thread *self = ifm_thread_current();
    CHECK(ifm_thread_hazards_settle());
    CHECK_INT(ifm_thread_hazards(hazards, 4), 0);
    ifm_hazard_series(self, &series);
    ifm_hazard_table(self, &table);
    CHECK_INT(ifm_thread_hazards(hazards, 1), 2); /* there are more than there is room for */
    CHECK_INT(ifm_thread_hazards(hazards, 4), 2);
    CHECK(hazards[0] == &series);
    CHECK(hazards[1] == &table);
    ifm_hazard_series_clear(self);
    ifm_hazard_table_clear(self);
    ifm_thread_unregistered_enter();
    CHECK(!ifm_thread_hazards_settle());
    ifm_thread_unregistered_leave();
    CHECK(ifm_thread_hazards_settle());
    check_end();
}

static void a_thread_beyond_the_last_record_counts_what_it_can(void **state)
{
    (void)state;
    struct work work;
    work_init(&work);
    ifm_thread_current(); /* this thread has one of the records */
    if (!holder_start(&holder, IFM_THREADS_MAX - 1)) {
        print_message("skipped: the system gave only %d threads\n", holder.started);
    } else {
        pthread_t id;
        assert_int_equal(pthread_create(&id, NULL, work_run, &work), 0);
        pthread_join(id, NULL);
        CHECK_DOUBLE(ifm_counter_value(work.counter), UPDATES * 1.5);
        CHECK_DOUBLE(ifm_gauge_value(work.gauge), UPDATES);
        CHECK_DOUBLE(fixture_value(work.registry, "h_count"), 0);
        CHECK_DOUBLE(fixture_value(work.registry, "s_count"), 0);
        CHECK_INT(fixture_dropped(work.registry, "cells"), 2 * UPDATES);
    }
    holder_end(&holder);
    ifm_registry_free(work.registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_has_one_record),
        cmocka_unit_test(hazards_of_other_threads_are_seen),
        cmocka_unit_test(threads_alive_at_once_have_records_of_their_own),
        cmocka_unit_test(threads_at_once_lose_nothing),
        cmocka_unit_test(generations_of_threads_take_over_the_cells),
        cmocka_unit_test(many_threads_again_and_again_need_no_more_cells),
        cmocka_unit_test(a_thread_beyond_the_last_record_counts_what_it_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
