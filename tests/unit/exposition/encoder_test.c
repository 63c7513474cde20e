/* SPDX-License-Identifier: Apache-2.0
 *
 * The text formats, as whole documents.
 */
#include "exposition/encoder.h"

#include "unit/exposition/encoder_fixture.h"

#include <math.h>

static void text_has_every_type(void **state)
{
    (void)state;
    static const char want[] = "# HELP requests_total All requests.\n"
                               "# TYPE requests_total counter\n"
                               "requests_total{method=\"GET\",path=\"/\"} 3\n"
                               "requests_total{method=\"PUT\",path=\"\"} 0.1\n"
                               "# HELP duration_seconds How long it takes.\n"
                               "# TYPE duration_seconds histogram\n"
                               "duration_seconds_bucket{le=\"1e-05\"} 1\n"
                               "duration_seconds_bucket{le=\"0.5\"} 3\n"
                               "duration_seconds_bucket{le=\"1.0\"} 3\n"
                               "duration_seconds_bucket{le=\"+Inf\"} 7\n"
                               "duration_seconds_sum 12.5\n"
                               "duration_seconds_count 7\n"
                               "# HELP size_bytes Sizes.\n"
                               "# TYPE size_bytes summary\n"
                               "size_bytes{shard=\"a\",quantile=\"0.5\"} 0.25\n"
                               "size_bytes{shard=\"a\",quantile=\"0.99\"} NaN\n"
                               "size_bytes{shard=\"a\",quantile=\"1.0\"} 1e+21\n"
                               "size_bytes_sum{shard=\"a\"} 34.5\n"
                               "size_bytes_count{shard=\"a\"} 12\n"
                               "size_bytes_sum{shard=\"b\"} 2\n"
                               "size_bytes_count{shard=\"b\"} 1\n"
                               "# HELP temperature Degrees.\n"
                               "# TYPE temperature gauge\n"
                               "temperature -1.5\n"
                               "# HELP other Something.\n"
                               "# TYPE other untyped\n"
                               "other 42\n"
                               "# HELP build_info Build.\n"
                               "# TYPE build_info gauge\n"
                               "build_info{version=\"1.2\"} 1\n"
                               "# HELP state State.\n"
                               "# TYPE state gauge\n"
                               "state{version=\"1.2\",state=\"idle\"} 0\n"
                               "state{version=\"1.2\",state=\"busy\"} 1\n";
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_TEXT}, fixture_all, want);
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_TEXT_1_0_0}, fixture_all, want);
    check_end();
}

static void openmetrics_has_every_type(void **state)
{
    (void)state;
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_OPENMETRICS}, fixture_all,
                  "# TYPE requests counter\n"
                  "# HELP requests All requests.\n"
                  "requests_total{method=\"GET\",path=\"/\"} 3 # {trace_id=\"a\\\"b\"} 0.5 1700000000.500\n"
                  "requests_created{method=\"GET\",path=\"/\"} 1700000000.123\n"
                  "requests_total{method=\"PUT\",path=\"\"} 0.1\n"
                  "# TYPE duration_seconds histogram\n"
                  "# UNIT duration_seconds seconds\n"
                  "# HELP duration_seconds How long it takes.\n"
                  "duration_seconds_bucket{le=\"1e-05\"} 1\n"
                  "duration_seconds_bucket{le=\"0.5\"} 3 # {t=\"1\"} 0.5\n"
                  "duration_seconds_bucket{le=\"1.0\"} 3\n"
                  "duration_seconds_bucket{le=\"+Inf\"} 7 # {} 7 1.000\n"
                  "duration_seconds_sum 12.5\n"
                  "duration_seconds_count 7\n"
                  "duration_seconds_created 1700000000.123\n"
                  "# TYPE size_bytes summary\n"
                  "# UNIT size_bytes bytes\n"
                  "# HELP size_bytes Sizes.\n"
                  "size_bytes{shard=\"a\",quantile=\"0.5\"} 0.25\n"
                  "size_bytes{shard=\"a\",quantile=\"0.99\"} NaN\n"
                  "size_bytes{shard=\"a\",quantile=\"1.0\"} 1e+21\n"
                  "size_bytes_sum{shard=\"a\"} 34.5\n"
                  "size_bytes_count{shard=\"a\"} 12\n"
                  "size_bytes_created{shard=\"a\"} 1700000000.123\n"
                  "size_bytes_sum{shard=\"b\"} 2\n"
                  "size_bytes_count{shard=\"b\"} 1\n"
                  "# TYPE temperature gauge\n"
                  "# HELP temperature Degrees.\n"
                  "temperature -1.5\n"
                  "# TYPE other unknown\n"
                  "# HELP other Something.\n"
                  "other 42\n"
                  "# TYPE build info\n"
                  "# HELP build Build.\n"
                  "build_info{version=\"1.2\"} 1\n"
                  "# TYPE state stateset\n"
                  "# HELP state State.\n"
                  "state{version=\"1.2\",state=\"idle\"} 0\n"
                  "state{version=\"1.2\",state=\"busy\"} 1\n"
                  "# EOF\n");
    check_end();
}

/* --- Hostile text ----------------------------------------------------------------------------------- */

static void write_hostile_text(ifm_encoder *encoder)
{
    static const ifm_text names[] = {TEXT("v")};
    const ifm_family_head head = {
        TEXT("m"), TEXT("a \"quote\", a \\ and a\nline \xc3\xa4"), {NULL, 0}, IFM_TYPE_GAUGE, names, 1};
    ifm_encoder_family_begin(encoder, &head);
    static const ifm_text values[] = {
        {NULL, 0},
        TEXT("\""),
        TEXT("\\"),
        TEXT("\n"),
        TEXT("1234567"),
        TEXT("12345678"),
        TEXT("1234567\""),
        TEXT("12345678\n"),
        TEXT("\\n"),
        TEXT("\"} 1\nx 2"),
        TEXT("\xe6\xb8\xa9"),
        TEXT("\r\t\x01"),
        TEXT("!#[]\x0b\x09\xdc\x8a\xa2 all near"),
    };
    for (size_t i = 0; i < IFM_COUNT_OF(values); i++) {
        ifm_encoder_gauge(encoder, &(ifm_point){.label_values = &values[i]}, (double)i);
    }
    ifm_encoder_family_end(encoder);
}

#define HOSTILE_SAMPLES                                                                                      \
    "m{v=\"\"} 0\nm{v=\"\\\"\"} 1\nm{v=\"\\\\\"} 2\nm{v=\"\\n\"} 3\nm{v=\"1234567\"} 4\n"                    \
    "m{v=\"12345678\"} 5\nm{v=\"1234567\\\"\"} 6\nm{v=\"12345678\\n\"} 7\nm{v=\"\\\\n\"} 8\n"                \
    "m{v=\"\\\"} 1\\nx 2\"} 9\nm{v=\"\xe6\xb8\xa9\"} 10\nm{v=\"\r\t\x01\"} 11\n"                             \
    "m{v=\"!#[]\x0b\x09\xdc\x8a\xa2 all near\"} 12\n"

static void help_and_values_are_escaped(void **state)
{
    (void)state;
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_TEXT}, write_hostile_text,
                  "# HELP m a \"quote\", a \\\\ and a\\nline \xc3\xa4\n# TYPE m gauge\n" HOSTILE_SAMPLES);
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_OPENMETRICS}, write_hostile_text,
                  "# TYPE m gauge\n# HELP m a \\\"quote\\\", a \\\\ and a\\nline \xc3\xa4\n" HOSTILE_SAMPLES
                  "# EOF\n");
    check_end();
}

/* --- Names ------------------------------------------------------------------------------------------ */

static void write_utf8_names(ifm_encoder *encoder)
{
    static const ifm_text names[] = {TEXT("http.method"), TEXT("a\"\\\nb")};
    static const ifm_text states[] = {TEXT("on\n")};
    const ifm_family_head counter = {TEXT("my.requests"), TEXT("H"), {NULL, 0}, IFM_TYPE_COUNTER, names, 2};
    const ifm_family_head gauge = {TEXT("my.gauge"), TEXT("H"), {NULL, 0}, IFM_TYPE_GAUGE, NULL, 0};
    const ifm_family_head set = {TEXT("my.set"), TEXT("H"), {NULL, 0}, IFM_TYPE_STATE_SET, NULL, 0};
    const ifm_family_head histogram = {TEXT("my.time"), TEXT("H"), {NULL, 0}, IFM_TYPE_HISTOGRAM, NULL, 0};
    ifm_encoder_family_begin(encoder, &counter);
    ifm_encoder_counter(encoder, &(ifm_point){.label_values = TEXTS(TEXT("GET"), TEXT("x"))}, 1, NULL);
    ifm_encoder_family_end(encoder);
    fixture_gauge(encoder, &gauge, NULL, 2);
    ifm_encoder_family_begin(encoder, &set);
    ifm_encoder_state_set(encoder, &(ifm_point){0}, states, 1, 1);
    ifm_encoder_family_end(encoder);
    ifm_encoder_family_begin(encoder, &histogram);
    ifm_encoder_histogram(encoder, &(ifm_point){0}, &(ifm_histogram_point){.count = 3, .sum = 4});
    ifm_encoder_family_end(encoder);
}

static void utf8_names_are_quoted_where_allowed(void **state)
{
    (void)state;
    fixture_check(
        &(ifm_encoder_options){.format = IFM_FORMAT_TEXT_1_0_0, .escaping = IFM_ESCAPING_ALLOW_UTF8},
        write_utf8_names,
        "# HELP \"my.requests_total\" H\n"
        "# TYPE \"my.requests_total\" counter\n"
        "{\"my.requests_total\",\"http.method\"=\"GET\",\"a\\\"\\\\\\nb\"=\"x\"} 1\n"
        "# HELP \"my.gauge\" H\n"
        "# TYPE \"my.gauge\" gauge\n"
        "{\"my.gauge\"} 2\n"
        "# HELP \"my.set\" H\n"
        "# TYPE \"my.set\" gauge\n"
        "{\"my.set\",\"my.set\"=\"on\\n\"} 1\n"
        "# HELP \"my.time\" H\n"
        "# TYPE \"my.time\" histogram\n"
        "{\"my.time_bucket\",le=\"+Inf\"} 3\n"
        "{\"my.time_sum\"} 4\n"
        "{\"my.time_count\"} 3\n");
    check_end();
}

static void utf8_names_are_escaped_elsewhere(void **state)
{
    (void)state;
    static const char underscores[] = "# HELP my_requests_total H\n"
                                      "# TYPE my_requests_total counter\n"
                                      "my_requests_total{http_method=\"GET\",a___b=\"x\"} 1\n"
                                      "# HELP my_gauge H\n"
                                      "# TYPE my_gauge gauge\n"
                                      "my_gauge 2\n"
                                      "# HELP my_set H\n"
                                      "# TYPE my_set gauge\n"
                                      "my_set{my_set=\"on\\n\"} 1\n"
                                      "# HELP my_time H\n"
                                      "# TYPE my_time histogram\n"
                                      "my_time_bucket{le=\"+Inf\"} 3\n"
                                      "my_time_sum 4\n"
                                      "my_time_count 3\n";
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_TEXT}, write_utf8_names, underscores);
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_TEXT, .escaping = IFM_ESCAPING_ALLOW_UTF8},
                  write_utf8_names, underscores);
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_OPENMETRICS, .escaping = IFM_ESCAPING_VALUES},
                  write_utf8_names,
                  "# TYPE U__my_2e_requests_ counter\n"
                  "# HELP U__my_2e_requests_ H\n"
                  "U__my_2e_requests__total{U__http_2e_method=\"GET\",U__a_22__5c__a_b=\"x\"} 1\n"
                  "# TYPE U__my_2e_gauge gauge\n"
                  "# HELP U__my_2e_gauge H\n"
                  "U__my_2e_gauge 2\n"
                  "# TYPE U__my_2e_set stateset\n"
                  "# HELP U__my_2e_set H\n"
                  "U__my_2e_set{U__my_2e_set=\"on\\n\"} 1\n"
                  "# TYPE U__my_2e_time histogram\n"
                  "# HELP U__my_2e_time H\n"
                  "U__my_2e_time_bucket{le=\"+Inf\"} 3\n"
                  "U__my_2e_time_sum 4\n"
                  "U__my_2e_time_count 3\n"
                  "# EOF\n");
    check_end();
}

/* Each label keeps a name of its own, and one that was legal keeps its name. */
static void write_clashing_labels(ifm_encoder *encoder)
{
    static const ifm_text names[] = {TEXT("a.b"),  TEXT("a_b"),      TEXT("a-b"),
                                     TEXT("a_b_"), TEXT("._name.."), TEXT("my_set")};
    static const ifm_text values[] = {TEXT("1"), TEXT("2"), TEXT("3"), TEXT("4"), TEXT("5"), TEXT("6")};
    static const ifm_text states[] = {TEXT("on")};
    const ifm_family_head head = {TEXT("my.set"), TEXT("H"), {NULL, 0}, IFM_TYPE_STATE_SET, names, 6};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_state_set(encoder, &(ifm_point){.label_values = values}, states, 1, 1);
    ifm_encoder_family_end(encoder);
}

static void labels_stay_different_when_escaped(void **state)
{
    (void)state;
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_TEXT}, write_clashing_labels,
                  "# HELP my_set H\n"
                  "# TYPE my_set gauge\n"
                  "my_set{a_b__=\"1\",a_b=\"2\",a_b___=\"3\",a_b_=\"4\",__name___=\"5\",my_set_=\"6\","
                  "my_set=\"on\"} 1\n");
    check_end();
}

/* --- Numbers and rules of OpenMetrics --------------------------------------------------------------- */

static void write_special_gauges(ifm_encoder *encoder)
{
    static const double values[] = {(double)NAN, (double)INFINITY, (double)-INFINITY,     -0.0, 1e-5,
                                    0.1,         123456789,        1.7976931348623157e308};
    const ifm_family_head head = {TEXT("g"), {NULL, 0}, {NULL, 0}, IFM_TYPE_GAUGE, NULL, 0};
    ifm_encoder_family_begin(encoder, &head);
    for (size_t i = 0; i < IFM_COUNT_OF(values); i++) {
        ifm_encoder_gauge(encoder, &(ifm_point){0}, values[i]);
    }
    ifm_encoder_family_end(encoder);
}

static void special_values_are_spelled_right_and_no_help_is_no_line(void **state)
{
    (void)state;
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_TEXT}, write_special_gauges,
                  "# TYPE g gauge\ng NaN\ng +Inf\ng -Inf\ng -0\ng 1e-05\ng 0.1\ng 123456789\n"
                  "g 1.7976931348623157e+308\n");
    check_end();
}

static void write_native_only(ifm_encoder *encoder)
{
    static const uint64_t counts[] = {1, 2};
    static const ifm_native_point native = {.schema = 3, .positive = {5, 2, counts}};
    const ifm_family_head head = {TEXT("n"), TEXT("H"), {NULL, 0}, IFM_TYPE_HISTOGRAM, NULL, 0};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_histogram(encoder, &(ifm_point){0},
                          &(ifm_histogram_point){.count = 3, .sum = 1.5, .native = &native});
    ifm_encoder_family_end(encoder);
}

static void native_histogram_has_one_bucket_in_text(void **state)
{
    (void)state;
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_TEXT}, write_native_only,
                  "# HELP n H\n# TYPE n histogram\nn_bucket{le=\"+Inf\"} 3\nn_sum 1.5\nn_count 3\n");
    check_end();
}

static void write_what_openmetrics_refuses(ifm_encoder *encoder)
{
    static const double bounds[] = {-1, 0};
    static const uint64_t buckets[] = {1, 0, 1};
    const ifm_family_head counter = {TEXT("c"), TEXT("H"), {NULL, 0}, IFM_TYPE_COUNTER, NULL, 0};
    const ifm_family_head histogram = {TEXT("h"), TEXT("H"), {NULL, 0}, IFM_TYPE_HISTOGRAM, NULL, 0};
    const ifm_family_head summary = {TEXT("s"), TEXT("H"), {NULL, 0}, IFM_TYPE_SUMMARY, NULL, 0};
    const ifm_point point = {0};
    ifm_encoder_family_begin(encoder, &counter);
    ifm_encoder_counter(encoder, &point, (double)NAN, NULL);
    ifm_encoder_counter(encoder, &point, -1, NULL);
    ifm_encoder_counter(encoder, &point, 0, NULL);
    ifm_encoder_family_end(encoder);
    ifm_encoder_family_begin(encoder, &histogram);
    ifm_encoder_histogram(encoder, &point,
                          &(ifm_histogram_point){true, bounds, buckets, 2, 2, 3, NULL, NULL});
    ifm_encoder_histogram(encoder, &point, &(ifm_histogram_point){.count = 2, .sum = -3});
    ifm_encoder_histogram(encoder, &point, &(ifm_histogram_point){.count = 2, .sum = (double)NAN});
    ifm_encoder_family_end(encoder);
    ifm_encoder_family_begin(encoder, &summary);
    ifm_encoder_summary(encoder, &point, &(ifm_summary_point){.count = 2, .sum = -3});
    ifm_encoder_family_end(encoder);
}

static void counts_that_openmetrics_refuses_are_left_out_there(void **state)
{
    (void)state;
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_OPENMETRICS}, write_what_openmetrics_refuses,
                  "# TYPE c counter\n# HELP c H\nc_total 0\n"
                  "# TYPE h histogram\n# HELP h H\n"
                  "h_bucket{le=\"-1.0\"} 1\nh_bucket{le=\"0.0\"} 1\nh_bucket{le=\"+Inf\"} 2\n"
                  "h_bucket{le=\"+Inf\"} 2\nh_bucket{le=\"+Inf\"} 2\n"
                  "# TYPE s summary\n# HELP s H\ns_count 2\n# EOF\n");
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_TEXT}, write_what_openmetrics_refuses,
                  "# HELP c_total H\n# TYPE c_total counter\nc_total NaN\nc_total -1\nc_total 0\n"
                  "# HELP h H\n# TYPE h histogram\n"
                  "h_bucket{le=\"-1.0\"} 1\nh_bucket{le=\"0.0\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\n"
                  "h_count 2\nh_bucket{le=\"+Inf\"} 2\nh_sum -3\nh_count 2\n"
                  "h_bucket{le=\"+Inf\"} 2\nh_sum NaN\nh_count 2\n"
                  "# HELP s H\n# TYPE s summary\ns_sum -3\ns_count 2\n");
    check_end();
}

static void write_units(ifm_encoder *encoder)
{
    static const struct {
        ifm_text name;
        ifm_text unit;
        ifm_metric_type type;
    } rows[] = {
        {TEXT("a_seconds"), TEXT("seconds"), IFM_TYPE_GAUGE},
        {TEXT("b_seconds"), TEXT("bytes"), IFM_TYPE_GAUGE},
        {TEXT("cseconds"), TEXT("seconds"), IFM_TYPE_GAUGE},
        {TEXT("seconds"), TEXT("seconds"), IFM_TYPE_GAUGE},
        {TEXT("d_per_100_m"), TEXT("100_m"), IFM_TYPE_GAUGE},
        {TEXT("e_seconds"), TEXT("seconds"), IFM_TYPE_INFO},
        {TEXT("f_\xc2\xb0"), TEXT("\xc2\xb0"), IFM_TYPE_GAUGE},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const ifm_family_head head = {rows[i].name, {NULL, 0}, rows[i].unit, rows[i].type, NULL, 0};
        fixture_gauge(encoder, &head, NULL, 1);
    }
}

static void unit_is_written_only_where_openmetrics_allows_it(void **state)
{
    (void)state;
    fixture_check(
        &(ifm_encoder_options){.format = IFM_FORMAT_OPENMETRICS, .escaping = IFM_ESCAPING_ALLOW_UTF8},
        write_units,
        "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n"
        "# TYPE b_seconds gauge\nb_seconds 1\n"
        "# TYPE cseconds gauge\ncseconds 1\n"
        "# TYPE seconds gauge\nseconds 1\n"
        "# TYPE d_per_100_m gauge\n# UNIT d_per_100_m 100_m\nd_per_100_m 1\n"
        "# TYPE e_seconds info\ne_seconds_info 1\n"
        "# TYPE \"f_\xc2\xb0\" gauge\n{\"f_\xc2\xb0\"} 1\n# EOF\n");
    check_end();
}

/* --- Exemplars -------------------------------------------------------------------------------------- */

static void write_exemplar_of(ifm_encoder *encoder, size_t value_size)
{
    char letters[130];
    memset(letters, 'x', sizeof letters);
    static const ifm_text names[] = {TEXT("\xc3\xa4.")};
    const ifm_text values[] = {{letters, value_size}};
    const ifm_exemplar_view exemplar = {names, values, 1, 1, -1};
    const ifm_family_head head = {TEXT("c"), {NULL, 0}, {NULL, 0}, IFM_TYPE_COUNTER, NULL, 0};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_counter(encoder, &(ifm_point){0}, 1, &exemplar);
    ifm_encoder_family_end(encoder);
}

static void write_exemplars_around_the_limit(ifm_encoder *encoder)
{
    write_exemplar_of(encoder, 125);
    write_exemplar_of(encoder, 126);
    write_exemplar_of(encoder, 127);
}

/* 128 characters, not bytes, counted as they are written: the name has two. */
static void exemplar_limit_is_128_characters(void **state)
{
    (void)state;
    size_t size;
    const ifm_encoder_options options = {.format = IFM_FORMAT_OPENMETRICS,
                                         .escaping = IFM_ESCAPING_ALLOW_UTF8};
    char *got = fixture_bytes(&options, write_exemplars_around_the_limit, &size);
    size_t exemplars = 0;
    for (const char *at = got; (at = strstr(at, " # {\"\xc3\xa4.\"=\"")) != NULL; at++) {
        exemplars++;
    }
    CHECK_INT(exemplars, 2);
    CHECK_CONTAINS(got, "x\"} 1 -0.001\n");
    CHECK_CONTAINS(got, "c_total 1\n# EOF\n");
    ifm_free(got);
    check_end();
}

static void write_misplaced_exemplars(ifm_encoder *encoder)
{
    static const double bounds[] = {1, 2};
    static const uint64_t buckets[] = {1, 1, 1};
    static const double values[][3] = {{1, 2, 3}, {1.5, 1, 2}, {(double)NAN, (double)NAN, (double)NAN}};
    const ifm_family_head head = {TEXT("h"), {NULL, 0}, {NULL, 0}, IFM_TYPE_HISTOGRAM, NULL, 0};
    ifm_encoder_family_begin(encoder, &head);
    for (size_t row = 0; row < IFM_COUNT_OF(values); row++) {
        ifm_exemplar_view views[3];
        const ifm_exemplar_view *exemplars[3];
        for (size_t i = 0; i < 3; i++) {
            views[i] = (ifm_exemplar_view){.value = values[row][i]};
            exemplars[i] = &views[i];
        }
        ifm_encoder_histogram(encoder, &(ifm_point){0},
                              &(ifm_histogram_point){true, bounds, buckets, 2, 3, 4, exemplars, NULL});
    }
    ifm_encoder_family_end(encoder);
}

static void exemplars_outside_their_bucket_are_left_out(void **state)
{
    (void)state;
    fixture_check(
        &(ifm_encoder_options){.format = IFM_FORMAT_OPENMETRICS}, write_misplaced_exemplars,
        "# TYPE h histogram\n"
        "h_bucket{le=\"1.0\"} 1 # {} 1\nh_bucket{le=\"2.0\"} 2 # {} 2\n"
        "h_bucket{le=\"+Inf\"} 3 # {} 3\nh_sum 4\nh_count 3\n"
        "h_bucket{le=\"1.0\"} 1\nh_bucket{le=\"2.0\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum 4\nh_count 3\n"
        "h_bucket{le=\"1.0\"} 1\nh_bucket{le=\"2.0\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum 4\nh_count 3\n"
        "# EOF\n");
    check_end();
}

/* --- Families --------------------------------------------------------------------------------------- */

static void write_changing_bounds(ifm_encoder *encoder)
{
    double bounds[] = {1, 2};
    static const uint64_t buckets[] = {1, 1, 1};
    static const size_t counts[] = {2, 2, 1};
    const ifm_family_head head = {TEXT("h"), {NULL, 0}, {NULL, 0}, IFM_TYPE_HISTOGRAM, NULL, 0};
    ifm_encoder_family_begin(encoder, &head);
    for (size_t i = 0; i < IFM_COUNT_OF(counts); i++) {
        ifm_histogram_point histogram = {.classic = true, .bounds = bounds, .buckets = buckets, .sum = 4};
        histogram.bound_count = counts[i];
        histogram.count = counts[i] + 1;
        ifm_encoder_histogram(encoder, &(ifm_point){0}, &histogram);
        bounds[0] = 0.5; /* the same memory with another content */
    }
    ifm_encoder_family_end(encoder);
}

static void bounds_are_known_by_their_content(void **state)
{
    (void)state;
    fixture_check(
        &(ifm_encoder_options){.format = IFM_FORMAT_TEXT}, write_changing_bounds,
        "# TYPE h histogram\n"
        "h_bucket{le=\"1.0\"} 1\nh_bucket{le=\"2.0\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum 4\nh_count 3\n"
        "h_bucket{le=\"0.5\"} 1\nh_bucket{le=\"2.0\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum 4\nh_count 3\n"
        "h_bucket{le=\"0.5\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 4\nh_count 2\n");
    check_end();
}

static void write_empty_family(ifm_encoder *encoder)
{
    const ifm_family_head head = {TEXT("empty"), TEXT("H"), {NULL, 0}, IFM_TYPE_GAUGE, NULL, 0};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_family_end(encoder);
}

static void family_without_points_leaves_no_trace(void **state)
{
    (void)state;
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_TEXT}, write_empty_family, "");
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_OPENMETRICS}, write_empty_family, "# EOF\n");
    fixture_check(&(ifm_encoder_options){.format = IFM_FORMAT_PROTOBUF}, write_empty_family, "");
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_has_every_type),
        cmocka_unit_test(openmetrics_has_every_type),
        cmocka_unit_test(help_and_values_are_escaped),
        cmocka_unit_test(utf8_names_are_quoted_where_allowed),
        cmocka_unit_test(utf8_names_are_escaped_elsewhere),
        cmocka_unit_test(labels_stay_different_when_escaped),
        cmocka_unit_test(special_values_are_spelled_right_and_no_help_is_no_line),
        cmocka_unit_test(native_histogram_has_one_bucket_in_text),
        cmocka_unit_test(counts_that_openmetrics_refuses_are_left_out_there),
        cmocka_unit_test(unit_is_written_only_where_openmetrics_allows_it),
        cmocka_unit_test(exemplar_limit_is_128_characters),
        cmocka_unit_test(exemplars_outside_their_bucket_are_left_out),
        cmocka_unit_test(bounds_are_known_by_their_content),
        cmocka_unit_test(family_without_points_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
