/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading several sources as one: which series there are, and what their samples are.
 */
#include "tsdb/querier.h"

#include "check.h"
#include "fake_source.h"
#include "torture.h"

#include <inferometer/registry.h>

#define ABSENT model_from_bits(MODEL_ABSENT_BITS)

enum { SOURCES_MAX = 4, ARENA_MAX = 1 << 20 };

static fake_source sources[SOURCES_MAX];
static tsdb_source *source_list[SOURCES_MAX];
static size_t source_count;
static int views;

/* The view of all sources, whatever the range: so the querier's own choice is seen. */
static bool acquire(tsdb *db, int64_t start_ms, int64_t end_ms, tsdb_view *out, ifm_error *err)
{
    (void)db;
    (void)start_ms;
    (void)end_ms;
    (void)err;
    views++;
    *out = (tsdb_view){source_list, source_count};
    return true;
}

static void release(tsdb_view *view)
{
    (void)view;
    views--;
}

static void use(const fake_series *const *series, size_t count)
{
    source_count = count;
    for (size_t i = 0; i < count; i++) {
        fake_init(&sources[i], series[i]);
        source_list[i] = &sources[i].base;
    }
}

static storage_querier *open_querier(tsdb_queries *queries)
{
    ifm_error err;
    storage_querier *querier = NULL;
    tsdb_queries_init(queries, NULL, (tsdb_view_functions){acquire, release});
    CHECK(queries->base.functions->querier(&queries->base, INT64_MIN, INT64_MAX, &querier, &err));
    return querier;
}

/* "1=10 2=20 h3 s4=.." of a series' samples: h for a histogram, with its hint. */
static void print_samples(const storage_samples *samples, ifm_buf *out)
{
    for (size_t i = 0; i < samples->count; i++) {
        const model_histogram *histogram = samples->histograms == NULL ? NULL : samples->histograms[i];
        ifm_buf_printf(out, "%s%lld=", i == 0 ? "" : " ", (long long)samples->times_ms[i]);
        if (histogram != NULL) {
            ifm_buf_printf(out, "h%g/%d", histogram->count, (int)histogram->hint);
        } else {
            ifm_buf_printf(out, "%g", samples->values[i]);
        }
        if (samples->starts_ms != NULL && samples->starts_ms[i] != 0) {
            ifm_buf_printf(out, "@%lld", (long long)samples->starts_ms[i]);
        }
    }
}

/* "a: 1=10 2=20; b: .." in static storage. */
static const char *read_all(int64_t start_ms, int64_t end_ms)
{
    static ifm_buf out;
    tsdb_queries queries;
    storage_querier *querier = open_querier(&queries);
    storage_hints hints = {.start_ms = start_ms, .end_ms = end_ms};
    ifm_bump arena;
    ifm_error err;
    const storage_series *series = NULL;
    size_t count = 0;
    ifm_bump_init(&arena, ARENA_MAX);
    ifm_buf_deinit(&out);
    ifm_buf_init(&out, ARENA_MAX);
    CHECK(querier->functions->select(querier, NULL, 0, &hints, &arena, &series, &count, &err));
    for (size_t i = 0; i < count; i++) {
        storage_samples samples;
        CHECK(querier->functions->read(querier, &series[i], start_ms, end_ms, &arena, &samples, &err));
        model_text name = series[i].labels.items[0].value;
        ifm_buf_printf(&out, "%s%.*s: ", i == 0 ? "" : "; ", (int)name.size, name.data);
        print_samples(&samples, &out);
    }
    querier->functions->close(querier);
    ifm_bump_deinit(&arena);
    ifm_buf_append_char(&out, '\0');
    for (size_t i = 0; i < source_count; i++) {
        CHECK_INT(sources[i].readers, 0);
    }
    CHECK_INT(views, 0);
    return out.data;
}

static const fake_series first[] = {{.name = "a", .runs = {{.times = {1, 2, 3}, .values = {10, 20, 30}}}},
                                    {.name = "c", .runs = {{.times = {1, 3}, .values = {1, 3}}}},
                                    {.name = NULL}};
static const fake_series second[] = {{.name = "a", .runs = {{.times = {3, 4}, .values = {99, 40}}}},
                                     {.name = "b", .runs = {{.times = {4}, .values = {4}}}},
                                     {.name = NULL}};
static const fake_series third[] = {
    {.name = "a", .runs = {{.times = {5, 6}, .values = {50, 60}}, {.times = {7}, .values = {70}}}},
    {.name = NULL}};

static void querier_merges_series_of_all_sources(void **state)
{
    (void)state;
    use((const fake_series *const[]){first, second, third}, 3);
    CHECK_TEXT(read_all(1, 9), "a: 1=10 2=20 3=30 4=40 5=50 6=60 7=70; b: 4=4; c: 1=1 3=3");
    check_end();
}

static void querier_reads_the_range_alone(void **state)
{
    (void)state;
    use((const fake_series *const[]){first, second, third}, 3);
    CHECK_TEXT(read_all(2, 5), "a: 2=20 3=30 4=40 5=50; b: 4=4; c: 3=3");
    CHECK_TEXT(read_all(7, 7), "a: 7=70");
    CHECK_TEXT(read_all(8, 9), "");
    CHECK_TEXT(read_all(INT64_MIN, INT64_MAX), "a: 1=10 2=20 3=30 4=40 5=50 6=60 7=70; b: 4=4; c: 1=1 3=3");
    check_end();
}

static void querier_of_no_source_has_no_series(void **state)
{
    (void)state;
    use(NULL, 0);
    CHECK_TEXT(read_all(INT64_MIN, INT64_MAX), "");
    check_end();
}

static void querier_sorts_sources_that_overlap(void **state)
{
    static const fake_series newer[] = {{.name = "a", .runs = {{.times = {5, 7}, .values = {50, 70}}}},
                                        {.name = NULL}};
    static const fake_series older[] = {{.name = "a", .runs = {{.times = {1, 5, 6}, .values = {10, 51, 60}}}},
                                        {.name = NULL}};
    (void)state;
    use((const fake_series *const[]){newer, older}, 2);
    CHECK_TEXT(read_all(1, 9), "a: 1=10 5=50 6=60 7=70");
    CHECK_TEXT(read_all(5, 6), "a: 5=50 6=60");
    check_end();
}

static void querier_leaves_out_absent_samples(void **state)
{
    fake_series gaps[] = {{.name = "a",
                           .runs = {{.times = {1, 2, 3, 4}, .values = {ABSENT, 20, ABSENT, 40}},
                                    {.times = {5, 6}, .values = {ABSENT, ABSENT}}}},
                          {.name = "b", .runs = {{.times = {1, 2}, .values = {ABSENT, ABSENT}}}},
                          {.name = NULL}};
    (void)state;
    use((const fake_series *const[]){gaps}, 1);
    CHECK_TEXT(read_all(1, 9), "a: 2=20 4=40; b: ");
    CHECK_TEXT(read_all(4, 4), "a: 4=40; b: ");
    check_end();
}

static void querier_copies_nothing_of_a_single_run(void **state)
{
    ifm_bump arena;
    ifm_error err;
    storage_samples samples;
    tsdb_column column = {first[0].runs[0].times, 3, 1};
    tsdb_run run = {.column = &column, .first = 1, .count = 2, .values = first[0].runs[0].values + 1};
    (void)state;
    ifm_bump_init(&arena, 0); /* no room for anything */
    CHECK(tsdb_join(&run, 1, (tsdb_range){0, 2}, &arena, &samples, &err));
    CHECK_INT(samples.count, 1);
    CHECK(samples.times_ms == first[0].runs[0].times + 1);
    CHECK(samples.values == first[0].runs[0].values + 1);
    CHECK(samples.histograms == NULL);
    CHECK(samples.starts_ms == NULL);
    check_end();
}

static void querier_joins_starts(void **state)
{
    static const fake_series with[] = {
        {.name = "a", .runs = {{.times = {3, 4}, .values = {30, 40}, .starts = {1, 2}, .has_starts = true}}},
        {.name = NULL},
    };
    (void)state;
    use((const fake_series *const[]){first, with}, 2);
    CHECK_TEXT(read_all(2, 4), "a: 2=20 3=30 4=40@2; c: 3=3");
    CHECK_TEXT(read_all(4, 4), "a: 4=40@2");
    check_end();
}

/* ---- Histograms ---- */

static const model_span span = {0, 1};

static model_histogram histogram(const double *count, model_reset_hint hint)
{
    return (model_histogram){.hint = hint,
                             .count = *count,
                             .positive_spans = &span,
                             .positive_span_count = 1,
                             .positive = count,
                             .positive_count = 1};
}

static void hints_follow_the_sample_before(void **state)
{
    const double counts[] = {1, 2};
    const struct {
        double before, now; /* of the only bucket */
        model_reset_hint hint_before, hint, want;
        const char *why;
    } rows[] = {
        {1, 2, MODEL_RESET_NO, MODEL_RESET_UNKNOWN, MODEL_RESET_NO, "it grew"},
        {2, 2, MODEL_RESET_YES, MODEL_RESET_NO, MODEL_RESET_NO, "it stayed"},
        {2, 1, MODEL_RESET_NO, MODEL_RESET_NO, MODEL_RESET_YES, "it fell"},
        {1, 2, MODEL_RESET_NO, MODEL_RESET_YES, MODEL_RESET_YES, "the appender knows"},
        {2, 1, MODEL_RESET_NO, MODEL_RESET_GAUGE, MODEL_RESET_GAUGE, "gauges are never reset"},
        {1, 2, MODEL_RESET_GAUGE, MODEL_RESET_UNKNOWN, MODEL_RESET_YES, "no gauge any more"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        model_histogram before = histogram(&rows[i].before, rows[i].hint_before);
        model_histogram now = histogram(&rows[i].now, rows[i].hint);
        if (tsdb_hint(&before, &now) != rows[i].want) {
            CHECK_TEXT(rows[i].why, "the hint is another one");
        }
    }
    model_histogram low = histogram(&counts[0], MODEL_RESET_UNKNOWN);
    model_histogram stale = {.sum = model_from_bits(MODEL_STALE_BITS)};
    CHECK_INT(tsdb_hint(NULL, &low), MODEL_RESET_UNKNOWN);
    CHECK_INT(tsdb_hint(&low, &stale), MODEL_RESET_NO);
    CHECK_INT(tsdb_hint(&stale, &low), MODEL_RESET_YES);
    model_histogram finer = low;
    finer.schema = 1;
    CHECK_INT(tsdb_hint(&low, &finer), MODEL_RESET_YES);
    check_end();
}

static void querier_finds_hints_where_sources_meet(void **state)
{
    const double counts[] = {1, 2, 3};
    model_histogram one = histogram(&counts[0], MODEL_RESET_UNKNOWN);
    model_histogram two = histogram(&counts[1], MODEL_RESET_NO);
    model_histogram three = histogram(&counts[2], MODEL_RESET_UNKNOWN);
    model_histogram reset = histogram(&counts[0], MODEL_RESET_YES);
    model_histogram gauge = histogram(&counts[0], MODEL_RESET_GAUGE);
    fake_series older[] = {
        {.name = "a",
         .runs = {{.times = {1, 2}, .values = {0}, .histograms = {&one, &two}, .has_histograms = true}}},
        {.name = NULL}};
    fake_series newer[] = {
        {.name = "a",
         .runs = {{.times = {3, 4, 5, 6, 7},
                   .values = {0, 0, 9},
                   .histograms = {&three, &reset, NULL, &one, &gauge},
                   .has_histograms = true}}},
        {.name = NULL},
    };
    (void)state;
    use((const fake_series *const[]){older, newer}, 2);
    CHECK_TEXT(read_all(1, 9), "a: 1=h1/0 2=h2/2 3=h3/2 4=h1/0 5=9 6=h1/0 7=h1/3");
    CHECK_TEXT(read_all(3, 4), "a: 3=h3/0 4=h1/0");
    check_end();
}

static void querier_mixes_floats_and_histograms_of_sources(void **state)
{
    const double count = 1;
    model_histogram one = histogram(&count, MODEL_RESET_UNKNOWN);
    fake_series newer[] = {
        {.name = "a",
         .runs = {{.times = {4, 5}, .values = {0, 50}, .histograms = {&one, NULL}, .has_histograms = true}}},
        {.name = NULL}};
    (void)state;
    use((const fake_series *const[]){first, newer}, 2);
    CHECK_TEXT(read_all(2, 9), "a: 2=20 3=30 4=h1/0 5=50; c: 3=3");
    check_end();
}

/* ---- Failures ---- */

static void querier_says_what_could_not_be_read(void **state)
{
    tsdb_queries queries;
    ifm_bump arena;
    ifm_error err;
    const storage_series *series = NULL;
    size_t count = 0;
    storage_hints hints = {.start_ms = 1, .end_ms = 9};
    storage_samples samples;
    (void)state;
    use((const fake_series *const[]){first, second}, 2);
    sources[1].fails = IFM_IO;
    storage_querier *querier = open_querier(&queries);
    ifm_bump_init(&arena, ARENA_MAX);
    CHECK(querier->functions->select(querier, NULL, 0, &hints, &arena, &series, &count, &err));
    CHECK_INT(count, 3);
    CHECK(!querier->functions->read(querier, &series[0], 1, 9, &arena, &samples, &err));
    CHECK_INT(err.code, IFM_IO);
    CHECK(querier->functions->read(querier, &series[2], 1, 9, &arena, &samples, &err));
    querier->functions->close(querier);
    ifm_bump_deinit(&arena);
    CHECK_INT(sources[0].readers + sources[1].readers, 0);
    check_end();
}

static bool query_once(void *context, ifm_error *err)
{
    tsdb_queries *queries = context;
    storage_querier *querier = NULL;
    storage_hints hints = {.start_ms = 1, .end_ms = 9};
    const storage_series *series = NULL;
    size_t count = 0;
    ifm_bump arena;
    if (!queries->base.functions->querier(&queries->base, 1, 9, &querier, err)) {
        return false;
    }
    ifm_bump_init(&arena, ARENA_MAX);
    bool ok = querier->functions->select(querier, NULL, 0, &hints, &arena, &series, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        storage_samples samples;
        ok = querier->functions->read(querier, &series[i], 1, 9, &arena, &samples, err);
    }
    querier->functions->close(querier);
    ifm_bump_deinit(&arena);
    return ok;
}

static void querier_survives_without_memory(void **state)
{
    tsdb_queries queries;
    (void)state;
    use((const fake_series *const[]){first, second, third}, 3);
    tsdb_queries_init(&queries, NULL, (tsdb_view_functions){acquire, release});
    CHECK(torture_allocations(query_once, &queries, TORTURE_MUST_FAIL) >= 4);
    CHECK_INT(views, 0);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(querier_merges_series_of_all_sources),
        cmocka_unit_test(querier_reads_the_range_alone),
        cmocka_unit_test(querier_of_no_source_has_no_series),
        cmocka_unit_test(querier_sorts_sources_that_overlap),
        cmocka_unit_test(querier_leaves_out_absent_samples),
        cmocka_unit_test(querier_copies_nothing_of_a_single_run),
        cmocka_unit_test(querier_joins_starts),
        cmocka_unit_test(hints_follow_the_sample_before),
        cmocka_unit_test(querier_finds_hints_where_sources_meet),
        cmocka_unit_test(querier_mixes_floats_and_histograms_of_sources),
        cmocka_unit_test(querier_says_what_could_not_be_read),
        cmocka_unit_test(querier_survives_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
