/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/logger.h"

#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 500 };

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

static ifm_logger *open_logger(ifm_registry *on, ifm_naming naming)
{
    ifm_error err;
    const ifm_logger_options options = {.port = IFM_LOGGER_PORT_NONE, .registry = on, .naming = naming};
    ifm_logger *logger = ifm_logger_open(&options, &err);
    if (logger == NULL) {
        fail_msg("%s", err.message);
    }
    return logger;
}

static double sample_of(ifm_registry *from, const char *name)
{
    ifm_error err;
    double value = -1;
    return ifm_registry_sample(from, name, &value, &err) ? value : -1;
}

static double sample(const char *name)
{
    return sample_of(registry, name);
}

static bool exposes(ifm_registry *from, const char *part)
{
    ifm_error err;
    char *text = NULL;
    size_t size;
    assert_true(ifm_registry_expose(from, NULL, &text, &size, &err));
    bool found = strstr(text, part) != NULL;
    ifm_free(text);
    return found;
}

/* --- Opening and closing ------------------------------------------------------------------------------ */

static void logger_serves_on_a_port(void **state)
{
    (void)state;
    ifm_error err;
    const ifm_logger_options options = {.port = IFM_ENDPOINT_PORT_ANY, .registry = registry};
    ifm_logger *logger = ifm_logger_open(&options, &err);
    assert_non_null(logger);
    CHECK(ifm_logger_port(logger) > 0 && ifm_logger_port(logger) <= 65535);
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/metrics", ifm_logger_port(logger));
    CHECK_TEXT(ifm_logger_url(logger), url);
    CHECK(ifm_logger_registry(logger) == registry);

    const ifm_logger_options again = {.port = ifm_logger_port(logger), .registry = registry};
    CHECK(ifm_logger_open(&again, &err) == NULL);
    CHECK_INT(err.code, IFM_BUSY);
    CHECK_CONTAINS(err.message, "could not open the logger: ");
    assert_non_null(ifm_logger_pipeline(logger, "ocr", &err)); /* the first is as it was */
    CHECK_DOUBLE(sample("inference_requests_in_flight{pipeline=\"ocr\"}"), 0);
    ifm_logger_close(logger);
    check_end();
}

static void logger_without_a_port_has_no_url(void **state)
{
    (void)state;
    ifm_logger *logger = open_logger(registry, IFM_NAMING_DEFAULT);
    CHECK_INT(ifm_logger_port(logger), 0);
    CHECK(ifm_logger_url(logger) == NULL);
    ifm_logger_close(logger);
    ifm_logger_close(NULL);
    CHECK_INT(ifm_logger_port(NULL), 0);
    CHECK(ifm_logger_url(NULL) == NULL);
    CHECK(ifm_logger_registry(NULL) == NULL);
    check_end();
}

static void logger_unregisters_what_it_registered(void **state)
{
    (void)state;
    ifm_error err;
    size_t before = ifm_registry_series_count(registry);
    ifm_logger *logger = open_logger(registry, IFM_NAMING_BOTH);
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "ocr", &err);
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_batch_size(&run, 1);
    ifm_inference_fail(&run, "timeout");
    CHECK(exposes(registry, "inferometer_host_memory_total_bytes"));
    ifm_logger_close(logger);
    static const char *const parts[] = {"inference_", "_ocr", "inferometer_host_", "inferometer_process_"};
    for (size_t i = 0; i < IFM_COUNT_OF(parts); i++) {
        CHECK(!exposes(registry, parts[i]));
    }
    CHECK_INT(ifm_registry_series_count(registry), before);
    logger = open_logger(registry, IFM_NAMING_BOTH); /* and can do so again */
    CHECK(ifm_logger_pipeline(logger, "ocr", &err) != NULL);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"ocr\",outcome=\"failure\"}"), 0);
    ifm_logger_close(logger);
    check_end();
}

static void loggers_on_one_registry_share_metrics(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger *a = open_logger(registry, IFM_NAMING_BOTH), *b = open_logger(registry, IFM_NAMING_DEFAULT);
    ifm_pipeline *of_a = ifm_logger_pipeline(a, "ocr", &err), *of_b = ifm_logger_pipeline(b, "ocr", &err);
    ifm_inference run = ifm_inference_begin(of_a);
    ifm_inference_end(&run, IFM_SUCCESS);
    run = ifm_inference_begin(of_b);
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"ocr\",outcome=\"success\"}"), 2);
    CHECK_DOUBLE(sample("total_inference_ocr_count"), 1);
    ifm_logger_close(a);
    run = ifm_inference_begin(of_b);
    ifm_inference_end(&run, IFM_SUCCESS);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"ocr\",outcome=\"success\"}"), 3);
    CHECK_DOUBLE(sample("inference_duration_seconds_count{pipeline=\"ocr\"}"), 3);
    ifm_logger_close(b);
    CHECK(!exposes(registry, "inference_"));
    check_end();
}

static void loggers_on_two_registries_are_apart(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *other = ifm_registry_new(NULL, &err);
    ifm_logger *a = open_logger(registry, IFM_NAMING_BOTH), *b = open_logger(other, IFM_NAMING_BOTH);
    ifm_inference run = ifm_inference_begin(ifm_logger_pipeline(a, "ocr", &err));
    ifm_inference_end(&run, IFM_SUCCESS);
    assert_non_null(ifm_logger_pipeline(b, "ocr", &err));
    CHECK_DOUBLE(sample("total_inference_ocr_count"), 1);
    CHECK_DOUBLE(sample_of(other, "total_inference_ocr_count"), 0);
    ifm_logger_close(a);
    CHECK_DOUBLE(sample_of(other, "total_inference_ocr_count"), 0);
    ifm_logger_close(b);
    ifm_registry_free(other);
    check_end();
}

static void logger_uses_the_default_registry(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger *logger = open_logger(NULL, IFM_NAMING_DEFAULT);
    CHECK(ifm_logger_registry(logger) == ifm_registry_default());
    CHECK(ifm_logger_pipeline(logger, "ocr", &err) != NULL);
    CHECK(exposes(ifm_registry_default(), "inference_requests_in_flight{pipeline=\"ocr\"} 0"));
    ifm_logger_close(logger);
    CHECK(!exposes(ifm_registry_default(), "inference_"));
    check_end();
}

static void logger_takes_bounds(void **state)
{
    (void)state;
    ifm_error err;
    static const double bounds[] = {1, 3}, falling[] = {3, 1};
    ifm_logger_options options = {
        .port = IFM_LOGGER_PORT_NONE, .registry = registry, .stage_bounds = bounds, .stage_bound_count = 2};
    ifm_logger *logger = ifm_logger_open(&options, &err);
    CHECK(ifm_logger_pipeline(logger, "ocr", &err) != NULL);
    CHECK_DOUBLE(sample("inference_duration_seconds_bucket{pipeline=\"ocr\",le=\"3.0\"}"), 0);

    options.stage_bounds = NULL; /* other bounds, while the first logger is open */
    options.stage_bound_count = 0;
    CHECK(ifm_logger_open(&options, &err) == NULL);
    CHECK_INT(err.code, IFM_EXISTS);
    ifm_logger_close(logger);

    options.stage_bounds = falling;
    options.stage_bound_count = 2;
    CHECK(ifm_logger_open(&options, &err) == NULL);
    CHECK_INT(err.code, IFM_INVALID);
    CHECK(!exposes(registry, "inferometer_host_"));
    check_end();
}

static void logger_leaves_alone_what_was_there(void **state)
{
    (void)state;
    ifm_error err;
    ifm_gauge gauge;
    const ifm_gauge_options taken = {.metric = {.name = "inference_tokens", .help = "Somebody else's."}};
    assert_true(ifm_gauge_register(registry, &taken, &gauge, &err));
    const ifm_logger_options options = {.port = IFM_LOGGER_PORT_NONE, .registry = registry};
    CHECK(ifm_logger_open(&options, &err) == NULL);
    CHECK_INT(err.code, IFM_EXISTS);
    CHECK_CONTAINS(err.message, "inference_tokens");
    CHECK(exposes(registry, "inference_tokens 0\n"));
    CHECK(!exposes(registry, "inference_requests"));
    check_end();
}

static void logger_has_a_limit_of_pipelines(void **state)
{
    (void)state;
    ifm_error err;
    char name[16];
    ifm_logger *logger = open_logger(registry, IFM_NAMING_DEFAULT);
    for (int i = 0; i < IFM_PIPELINES_MAX; i++) {
        snprintf(name, sizeof name, "p%d", i);
        CHECK(ifm_logger_pipeline(logger, name, &err) != NULL);
    }
    CHECK(ifm_logger_pipeline(logger, "more", &err) == NULL);
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK(ifm_logger_pipeline(logger, "p0", &err) != NULL);
    ifm_logger_close(logger);
    check_end();
}

static void logger_obeys_file_and_environment(void **state)
{
    (void)state;
    ifm_error err;
    char path[] = "/tmp/ifm_logger_XXXXXX";
    int fd = mkstemp(path);
    static const char text[] = "port: any\nnaming: deepsparse\n";
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    const ifm_logger_options options = {.registry = registry, .config_file = path};
    setenv("INFEROMETER_PORT", "off", 1);
    ifm_logger *logger = ifm_logger_open(&options, &err);
    unsetenv("INFEROMETER_PORT");
    assert_non_null(logger);
    CHECK_INT(ifm_logger_port(logger), 0);
    CHECK(ifm_logger_pipeline(logger, "ocr", &err) != NULL);
    CHECK_DOUBLE(sample("total_inference_ocr_count"), 0);
    CHECK_DOUBLE(sample("inference_duration_seconds_count{pipeline=\"ocr\"}"), -1);
    ifm_logger_close(logger);

    setenv("INFEROMETER_NAMING", "mine", 1);
    CHECK(ifm_logger_open(&options, &err) == NULL);
    unsetenv("INFEROMETER_NAMING");
    CHECK_INT(err.code, IFM_INVALID);
    CHECK_CONTAINS(err.message,
                   "could not open the logger: environment variable INFEROMETER_NAMING=\"mine\"");
    unlink(path);
    check_end();
}

static void logger_writes_its_text_file(void **state)
{
    (void)state;
    ifm_error err;
    char folder[] = "/tmp/ifm_logger_XXXXXX", path[64], text[8192] = "";
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/prometheus_logs.prom", folder);
    const ifm_logger_options options = {
        .port = IFM_LOGGER_PORT_NONE, .registry = registry, .text_directory = folder};
    ifm_logger *logger = ifm_logger_open(&options, &err);
    assert_non_null(logger);
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "ocr", &err);
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_end(&run, IFM_SUCCESS);
    pid_t child = fork();
    if (child == 0) {
        ifm_logger_close(logger); /* must not replace its parent's file */
        _exit(access(path, F_OK) == 0 ? 1 : 0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    ifm_logger_close(logger);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    CHECK_CONTAINS(text, "inference_duration_seconds_count{pipeline=\"ocr\"} 1\n");
    unlink(path);
    rmdir(folder);
    check_end();
}

/* A second start of a program, by mistake, must not empty the file that the first keeps. */
static void logger_that_cannot_open_leaves_the_text_file_alone(void **state)
{
    (void)state;
    ifm_error err;
    char folder[] = "/tmp/ifm_logger_XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/prometheus_logs.prom", folder);
    const ifm_logger_options first = {.port = IFM_ENDPOINT_PORT_ANY, .registry = registry};
    ifm_logger *logger = ifm_logger_open(&first, &err);
    assert_non_null(logger);
    ifm_registry *other = ifm_registry_new(NULL, &err);
    assert_non_null(other);
    const ifm_logger_options second = {
        .port = ifm_logger_port(logger), .registry = other, .text_directory = folder};
    CHECK(ifm_logger_open(&second, &err) == NULL);
    CHECK_INT(err.code, IFM_BUSY);
    CHECK(access(path, F_OK) != 0);
    CHECK(!exposes(other, "inferometer_text_file_failures"));
    ifm_registry_free(other);
    ifm_logger_close(logger);
    unlink(path);
    rmdir(folder);
    check_end();
}

static void forked_child_closes_the_logger(void **state)
{
    (void)state;
    ifm_error err;
    const ifm_logger_options options = {.port = IFM_ENDPOINT_PORT_ANY, .registry = registry};
    ifm_logger *logger = ifm_logger_open(&options, &err);
    assert_non_null(logger);
    int port = ifm_logger_port(logger);
    pid_t child = fork();
    if (child == 0) {
        ifm_logger_close(logger);
        /* Without a port: TSan cannot start threads in a forked child. */
        const ifm_logger_options silent = {.port = IFM_LOGGER_PORT_NONE, .registry = registry};
        ifm_logger *own = ifm_logger_open(&silent, &err);
        bool ok = own != NULL && ifm_logger_pipeline(own, "mine", &err) != NULL;
        ifm_logger_close(own);
        _exit(ok ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0); /* the parent's endpoint is still there */
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK_INT(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    CHECK(ifm_logger_pipeline(logger, "ocr", &err) != NULL);
    ifm_logger_close(logger);
    check_end();
}

struct maker {
    ifm_logger *logger;
    atomic_bool stop;
};

/* Holds the lock of cold calls most of the time. */
static void *make_pipelines(void *context)
{
    struct maker *maker = context;
    ifm_error err;
    char name[16];
    for (int i = 0; !atomic_load(&maker->stop); i++) {
        snprintf(name, sizeof name, "p%d", i % IFM_PIPELINES_MAX);
        ifm_pipeline *pipeline = ifm_logger_pipeline(maker->logger, name, &err);
        ifm_pipeline_model(pipeline, "a", name, "b");
    }
    return NULL;
}

static void forked_child_waits_for_no_thread_of_its_parent(void **state)
{
    (void)state;
    SKIP_FORK_BESIDE_THREADS();
    ifm_error err;
    struct maker maker = {.logger = open_logger(registry, IFM_NAMING_BOTH)};
    ifm_pipeline *pipeline = ifm_logger_pipeline(maker.logger, "mine", &err);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, make_pipelines, &maker), 0);
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20); /* a deadlock ends here */
            ifm_inference run = ifm_inference_begin(pipeline);
            ifm_inference_batch_size(&run, 1);
            ifm_inference_fail(&run, "timeout");
            ifm_logger_close(maker.logger);
            _exit(exposes(registry, "inference_requests") ? 1 : 0);
        }
        int status = -1;
        waitpid(child, &status, 0);
        CHECK_INT(status, 0);
    }
    atomic_store(&maker.stop, true);
    pthread_join(thread, NULL);
    ifm_logger_close(maker.logger);
    check_end();
}

/* --- ifm_logger_log_latency() ------------------------------------------------------------------------- */

static ifm_timing *timing(const char *const *names, const double *seconds, size_t count)
{
    ifm_error err;
    ifm_timing *made = ifm_timing_new(names, seconds, count, &err);
    assert_non_null(made);
    return made;
}

static void latency_records_stages_and_the_whole(void **state)
{
    (void)state;
    ifm_error err;
    static const char *const names[] = {"pre_process", "engine_forward", "post_process", "total_inference"};
    static const double seconds[] = {0.25, 0.5, 0.125, 2};
    ifm_timing *whole = timing(names, seconds, 4), *parts = timing(names, seconds, 3);
    ifm_logger *logger = open_logger(registry, IFM_NAMING_BOTH);
    CHECK(ifm_logger_log_latency(logger, "a", whole, &err));
    CHECK(ifm_logger_log_latency(logger, "a", whole, &err));
    CHECK(ifm_logger_log_latency(logger, "b", parts, &err));
    CHECK_DOUBLE(sample("total_inference_a_sum"), 4);
    CHECK_DOUBLE(sample("total_inference_a_count"), 2);
    CHECK_DOUBLE(sample("engine_forward_a_sum"), 1);
    CHECK_DOUBLE(sample("inference_duration_seconds_sum{pipeline=\"a\"}"), 4);
    CHECK_DOUBLE(sample("inference_stage_duration_seconds_sum{pipeline=\"a\",stage=\"pre_process\"}"), 0.5);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"a\",outcome=\"success\"}"), 2);
    CHECK_DOUBLE(sample("inference_requests_in_flight{pipeline=\"a\"}"), 0);
    CHECK_DOUBLE(sample("total_inference_b_sum"), 0.875); /* the sum of the stages */
    ifm_logger_close(logger);
    ifm_timing_free(whole);
    ifm_timing_free(parts);
    check_end();
}

static void latency_makes_stages_of_its_own(void **state)
{
    (void)state;
    ifm_error err;
    static const char *const names[] = {"tokenize", "run"};
    static const double seconds[] = {0.25, 0.5};
    ifm_timing *made = timing(names, seconds, 2);
    ifm_logger *logger = open_logger(registry, IFM_NAMING_BOTH);
    CHECK(ifm_logger_log_latency(logger, "x", made, &err));
    CHECK_DOUBLE(sample("tokenize_x_sum"), 0.25);
    CHECK_DOUBLE(sample("inference_stage_duration_seconds_sum{pipeline=\"x\",stage=\"run\"}"), 0.5);
    ifm_logger_close(logger);
    ifm_timing_free(made);
    check_end();
}

static void latency_refuses_another_set_of_stages(void **state)
{
    (void)state;
    static const double seconds[] = {1, 1, 1};
    static const struct {
        const char *names[3];
        size_t count;
        const char *got;
    } rows[] = {
        {{"pre_process"}, 1, "got \"pre_process\""},
        {{"post_process", "pre_process", "total_inference"},
         3,
         "got \"post_process\", \"pre_process\", \"total_"},
        {{"pre_process", "other"}, 2, "got \"other\", \"pre_process\""},
        {{"pre_process", "engine_forward"}, 2, "got \"engine_forward\", \"pre_process\""},
    };
    ifm_error err;
    static const char *const first[] = {"pre_process", "post_process"};
    static const char *const turned[] = {"post_process", "pre_process"};
    ifm_timing *made = timing(first, seconds, 2), *same = timing(turned, seconds, 2);
    ifm_logger *logger = open_logger(registry, IFM_NAMING_BOTH);
    CHECK(ifm_logger_log_latency(logger, "x", made, &err));
    CHECK(ifm_logger_log_latency(logger, "x", same, &err)); /* a set has no order */
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_timing *other = timing(rows[i].names, seconds, rows[i].count);
        err.code = IFM_OK;
        CHECK(!ifm_logger_log_latency(logger, "x", other, &err));
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, "stages of pipeline \"x\" differ from the first timing: expected "
                                    "\"post_process\", \"pre_process\"; got ");
        CHECK_CONTAINS(err.message, rows[i].got);
        ifm_timing_free(other);
    }
    CHECK_DOUBLE(sample("pre_process_x_count"), 2);
    CHECK_DOUBLE(sample("total_inference_x_count"), 2);
    CHECK_DOUBLE(sample("inference_requests_total{pipeline=\"x\",outcome=\"success\"}"), 2);
    CHECK(!exposes(registry, "other"));
    ifm_logger_close(logger);
    ifm_timing_free(made);
    ifm_timing_free(same);
    check_end();
}

static void latency_refuses_what_is_missing(void **state)
{
    (void)state;
    ifm_error err;
    static const char *const names[] = {"a"};
    static const double seconds[] = {1};
    ifm_timing *made = timing(names, seconds, 1);
    ifm_logger *logger = open_logger(registry, IFM_NAMING_BOTH);
    CHECK(!ifm_logger_log_latency(logger, "x", NULL, &err));
    CHECK_INT(err.code, IFM_INVALID);
    CHECK(!ifm_logger_log_latency(NULL, "x", made, &err));
    CHECK_INT(err.code, IFM_INVALID);
    CHECK(!ifm_logger_log_latency(logger, NULL, made, &err));
    CHECK_INT(err.code, IFM_INVALID);
    CHECK(!ifm_logger_log_latency(logger, "", made, &err));
    CHECK_INT(err.code, IFM_INVALID);
    ifm_logger_close(logger);
    ifm_timing_free(made);
    check_end();
}

/* With the three stages that every pipeline has, 62 others are one too many. */
static void latency_holds_the_limit_of_stages(void **state)
{
    (void)state;
    ifm_error err;
    static char texts[62][8];
    const char *names[62];
    double seconds[62] = {0};
    for (int i = 0; i < 62; i++) {
        snprintf(texts[i], sizeof texts[i], "s%d", i);
        names[i] = texts[i];
        seconds[i] = 1;
    }
    ifm_timing *fits = timing(names, seconds, 61), *over = timing(names, seconds, 62);
    ifm_logger *logger = open_logger(registry, IFM_NAMING_DEFAULT);
    CHECK(ifm_logger_log_latency(logger, "fits", fits, &err));
    CHECK_DOUBLE(sample("inference_duration_seconds_sum{pipeline=\"fits\"}"), 61);
    CHECK(!ifm_logger_log_latency(logger, "over", over, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK_DOUBLE(sample("inference_duration_seconds_count{pipeline=\"over\"}"), 0);
    ifm_logger_close(logger);
    ifm_timing_free(fits);
    ifm_timing_free(over);
    check_end();
}

struct racer {
    ifm_logger *logger;
    const ifm_timing *timings[2];
    size_t mine;
    size_t logged;
};

static void *race(void *context)
{
    struct racer *racer = context;
    ifm_error err;
    char name[16];
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(name, sizeof name, "p%d", i % 5);
        racer->logged += ifm_logger_log_latency(racer->logger, name, racer->timings[racer->mine], &err);
    }
    return NULL;
}

static void first_timing_wins_between_threads(void **state)
{
    (void)state;
    static const char *const names[2][2] = {{"a", "b"}, {"a", "c"}};
    static const double seconds[] = {1, 1};
    ifm_logger *logger = open_logger(registry, IFM_NAMING_BOTH);
    ifm_timing *timings[2] = {timing(names[0], seconds, 2), timing(names[1], seconds, 2)};
    pthread_t threads[THREADS];
    struct racer racers[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){.logger = logger, .timings = {timings[0], timings[1]}, .mine = i % 2};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    double logged = 0, seen = 0;
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        logged += (double)racers[i].logged;
    }
    char name[64];
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "total_inference_p%d_count", i);
        seen += sample(name);
        snprintf(name, sizeof name, "b_p%d_count", i);
        double b = sample(name);
        snprintf(name, sizeof name, "c_p%d_count", i);
        CHECK(b <= 0 || sample(name) <= 0); /* one set for each pipeline */
    }
    CHECK_DOUBLE(seen, logged);
    CHECK_DOUBLE(logged, (double)THREADS * ROUNDS / 2);
    ifm_logger_close(logger);
    ifm_timing_free(timings[0]);
    ifm_timing_free(timings[1]);
    check_end();
}

/* --- Lack of memory ----------------------------------------------------------------------------------- */

static bool open_and_log(void *context, ifm_error *err)
{
    (void)context;
    static const char *const names[] = {"a", "total_inference"};
    static const double seconds[] = {1, 2};
    ifm_registry *own = ifm_registry_new(NULL, err);
    if (own == NULL) {
        return false;
    }
    const ifm_logger_options options = {.port = IFM_ENDPOINT_PORT_ANY,
                                        .registry = own,
                                        .naming = IFM_NAMING_BOTH,
                                        .text_directory = "/nonexistent"};
    ifm_logger *logger = ifm_logger_open(&options, err);
    ifm_timing *made = logger == NULL ? NULL : ifm_timing_new(names, seconds, 2, err);
    bool ok = made != NULL && ifm_logger_log_latency(logger, "ocr", made, err);
    ifm_timing_free(made);
    ifm_logger_close(logger);
    ifm_registry_free(own);
    return ok;
}

static void opening_survives_lack_of_memory(void **state)
{
    (void)state;
    CHECK(torture_allocations(open_and_log, NULL, TORTURE_MAY_SUCCEED) >= 60);
    check_end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_registry, free_registry)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(logger_serves_on_a_port),
        TEST(logger_without_a_port_has_no_url),
        TEST(logger_unregisters_what_it_registered),
        TEST(loggers_on_one_registry_share_metrics),
        TEST(loggers_on_two_registries_are_apart),
        TEST(logger_uses_the_default_registry),
        TEST(logger_takes_bounds),
        TEST(logger_leaves_alone_what_was_there),
        TEST(logger_has_a_limit_of_pipelines),
        TEST(logger_obeys_file_and_environment),
        TEST(logger_writes_its_text_file),
        TEST(logger_that_cannot_open_leaves_the_text_file_alone),
        TEST(forked_child_closes_the_logger),
        TEST(forked_child_waits_for_no_thread_of_its_parent),
        TEST(latency_records_stages_and_the_whole),
        TEST(latency_makes_stages_of_its_own),
        TEST(latency_refuses_another_set_of_stages),
        TEST(latency_refuses_what_is_missing),
        TEST(latency_holds_the_limit_of_stages),
        TEST(first_timing_wins_between_threads),
        TEST(opening_survives_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
