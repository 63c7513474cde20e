/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/worker.h"

#include "common/stop.h"
#include "ocr/fail.h"
#include "ocr/image.h"
#include "ocr/pdf.h"
#include "ocr/text_output.h"
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Finer than the library's own between 0.1 s and 5 s, where the times of a page lie. */
static const double stage_bounds[] = {.001, .0025, .005, .01, .025, .05, .075, .1,  .15, .2, .3, .4,  .5, .6,
                                      .7,   .8,    .9,   1,   1.2,  1.5, 2,    2.5, 3,   4,  5,  7.5, 10, 30};
static const double confidence_bounds[] = {.1, .2,  .3, .4,  .5,  .6,  .7,  .75,
                                           .8, .85, .9, .92, .94, .96, .98, 1};

static bool register_metrics(struct workshop *shop, ifm_error *err)
{
    ifm_registry *registry = ifm_logger_registry(shop->logger);
    const ifm_counter_options words = {
        .metric = {.name = "ocr_words_total", .help = "Words that were recognised."}};
    const ifm_counter_options characters = {
        .metric = {.name = "ocr_characters_total",
                   .help = "Characters that were recognised, white space not counted."}};
    return ifm_counter_register(registry, &words, &shop->words, err) &&
           ifm_counter_register(registry, &characters, &shop->characters, err) &&
           ifm_pipeline_data(shop->pipeline, "word_confidence_ratio",
                             "Mean confidence of the words of a page, 0 to 1.", confidence_bounds,
                             COUNT(confidence_bounds), &shop->confidence, err);
}

bool workshop_open(struct workshop *shop, ifm_error *err)
{
    ifm_logger_options logger = shop->options->logger;
    logger.stage_bounds = stage_bounds;
    logger.stage_bound_count = COUNT(stage_bounds);
    shop->logger = ifm_logger_open(&logger, err);
    if (shop->logger == NULL) {
        return false;
    }
    shop->pipeline = ifm_logger_pipeline(shop->logger, OCR_PIPELINE, err);
    if (shop->pipeline != NULL) {
        shop->render = ifm_pipeline_stage(shop->pipeline, "render", err);
    }
    if (shop->pipeline == NULL || shop->render == IFM_STAGE_NONE || !register_metrics(shop, err)) {
        workshop_close(shop);
        return false;
    }
    ifm_pipeline_model(shop->pipeline, shop->options->language, reader_version(), "tesseract-lstm");
    return true;
}

void workshop_close(struct workshop *shop)
{
    ifm_logger_close(shop->logger);
    shop->logger = NULL;
}

static const char *load_reason(const ifm_error *err)
{
    return err->code == IFM_LIMIT ? "image_too_large" : "unreadable_image";
}

/* render and pre_process. Returns NULL, or the reason of the failure. */
static const char *prepare(struct workshop *shop, const struct page *page, ifm_inference *run, PIX **out,
                           ifm_error *err)
{
    unsigned dpi = (unsigned)shop->options->dpi;
    PIX *image = NULL;
    bool loaded;
    if (page->kind == PAGE_PDF) {
        char *data;
        size_t size;
        ifm_inference_stage(run, shop->render);
        if (!pdf_render(page->path, page->number, dpi, shop->queue, &data, &size, err)) {
            return err->code == IFM_LIMIT ? "image_too_large" : "render_failed";
        }
        ifm_inference_stage(run, IFM_PRE_PROCESS);
        loaded = image_load_memory(data, size, &image, err);
        free(data);
    } else {
        ifm_inference_stage(run, IFM_PRE_PROCESS);
        loaded = image_load_file(page->path, page->number, &image, err);
    }
    if (!loaded) {
        return load_reason(err);
    }
    bool ok = image_binarise(image, dpi, out, err);
    pixDestroy(&image);
    return ok ? NULL : load_reason(err);
}

/* post_process. Returns NULL, or the reason of the failure. */
static const char *finish(struct workshop *shop, struct reader *reader, const struct page *page,
                          ifm_error *err)
{
    struct reading reading;
    if (!reader_result(reader, &reading, err)) {
        return "recognise_failed";
    }
    if (reading.words > 0) {
        ifm_histogram_observe(shop->confidence, reading.confidence);
    }
    ifm_counter_add(shop->words, (double)reading.words);
    ifm_counter_add(shop->characters, (double)reading.characters);
    if (shop->options->print) {
        console_say(shop->console, stdout, "%s", reading.text);
    }
    bool ok =
        shop->options->output == NULL || text_output_write(shop->options->output, page, reading.text, err);
    reading_free(&reading);
    return ok ? NULL : "output_failed";
}

/* Reads one page. Returns NULL, or the reason of the failure with `err`. */
static const char *read_page(struct workshop *shop, struct reader *reader, const struct page *page,
                             ifm_inference *run, ifm_error *err)
{
    PIX *image = NULL;
    const char *reason = prepare(shop, page, run, &image, err);
    if (reason != NULL) {
        return reason;
    }
    ifm_inference_stage(run, IFM_ENGINE_FORWARD);
    bool ok = reader_recognise(reader, image, err);
    if (ok) {
        ifm_inference_stage(run, IFM_POST_PROCESS);
        reason = finish(shop, reader, page, err);
    } else {
        reason = "recognise_failed";
    }
    pixDestroy(&image);
    return reason;
}

static void work_on(struct workshop *shop, struct reader *reader, const struct page *page)
{
    ifm_error err;
    ifm_inference run = ifm_inference_begin(shop->pipeline);
    ifm_inference_queue_time(&run, clock_seconds() - page->enqueued_seconds);
    const char *reason = read_page(shop, reader, page, &run, &err);
    if (reason == NULL) {
        ifm_inference_end(&run, IFM_SUCCESS);
        atomic_fetch_add_explicit(&shop->pages_read, 1, memory_order_relaxed);
    } else if (page_queue_stopped(shop->queue)) {
        ifm_inference_end(&run, IFM_CANCELLED);
    } else {
        ifm_inference_fail(&run, reason);
        atomic_fetch_add_explicit(&shop->pages_failed, 1, memory_order_relaxed);
        console_complain(shop->console, "could not read page %u of \"%s\" (%s): %s", page->number, page->path,
                         reason, err.message);
    }
}

void worker_run(struct workshop *shop, struct reader *reader)
{
    struct page page;
    while (page_queue_pop(shop->queue, &page)) {
        work_on(shop, reader, &page);
        free(page.path);
    }
}
