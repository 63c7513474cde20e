/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/timing.h"

#include "base/base.h"
#include "check.h"
#include "pipeline/limits.h"

#include <math.h>

static int64_t now_ns;

static int64_t fake_monotonic_ns(void)
{
    return now_ns;
}

static int64_t fake_wall_ms(void)
{
    return 0;
}

static const ifm_os_clock fake_clock = {fake_monotonic_ns, fake_wall_ms};

static ifm_timing_builder *builder_new(void)
{
    ifm_error err;
    now_ns = 1000;
    ifm_timing_builder *builder = ifm_timing_builder_new_with_clock(&fake_clock, &err);
    assert_non_null(builder);
    return builder;
}

static void builder_measures_overlapping_stages(void **state)
{
    (void)state;
    ifm_error err;
    ifm_timing_builder *builder = builder_new();
    CHECK(ifm_timing_builder_start(builder, "total_inference", &err));
    now_ns += 1000000;
    CHECK(ifm_timing_builder_start(builder, "pre_process", &err));
    now_ns += 2000000;
    CHECK(ifm_timing_builder_stop(builder, "pre_process", &err));
    now_ns += 500000000;
    CHECK(ifm_timing_builder_stop(builder, "total_inference", &err));
    ifm_timing *timing = ifm_timing_build(builder, &err);
    CHECK_INT(ifm_timing_count(timing), 2);
    CHECK_TEXT(ifm_timing_name(timing, 0), "total_inference");
    CHECK_DOUBLE(ifm_timing_seconds(timing, 0), 0.503);
    CHECK_TEXT(ifm_timing_name(timing, 1), "pre_process");
    CHECK_DOUBLE(ifm_timing_seconds(timing, 1), 0.002);
    CHECK(ifm_timing_name(timing, 2) == NULL);
    ifm_timing_free(timing);
    ifm_timing_builder_free(builder);
    check_end();
}

static void builder_copies_names(void **state)
{
    (void)state;
    ifm_error err;
    char name[] = "mine";
    ifm_timing_builder *builder = builder_new();
    CHECK(ifm_timing_builder_start(builder, name, &err));
    name[0] = 'f';
    CHECK(ifm_timing_builder_stop(builder, "mine", &err));
    ifm_timing *timing = ifm_timing_build(builder, &err);
    ifm_timing_builder_free(builder);
    CHECK_TEXT(ifm_timing_name(timing, 0), "mine");
    ifm_timing_free(timing);
    check_end();
}

static void builder_refuses_calls_out_of_order(void **state)
{
    (void)state;
    ifm_error err;
    ifm_timing_builder *builder = builder_new();
    CHECK(ifm_timing_build(builder, &err) == NULL);
    CHECK_INT(err.code, IFM_STATE);
    CHECK_CONTAINS(err.message, "no stage was started");
    CHECK(!ifm_timing_builder_stop(builder, "a", &err));
    CHECK_INT(err.code, IFM_STATE);
    CHECK_TEXT(err.message, "stage \"a\" cannot be stopped: it was never started");

    CHECK(ifm_timing_builder_start(builder, "a", &err));
    CHECK(!ifm_timing_builder_start(builder, "a", &err));
    CHECK_INT(err.code, IFM_STATE);
    CHECK_TEXT(err.message, "stage \"a\" cannot be started: it was started before");
    CHECK(ifm_timing_build(builder, &err) == NULL);
    CHECK_INT(err.code, IFM_STATE);
    CHECK_CONTAINS(err.message, "stage \"a\" was not stopped");

    CHECK(ifm_timing_builder_stop(builder, "a", &err));
    CHECK(!ifm_timing_builder_stop(builder, "a", &err));
    CHECK_INT(err.code, IFM_STATE);
    CHECK_TEXT(err.message, "stage \"a\" cannot be stopped: it was stopped before");
    CHECK(!ifm_timing_builder_start(builder, "a", &err));
    CHECK_INT(err.code, IFM_STATE);
    ifm_timing_builder_free(builder);
    check_end();
}

static void builder_is_empty_after_build(void **state)
{
    (void)state;
    ifm_error err;
    ifm_timing_builder *builder = builder_new();
    for (int round = 1; round <= 2; round++) {
        CHECK(ifm_timing_builder_start(builder, "a", &err));
        now_ns += round;
        CHECK(ifm_timing_builder_stop(builder, "a", &err));
        ifm_timing *timing = ifm_timing_build(builder, &err);
        CHECK_INT(ifm_timing_count(timing), 1);
        CHECK_DOUBLE(ifm_timing_seconds(timing, 0), round / 1e9);
        ifm_timing_free(timing);
    }
    ifm_timing_builder_free(builder);
    check_end();
}

static void builder_refuses_wrong_names(void **state)
{
    (void)state;
    char longest[IFM_PIPELINE_NAME_BYTES_MAX + 2];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    const struct {
        const char *name;
        bool want;
        const char *why;
    } rows[] = {
        {NULL, false, "no name"},
        {"", false, "empty"},
        {"\xff", false, "not UTF-8"},
        {longest, false, "a byte over the limit"},
        {longest + 1, true, "as long as the limit"},
        {"vor\xC3\xA4"
         "b",
         true, "UTF-8"},
    };
    ifm_timing_builder *builder = builder_new();
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        if (ifm_timing_builder_start(builder, rows[i].name, &err) != rows[i].want) {
            fail_msg("%s", rows[i].why);
        }
        CHECK_INT(err.code, rows[i].want ? IFM_OK : IFM_INVALID);
    }
    ifm_timing_builder_free(builder);
    check_end();
}

static void builder_holds_its_limit_of_stages(void **state)
{
    (void)state;
    ifm_error err;
    char name[16];
    ifm_timing_builder *builder = builder_new();
    for (int i = 0; i < IFM_TIMING_STAGES_MAX; i++) {
        snprintf(name, sizeof name, "s%d", i);
        CHECK(ifm_timing_builder_start(builder, name, &err));
    }
    CHECK(!ifm_timing_builder_start(builder, "more", &err));
    CHECK_INT(err.code, IFM_LIMIT);
    ifm_timing_builder_free(builder);
    check_end();
}

static void timing_takes_known_durations(void **state)
{
    (void)state;
    ifm_error err;
    static const char *const names[] = {"a", "b"};
    static const double seconds[] = {0, 1.5};
    ifm_timing *timing = ifm_timing_new(names, seconds, 2, &err);
    CHECK_INT(ifm_timing_count(timing), 2);
    CHECK_TEXT(ifm_timing_name(timing, 1), "b");
    CHECK_DOUBLE(ifm_timing_seconds(timing, 0), 0);
    CHECK_DOUBLE(ifm_timing_seconds(timing, 1), 1.5);
    ifm_timing_free(timing);
    check_end();
}

static void timing_refuses_wrong_durations(void **state)
{
    (void)state;
    static const struct {
        const char *names[2];
        double seconds[2];
        size_t count;
        const char *part;
    } rows[] = {
        {{"a", "a"}, {1, 2}, 2, "stage \"a\" is given twice"},
        {{"a", "b"}, {1, -0.1}, 2, "the time of stage \"b\" is -0.1 seconds"},
        {{"a", "b"}, {NAN, 1}, 2, "the time of stage \"a\""},
        {{"a", "b"}, {INFINITY, 1}, 2, "the time of stage \"a\""},
        {{"a", ""}, {1, 1}, 2, "the name of a stage is empty"},
        {{"a", NULL}, {1, 1}, 2, "the name of a stage is empty"},
        {{"a", "b"}, {1, 1}, 0, "no stages were given"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        CHECK(ifm_timing_new(rows[i].names, rows[i].seconds, rows[i].count, &err) == NULL);
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].part);
    }
    check_end();
}

static void timing_holds_its_limit_of_stages(void **state)
{
    (void)state;
    ifm_error err;
    static char texts[IFM_TIMING_STAGES_MAX + 1][8];
    const char *names[IFM_TIMING_STAGES_MAX + 1];
    double seconds[IFM_TIMING_STAGES_MAX + 1] = {0};
    for (int i = 0; i <= IFM_TIMING_STAGES_MAX; i++) {
        snprintf(texts[i], sizeof texts[i], "s%d", i);
        names[i] = texts[i];
    }
    ifm_timing *timing = ifm_timing_new(names, seconds, IFM_TIMING_STAGES_MAX, &err);
    CHECK_INT(ifm_timing_count(timing), IFM_TIMING_STAGES_MAX);
    ifm_timing_free(timing);
    CHECK(ifm_timing_new(names, seconds, IFM_TIMING_STAGES_MAX + 1, &err) == NULL);
    CHECK_INT(err.code, IFM_LIMIT);
    check_end();
}

static void timing_accepts_null(void **state)
{
    (void)state;
    ifm_timing_free(NULL);
    ifm_timing_builder_free(NULL);
    CHECK_INT(ifm_timing_count(NULL), 0);
    CHECK(ifm_timing_name(NULL, 0) == NULL);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builder_measures_overlapping_stages),
        cmocka_unit_test(builder_copies_names),
        cmocka_unit_test(builder_refuses_calls_out_of_order),
        cmocka_unit_test(builder_is_empty_after_build),
        cmocka_unit_test(builder_refuses_wrong_names),
        cmocka_unit_test(builder_holds_its_limit_of_stages),
        cmocka_unit_test(timing_takes_known_durations),
        cmocka_unit_test(timing_refuses_wrong_durations),
        cmocka_unit_test(timing_holds_its_limit_of_stages),
        cmocka_unit_test(timing_accepts_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
