/* SPDX-License-Identifier: Apache-2.0
 *
 * Appending to the head: verdicts, columns, what readers see.
 */
#include "tsdb/limits.h"
#include "tsdb/tsdb_impl.h"

#include "check.h"
#include "scratch.h"
#include "tsdb_store.h"

static void append_judges_every_sample(void **state)
{
    store s;
    (void)state;
    store_open(&s, "verdicts");
    tsdb_ref a = 0;
    tsdb_batch *batch = store_begin(&s, 1000);
    a = store_ref(batch, "a", "1");
    CHECK_INT(tsdb_batch_append(batch, a, 1), TSDB_ACCEPTED);
    CHECK_INT(tsdb_batch_append(batch, a, 1), TSDB_ACCEPTED);
    CHECK_INT(tsdb_batch_append(batch, a, 2), TSDB_DUPLICATE);
    CHECK_INT(tsdb_batch_append(batch, a + 1, 2), TSDB_GONE);
    CHECK_INT(tsdb_batch_append(batch, 0, 2), TSDB_GONE);
    store_commit(batch);
    batch = store_begin(&s, 1000);
    CHECK_INT(tsdb_batch_append(batch, a, 1), TSDB_ACCEPTED);
    CHECK_INT(tsdb_batch_append(batch, a, 2), TSDB_DUPLICATE);
    store_commit(batch);
    batch = store_begin(&s, 999);
    CHECK_INT(tsdb_batch_append(batch, a, 2), TSDB_OUT_OF_ORDER);
    store_commit(batch);
    batch = store_begin(&s, 10 * 3600 * 1000);
    CHECK_INT(tsdb_batch_append(batch, store_ref(batch, "b", "1"), 2), TSDB_ACCEPTED);
    store_commit(batch);
    batch = store_begin(&s, 10 * 3600 * 1000 - TSDB_TOO_OLD_MS);
    CHECK_INT(tsdb_batch_append(batch, store_ref(batch, "b", "2"), 2), TSDB_ACCEPTED);
    tsdb_batch_rollback(batch);
    batch = store_begin(&s, 9 * 3600 * 1000 - 1);
    CHECK_INT(tsdb_batch_append(batch, a, 2), TSDB_TOO_OLD);
    store_commit(batch);
    CHECK_TEXT(store_print(&s, "a"), "1@1000 ");
    CHECK_INT(s.db->counters.samples, 2);
    CHECK(tsdb_head_check(s.db));
    store_close(&s);
    check_end();
}

static void samples_of_a_group_share_a_column(void **state)
{
    store s;
    (void)state;
    store_open(&s, "column");
    for (int64_t t = 1; t <= 100; t++) {
        tsdb_batch *batch = store_begin(&s, t);
        tsdb_batch_append(batch, store_ref(batch, "a", "1"), (double)t);
        if (t % 2 == 0) {
            tsdb_batch_append(batch, store_ref(batch, "a", "2"), (double)-t);
        }
        store_commit(batch);
    }
    CHECK_INT(s.db->active->column_count, 1);
    CHECK_INT(s.db->active->samples, 150);
    CHECK(tsdb_head_check(s.db));
    store_close(&s);
    check_end();
}

static void batches_with_the_same_time_keep_to_a_column_each(void **state)
{
    store s;
    (void)state;
    store_open(&s, "pairs");
    for (int64_t t = 1; t <= 40; t++) {
        tsdb_batch *batch = store_begin(&s, t);
        tsdb_batch_append(batch, store_ref(batch, "a", "1"), (double)t);
        store_commit(batch);
        batch = store_begin(&s, t);
        tsdb_batch_append(batch, store_ref(batch, "b", "1"), (double)t);
        store_commit(batch);
    }
    CHECK_INT(s.db->active->column_count, 2);
    CHECK(tsdb_head_check(s.db));
    store_close(&s);
    check_end();
}

static void a_sample_may_have_a_time_of_its_own(void **state)
{
    store s;
    (void)state;
    store_open(&s, "own");
    tsdb_batch *batch = store_begin(&s, 100);
    tsdb_ref a = store_ref(batch, "a", "1");
    CHECK_INT(tsdb_batch_append_sample(batch, a, &(tsdb_sample){.time_ms = 50, .value = 5}), TSDB_ACCEPTED);
    CHECK_INT(tsdb_batch_append_sample(batch, a, &(tsdb_sample){.time_ms = 60, .value = 6}), TSDB_ACCEPTED);
    CHECK_INT(tsdb_batch_append(batch, a, 7), TSDB_ACCEPTED);
    CHECK_INT(tsdb_batch_append_sample(batch, a, &(tsdb_sample){.time_ms = 110, .value = 8, .start_ms = 3}),
              TSDB_ACCEPTED);
    store_commit(batch);
    CHECK_TEXT(store_print(&s, "a"), "5@50 6@60 7@100 8@110/3 ");
    CHECK(tsdb_head_check(s.db));
    store_close(&s);
    check_end();
}

static void a_rollback_stores_nothing(void **state)
{
    store s;
    (void)state;
    store_open(&s, "rollback");
    tsdb_batch *batch = store_begin(&s, 100);
    tsdb_batch_append(batch, store_ref(batch, "a", "1"), 1);
    tsdb_batch_rollback(batch);
    CHECK_TEXT(store_print(&s, "a"), "");
    batch = store_begin(&s, 100);
    tsdb_batch_append(batch, store_ref(batch, "a", "1"), 2);
    store_commit(batch);
    CHECK_TEXT(store_print(&s, "a"), "2@100 ");
    CHECK(tsdb_head_check(s.db));
    store_close(&s);
    check_end();
}

static void a_reader_sees_whole_batches_only(void **state)
{
    store s;
    ifm_error err;
    ifm_bump arena;
    const tsdb_run *runs;
    size_t count;
    (void)state;
    store_open(&s, "isolation");
    tsdb_batch *batch = store_begin(&s, 1);
    tsdb_batch_append(batch, store_ref(batch, "a", "1"), 1);
    store_commit(batch);
    tsdb_source *source = &s.db->active->base;
    tsdb_reader *reader = source->functions->reader_new(source, &err);
    batch = store_begin(&s, 2);
    tsdb_batch_append(batch, store_ref(batch, "a", "1"), 2);
    store_commit(batch);
    ifm_bump_init(&arena, 1 << 20);
    CHECK(source->functions->read(reader, 0, 0, 10, &arena, &runs, &count, &err));
    CHECK_INT(count, 1);
    CHECK_INT(runs[0].count, 1);
    source->functions->reader_free(reader);
    ifm_bump_deinit(&arena);
    store_close(&s);
    check_end();
}

static void the_caps_refuse_new_series_only(void **state)
{
    store s;
    ifm_error err;
    tsdb_ref ref;
    (void)state;
    store_open_with(&s, "caps", &(tsdb_options){.series_max = 2});
    tsdb_batch *batch = store_begin(&s, 1);
    tsdb_ref a = store_ref(batch, "a", "1");
    store_ref(batch, "a", "2");
    model_label label = {model_text_of("a"), model_text_of("3")};
    CHECK(!tsdb_batch_series(batch, (model_labels){&label, 1}, &ref, NULL, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK_INT(tsdb_batch_append(batch, a, 1), TSDB_ACCEPTED);
    store_commit(batch);
    CHECK_INT(s.db->counters.series_refused, 1);
    store_close(&s);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_judges_every_sample),
        cmocka_unit_test(samples_of_a_group_share_a_column),
        cmocka_unit_test(batches_with_the_same_time_keep_to_a_column_each),
        cmocka_unit_test(a_sample_may_have_a_time_of_its_own),
        cmocka_unit_test(a_rollback_stores_nothing),
        cmocka_unit_test(a_reader_sees_whole_batches_only),
        cmocka_unit_test(the_caps_refuse_new_series_only),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
