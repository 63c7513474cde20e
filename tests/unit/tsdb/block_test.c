/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/tsdb/block_fixture.h"

#include "torture.h"
#include "tsdb/block_source.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];

static int folder_make(void **state)
{
    int result = scratch_make(state);
    snprintf(folder, sizeof folder, "%s/blocks", scratch);
    mkdir(folder, 0755);
    return result;
}

static tsdb_block_writer_options options_of(uint64_t sequence)
{
    return (tsdb_block_writer_options){
        .files = &ifm_os_files_real, .folder = folder, .sequence = sequence, .level = 0};
}

static tsdb_source *write_and_open(fixture *f, uint64_t sequence, tsdb_block_info *info)
{
    ifm_error err = {.code = IFM_OK};
    tsdb_block_writer_options options = options_of(sequence);
    bool written = fixture_write(f, &options, info, &err);
    CHECK_TEXT(written ? "" : err.message, "");
    tsdb_source *source =
        written ? tsdb_block_open(&ifm_os_files_real, folder, info->name, info, &err) : NULL;
    CHECK_TEXT(source != NULL ? "" : err.message, "");
    return source;
}

static void check_round_trip(fixture *f, uint64_t sequence)
{
    ifm_error err = {.code = IFM_OK};
    tsdb_block_info info;
    tsdb_source *source = write_and_open(f, sequence, &info);
    if (source != NULL) {
        CHECK_INT(fixture_differences(f, source, &err), 0);
        CHECK(tsdb_block_verify(source, &err));
        CHECK_INT(info.series, f->count);
        source->functions->release(source);
    }
}

static void block_keeps_histograms_counters_and_gauges(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    for (int i = 0; i < 40; i++) {
        const tsdb_column *column = fixture_column(&f, 1700000000000 + i, 400, 15000, i % 3 == 0 ? 0 : 6);
        char labels[100];
        snprintf(labels, sizeof labels, "p%d", i);
        fixture_histogram(&f, column, labels);
        snprintf(labels, sizeof labels, "__name__=ratio,pipeline=p%d", i);
        double *values = fixture_run(&f, fixture_add(&f, labels), column);
        for (size_t j = 0; j < column->count; j++) {
            values[j] = (double)(fixture_random(&f) % 10000) / 10000;
        }
        snprintf(labels, sizeof labels, "__name__=noise,pipeline=p%d", i);
        values = fixture_run(&f, fixture_add(&f, labels), column);
        for (size_t j = 0; j < column->count; j++) {
            values[j] = model_from_bits(fixture_random(&f)); /* any bits at all */
        }
    }
    check_round_trip(&f, 1);
    fixture_deinit(&f);
    check_end();
}

static void block_keeps_special_values_bit_for_bit(void **state)
{
    (void)state;
    static const uint64_t bits[] = {MODEL_STALE_BITS,
                                    MODEL_NAN_BITS,
                                    UINT64_C(0x7ff8000000000000),
                                    UINT64_C(0xfff8000000000001),
                                    UINT64_C(0x7ff0000000000001),
                                    UINT64_C(0x8000000000000000),
                                    UINT64_C(0x7ff0000000000000),
                                    UINT64_C(0xfff0000000000000),
                                    1,
                                    UINT64_C(0x7fefffffffffffff),
                                    MODEL_ABSENT_BITS,
                                    0};
    fixture f;
    fixture_init(&f);
    const tsdb_column *column = fixture_column(&f, -5000, 300, 1000, 0);
    for (size_t kind = 0; kind < IFM_COUNT_OF(bits); kind++) {
        for (size_t every = 1; every < 300; every *= 3) {
            char labels[100];
            snprintf(labels, sizeof labels, "__name__=x,every=%03zu,kind=%02zu", every, kind);
            double *values = fixture_run(&f, fixture_add(&f, labels), column);
            for (size_t i = 0; i < column->count; i++) {
                values[i] = i % every == every - 1 ? model_from_bits(bits[kind]) : (double)(i * kind) / 8;
            }
            values[0] = every == 1 ? 9007199254740993.0 : values[0];
        }
    }
    check_round_trip(&f, 2);
    fixture_deinit(&f);
    check_end();
}

static const model_histogram *native(fixture *f, uint32_t buckets, double scale)
{
    model_histogram *h = ifm_bump_alloc(&f->arena, sizeof *h);
    model_span *spans = ifm_bump_alloc_array(&f->arena, 1, sizeof *spans);
    double *counts = ifm_bump_alloc_array(&f->arena, buckets, sizeof *counts);
    *spans = (model_span){-3, buckets};
    *h = (model_histogram){.hint = (model_reset_hint)(fixture_random(f) % 4),
                           .schema = 3,
                           .zero_threshold = 0.001,
                           .zero_count = scale,
                           .positive_spans = spans,
                           .positive_span_count = 1,
                           .positive = counts,
                           .positive_count = buckets};
    h->count = scale;
    for (uint32_t i = 0; i < buckets; i++) {
        counts[i] = (double)(fixture_random(f) % 50) * scale;
        h->count += counts[i];
    }
    h->sum = (double)(fixture_random(f) % 100000) / 7;
    return h;
}

static void block_keeps_native_histograms_among_floats_and_starts(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    const tsdb_column *column = fixture_column(&f, 1000, 200, 1000, 3);
    for (int i = 0; i < 3; i++) {
        char labels[100];
        snprintf(labels, sizeof labels, "__name__=native,i=%d", i);
        fixture_series *series = fixture_add(&f, labels);
        double *values = fixture_run(&f, series, column);
        const model_histogram **items = ifm_bump_alloc_array(&f.arena, column->count, sizeof *items);
        int64_t *starts_ms = ifm_bump_alloc_array(&f.arena, column->count, sizeof *starts_ms);
        for (size_t j = 0; j < column->count; j++) {
            bool is_float = j % 17 == 16;
            items[j] = is_float ? NULL : native(&f, j < 100 ? 8 : 12, i == 2 ? 0.5 : 1);
            values[j] = is_float ? 1.5 : 0;
            starts_ms[j] = j < 50 ? 0 : 900;
        }
        series->runs[0].histograms = items;
        series->runs[0].starts_ms = i == 1 ? NULL : starts_ms;
    }
    check_round_trip(&f, 3);
    fixture_deinit(&f);
    check_end();
}

static void block_joins_runs_of_several_columns(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    const tsdb_column *columns[3];
    for (int i = 0; i < 3; i++) {
        columns[i] = fixture_column(&f, i * 10000000, 2000, 1000, 5);
    }
    for (int i = 0; i < 20; i++) {
        char labels[100];
        snprintf(labels, sizeof labels, "__name__=joined,i=%02d", i);
        fixture_series *series = fixture_add(&f, labels);
        for (int j = i % 2; j < 3; j += 1 + i % 3) {
            double *values = fixture_run(&f, series, columns[j]);
            for (size_t k = 0; k < columns[j]->count; k++) {
                values[k] = (double)(k / 7);
            }
            tsdb_run *run = &series->runs[series->run_count - 1];
            run->first = (size_t)i * 10;                   /* starts late, */
            run->count -= (size_t)i * 10 + (size_t)i * 11; /* ends early */
        }
    }
    tsdb_block_info info;
    tsdb_source *source = write_and_open(&f, 4, &info);
    ifm_error err = {.code = IFM_OK};
    if (source != NULL) {
        CHECK_INT(fixture_differences(&f, source, &err), 0);
        const tsdb_block_index *index = tsdb_block_source_index((tsdb_block_source *)source, &err);
        CHECK(index->column_count <= 5); /* one for each combination of the three */
        source->functions->release(source);
    }
    fixture_deinit(&f);
    check_end();
}

static void select_follows_the_rules_of_matchers(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    const tsdb_column *column = fixture_column(&f, 0, 2, 1000, 0);
    static const char *const series[] = {"__name__=a,job=x", "__name__=a,job=y", "__name__=a,job=y,zone=1",
                                         "__name__=b", "__name__=b,zone=2"};
    for (size_t i = 0; i < IFM_COUNT_OF(series); i++) {
        fixture_run(&f, fixture_add(&f, series[i]), column);
    }
    tsdb_block_info info;
    tsdb_source *source = write_and_open(&f, 5, &info);
    static const struct {
        const char *name, *value;
        model_match match;
        size_t want;
        const char *why;
    } rows[] = {
        {"__name__", "a", MODEL_EQUAL, 3, "equal"},
        {"__name__", "c", MODEL_EQUAL, 0, "no such value"},
        {"job", "", MODEL_EQUAL, 2, "the empty value is none"},
        {"job", "", MODEL_NOT_EQUAL, 3, "some value"},
        {"job", "x", MODEL_NOT_EQUAL, 4, "another value or none"},
        {"job", "x|", MODEL_REGEX, 3, "an alternative is empty"},
        {"job", ".+", MODEL_REGEX, 3, "not empty"},
        {"job", ".*", MODEL_REGEX, 5, "anything"},
        {"job", "x", MODEL_NOT_REGEX, 4, "not this one"},
        {"job", ".*", MODEL_NOT_REGEX, 0, "nothing"},
        {"none", "x", MODEL_EQUAL, 0, "a label that nobody has"},
        {"none", "x", MODEL_NOT_EQUAL, 5, "a label that nobody has, not"},
        {"none", "", MODEL_EQUAL, 5, "a label that nobody has, empty"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows) && source != NULL; i++) {
        ifm_error err = {.code = IFM_OK};
        ifm_bump arena;
        ifm_bump_init(&arena, 1 << 20);
        model_matcher matcher = {model_text_of(rows[i].name), model_text_of(rows[i].value), rows[i].match,
                                 NULL};
        if (rows[i].match == MODEL_REGEX || rows[i].match == MODEL_NOT_REGEX) {
            matcher.regex = model_regex_new(matcher.value, &err);
        }
        const tsdb_source_series *found;
        size_t count = 99;
        CHECK(source->functions->select(source, &matcher, 1, &arena, &found, &count, &err));
        if (!check_report(count == rows[i].want, __FILE__, __LINE__)) {
            fprintf(stderr, "%s: %zu, want %zu\n", rows[i].why, count, rows[i].want);
        }
        model_regex_free(matcher.regex);
        ifm_bump_deinit(&arena);
    }
    if (source != NULL) {
        source->functions->release(source);
    }
    fixture_deinit(&f);
    check_end();
}

/* ---- Failures ---- */

static void small_fixture(fixture *f)
{
    fixture_init(f);
    const tsdb_column *column = fixture_column(f, 1700000000000, 30, 15000, 4);
    fixture_histogram(f, column, "p");
    fixture_series *series = fixture_add(f, "__name__=native");
    double *values = fixture_run(f, series, column);
    const model_histogram **items = ifm_bump_alloc_array(&f->arena, column->count, sizeof *items);
    for (size_t i = 0; i < column->count; i++) {
        items[i] = native(f, 5, 1);
        values[i] = 0;
    }
    series->runs[0].histograms = items;
}

static bool write_and_read(void *context, ifm_error *err)
{
    fixture *f = context;
    tsdb_block_writer_options options = options_of(6);
    tsdb_block_info info;
    tsdb_block_writer *writer = tsdb_block_writer_open(&options, err);
    bool ok = writer != NULL;
    for (size_t i = 0; i < f->count && ok; i++) {
        ok = tsdb_block_writer_add(writer, f->series[i].labels, f->series[i].runs, f->series[i].run_count,
                                   err);
    }
    if (!ok) {
        tsdb_block_writer_abort(writer);
        return false;
    }
    if (!tsdb_block_writer_commit(writer, &info, err)) {
        return false;
    }
    tsdb_source *source = tsdb_block_open(&ifm_os_files_real, folder, info.name, NULL, err);
    if (source == NULL) {
        return false;
    }
    ifm_bump arena;
    ifm_bump_init(&arena, 1 << 24);
    const tsdb_source_series *found;
    size_t count = 0;
    tsdb_reader *reader = source->functions->reader_new(source, err);
    ok = reader != NULL && source->functions->select(source, NULL, 0, &arena, &found, &count, err);
    for (size_t i = 0; i < count && ok; i++) {
        const tsdb_run *runs;
        size_t run_count;
        ok = source->functions->read(reader, found[i].handle, 0, INT64_MAX, &arena, &runs, &run_count, err);
    }
    if (reader != NULL) {
        source->functions->reader_free(reader);
    }
    ifm_bump_deinit(&arena);
    source->functions->release(source);
    return ok;
}

static void block_survives_without_memory(void **state)
{
    (void)state;
    fixture f;
    small_fixture(&f);
    fixture_sort(&f);
    CHECK(torture_allocations(write_and_read, &f, TORTURE_MUST_FAIL) > 20);
    fixture_deinit(&f);
    check_end();
}

static void what_was_decoded_waits_for_the_next_query(void **state)
{
    (void)state;
    ifm_error err = {.code = IFM_OK};
    fixture f;
    small_fixture(&f);
    tsdb_block_info info;
    tsdb_source *source = write_and_open(&f, 8, &info);
    tsdb_block_source *block = (tsdb_block_source *)source;
    CHECK(!tsdb_block_source_rest(block)); /* nobody has read yet */
    CHECK_INT(fixture_differences(&f, source, &err), 0);
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, info.name);
    CHECK_INT(truncate(path, 0), 0);
    CHECK(!tsdb_block_source_rest(block));
    CHECK_INT(fixture_differences(&f, source, &err), 0); /* without the file */
    unsigned rested = 0;
    while (rested < 100 && !tsdb_block_source_rest(block)) {
        rested++;
    }
    CHECK(rested > 5 && rested < 100);
    CHECK(!tsdb_block_source_rest(block));
    CHECK(fixture_differences(&f, source, &err) != 0);
    source->functions->release(source);
    unlink(path);
    fixture_deinit(&f);
    check_end();
}

/* Reads all that can be read. No outcome but a crash is wrong; what is found must be what was written. */
static void check_damaged(fixture *f, const char *name, const char *why, size_t at)
{
    ifm_error err = {.code = IFM_OK};
    tsdb_source *source = tsdb_block_open(&ifm_os_files_real, folder, name, NULL, &err);
    if (source == NULL) {
        CHECK(err.code == IFM_INVALID || err.code == IFM_UNSUPPORTED || err.code == IFM_IO);
        return;
    }
    bool sound = tsdb_block_verify(source, &err);
    int differences = fixture_differences(f, source, &err);
    if (!check_report(!sound && differences != 0, __FILE__, __LINE__)) {
        fprintf(stderr, "%s at %zu was not seen\n", why, at);
    }
    source->functions->release(source);
}

static void damage_of_any_byte_is_seen(void **state)
{
    (void)state;
    fixture f;
    small_fixture(&f);
    tsdb_block_info info;
    tsdb_source *source = write_and_open(&f, 7, &info);
    source->functions->release(source);
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, info.name);
    char *bytes = malloc(info.bytes);
    int fd = open(path, O_RDWR);
    CHECK_INT(pread(fd, bytes, info.bytes, 0), info.bytes);
    for (size_t i = 0; i < info.bytes; i++) {
        char flipped = (char)(bytes[i] ^ (1 << (i % 8)));
        CHECK_INT(pwrite(fd, &flipped, 1, (off_t)i), 1);
        check_damaged(&f, info.name, "a flipped bit", i);
        CHECK_INT(pwrite(fd, &bytes[i], 1, (off_t)i), 1);
    }
    for (size_t size = info.bytes; size-- > 0;) {
        CHECK_INT(ftruncate(fd, (off_t)size), 0);
        check_damaged(&f, info.name, "a cut", size);
    }
    close(fd);
    unlink(path);
    free(bytes);
    fixture_deinit(&f);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_keeps_histograms_counters_and_gauges),
        cmocka_unit_test(block_keeps_special_values_bit_for_bit),
        cmocka_unit_test(block_keeps_native_histograms_among_floats_and_starts),
        cmocka_unit_test(block_joins_runs_of_several_columns),
        cmocka_unit_test(select_follows_the_rules_of_matchers),
        cmocka_unit_test(block_survives_without_memory),
        cmocka_unit_test(what_was_decoded_waits_for_the_next_query),
        cmocka_unit_test(damage_of_any_byte_is_seen),
    };
    return cmocka_run_group_tests(tests, folder_make, scratch_remove);
}
