/* SPDX-License-Identifier: Apache-2.0
 *
 * From texts to samples: what is compared with the last scrape, what is parsed, what goes stale.
 */
#include "append_fixture.h"
#include "scrape/limits.h"
#include "torture.h"

#include <math.h>
#include <stdlib.h>

static void append_stores_samples_with_the_targets_labels(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1000, "# TYPE a counter\na 1\nb{x=\"y\"} 2.5\n"));
    CHECK(append(&f, 2000, "# TYPE a counter\na 3\nb{x=\"y\"} -4e3\n"));
    CHECK_TEXT(store_text(f.db, "a"), "{__name__=\"a\", instance=\"i\", job=\"j\"} 1000=1 2000=3\n");
    CHECK_TEXT(store_text(f.db, "b"),
               "{__name__=\"b\", instance=\"i\", job=\"j\", x=\"y\"} 1000=2.5 2000=-4000\n");
    CHECK_INT(f.counts.total, 2);
    CHECK_INT(f.counts.added, 2);
    CHECK_INT(f.counts.series_added, 0);
    append_close(&f);
    check_end();
}

/* The same numbers as the general parser, bit for bit, however they are written. */
static void append_reads_numbers_exactly(void **state)
{
    static const char *const numbers[] = {"0",
                                          "-0",
                                          "1.",
                                          ".5",
                                          "+7",
                                          "123456789012345678",
                                          "12345678901234567890",
                                          "0.1",
                                          "9007199254740993",
                                          "1e22",
                                          "1e23",
                                          "1E-22",
                                          "1.7976931348623157e308",
                                          "4.9e-324",
                                          "NaN",
                                          "+Inf",
                                          "-Inf",
                                          "0.3000000000000000444",
                                          "1e+05",
                                          "123.456e-10",
                                          "8.5e0",
                                          "00012.500"};
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    for (size_t i = 0; i < IFM_COUNT_OF(numbers); i++) {
        char body[128];
        char want[128];
        double value = 0;
        CHECK(ifm_parse_number((ifm_text){numbers[i], strlen(numbers[i])}, &value));
        for (int again = 0; again < 2; again++) { /* parsed, then known */
            snprintf(body, sizeof body, "n%zu %s\n", i, numbers[i]);
            CHECK(append(&f, (int64_t)(i * 2 + 1 + (size_t)again) * 1000, body));
        }
        char name[16];
        char number[IFM_NUMBER_SIZE];
        snprintf(name, sizeof name, "n%zu", i);
        int size = (int)ifm_number_write(number, value);
        snprintf(want, sizeof want, " %zu=%.*s %zu=%.*s", (i * 2 + 1) * 1000, size, number,
                 (i * 2 + 2) * 1000, size, number);
        CHECK_CONTAINS(store_text(f.db, name), want);
    }
    append_close(&f);
    check_end();
}

static void append_refuses_what_is_no_number_also_when_the_series_is_known(void **state)
{
    static const char *const wrong[] = {"",    "x",   "1x",  "1e",    "1e+",   "0x1", "1.2.3",
                                        "--1", "1_0", "1 x", "1 2 3", "1e999", "-",   "1e1e1"};
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1000, "a 1\nb 2\n"));
    for (size_t i = 0; i < IFM_COUNT_OF(wrong); i++) {
        char body[64];
        snprintf(body, sizeof body, "a 1\nb %s\n", wrong[i]);
        if (append(&f, 2000 + (int64_t)i, body)) {
            fail_msg("\"%s\" was taken for a number", wrong[i]);
        }
        CHECK_CONTAINS(f.err.message, "cannot parse line 2");
        CHECK_INT(f.err.code, IFM_INVALID);
    }
    CHECK(append(&f, 9000, "a 1\nb 3\n"));
    CHECK_CONTAINS(store_text(f.db, "b"), "} 1000=2 9000=3\n");
    append_close(&f);
    check_end();
}

static void append_marks_series_that_went(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1000, "a 1\nb 1\nc 1\nd 1\n"));
    CHECK(append(&f, 2000, "a 2\nc 2\nd 2\n")); /* in the middle */
    CHECK(append(&f, 3000, "a 3\nc 3\n"));      /* at the end */
    CHECK(append(&f, 4000, "c 4\n"));           /* at the beginning */
    CHECK(append(&f, 5000, "c 5\na 5\n"));      /* back, elsewhere */
    CHECK_INT(f.counts.series_added, 1);
    CHECK_CONTAINS(store_text(f.db, "a"), "} 1000=1 2000=2 3000=3 4000=stale 5000=5\n");
    CHECK_CONTAINS(store_text(f.db, "b"), "} 1000=1 2000=stale\n");
    CHECK_CONTAINS(store_text(f.db, "c"), "} 1000=1 2000=2 3000=3 4000=4 5000=5\n");
    CHECK_CONTAINS(store_text(f.db, "d"), "} 1000=1 2000=2 3000=stale\n");
    append_close(&f);
    check_end();
}

static void append_knows_lines_in_any_order(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1000, "a 1\nb 1\nc 1\nd 1\n"));
    CHECK(append(&f, 2000, "d 2\nc 2\nb 2\na 2\n"));
    CHECK_INT(f.counts.series_added, 0);
    CHECK(append(&f, 3000, "b 3\nd 3\nx 3\na 3\nc 3\n"));
    CHECK_INT(f.counts.series_added, 1);
    CHECK(append(&f, 4000, "b 4\nd 4\nx 4\na 4\nc 4\n"));
    CHECK_INT(f.counts.series_added, 0);
    CHECK_INT(f.cache.count, 5);
    const char *const names[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        CHECK_CONTAINS(store_text(f.db, names[i]), "} 1000=1 2000=2 3000=3 4000=4\n");
    }
    append_close(&f);
    check_end();
}

/* A name that begins like the one that is expected, or labels where none were, is another series. */
static void append_does_not_take_a_beginning_for_the_whole(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1000, "a 1\n"));
    CHECK(append(&f, 2000, "ab 2\n"));
    CHECK(append(&f, 3000, "a{x=\"1\"} 3\n"));
    CHECK(append(&f, 4000, "a {x=\"1\"} 4\n"));
    CHECK(append(&f, 5000, "a{x=\"1\",} 5\n"));
    CHECK_TEXT(store_text(f.db, "a"),
               "{__name__=\"a\", instance=\"i\", job=\"j\"} 1000=1 2000=stale\n"
               "{__name__=\"a\", instance=\"i\", job=\"j\", x=\"1\"} 3000=3 4000=4 5000=5\n");
    CHECK_CONTAINS(store_text(f.db, "ab"), "} 2000=2 3000=stale\n");
    append_close(&f);
    check_end();
}

static void append_takes_nothing_of_an_answer_with_an_error(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1000, "a 1\nb 1\n"));
    CHECK(!append(&f, 2000, "# HELP a A.\na 2\nnew 2\n\n\n%&/ 3\nb 2\n"));
    CHECK_CONTAINS(f.err.message, "cannot parse line 6");
    CHECK_INT(f.err.offset, 22 + 2);
    CHECK_INT(f.counts.total, 2);
    CHECK(append(&f, 3000, "a 3\nb 3\n"));
    CHECK_CONTAINS(store_text(f.db, "a"), "} 1000=1 3000=3\n");
    CHECK_TEXT(store_text(f.db, "new"), "");
    append_close(&f);
    check_end();
}

static void append_marks_all_series_when_a_scrape_failed_once(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1000, "a 1\nb 1 500\n"));
    for (int64_t time_ms = 2000; time_ms <= 3000; time_ms += 1000) {
        tsdb_batch *batch = tsdb_batch_begin(f.db, f.group, time_ms, &f.err);
        scrape_append_all_stale(&f.cache, batch);
        CHECK(tsdb_batch_commit(batch, &f.err));
        scrape_append_all_stale_done(&f.cache);
    }
    CHECK(append(&f, 4000, "a 4\nb 4 600\n"));
    CHECK_INT(f.counts.series_added, 0);
    CHECK_CONTAINS(store_text(f.db, "a"), "} 1000=1 2000=stale 4000=4\n");
    CHECK_CONTAINS(store_text(f.db, "b"), "} 500=1 600=4\n"); /* with times of its own it has no markers */
    append_close(&f);
    check_end();
}

static void append_honours_timestamps_unless_told_otherwise(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 10000, "a 1 9000\n"));
    CHECK(append(&f, 11000, "a 2 9500\n"));
    CHECK(append(&f, 12000, "b 1\n"));
    CHECK_CONTAINS(store_text(f.db, "a"), "} 9000=1 9500=2\n");
    f.config.track_timestamps_staleness = true;
    CHECK(append(&f, 13000, "c 1 12500\n"));
    CHECK(append(&f, 14000, "b 1\n"));
    CHECK_CONTAINS(store_text(f.db, "c"), "} 12500=1 14000=stale\n");
    f.config.honor_timestamps = false;
    CHECK(append(&f, 15000, "d 1 99\n"));
    CHECK_CONTAINS(store_text(f.db, "d"), "} 15000=1\n");
    append_close(&f);
    check_end();
}

static void append_counts_what_the_store_refuses(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 5000000, "a 1 4990000\nb 2\nb 3\n"));
    CHECK_INT(f.counts.duplicates, 1);
    CHECK_INT(f.counts.total, 3);
    CHECK_INT(f.counts.added, 3);
    CHECK(append(&f, 5001000, "a 1 4980000\na 2 4990000\nb 3\nc 1 9000000\n"));
    CHECK_INT(f.counts.out_of_order, 1);
    CHECK_INT(f.counts.duplicates, 1);
    CHECK_INT(f.counts.out_of_bounds, 1);
    CHECK_CONTAINS(store_text(f.db, "b"), "} 5000000=2 5001000=3\n");
    append_close(&f);
    check_end();
}

static void append_goes_on_with_known_series_when_the_store_is_full(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 2);
    CHECK(append(&f, 1000, "a 1\nb 1\n"));
    CHECK(append(&f, 2000, "a 2\nnew 2\nb 2\nnewer 2\n"));
    CHECK_INT(f.counts.refused, 2);
    CHECK_INT(f.counts.added, 4);
    CHECK_INT(f.counts.series_added, 0);
    CHECK_INT(f.refusal.code, IFM_LIMIT);
    CHECK(append(&f, 3000, "a 3\nnew 3\nb 3\nnewer 3\n"));
    CHECK_INT(f.counts.refused, 2);
    CHECK_CONTAINS(store_text(f.db, "a"), "} 1000=1 2000=2 3000=3\n");
    CHECK_CONTAINS(store_text(f.db, "b"), "} 1000=1 2000=2 3000=3\n");
    append_close(&f);
    check_end();
}

/* The store gives up series that got nothing for long; what the cache says of them is void then. */
static void append_looks_up_again_what_the_store_has_given_up(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1000, "a{x=\"y\"} 1\nb 1\n"));
    tsdb_ref was = f.cache.entries[0].ref;
    f.cache.entries[0].ref = UINT64_C(1) << 40;
    CHECK(append(&f, 2000, "a{x=\"y\"} 2\nb 2\n"));
    CHECK(f.cache.entries[0].ref == was);
    CHECK_INT(f.counts.total, 2);
    CHECK_INT(f.counts.added, 2);
    CHECK_INT(f.counts.series_added, 0);
    CHECK(append(&f, 3000, "b 3\n"));
    CHECK_CONTAINS(store_text(f.db, "a"), "} 1000=1 2000=2 3000=stale\n");
    CHECK_CONTAINS(store_text(f.db, "b"), "} 1000=1 2000=2 3000=3\n");
    append_close(&f);
    check_end();
}

static void append_renames_labels_that_the_target_has(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1000, "a{job=\"x\",exported_job=\"y\",instance=\"\"} 1\n"));
    CHECK_TEXT(store_text(f.db, "a"), "{__name__=\"a\", exported_exported_job=\"x\", exported_job=\"y\", "
                                      "instance=\"i\", job=\"j\"} 1000=1\n");
    f.config.honor_labels = true;
    CHECK(append(&f, 2000, "b{job=\"x\",instance=\"\"} 1\n"));
    CHECK_TEXT(store_text(f.db, "b"), "{__name__=\"b\", job=\"x\"} 2000=1\n");
    append_close(&f);
    check_end();
}

static void append_writes_bounds_in_one_way(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1000,
                 "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\n# TYPE s summary\n"
                 "s{quantile=\"1\"} 2\n# TYPE g gauge\ng{le=\"1\",quantile=\"1\"} 1\n"));
    CHECK_CONTAINS(store_text(f.db, "h_bucket"), "le=\"+Inf\"} 1000=1\n");
    CHECK_CONTAINS(store_text(f.db, "h_bucket"), "le=\"1.0\"} 1000=1\n");
    CHECK_CONTAINS(store_text(f.db, "s"), "quantile=\"1.0\"} 1000=2\n");
    CHECK_CONTAINS(store_text(f.db, "g"), "le=\"1\", quantile=\"1\"} 1000=1\n");
    /* The TYPE line is known, the bucket below it is new. */
    CHECK(append(&f, 2000, "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"2\"} 1\n"));
    CHECK_CONTAINS(store_text(f.db, "h_bucket"), "le=\"2.0\"} 2000=1\n");
    append_close(&f);
    check_end();
}

static uint32_t series_in_head(tsdb *db)
{
    tsdb_stats stats;
    tsdb_stats_now(db, &stats);
    return stats.series;
}

static void append_keeps_limits(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    f.config.sample_limit = 2;
    CHECK(append(&f, 1000, "a 1\nb 1\n"));
    CHECK(!append(&f, 2000, "a 1\nb 1\nc 1\nd 1\n"));
    CHECK_TEXT(f.err.message, "sample limit exceeded");
    CHECK_INT(f.counts.total, 4);
    CHECK_INT(f.counts.added, 4);
    CHECK(f.counts.sample_limit);
    CHECK_INT(series_in_head(f.db), 2); /* what is past the limit takes no room in the store */
    f.config.sample_limit = 0;
    f.config.label_limit = 4;
    CHECK(append(&f, 3000, "a 3\nb{x=\"1\"} 3\n"));
    CHECK(!append(&f, 4000, "b{x=\"1\",y=\"2\"} 3\n"));
    CHECK_TEXT(f.err.message, "label_limit exceeded (metric: b, number of labels: 5, limit: 4)");
    CHECK(f.counts.label_limit);
    f.config.label_limit = 0;
    f.config.label_name_length_limit = 8;
    CHECK(append(&f, 5000, "b{x2345678=\"1\"} 3\n"));
    CHECK(!append(&f, 6000, "b{x23456789=\"1\"} 3\n"));
    CHECK_TEXT(f.err.message,
               "label_name_length_limit exceeded (metric: b, label name: x23456789, length: 9, limit: 8)");
    f.config.label_name_length_limit = 0;
    f.config.label_value_length_limit = 3;
    CHECK(append(&f, 7000, "b{x=\"abc\"} 3\n"));
    CHECK(!append(&f, 8000, "b{x=\"abcd\"} 3\n"));
    CHECK_TEXT(f.err.message, "label_value_length_limit exceeded (metric: b, label name: x, value: \"abcd\", "
                              "length: 4, limit: 3)");
    append_close(&f);
    check_end();
}

static void append_reads_openmetrics(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    CHECK(append_as(&f, 2000000, SCRAPE_FORMAT_OPENMETRICS,
                    "# TYPE a counter\na_total 1 1999.5\nb_total 2 # {trace_id=\"x\"} 0.5\n# EOF\n"));
    CHECK(append_as(&f, 2001000, SCRAPE_FORMAT_OPENMETRICS,
                    "# TYPE a counter\na_total 2 2000.5\nb_total 3 # {trace_id=\"y\"} 0.7\n# EOF\n"));
    CHECK_CONTAINS(store_text(f.db, "a_total"), "} 1999500=1 2000500=2\n");
    CHECK_CONTAINS(store_text(f.db, "b_total"), "} 2000000=2 2001000=3\n");
    tsdb_stats stats;
    tsdb_stats_now(f.db, &stats);
    CHECK_INT(stats.exemplars_appended, 2);
    CHECK(!append_as(&f, 2002000, SCRAPE_FORMAT_OPENMETRICS, "# TYPE a counter\na_total 3 2001.5\n"));
    CHECK_CONTAINS(f.err.message, "EOF");
    CHECK(!append_as(&f, 2002000, SCRAPE_FORMAT_OPENMETRICS, "# TYPE a counter\na_total 3\n# EOF\nx 1\n"));
    append_close(&f);
    check_end();
}

/* Characters of name and value, one less than the most, the most, one more. */
static void long_exemplars_are_left_out(void **state)
{
    append_fixture f;
    (void)state;
    append_open(&f, 0);
    for (int more = -1; more <= 1; more++) {
        char body[1024], value[512] = "";
        for (int i = 0; i < SCRAPE_EXEMPLAR_CHARACTERS_MAX - 1 + more; i++) {
            strncat(value, i % 2 == 0 ? "x" : "\xc3\xa4", sizeof value - strlen(value) - 1);
        }
        snprintf(body, sizeof body, "# TYPE a counter\na_total %d # {t=\"%s\"} 0.5\n# EOF\n", more + 5,
                 value);
        tsdb_stats before, after;
        tsdb_stats_now(f.db, &before);
        CHECK(append_as(&f, 1000 * (more + 5), SCRAPE_FORMAT_OPENMETRICS, body));
        tsdb_stats_now(f.db, &after);
        CHECK_INT(after.exemplars_appended - before.exemplars_appended, more <= 0);
    }
    CHECK_CONTAINS(store_text(f.db, "a_total"), "} 4000=4 5000=5 6000=6\n");
    append_close(&f);
    check_end();
}

static void append_survives_nul_bytes_and_cut_lines(void **state)
{
    append_fixture f;
    static const char body[] = "a 1\nb{x=\"\\\"}\"} 2\nc{y=\"z\nz\"} 3\nd 4";
    (void)state;
    append_open(&f, 0);
    CHECK(append(&f, 1, body));
    CHECK_INT(f.counts.total, 4);
    CHECK(append(&f, 2, body));
    CHECK_INT(f.counts.series_added, 0);
    for (size_t size = 1; size < sizeof body - 1; size++) {
        char copy[sizeof body] = {0};
        memcpy(copy, body, size); /* terminated where it ends, as answers are */
        append_bytes(&f, 2 + (int64_t)size, SCRAPE_FORMAT_TEXT, copy, size);
        append_bytes(&f, 2 + (int64_t)size, SCRAPE_FORMAT_OPENMETRICS, copy, size);
        memcpy(copy, body, sizeof body);
        copy[size] = '\0';
        append_bytes(&f, 2 + (int64_t)size, SCRAPE_FORMAT_TEXT, copy, sizeof body - 1);
    }
    CHECK(append(&f, 1000, body));
    CHECK_INT(f.counts.total, 4);
    append_close(&f);
    check_end();
}

/* Answers of a target that changes at random, against a simple model of what has to be in the store. */
static void append_is_right_for_targets_that_change_at_random(void **state)
{
    enum { SERIES = 24, SCRAPES = 400 };
    append_fixture f;
    uint32_t seed = 12345;
    bool before[SERIES] = {false};
    char want[SERIES][SCRAPES * 16];
    size_t want_size[SERIES] = {0};
    (void)state;
    append_open(&f, 0);
    for (int scrape = 1; scrape <= SCRAPES; scrape++) {
        char body[SERIES * 32];
        size_t size = 0;
        int order[SERIES];
        bool now[SERIES] = {false};
        for (int i = 0; i < SERIES; i++) {
            order[i] = i;
        }
        bool shuffle = scrape % 5 == 0;
        for (int i = 0; i < SERIES; i++) {
            seed = seed * 1664525 + 1013904223;
            int other = (int)(seed >> 8) % SERIES;
            int kept = order[i];
            if (shuffle) {
                order[i] = order[other];
                order[other] = kept;
            }
        }
        for (int i = 0; i < SERIES; i++) {
            seed = seed * 1664525 + 1013904223;
            now[order[i]] = scrape % 3 == 0 ? before[order[i]] : (seed >> 16) % 8 != 0;
            if (now[order[i]]) {
                size +=
                    (size_t)snprintf(body + size, sizeof body - size, "m{i=\"%d\"} %d\n", order[i], scrape);
            }
        }
        CHECK(append_bytes(&f, scrape, SCRAPE_FORMAT_TEXT, size == 0 ? "" : body, size));
        for (int i = 0; i < SERIES; i++) {
            char *to = want[i] + want_size[i];
            size_t room = sizeof want[i] - want_size[i];
            want_size[i] += (size_t)(now[i]      ? snprintf(to, room, " %d=%d", scrape, scrape)
                                     : before[i] ? snprintf(to, room, " %d=stale", scrape)
                                                 : 0);
            before[i] = now[i];
        }
    }
    for (int i = 0; i < SERIES; i++) {
        char value[8];
        snprintf(value, sizeof value, "%d", i);
        CHECK_CONTAINS(store_text_of(f.db, "i", value), want[i]);
    }
    append_close(&f);
    check_end();
}

/* All that a target needs, from the beginning: the store is opened again, since it keeps what it has. */
static bool append_three_times(void *context, ifm_error *err)
{
    static int number;
    append_fixture f = {.config = {.job_name = "j", .honor_timestamps = true}};
    char folder[64];
    (void)context;
    snprintf(folder, sizeof folder, "%s/torture%d", scratch, number++);
    tsdb_options options = {.folder = folder, .no_threads = true};
    if (!tsdb_open(&options, &f.db, err)) {
        err->code = IFM_NOMEM; /* it may say what it could not do for want of memory */
        return false;
    }
    f.group = tsdb_group_new(f.db, err);
    bool ready = f.group != NULL && scrape_scratch_init(&f.scratch, err);
    bool ok = ready && append(&f, 1000, "# TYPE a counter\na{x=\"y\\n\"} 1\nb 2\nc 3\n") &&
              append(&f, 2000, "c 3\na{x=\"y\\n\"} 1\nd 4\n") && append(&f, 3000, "c 3\nd 4\n");
    if (ready && !ok) {
        *err = f.err;
        err->code = err->code == IFM_IO ? IFM_NOMEM : err->code; /* likewise */
    }
    scrape_cache_deinit(&f.cache);
    if (ready) {
        scrape_scratch_deinit(&f.scratch);
    }
    tsdb_group_free(f.group);
    tsdb_close(f.db);
    return ok;
}

static void append_survives_without_memory(void **state)
{
    (void)state;
    CHECK(torture_allocations(append_three_times, NULL, TORTURE_MAY_SUCCEED) >= 20);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_stores_samples_with_the_targets_labels),
        cmocka_unit_test(append_reads_numbers_exactly),
        cmocka_unit_test(append_refuses_what_is_no_number_also_when_the_series_is_known),
        cmocka_unit_test(append_marks_series_that_went),
        cmocka_unit_test(append_knows_lines_in_any_order),
        cmocka_unit_test(append_does_not_take_a_beginning_for_the_whole),
        cmocka_unit_test(append_takes_nothing_of_an_answer_with_an_error),
        cmocka_unit_test(append_marks_all_series_when_a_scrape_failed_once),
        cmocka_unit_test(append_honours_timestamps_unless_told_otherwise),
        cmocka_unit_test(append_counts_what_the_store_refuses),
        cmocka_unit_test(append_goes_on_with_known_series_when_the_store_is_full),
        cmocka_unit_test(append_looks_up_again_what_the_store_has_given_up),
        cmocka_unit_test(append_renames_labels_that_the_target_has),
        cmocka_unit_test(append_writes_bounds_in_one_way),
        cmocka_unit_test(append_keeps_limits),
        cmocka_unit_test(append_reads_openmetrics),
        cmocka_unit_test(long_exemplars_are_left_out),
        cmocka_unit_test(append_survives_nul_bytes_and_cut_lines),
        cmocka_unit_test(append_survives_without_memory),
        cmocka_unit_test(append_is_right_for_targets_that_change_at_random),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
