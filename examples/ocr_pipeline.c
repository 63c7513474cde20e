/* SPDX-License-Identifier: Apache-2.0
 *
 * A real pipeline: Tesseract's neural network reads pages, and libinferometer measures it.
 *
 *     ocr_pipeline --print page.png
 *     ocr_pipeline --workers 2 --output texts manual.pdf scans/
 *     ocr_pipeline --watch inbox
 *
 * One thread, the feeder, finds pages and puts them into a queue; workers take them out. What is measured
 * is in ocr/worker.c, and is the part to read first.
 */
#include "common/args.h"
#include "common/console.h"
#include "common/dashboard.h"
#include "common/stop.h"
#include "ocr/fail.h"
#include "ocr/feeder.h"
#include "ocr/image.h"
#include "ocr/options.h"
#include "ocr/page_queue.h"
#include "ocr/reader.h"
#include "ocr/summary.h"
#include "ocr/text_output.h"
#include "ocr/worker.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    QUEUE_PER_WORKER = 2, /* enough to keep workers busy, few enough that waiting says something */
    QUEUE_WATCH = 1024    /* here the waiting time is what one wants to know: take what comes */
};

/* Tesseract looks for Ctrl-C before each word, but not while it looks for the lines of a page, which takes
 * long on a very large one. Past this time the program ends without it. */
static const double stop_seconds = 1.5;

/* How late the end of the work may be noticed. */
static const double tick_seconds = 0.1;

struct app;

struct worker {
    struct app *app;
    struct reader *reader;
    pthread_t thread;
};

struct app {
    struct ocr_options options;
    struct console console;
    struct workshop shop;
    struct feeder feeder;
    pthread_t feeder_thread;
    struct worker workers[OCR_WORKERS_MAX];
    size_t threads;           /* how many run or ran: the feeder, then workers */
    atomic_uint workers_left; /* still running; the last thing that a worker does is to count itself out */
    double began;
};

static void *feeder_thread(void *context)
{
    feeder_run(context);
    return NULL;
}

static void *worker_thread(void *context)
{
    struct worker *worker = context;
    worker_run(&worker->app->shop, worker->reader);
    atomic_fetch_sub(&worker->app->workers_left, 1);
    return NULL;
}

/* Everything that can fail, before anything is read. What was opened is closed by app_close(). */
static bool app_open(struct app *app, ifm_error *err)
{
    const struct ocr_options *options = &app->options;
    size_t capacity = options->watch != NULL ? QUEUE_WATCH : QUEUE_PER_WORKER * options->workers;
    struct page_queue *queue = page_queue_new(capacity);
    if (queue == NULL) {
        return fail(err, IFM_NOMEM, "memory for the queue could not be allocated");
    }
    app->shop = (struct workshop){.options = options, .console = &app->console, .queue = queue};
    app->feeder = (struct feeder){.options = options, .console = &app->console, .queue = queue, .watch = -1};
    if (options->output != NULL && !text_output_prepare(options->output, err)) {
        return false;
    }
    if (!feeder_open(&app->feeder, err) || !workshop_open(&app->shop, err)) {
        return false;
    }
    for (size_t i = 0; i < options->workers; i++) {
        app->workers[i] = (struct worker){.app = app, .reader = reader_new(options->language, queue, err)};
        if (app->workers[i].reader == NULL) {
            return false;
        }
    }
    return true;
}

static void app_close(struct app *app)
{
    for (size_t i = 0; i < app->options.workers; i++) {
        reader_free(app->workers[i].reader);
    }
    workshop_close(&app->shop);
    feeder_close(&app->feeder);
    page_queue_free(app->shop.queue);
    console_deinit(&app->console);
}

/* Starts the feeder and the workers. When a thread is refused, those before it run. */
static bool app_start(struct app *app, ifm_error *err)
{
    size_t wanted = 1 + app->options.workers;
    int problem = 0;
    while (app->threads < wanted && problem == 0) {
        struct worker *worker = app->threads == 0 ? NULL : &app->workers[app->threads - 1];
        if (worker == NULL) {
            problem = pthread_create(&app->feeder_thread, NULL, feeder_thread, &app->feeder);
        } else {
            atomic_fetch_add(&app->workers_left, 1);
            problem = pthread_create(&worker->thread, NULL, worker_thread, worker);
        }
        app->threads += problem == 0;
    }
    return problem == 0 || fail(err, IFM_IO, "could not start a thread: %s", strerror(problem));
}

static void show_progress(struct app *app)
{
    char line[128];
    uint64_t read = atomic_load_explicit(&app->shop.pages_read, memory_order_relaxed);
    uint64_t failed = atomic_load_explicit(&app->shop.pages_failed, memory_order_relaxed);
    snprintf(line, sizeof line, "%" PRIu64 " pages read, %" PRIu64 " failed, %.2f/s", read, failed,
             (double)(read + failed) / (clock_seconds() - app->began));
    console_progress(&app->console, line);
}

/* Waits until the workers have ended; false when a signal came before. */
static bool app_wait(struct app *app, const sigset_t *signals, FILE *report)
{
    bool told = false;
    while (atomic_load(&app->workers_left) > 0) {
        if (stop_wait(signals, tick_seconds)) {
            return false;
        }
        dashboard_tell(app->shop.logger, &app->console, report, &told);
        if (console_progress_due(&app->console)) {
            show_progress(app);
        }
    }
    return true;
}

/* Joins the threads; false when one of them has not ended after `stop_seconds`. */
static bool app_join(struct app *app)
{
    double end = clock_seconds() + stop_seconds;
    struct timespec until = {.tv_sec = (time_t)end};
    until.tv_nsec = (long)((end - (double)until.tv_sec) * 1e9);
    for (size_t i = 0; i < app->threads; i++) {
        pthread_t thread = i == 0 ? app->feeder_thread : app->workers[i - 1].thread;
        if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until) != 0) {
            return false;
        }
    }
    return true;
}

static int app_status(struct app *app, bool interrupted)
{
    bool endless = app->options.watch != NULL || app->options.repeat == OCR_REPEAT_FOREVER;
    if (interrupted && !endless) {
        return EXIT_INTERRUPTED;
    }
    bool trouble = app->feeder.trouble || atomic_load(&app->shop.pages_failed) > 0;
    return trouble ? EXIT_TROUBLE : EXIT_OK;
}

/* Reads all pages; *joined is false when a thread still runs, and nothing may be closed. */
static int app_run(struct app *app, const sigset_t *signals, bool *joined)
{
    ifm_error err;
    FILE *report = app->options.print ? stderr : stdout; /* the text of the pages stays by itself */
    console_say_url(&app->console, report, ifm_logger_url(app->shop.logger));
    app->began = clock_seconds();
    bool started = app_start(app, &err);
    if (!started) {
        console_complain(&app->console, "%s", err.message);
    }
    bool finished = started && app_wait(app, signals, report);
    if (!finished) {
        page_queue_stop(app->shop.queue);
    }
    *joined = app_join(app);
    int status = started ? app_status(app, !finished) : EXIT_TROUBLE;
    console_clear(&app->console);
    if (!summary_print(report, ifm_logger_registry(app->shop.logger), clock_seconds() - app->began, &err)) {
        console_complain(&app->console, "%s", err.message);
    }
    return status;
}

int main(int argc, char **argv)
{
    reader_limit_threads(argv); /* starts the program again: before anything else */
    struct app app = {0};
    int status;
    if (!ocr_options_parse(argc, argv, &app.options, &status)) {
        return status;
    }
    sigset_t signals;
    stop_block(&signals); /* before any thread is started */
    image_quiet();
    ifm_log_set(ifm_log_to_stderr, NULL);
    console_init(&app.console);

    ifm_error err;
    bool joined = true;
    if (app_open(&app, &err)) {
        status = app_run(&app, &signals, &joined);
    } else {
        console_complain(&app.console, "%s", err.message);
        status = EXIT_TROUBLE;
    }
    if (!joined) {
        fflush(NULL);
        _exit(status);
    }
    app_close(&app);
    return status;
}
