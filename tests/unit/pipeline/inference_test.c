/* SPDX-License-Identifier: Apache-2.0
 *
 * Times are made by moving the beginning of an inference, stage or span into the past: the clock is read
 * directly by hot calls. What the test itself takes is far below the next bucket.
 */
#include "base/base.h"
#include "check.h"
#include "os/os.h"
#include "pipeline/pipeline.h"
#include "torture.h"

#include <inferometer/logger.h>
#include <math.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 2000 };

#define MS INT64_C(1000000)

static ifm_registry *registry;
static ifm_logger *logger;
static ifm_pipeline *pipeline;

static int open_logger(void **state)
{
    (void)state;
    ifm_error err;
    registry = ifm_registry_new(NULL, &err);
    const ifm_logger_options options = {
        .port = IFM_LOGGER_PORT_NONE, .registry = registry, .naming = IFM_NAMING_BOTH};
    logger = ifm_logger_open(&options, &err);
    pipeline = logger == NULL ? NULL : ifm_logger_pipeline(logger, "ocr", &err);
    return pipeline == NULL ? -1 : 0;
}

static int close_logger(void **state)
{
    (void)state;
    ifm_logger_close(logger);
    ifm_registry_free(registry);
    return 0;
}

/* The value of a sample; -1 when it is not exposed. */
static double sample(const char *name)
{
    ifm_error err;
    double value = -1;
    return ifm_registry_sample(registry, name, &value, &err) ? value : -1;
}

#define STAGE(part, labels) sample("inference_stage_duration_seconds" part "{pipeline=\"ocr\"," labels "}")
#define COUNT(stage)        STAGE("_count", "stage=\"" stage "\"")

static void inference_measures_sequential_stages(void **state)
{
    (void)state;
    ifm_inference run = ifm_inference_begin(pipeline);
    CHECK_DOUBLE(sample("inference_requests_in_flight{pipeline=\"ocr\"}"), 1);
    ifm_inference_stage(&run, IFM_PRE_PROCESS);
    run.stage_begin_ns -= 30 * MS;
    ifm_inference_stage(&run, IFM_ENGINE_FORWARD);
    run.stage_begin_ns -= 300 * MS;
    ifm_inference_stage(&run, IFM_POST_PROCESS);
    run.begin_ns -= 600 * MS;
    ifm_inference_end(&run, IFM_SUCCESS);

    CHECK_DOUBLE(COUNT("pre_process"), 1);
    CHECK_DOUBLE(STAGE("_bucket", "stage=\"pre_process\",le=\"0.025\""), 0);
    CHECK_DOUBLE(STAGE("_bucket", "stage=\"pre_process\",le=\"0.05\""), 1);
    CHECK_DOUBLE(STAGE("_bucket", "stage=\"engine_forward\",le=\"0.25\""), 0);
    CHECK_DOUBLE(STAGE("_bucket", "stage=\"engine_forward\",le=\"0.5\""), 1);
    CHECK_DOUBLE(COUNT("post_process"), 1);
    CHECK_DOUBLE(sample("inference_duration_seconds_bucket{pipeline=\"ocr\",le=\"0.5\"}"), 0);
    CHECK_DOUBLE(sample("inference_duration_seconds_bucket{pipeline=\"ocr\",le=\"1.0\"}"), 1);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"ocr\",outcome=\"success\"}"), 1);
    CHECK_DOUBLE(sample("inference_requests_in_flight{pipeline=\"ocr\"}"), 0);

    CHECK_DOUBLE(sample("pre_process_ocr_count"), 1);
    CHECK_DOUBLE(sample("engine_forward_ocr_bucket{le=\"0.25\"}"), 0);
    CHECK_DOUBLE(sample("engine_forward_ocr_bucket{le=\"0.5\"}"), 1);
    CHECK_DOUBLE(sample("post_process_ocr_count"), 1);
    CHECK_DOUBLE(sample("total_inference_ocr_bucket{le=\"0.5\"}"), 0);
    CHECK_DOUBLE(sample("total_inference_ocr_bucket{le=\"1.0\"}"), 1);
    check_end();
}

static void inference_counts_outcomes_from_zero(void **state)
{
    (void)state;
    static const char *const outcomes[] = {"success", "failure", "cancelled"};
    char name[128];
    for (size_t i = 0; i < IFM_COUNT_OF(outcomes); i++) {
        snprintf(name, sizeof name, "inference_requests_total{pipeline=\"ocr\",outcome=\"%s\"}", outcomes[i]);
        CHECK_DOUBLE(sample(name), 0);
    }
    CHECK_DOUBLE(COUNT("pre_process"), 0);
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_end(&run, IFM_CANCELLED);
    run = ifm_inference_begin(pipeline);
    ifm_inference_end(&run, IFM_FAILURE);
    run = ifm_inference_begin(pipeline);
    ifm_inference_end(&run, (ifm_outcome)7); /* what is no outcome is no success */
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"ocr\",outcome=\"success\"}"), 0);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"ocr\",outcome=\"failure\"}"), 2);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"ocr\",outcome=\"cancelled\"}"), 1);
    CHECK_DOUBLE(sample("inference_failures_total{pipeline=\"ocr\",reason=\"other\"}"), 2);
    CHECK_DOUBLE(sample("inference_duration_seconds_count{pipeline=\"ocr\"}"), 3);
    check_end();
}

static void inference_ends_once(void **state)
{
    (void)state;
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_end(&run, IFM_SUCCESS);
    ifm_inference_end(&run, IFM_SUCCESS);
    ifm_inference_fail(&run, "late");
    ifm_inference_stage(&run, IFM_PRE_PROCESS);
    ifm_inference_stage_end(&run);
    ifm_inference_batch_size(&run, 1);
    ifm_inference_queue_time(&run, 1);
    ifm_inference_tokens(&run, IFM_TOKENS_INPUT, 1);
    ifm_inference_first_token(&run);
    ifm_span span = ifm_span_begin(&run, IFM_PRE_PROCESS);
    ifm_span_end(&span);
    CHECK_DOUBLE(sample("inference_duration_seconds_count{pipeline=\"ocr\"}"), 1);
    CHECK_DOUBLE(sample("inference_requests_in_flight{pipeline=\"ocr\"}"), 0);
    CHECK_DOUBLE(sample("inference_failures_total{pipeline=\"ocr\",reason=\"late\"}"), -1);
    CHECK_DOUBLE(COUNT("pre_process"), 0);
    CHECK_DOUBLE(sample("inference_batch_size_count{pipeline=\"ocr\"}"), -1);
    CHECK_DOUBLE(sample("inference_tokens_total{pipeline=\"ocr\",direction=\"input\"}"), -1);
    check_end();
}

static void inference_of_nothing_is_a_no_op(void **state)
{
    (void)state;
    ifm_inference runs[2] = {ifm_inference_begin(NULL), {.pipeline = NULL}};
    for (size_t i = 0; i < 3; i++) {
        ifm_inference *run = i < 2 ? &runs[i] : NULL;
        ifm_inference_stage(run, IFM_PRE_PROCESS);
        ifm_inference_stage_end(run);
        ifm_span span = ifm_span_begin(run, IFM_PRE_PROCESS);
        ifm_span_end(&span);
        ifm_inference_batch_size(run, 1);
        ifm_inference_queue_time(run, 1);
        ifm_inference_tokens(run, IFM_TOKENS_OUTPUT, 1);
        ifm_inference_first_token(run);
        ifm_inference_fail(run, "x");
        ifm_inference_end(run, IFM_SUCCESS);
    }
    ifm_span zeroed = {.pipeline = NULL};
    ifm_span_end(&zeroed);
    ifm_span_end(NULL);
    CHECK_DOUBLE(sample("inference_duration_seconds_count{pipeline=\"ocr\"}"), 0);
    check_end();
}

static void inference_observes_a_repeated_stage_each_time(void **state)
{
    (void)state;
    ifm_inference run = ifm_inference_begin(pipeline);
    for (int i = 0; i < 3; i++) {
        ifm_inference_stage(&run, IFM_ENGINE_FORWARD);
    }
    ifm_inference_stage_end(&run);
    ifm_inference_stage_end(&run); /* none runs */
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_DOUBLE(COUNT("engine_forward"), 3);
    check_end();
}

static void inference_ignores_stages_that_do_not_exist(void **state)
{
    (void)state;
    static const ifm_stage wrong[] = {IFM_STAGE_NONE, 3, IFM_STAGES_MAX, INT32_MAX, INT32_MIN};
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_stage(&run, IFM_PRE_PROCESS);
    for (size_t i = 0; i < IFM_COUNT_OF(wrong); i++) {
        ifm_inference_stage(&run, wrong[i]);
        ifm_span span = ifm_span_begin(&run, wrong[i]);
        ifm_span_end(&span);
    }
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_DOUBLE(COUNT("pre_process"), 1); /* ended by the first of them */
    CHECK_DOUBLE(sample("inference_duration_seconds_count{pipeline=\"ocr\"}"), 1);
    check_end();
}

static void spans_nest_and_overlap(void **state)
{
    (void)state;
    ifm_error err;
    ifm_stage detect = ifm_pipeline_stage(pipeline, "detect", &err);
    assert_int_equal(detect, 3);
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_stage(&run, IFM_ENGINE_FORWARD);
    ifm_span outer = ifm_span_begin(&run, detect);
    ifm_span inner = ifm_span_begin(&run, detect);
    outer.begin_ns -= 2000 * MS;
    inner.begin_ns -= 30 * MS;
    ifm_span_end(&outer);
    ifm_span_end(&outer);
    ifm_inference_end(&run, IFM_SUCCESS);
    ifm_span_end(&inner); /* a stage may outlive its inference */
    CHECK_DOUBLE(COUNT("detect"), 2);
    CHECK_DOUBLE(STAGE("_bucket", "stage=\"detect\",le=\"0.05\""), 1);
    CHECK_DOUBLE(COUNT("engine_forward"), 1);
    CHECK_DOUBLE(sample("detect_ocr_count"), 2);
    check_end();
}

static void *end_span(void *context)
{
    ifm_span *span = context;
    ifm_span_end(span);
    return NULL;
}

static void spans_cross_threads(void **state)
{
    (void)state;
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_span span = ifm_span_begin(&run, IFM_POST_PROCESS);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, end_span, &span), 0);
    pthread_join(thread, NULL);
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_DOUBLE(COUNT("post_process"), 1);
    check_end();
}

static void optional_metrics_appear_with_their_first_report(void **state)
{
    (void)state;
    CHECK_DOUBLE(sample("inference_batch_size_count{pipeline=\"ocr\"}"), -1);
    CHECK_DOUBLE(sample("inference_queue_duration_seconds_count{pipeline=\"ocr\"}"), -1);
    CHECK_DOUBLE(sample("inference_tokens_total{pipeline=\"ocr\",direction=\"input\"}"), -1);
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_batch_size(&run, 0); /* no batch */
    ifm_inference_queue_time(&run, -1);
    ifm_inference_queue_time(&run, NAN);
    ifm_inference_queue_time(&run, INFINITY);
    ifm_inference_tokens(&run, (ifm_token_direction)2, 5);
    CHECK_DOUBLE(sample("inference_batch_size_count{pipeline=\"ocr\"}"), -1);
    CHECK_DOUBLE(sample("inference_queue_duration_seconds_count{pipeline=\"ocr\"}"), -1);
    CHECK_DOUBLE(sample("inference_tokens_total{pipeline=\"ocr\",direction=\"input\"}"), -1);

    ifm_inference_batch_size(&run, 3);
    ifm_inference_queue_time(&run, 0.02);
    ifm_inference_tokens(&run, IFM_TOKENS_INPUT, 100);
    ifm_inference_tokens(&run, IFM_TOKENS_OUTPUT, 1);
    ifm_inference_tokens(&run, IFM_TOKENS_OUTPUT, 10);
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_DOUBLE(sample("inference_batch_size_bucket{pipeline=\"ocr\",le=\"2.0\"}"), 0);
    CHECK_DOUBLE(sample("inference_batch_size_bucket{pipeline=\"ocr\",le=\"4.0\"}"), 1);
    CHECK_DOUBLE(sample("inference_queue_duration_seconds_sum{pipeline=\"ocr\"}"), 0.02);
    CHECK_DOUBLE(sample("inference_tokens_total{pipeline=\"ocr\",direction=\"input\"}"), 100);
    CHECK_DOUBLE(sample("inference_tokens_total{pipeline=\"ocr\",direction=\"output\"}"), 11);
    CHECK_DOUBLE(sample("inference_time_per_output_token_seconds_count{pipeline=\"ocr\"}"), -1);
    check_end();
}

static void first_token_gives_the_time_per_output_token(void **state)
{
    (void)state;
    ifm_inference run = ifm_inference_begin(pipeline);
    run.begin_ns -= 50 * MS;
    ifm_inference_first_token(&run);
    ifm_inference_first_token(&run); /* the second is ignored */
    run.first_token_ns -= 300 * MS;
    ifm_inference_tokens(&run, IFM_TOKENS_OUTPUT, 11);
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_DOUBLE(sample("inference_time_to_first_token_seconds_count{pipeline=\"ocr\"}"), 1);
    CHECK_DOUBLE(sample("inference_time_to_first_token_seconds_bucket{pipeline=\"ocr\",le=\"0.04\"}"), 0);
    CHECK_DOUBLE(sample("inference_time_per_output_token_seconds_bucket{pipeline=\"ocr\",le=\"0.025\"}"), 0);
    CHECK_DOUBLE(sample("inference_time_per_output_token_seconds_bucket{pipeline=\"ocr\",le=\"0.2\"}"), 1);

    run = ifm_inference_begin(pipeline);
    ifm_inference_first_token(&run);
    ifm_inference_tokens(&run, IFM_TOKENS_OUTPUT, 1); /* one token has no time between tokens */
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_DOUBLE(sample("inference_time_per_output_token_seconds_count{pipeline=\"ocr\"}"), 1);
    check_end();
}

static void failures_are_counted_by_reason(void **state)
{
    (void)state;
    static const char *const reasons[] = {"timeout", NULL, "", "timeout"};
    char reason[] = "timeout";
    for (size_t i = 0; i < IFM_COUNT_OF(reasons); i++) {
        ifm_inference run = ifm_inference_begin(pipeline);
        ifm_inference_fail(&run, reasons[i]);
    }
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_fail(&run, reason);
    CHECK_DOUBLE(sample("inference_failures_total{pipeline=\"ocr\",reason=\"timeout\"}"), 3);
    CHECK_DOUBLE(sample("inference_failures_total{pipeline=\"ocr\",reason=\"other\"}"), 2);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"ocr\",outcome=\"failure\"}"), 5);
    check_end();
}

static void failure_reasons_are_bounded(void **state)
{
    (void)state;
    char reason[600], name[128];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < IFM_FAILURE_REASONS_MAX + 5; i++) {
            snprintf(reason, sizeof reason, "r%d", i);
            ifm_inference run = ifm_inference_begin(pipeline);
            ifm_inference_fail(&run, reason);
        }
    }
    snprintf(name, sizeof name, "inference_failures_total{pipeline=\"ocr\",reason=\"r%d\"}",
             IFM_FAILURE_REASONS_MAX - 1);
    CHECK_DOUBLE(sample(name), 2);
    snprintf(name, sizeof name, "inference_failures_total{pipeline=\"ocr\",reason=\"r%d\"}",
             IFM_FAILURE_REASONS_MAX);
    CHECK_DOUBLE(sample(name), -1);
    CHECK_DOUBLE(sample("inference_failures_total{pipeline=\"ocr\",reason=\"_overflow\"}"), 10);
    check_end();
}

static void a_message_is_no_reason(void **state)
{
    (void)state;
    char reason[600];
    memset(reason, 'm', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_fail(&run, reason);
    CHECK_DOUBLE(sample("inference_failures_total{pipeline=\"ocr\",reason=\"_overflow\"}"), 1);
    check_end();
}

/* A program that gives messages for reasons pays for it in its metrics, not in its hot path. */
static void a_message_takes_no_lock_the_second_time(void **state)
{
    (void)state;
    char reason[600];
    memset(reason, 'm', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    for (int i = 0; i < 2; i++) {
        ifm_inference run = ifm_inference_begin(pipeline);
        if (i == 1) {
            alarm(20); /* a deadlock ends here */
            ifm_pipelines_lock();
        }
        ifm_inference_fail(&run, reason);
    }
    ifm_pipelines_unlock();
    alarm(0);
    CHECK_DOUBLE(sample("inference_failures_total{pipeline=\"ocr\",reason=\"_overflow\"}"), 2);
    check_end();
}

static void inference_allocates_nothing(void **state)
{
    (void)state;
    size_t before = 0;
    for (int i = 0; i < 3; i++) {
        ifm_inference run = ifm_inference_begin(pipeline);
        ifm_inference_stage(&run, IFM_PRE_PROCESS);
        ifm_inference_stage(&run, IFM_POST_PROCESS);
        ifm_inference_batch_size(&run, 1);
        ifm_inference_queue_time(&run, 0.1);
        ifm_inference_first_token(&run);
        ifm_inference_tokens(&run, IFM_TOKENS_OUTPUT, 5);
        ifm_span span = ifm_span_begin(&run, IFM_ENGINE_FORWARD);
        ifm_span_end(&span);
        ifm_inference_fail(&run, "timeout");
        before = i == 0 ? torture_allocation_count() : before; /* the first reports registered their series */
    }
    CHECK_INT(torture_allocation_count() - before, 0);

    ifm_error err;
    ifm_pipeline *fresh = ifm_logger_pipeline(logger, "fresh", &err);
    assert_non_null(fresh);
    before = torture_allocation_count();
    ifm_inference run = ifm_inference_begin(fresh);
    ifm_inference_stage(&run, IFM_PRE_PROCESS);
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_INT(torture_allocation_count() - before, 0);
    check_end();
}

static void *run_inferences(void *context)
{
    (void)context;
    char reason[16];
    for (int i = 0; i < ROUNDS; i++) {
        ifm_inference run = ifm_inference_begin(pipeline);
        ifm_inference_stage(&run, IFM_PRE_PROCESS);
        ifm_inference_stage(&run, IFM_ENGINE_FORWARD);
        ifm_inference_tokens(&run, IFM_TOKENS_OUTPUT, 1);
        ifm_inference_batch_size(&run, 1);
        snprintf(reason, sizeof reason, "r%d", i % 7);
        if (i % 2 == 0) {
            ifm_inference_fail(&run, reason);
        } else {
            ifm_inference_end(&run, IFM_SUCCESS);
        }
    }
    return NULL;
}

static void inferences_of_many_threads_add_up(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, run_inferences, NULL), 0);
    }
    for (int i = 0; i < 50; i++) {
        CHECK(sample("inference_requests_in_flight{pipeline=\"ocr\"}") >= 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    const double all = (double)THREADS * ROUNDS;
    CHECK_DOUBLE(sample("inference_duration_seconds_count{pipeline=\"ocr\"}"), all);
    CHECK_DOUBLE(COUNT("pre_process"), all);
    CHECK_DOUBLE(COUNT("engine_forward"), all);
    CHECK_DOUBLE(sample("total_inference_ocr_count"), all);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"ocr\",outcome=\"failure\"}"), all / 2);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"ocr\",outcome=\"success\"}"), all / 2);
    CHECK_DOUBLE(sample("inference_tokens_total{pipeline=\"ocr\",direction=\"output\"}"), all);
    CHECK_DOUBLE(sample("inference_requests_in_flight{pipeline=\"ocr\"}"), 0);
    double failures = 0;
    char name[128];
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof name, "inference_failures_total{pipeline=\"ocr\",reason=\"r%d\"}", i);
        failures += sample(name);
    }
    CHECK_DOUBLE(failures, all / 2);
    check_end();
}

/* The parent counts what it began; the child's copy is nothing, and its own inferences count from zero. */
static void forked_child_does_not_end_its_parents_inferences(void **state)
{
    (void)state;
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_span span = ifm_span_begin(&run, IFM_PRE_PROCESS);
    pid_t child = fork();
    if (child == 0) {
        ifm_span_end(&span);
        ifm_inference_end(&run, IFM_SUCCESS);
        bool clean = sample("inference_requests_in_flight{pipeline=\"ocr\"}") == 0 &&
                     sample("inference_duration_seconds_count{pipeline=\"ocr\"}") == 0 &&
                     COUNT("pre_process") == 0;
        run = ifm_inference_begin(pipeline);
        clean = clean && sample("inference_requests_in_flight{pipeline=\"ocr\"}") == 1;
        ifm_inference_batch_size(&run, 2); /* takes the lock of cold calls */
        ifm_inference_end(&run, IFM_SUCCESS);
        clean = clean && sample("inference_duration_seconds_count{pipeline=\"ocr\"}") == 1;
        ifm_logger_close(logger);
        _exit(clean ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    ifm_span_end(&span);
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_DOUBLE(COUNT("pre_process"), 1);
    CHECK_DOUBLE(sample("inference_duration_seconds_count{pipeline=\"ocr\"}"), 1);
    CHECK_DOUBLE(sample("inference_requests_in_flight{pipeline=\"ocr\"}"), 0);
    check_end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_logger, close_logger)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(inference_measures_sequential_stages),
        TEST(inference_counts_outcomes_from_zero),
        TEST(inference_ends_once),
        TEST(inference_of_nothing_is_a_no_op),
        TEST(inference_observes_a_repeated_stage_each_time),
        TEST(inference_ignores_stages_that_do_not_exist),
        TEST(spans_nest_and_overlap),
        TEST(spans_cross_threads),
        TEST(optional_metrics_appear_with_their_first_report),
        TEST(first_token_gives_the_time_per_output_token),
        TEST(failures_are_counted_by_reason),
        TEST(failure_reasons_are_bounded),
        TEST(a_message_is_no_reason),
        TEST(a_message_takes_no_lock_the_second_time),
        TEST(inference_allocates_nothing),
        TEST(inferences_of_many_threads_add_up),
        TEST(forked_child_does_not_end_its_parents_inferences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
