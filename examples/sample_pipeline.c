/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest pipeline: no model, only its timings. The three stages of each inference take independent,
 * uniformly distributed times in (0,1) seconds, which are logged, not slept, so a hundred inferences of
 * one and a half seconds each can be logged in one second. It shows ifm_logger_log_latency(), and gives
 * numbers that are known in advance: the mean of total_inference is 1.5 s.
 *
 *     sample_pipeline --rate 100
 *     curl http://127.0.0.1:8000/metrics
 *
 * With --monitoring stack it is the prototype's example in one command: Prometheus and Grafana come up beside
 * it, and it prints where the dashboard is.
 */
#include "common/args.h"
#include "common/console.h"
#include "common/dashboard.h"
#include "common/stop.h"

#include <inferometer/inferometer.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PIPELINE_NAME "sample_pipeline_name"

enum { STAGES = 4, BURST_MAX = 1000 };

typedef struct sample_options {
    double rate;    /* inferences per second */
    uint64_t count; /* 0: until Ctrl-C */
    uint64_t seed;
    ifm_logger_options logger;
} sample_options;

/* A run's numbers, for its last line. */
typedef struct sample_run {
    const sample_options *options;
    ifm_logger *logger;
    uint64_t random;
    uint64_t done;
    double total_seconds; /* the sum of total_inference */
} sample_run;

static void print_help(void)
{
    puts("usage: sample_pipeline [OPTION]...\n"
         "Logs the timings of an imagined pipeline, \"" PIPELINE_NAME "\", and serves them to Prometheus.\n"
         "\n"
         "  --rate N         inferences per second (100)\n"
         "  --count N        end after N inferences (without it: Ctrl-C)\n"
         "  --port N|any     the port of /metrics (8000); any takes a free one\n"
         "  --address A      the address to listen on (127.0.0.1)\n"
         "  --naming NAMES   inferometer, deepsparse, or both (both)\n"
         "  --monitoring M   none; stack: start Prometheus and Grafana and print the dashboard's URL;\n"
         "                   embedded: the monitor of Inferometer; auto: what is there of the two (none)\n"
         "  --text-dir DIR   also keep the text file DIR/prometheus_logs.prom up to date\n"
         "  --seed N         the same seed gives the same timings (from the clock)\n"
         "  --help           this text\n"
         "  --version        the version of the library\n"
         "\n"
         "The environment variables INFEROMETER_PORT, INFEROMETER_ADDRESS and INFEROMETER_MONITORING\n"
         "override these options.\n"
         "Ends with 0, with 1 when it could not serve, with 2 when an option is wrong.");
}

static bool parse_naming(const char *text, ifm_naming *out)
{
    static const struct {
        const char *name;
        ifm_naming naming;
    } namings[] = {
        {"inferometer", IFM_NAMING_INFEROMETER},
        {"deepsparse", IFM_NAMING_DEEPSPARSE},
        {"both", IFM_NAMING_BOTH},
    };
    for (size_t i = 0; i < sizeof namings / sizeof namings[0]; i++) {
        if (strcmp(text, namings[i].name) == 0) {
            *out = namings[i].naming;
            return true;
        }
    }
    return args_complain("--naming \"%s\" is none of inferometer, deepsparse, both", text);
}

/* Returns true when the program should go on; else *status is what it ends with. */
static bool parse_options(int argc, char **argv, sample_options *out, int *status)
{
    enum { RATE = ARGS_FIRST, COUNT, PORT, ADDRESS, NAMING, MONITORING, TEXT_DIR, SEED, HELP, VERSION };
    static const struct option known[] = {
        {"rate", required_argument, NULL, RATE},
        {"count", required_argument, NULL, COUNT},
        {"port", required_argument, NULL, PORT},
        {"address", required_argument, NULL, ADDRESS},
        {"naming", required_argument, NULL, NAMING},
        {"seed", required_argument, NULL, SEED},
        {"text-dir", required_argument, NULL, TEXT_DIR},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {"monitoring", required_argument, NULL, MONITORING},
        {NULL, 0, NULL, 0},
    };
    *out = (sample_options){.rate = 100, .logger.naming = IFM_NAMING_BOTH};
    out->seed = (uint64_t)(clock_seconds() * 1e9);
    *status = EXIT_USAGE;
    bool ok = true;
    for (int option = 0; ok && (option = args_next(argc, argv, known)) != ARGS_END;) {
        switch (option) {
        case RATE:
            ok = args_number("--rate", optarg, 1e6, &out->rate);
            break;
        case COUNT:
            ok = args_whole("--count", optarg, 1, UINT64_MAX, &out->count);
            break;
        case PORT:
            ok = args_port(optarg, &out->logger.port);
            break;
        case ADDRESS:
            out->logger.address = optarg;
            break;
        case NAMING:
            ok = parse_naming(optarg, &out->logger.naming);
            break;
        case MONITORING:
            ok = args_monitoring(optarg, &out->logger.monitoring);
            break;
        case TEXT_DIR:
            out->logger.text_directory = optarg;
            break;
        case SEED:
            ok = args_whole("--seed", optarg, 0, UINT64_MAX, &out->seed);
            break;
        case HELP:
            print_help();
            *status = EXIT_OK;
            return false;
        case VERSION:
            printf("sample_pipeline %s\n", ifm_version());
            *status = EXIT_OK;
            return false;
        default:
            ok = false;
        }
    }
    if (ok && optind < argc) {
        ok = args_complain("\"%s\" is no option; hint: --help lists all options", argv[optind]);
    }
    return ok;
}

/* A uniform number in (0,1), neither end included: splitmix64, which has no bad seeds. */
static double random_uniform(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return ((double)(x >> 12) + 0.5) * 0x1p-52;
}

/* Logs one inference. */
static bool log_inference(sample_run *run, ifm_error *err)
{
    static const char *const names[STAGES] = {
        IFM_STAGE_NAME_PRE_PROCESS,
        IFM_STAGE_NAME_ENGINE_FORWARD,
        IFM_STAGE_NAME_POST_PROCESS,
        IFM_STAGE_NAME_TOTAL_INFERENCE,
    };
    double seconds[STAGES] = {0};
    for (int i = 0; i < STAGES - 1; i++) {
        seconds[i] = random_uniform(&run->random);
        seconds[STAGES - 1] += seconds[i];
    }
    ifm_timing *timing = ifm_timing_new(names, seconds, STAGES, err);
    if (timing == NULL) {
        return false;
    }
    bool ok = ifm_logger_log_latency(run->logger, PIPELINE_NAME, timing, err);
    ifm_timing_free(timing);
    if (ok) {
        run->done++;
        run->total_seconds += seconds[STAGES - 1];
    }
    return ok;
}

static double run_mean(const sample_run *run)
{
    return run->done > 0 ? run->total_seconds / (double)run->done : 0;
}

/* Logs what is due, at most BURST_MAX at once, so that Ctrl-C is looked for at any rate. Inference n is
 * due n / rate seconds after the start: pauses of the machine are made up for. */
static bool log_due(sample_run *run, double elapsed, ifm_error *err)
{
    uint64_t count = run->options->count;
    for (int i = 0; i < BURST_MAX && (double)run->done <= elapsed * run->options->rate; i++) {
        if (count > 0 && run->done == count) {
            break;
        }
        if (!log_inference(run, err)) {
            return false;
        }
    }
    return true;
}

/* Goes on until the count is reached or a signal comes. */
static bool run_until_stopped(sample_run *run, const sigset_t *signals, struct console *console,
                              ifm_error *err)
{
    const sample_options *options = run->options;
    bool told = false;
    double start = clock_seconds();
    for (;;) {
        if (!log_due(run, clock_seconds() - start, err)) {
            return false;
        }
        if (options->count > 0 && run->done == options->count) {
            return true;
        }
        dashboard_tell(run->logger, console, stdout, &told);
        if (console_progress_due(console)) {
            char line[128];
            snprintf(line, sizeof line, "%" PRIu64 " inferences, %.1f/s, mean total_inference %.3f s",
                     run->done, (double)run->done / (clock_seconds() - start), run_mean(run));
            console_progress(console, line);
        }
        double wait = start + (double)run->done / options->rate - clock_seconds();
        /* Not longer than a progress line may be late. */
        if (stop_wait(signals, wait < 0.1 ? wait : 0.1)) {
            return true;
        }
    }
}

int main(int argc, char **argv)
{
    sample_options options;
    int status;
    if (!parse_options(argc, argv, &options, &status)) {
        return status;
    }
    sigset_t signals;
    stop_block(&signals); /* before the logger starts its threads */
    ifm_log_set(ifm_log_to_stderr, NULL);

    ifm_error err;
    sample_run run = {.options = &options, .random = options.seed};
    run.logger = ifm_logger_open(&options.logger, &err);
    if (run.logger == NULL) {
        args_complain("%s", err.message);
        return EXIT_TROUBLE;
    }
    struct console console;
    console_init(&console);
    console_say_url(&console, stdout, ifm_logger_url(run.logger));
    double start = clock_seconds();
    bool ok = run_until_stopped(&run, &signals, &console, &err);
    if (!ok) {
        console_complain(&console, "%s", err.message);
    }
    console_say(&console, stdout,
                "%" PRIu64 " inferences logged in %.1f s, mean total_inference %.3f s, seed %" PRIu64,
                run.done, clock_seconds() - start, run_mean(&run), options.seed);
    console_deinit(&console);
    ifm_logger_close(run.logger);
    return ok ? EXIT_OK : EXIT_TROUBLE;
}
