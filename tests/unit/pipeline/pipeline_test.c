/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/pipeline.h"

#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <inferometer/logger.h>

static ifm_registry *registry;

static int make_registry(void **state)
{
    (void)state;
    ifm_error err;
    registry = ifm_registry_new(NULL, &err);
    return registry == NULL ? -1 : 0;
}

static int free_registry(void **state)
{
    (void)state;
    ifm_registry_free(registry);
    return 0;
}

static ifm_logger *open_logger(ifm_naming naming)
{
    ifm_error err;
    const ifm_logger_options options = {.port = IFM_LOGGER_PORT_NONE, .registry = registry, .naming = naming};
    ifm_logger *logger = ifm_logger_open(&options, &err);
    if (logger == NULL) {
        fail_msg("%s", err.message);
    }
    return logger;
}

static double sample(const char *name)
{
    ifm_error err;
    double value = -1;
    return ifm_registry_sample(registry, name, &value, &err) ? value : -1;
}

static char *expose(void)
{
    ifm_error err;
    char *text = NULL;
    size_t size;
    assert_true(ifm_registry_expose(registry, NULL, &text, &size, &err));
    return text;
}

static bool exposes(const char *part)
{
    char *text = expose();
    bool found = strstr(text, part) != NULL;
    ifm_free(text);
    return found;
}

static void pipeline_is_found_by_its_name(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger *logger = open_logger(IFM_NAMING_DEFAULT);
    char name[] = "ocr";
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, name, &err);
    assert_non_null(pipeline);
    name[0] = 'x';
    CHECK_TEXT(ifm_pipeline_name(pipeline), "ocr");
    CHECK(ifm_logger_pipeline(logger, "ocr", &err) == pipeline);
    CHECK(ifm_logger_pipeline(logger, "Ocr", &err) != pipeline);
    CHECK(ifm_pipeline_name(NULL) == NULL);
    ifm_logger_close(logger);
    check_end();
}

static void pipeline_refuses_wrong_names(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, "", "\xff"};
    ifm_logger *logger = open_logger(IFM_NAMING_BOTH);
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        ifm_error err = {.code = IFM_OK};
        CHECK(ifm_logger_pipeline(logger, names[i], &err) == NULL);
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, "the name of a pipeline is");
    }
    ifm_error err;
    CHECK(ifm_logger_pipeline(NULL, "a", &err) == NULL);
    CHECK_INT(err.code, IFM_INVALID);
    ifm_logger_close(logger);
    check_end();
}

static void pipeline_name_is_escaped_for_the_metric_only(void **state)
{
    (void)state;
    static const struct {
        const char *name, *label, *metric;
    } rows[] = {
        {"text.ocr-v2", "text.ocr-v2", "total_inference_text_ocr_v2_count"},
        {"1st", "1st", "total_inference_1st_count"},
        {"a \"b\"\\\n", "a \\\"b\\\"\\\\\\n", "total_inference_a__b____count"},
        {"\xE6\x96\x87:x", "\xE6\x96\x87:x", "total_inference__:x_count"},
        {"vor\xC3\xA4", "vor\xC3\xA4", "total_inference_vor__count"},
    };
    ifm_error err;
    ifm_logger *logger = open_logger(IFM_NAMING_BOTH);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char label[128];
        ifm_pipeline *pipeline = ifm_logger_pipeline(logger, rows[i].name, &err);
        assert_non_null(pipeline);
        ifm_inference run = ifm_inference_begin(pipeline);
        ifm_inference_end(&run, IFM_SUCCESS);
        CHECK_TEXT(ifm_pipeline_name(pipeline), rows[i].name);
        snprintf(label, sizeof label, "inference_duration_seconds_count{pipeline=\"%s\"} 1\n", rows[i].label);
        CHECK(exposes(label));
        CHECK_DOUBLE(sample(rows[i].metric), 1);
    }
    ifm_logger_close(logger);
    check_end();
}

static void deepsparse_metrics_are_exact_to_the_letter(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger *logger = open_logger(IFM_NAMING_DEEPSPARSE);
    assert_non_null(ifm_logger_pipeline(logger, "sample_pipeline_name", &err));
    char *text = expose();
    CHECK_CONTAINS(text, "# TYPE total_inference_sample_pipeline_name histogram\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"0.005\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"0.01\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"0.025\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"0.05\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"0.1\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"0.25\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"0.5\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"1.0\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"2.5\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"5.0\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"10.0\"} 0\n"
                         "total_inference_sample_pipeline_name_bucket{le=\"+Inf\"} 0\n"
                         "total_inference_sample_pipeline_name_sum 0\n"
                         "total_inference_sample_pipeline_name_count 0\n");
    CHECK_CONTAINS(text, "# TYPE pre_process_sample_pipeline_name histogram\n");
    CHECK_CONTAINS(text, "# TYPE engine_forward_sample_pipeline_name histogram\n");
    CHECK_CONTAINS(text, "# TYPE post_process_sample_pipeline_name histogram\n");
    CHECK(strstr(text, "inference_duration_seconds") == NULL);
    CHECK(strstr(text, "inference_stage_duration_seconds") == NULL);
    CHECK_CONTAINS(text,
                   "inference_requests_total{pipeline=\"sample_pipeline_name\",outcome=\"success\"} 0\n");
    ifm_free(text);
    ifm_logger_close(logger);
    check_end();
}

static void default_naming_makes_no_metric_of_a_name(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger *logger = open_logger(IFM_NAMING_DEFAULT);
    assert_non_null(ifm_logger_pipeline(logger, "ocr", &err));
    assert_non_null(ifm_logger_pipeline(logger, "o.cr", &err));
    assert_non_null(ifm_logger_pipeline(logger, "o-cr", &err)); /* nothing collides */
    CHECK(!exposes("total_inference_"));
    CHECK_DOUBLE(sample("inference_stage_duration_seconds_count{pipeline=\"ocr\",stage=\"post_process\"}"),
                 0);
    ifm_logger_close(logger);
    check_end();
}

static void names_that_become_one_metric_are_refused(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger *logger = open_logger(IFM_NAMING_BOTH);
    ifm_pipeline *first = ifm_logger_pipeline(logger, "text.ocr", &err);
    assert_non_null(first);
    CHECK(ifm_logger_pipeline(logger, "text-ocr", &err) == NULL);
    CHECK_INT(err.code, IFM_EXISTS);
    CHECK_CONTAINS(err.message,
                   "could not make pipeline \"text-ocr\": stage \"pre_process\" of pipeline "
                   "\"text-ocr\" cannot have metric \"pre_process_text_ocr\": it belongs to stage "
                   "\"pre_process\" of pipeline \"text.ocr\"");
    CHECK(!exposes("pipeline=\"text-ocr\""));

    CHECK_INT(ifm_pipeline_stage(first, "my stage", &err), 3);
    CHECK_INT(ifm_pipeline_stage(first, "my.stage", &err), IFM_STAGE_NONE);
    CHECK_INT(err.code, IFM_EXISTS);
    CHECK_INT(ifm_pipeline_stage(first, "other", &err), 4);

    /* Stage and pipeline are joined by what may be in either. */
    ifm_pipeline *b = ifm_logger_pipeline(logger, "b", &err), *a_b = ifm_logger_pipeline(logger, "a_b", &err);
    CHECK_INT(ifm_pipeline_stage(a_b, "x", &err), 3);
    CHECK_INT(ifm_pipeline_stage(b, "x_a", &err), IFM_STAGE_NONE);
    CHECK_INT(err.code, IFM_EXISTS);
    ifm_logger_close(logger);
    check_end();
}

static void a_refused_pipeline_leaves_nothing(void **state)
{
    (void)state;
    ifm_error err;
    ifm_counter counter;
    ifm_logger *logger = open_logger(IFM_NAMING_BOTH);
    const ifm_counter_options taken = {.metric = {.name = "post_process_ocr", .help = "Somebody else's."}};
    assert_true(ifm_counter_register(registry, &taken, &counter, &err));
    CHECK(ifm_logger_pipeline(logger, "ocr", &err) == NULL);
    CHECK_INT(err.code, IFM_EXISTS);
    CHECK(!exposes("pre_process_ocr"));
    CHECK(!exposes("pipeline=\"ocr\""));
    CHECK(exposes("post_process_ocr_total 0"));
    CHECK(ifm_registry_unregister(registry, "post_process_ocr"));
    CHECK(ifm_logger_pipeline(logger, "ocr", &err) != NULL); /* it can be made when the name is free */
    CHECK_DOUBLE(sample("pre_process_ocr_count"), 0);
    ifm_logger_close(logger);
    check_end();
}

static void stages_are_declared_once(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger *logger = open_logger(IFM_NAMING_DEFAULT);
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "ocr", &err);
    CHECK_INT(ifm_pipeline_stage(pipeline, "pre_process", &err), IFM_PRE_PROCESS);
    CHECK_INT(ifm_pipeline_stage(pipeline, "engine_forward", &err), IFM_ENGINE_FORWARD);
    CHECK_INT(ifm_pipeline_stage(pipeline, "post_process", &err), IFM_POST_PROCESS);
    CHECK_INT(ifm_pipeline_stage(pipeline, "d\xC3\xA9tection", &err), 3);
    CHECK_INT(ifm_pipeline_stage(pipeline, "d\xC3\xA9tection", &err), 3);
    CHECK_DOUBLE(
        sample("inference_stage_duration_seconds_count{pipeline=\"ocr\",stage=\"d\xC3\xA9tection\"}"), 0);
    static const char *const wrong[] = {NULL, "", "\xff", "total_inference"};
    for (size_t i = 0; i < IFM_COUNT_OF(wrong); i++) {
        CHECK_INT(ifm_pipeline_stage(pipeline, wrong[i], &err), IFM_STAGE_NONE);
        CHECK_INT(err.code, IFM_INVALID);
    }
    CHECK_INT(ifm_pipeline_stage(NULL, "a", &err), IFM_STAGE_NONE);
    CHECK_INT(err.code, IFM_INVALID);
    ifm_logger_close(logger);
    check_end();
}

static void stages_have_a_limit(void **state)
{
    (void)state;
    ifm_error err;
    char name[16];
    ifm_logger *logger = open_logger(IFM_NAMING_BOTH);
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "ocr", &err);
    for (int i = 3; i < IFM_STAGES_MAX; i++) {
        snprintf(name, sizeof name, "s%d", i);
        CHECK_INT(ifm_pipeline_stage(pipeline, name, &err), i);
    }
    CHECK_INT(ifm_pipeline_stage(pipeline, "more", &err), IFM_STAGE_NONE);
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK_INT(ifm_pipeline_stage(pipeline, "s63", &err), 63); /* those that are there are found */
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_stage(&run, 63);
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_DOUBLE(sample("s63_ocr_count"), 1);
    ifm_logger_close(logger);
    check_end();
}

static void model_is_replaced(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger *logger = open_logger(IFM_NAMING_DEFAULT);
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "ocr", &err);
    CHECK(!exposes("inference_model_info{"));
    ifm_pipeline_model(pipeline, "lstm", "1", NULL);
    CHECK(exposes("inference_model_info{pipeline=\"ocr\",name=\"lstm\",version=\"1\",engine=\"\"} 1\n"));
    ifm_pipeline_model(pipeline, "lstm", "2", "tesseract");
    ifm_pipeline_model(pipeline, "lstm", "2", "tesseract");
    CHECK(exposes(
        "inference_model_info{pipeline=\"ocr\",name=\"lstm\",version=\"2\",engine=\"tesseract\"} 1\n"));
    CHECK(!exposes("version=\"1\""));
    ifm_pipeline_model(NULL, "a", "b", "c");
    ifm_logger_close(logger);
    check_end();
}

static void data_shares_bounds_between_pipelines(void **state)
{
    (void)state;
    ifm_error err;
    ifm_histogram a, b;
    static const double bounds[] = {0.5, 1}, other[] = {0.1, 0.2, 0.3};
    ifm_logger *logger = open_logger(IFM_NAMING_DEFAULT);
    ifm_pipeline *first = ifm_logger_pipeline(logger, "a", &err),
                 *second = ifm_logger_pipeline(logger, "b", &err);
    assert_true(ifm_pipeline_data(first, "word_confidence_ratio", "Confidence.", bounds, 2, &a, &err));
    assert_true(ifm_pipeline_data(second, "word_confidence_ratio", "Something else.", other, 3, &b, &err));
    ifm_histogram_observe(a, 0.7);
    ifm_histogram_observe(b, 0.2);
    CHECK_DOUBLE(sample("inference_data_word_confidence_ratio_bucket{pipeline=\"a\",le=\"0.5\"}"), 0);
    CHECK_DOUBLE(sample("inference_data_word_confidence_ratio_bucket{pipeline=\"a\",le=\"1.0\"}"), 1);
    CHECK_DOUBLE(sample("inference_data_word_confidence_ratio_bucket{pipeline=\"b\",le=\"0.5\"}"), 1);
    ifm_logger_close(logger);
    CHECK(!exposes("inference_data_"));
    check_end();
}

static void metrics_of_data_are_limited(void **state)
{
    (void)state;
    ifm_error err;
    ifm_histogram data;
    char name[16];
    static const double bounds[] = {1};
    ifm_logger *logger = open_logger(IFM_NAMING_DEFAULT);
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "a", &err);
    for (int i = 0; i < IFM_DATA_NAMES_MAX; i++) {
        snprintf(name, sizeof name, "d%d", i);
        assert_true(ifm_pipeline_data(pipeline, name, "Data.", bounds, 1, &data, &err));
    }
    CHECK(!ifm_pipeline_data(pipeline, "one_too_many", "Data.", bounds, 1, &data, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK_CONTAINS(err.message, "there are 1000 metrics of data");
    CHECK(ifm_pipeline_data(pipeline, "d7", "Data.", bounds, 1, &data, &err)); /* known ones go on */
    ifm_logger_close(logger);
    check_end();
}

static void data_refuses_what_is_no_histogram(void **state)
{
    (void)state;
    static const double bounds[] = {1, 2}, falling[] = {2, 1};
    char longest[IFM_NAME_BYTES_MAX + 1];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    ifm_error err;
    ifm_logger *logger = open_logger(IFM_NAMING_DEFAULT);
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "a", &err);
    const struct {
        ifm_pipeline *pipeline;
        const char *name;
        const char *help;
        const double *bounds;
    } rows[] = {
        {NULL, "x", "Help.", bounds},         {pipeline, NULL, "Help.", bounds},
        {pipeline, "", "Help.", bounds},      {pipeline, "x", "Help.", falling},
        {pipeline, "x", NULL, bounds},        {pipeline, "\xff", "Help.", bounds},
        {pipeline, longest, "Help.", bounds},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_histogram out = {NULL, 7};
        err.code = IFM_OK;
        CHECK(
            !ifm_pipeline_data(rows[i].pipeline, rows[i].name, rows[i].help, rows[i].bounds, 2, &out, &err));
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_INT(out.generation, 7);
    }
    ifm_logger_close(logger);
    check_end();
}

static bool use_pipeline(ifm_logger *logger, ifm_error *err)
{
    static const double bounds[] = {1, 2};
    ifm_histogram data;
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "ocr", err);
    if (pipeline == NULL) {
        return false;
    }
    bool ok = ifm_pipeline_stage(pipeline, "detect", err) != IFM_STAGE_NONE &&
              ifm_pipeline_data(pipeline, "length", "Length.", bounds, 2, &data, err);
    /* What cannot fail. */
    ifm_pipeline_model(pipeline, "a", "b", "c");
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_batch_size(&run, 1);
    ifm_inference_fail(&run, "timeout");
    return ok;
}

static bool pipeline_once(void *context, ifm_error *err)
{
    (void)context;
    ifm_registry *own = ifm_registry_new(NULL, err);
    if (own == NULL) {
        return false;
    }
    const ifm_logger_options options = {
        .port = IFM_LOGGER_PORT_NONE, .registry = own, .naming = IFM_NAMING_BOTH};
    ifm_logger *logger = ifm_logger_open(&options, err);
    bool ok = logger != NULL && use_pipeline(logger, err);
    ifm_logger_close(logger);
    ifm_registry_free(own);
    return ok;
}

static void pipelines_survive_lack_of_memory(void **state)
{
    (void)state;
    CHECK(torture_allocations(pipeline_once, NULL, TORTURE_MAY_SUCCEED) >= 50);
    check_end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_registry, free_registry)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pipeline_is_found_by_its_name),
        TEST(pipeline_refuses_wrong_names),
        TEST(pipeline_name_is_escaped_for_the_metric_only),
        TEST(deepsparse_metrics_are_exact_to_the_letter),
        TEST(default_naming_makes_no_metric_of_a_name),
        TEST(names_that_become_one_metric_are_refused),
        TEST(a_refused_pipeline_leaves_nothing),
        TEST(stages_are_declared_once),
        TEST(stages_have_a_limit),
        TEST(model_is_replaced),
        TEST(data_shares_bounds_between_pipelines),
        TEST(metrics_of_data_are_limited),
        TEST(data_refuses_what_is_no_histogram),
        TEST(pipelines_survive_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
