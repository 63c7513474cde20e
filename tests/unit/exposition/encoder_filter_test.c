/* SPDX-License-Identifier: Apache-2.0
 *
 * name[]: which samples are written.
 */
#include "exposition/encoder.h"

#include "unit/exposition/encoder_fixture.h"

typedef struct filter_row {
    const char *names[2]; /* the second may be NULL */
    fixture_function *write;
    ifm_format format;
    const char *want;
} filter_row;

static void write_dotted(ifm_encoder *encoder)
{
    const ifm_family_head head = {TEXT("my.jobs"), {NULL, 0}, {NULL, 0}, IFM_TYPE_COUNTER, NULL, 0};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_counter(encoder, &(ifm_point){.created_ms = 1000}, 1, NULL);
    ifm_encoder_family_end(encoder);
}

#define HISTOGRAM_HEAD "# HELP duration_seconds How long it takes.\n# TYPE duration_seconds histogram\n"
#define HISTOGRAM_BUCKETS                                                                                    \
    "duration_seconds_bucket{le=\"1e-05\"} 1\nduration_seconds_bucket{le=\"0.5\"} 3\n"                       \
    "duration_seconds_bucket{le=\"1.0\"} 3\nduration_seconds_bucket{le=\"+Inf\"} 7\n"

static void filter_selects_samples_by_name(void **state)
{
    (void)state;
    static const filter_row rows[] = {
        {{"nothing", NULL}, fixture_all, IFM_FORMAT_TEXT, ""},
        {{"nothing", NULL}, fixture_all, IFM_FORMAT_OPENMETRICS, "# EOF\n"},
        {{"temperature", NULL},
         fixture_all,
         IFM_FORMAT_TEXT,
         "# HELP temperature Degrees.\n# TYPE temperature gauge\ntemperature -1.5\n"},
        {{"temperature", "other"},
         fixture_all,
         IFM_FORMAT_TEXT,
         "# HELP temperature Degrees.\n# TYPE temperature gauge\ntemperature -1.5\n"
         "# HELP other Something.\n# TYPE other untyped\nother 42\n"},
        /* histograms: the plain name is all, others are themselves */
        {{"duration_seconds", NULL},
         fixture_all,
         IFM_FORMAT_TEXT,
         HISTOGRAM_HEAD HISTOGRAM_BUCKETS "duration_seconds_sum 12.5\nduration_seconds_count 7\n"},
        {{"duration_seconds_bucket", NULL}, fixture_all, IFM_FORMAT_TEXT, HISTOGRAM_HEAD HISTOGRAM_BUCKETS},
        {{"duration_seconds_count", "duration_seconds_sum"},
         fixture_all,
         IFM_FORMAT_TEXT,
         HISTOGRAM_HEAD "duration_seconds_sum 12.5\nduration_seconds_count 7\n"},
        {{"duration_seconds_created", NULL}, fixture_all, IFM_FORMAT_TEXT, ""},
        {{"duration_seconds_total", NULL}, fixture_all, IFM_FORMAT_TEXT, ""},
        {{"duration_second", "duration_seconds_"}, fixture_all, IFM_FORMAT_TEXT, ""},
        {{"build", NULL},
         fixture_all,
         IFM_FORMAT_TEXT,
         "# HELP build_info Build.\n# TYPE build_info gauge\nbuild_info{version=\"1.2\"} 1\n"},
        {{"build_info", NULL},
         fixture_all,
         IFM_FORMAT_OPENMETRICS,
         "# TYPE build info\n# HELP build Build.\nbuild_info{version=\"1.2\"} 1\n# EOF\n"},
        {{"temperature_sum", "other_total"}, fixture_all, IFM_FORMAT_TEXT, ""},
        /* counters, by their own names and as they are written */
        {{"my.jobs", NULL},
         write_dotted,
         IFM_FORMAT_OPENMETRICS,
         "# TYPE my_jobs counter\nmy_jobs_total 1\nmy_jobs_created 1.000\n# EOF\n"},
        {{"my.jobs_total", NULL},
         write_dotted,
         IFM_FORMAT_OPENMETRICS,
         "# TYPE my_jobs counter\nmy_jobs_total 1\n# EOF\n"},
        {{"my_jobs_created", NULL},
         write_dotted,
         IFM_FORMAT_OPENMETRICS,
         "# TYPE my_jobs counter\nmy_jobs_created 1.000\n# EOF\n"},
        {{"my_jobs_total", NULL},
         write_dotted,
         IFM_FORMAT_TEXT,
         "# TYPE my_jobs_total counter\nmy_jobs_total 1\n"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int before = check_failures;
        ifm_encoder_options options = {.format = rows[i].format, .names = rows[i].names};
        options.name_count = rows[i].names[1] == NULL ? 1 : 2;
        fixture_check(&options, rows[i].write, rows[i].want);
        if (check_failures > before) {
            fprintf(stderr, "in row %zu: %s\n", i, rows[i].names[0]);
        }
    }
    check_end();
}

static void protobuf_family_is_whole_by_any_of_its_names(void **state)
{
    (void)state;
    static const char *const names[] = {"duration_seconds", "duration_seconds_bucket", "duration_seconds_sum",
                                        "duration_seconds_count"};
    size_t whole_size;
    const ifm_encoder_options all = {.format = IFM_FORMAT_PROTOBUF};
    char *whole = fixture_bytes(&all, fixture_histogram, &whole_size);
    CHECK(whole_size > 0);
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        size_t size;
        const ifm_encoder_options options = {
            .format = IFM_FORMAT_PROTOBUF, .names = &names[i], .name_count = 1};
        char *got = fixture_bytes(&options, fixture_all, &size);
        CHECK(size == whole_size && memcmp(got, whole, size) == 0);
        ifm_free(got);
    }
    ifm_free(whole);
    check_end();
}

static void wants_tells_whether_a_family_has_samples(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ifm_metric_type type;
        ifm_format format;
        bool want;
    } rows[] = {
        {"x", IFM_TYPE_GAUGE, IFM_FORMAT_TEXT, true},
        {"y", IFM_TYPE_GAUGE, IFM_FORMAT_TEXT, false},
        {"x_count", IFM_TYPE_GAUGE, IFM_FORMAT_TEXT, false},
        {"x_count", IFM_TYPE_SUMMARY, IFM_FORMAT_TEXT, true},
        {"x_bucket", IFM_TYPE_SUMMARY, IFM_FORMAT_TEXT, false},
        {"x_total", IFM_TYPE_COUNTER, IFM_FORMAT_PROTOBUF, true},
        {"x_created", IFM_TYPE_COUNTER, IFM_FORMAT_TEXT, false},
        {"x_created", IFM_TYPE_COUNTER, IFM_FORMAT_OPENMETRICS, true},
        {"", IFM_TYPE_COUNTER, IFM_FORMAT_TEXT, false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_buf out;
        ifm_error err;
        ifm_buf_init(&out, 1024);
        const ifm_encoder_options options = {
            .format = rows[i].format, .names = &rows[i].name, .name_count = 1};
        const ifm_family_head head = {.name = TEXT("x"), .type = rows[i].type};
        ifm_encoder *encoder = ifm_encoder_new(&options, &out, &err);
        assert_non_null(encoder);
        if (ifm_encoder_wants(encoder, &head) != rows[i].want) {
            fprintf(stderr, "row %zu: %s\n", i, rows[i].name);
            CHECK(false);
        }
        ifm_encoder_free(encoder);
        ifm_buf_deinit(&out);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_selects_samples_by_name),
        cmocka_unit_test(protobuf_family_is_whole_by_any_of_its_names),
        cmocka_unit_test(wants_tells_whether_a_family_has_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
