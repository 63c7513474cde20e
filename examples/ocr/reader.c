/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/reader.h"

#include "ocr/fail.h"
#include <limits.h>
#include <stdlib.h>
#include <tesseract/capi.h>
#include <unistd.h>

struct reader {
    TessBaseAPI *api;
    ETEXT_DESC *monitor; /* asks is_stopped() before each word */
};

void reader_limit_threads(char **argv)
{
    static const char name[] = "OMP_THREAD_LIMIT";
    char path[PATH_MAX]; /* of this program: by the name /proc/self/exe it would be "exe" for ps */
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (getenv(name) == NULL && length > 0 && setenv(name, "1", 1) == 0) {
        path[length] = '\0';
        execv(path, argv); /* where that is impossible, it only runs slower */
    }
}

static bool is_stopped(void *context, int words)
{
    (void)words;
    const struct page_queue *queue = context;
    return page_queue_stopped(queue);
}

struct reader *reader_new(const char *language, const struct page_queue *queue, ifm_error *err)
{
    struct reader *reader = calloc(1, sizeof *reader);
    TessBaseAPI *api = TessBaseAPICreate();
    ETEXT_DESC *monitor = TessMonitorCreate();
    if (reader == NULL || api == NULL || monitor == NULL) {
        fail(err, IFM_NOMEM, "memory for Tesseract could not be allocated");
        goto failed;
    }
    TessBaseAPISetVariable(api, "debug_file", "/dev/null"); /* it would chat on stderr */
    if (TessBaseAPIInit2(api, NULL, language, OEM_LSTM_ONLY) != 0) {
        fail(err, IFM_NOT_FOUND,
             "Tesseract has no neural network for the language \"%s\"; hint: Debian has it in the package "
             "tesseract-ocr-%s",
             language, language);
        goto failed;
    }
    TessBaseAPISetPageSegMode(api, PSM_AUTO);
    TessMonitorSetCancelFunc(monitor, is_stopped);
    TessMonitorSetCancelThis(monitor, (void *)(uintptr_t)queue); /* is_stopped() only reads it */
    reader->api = api;
    reader->monitor = monitor;
    return reader;
failed:
    TessMonitorDelete(monitor);
    TessBaseAPIDelete(api);
    free(reader);
    return NULL;
}

void reader_free(struct reader *reader)
{
    if (reader != NULL) {
        TessMonitorDelete(reader->monitor);
        TessBaseAPIDelete(reader->api);
        free(reader);
    }
}

bool reader_recognise(struct reader *reader, PIX *image, ifm_error *err)
{
    TessBaseAPISetImage2(reader->api, image);
    TessBaseAPISetSourceResolution(reader->api, pixGetXRes(image));
    if (TessBaseAPIRecognize(reader->api, reader->monitor) != 0) {
        return fail(err, IFM_INVALID, "Tesseract gave up on it");
    }
    return true;
}

static bool is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Counts the characters of UTF-8 text: the bytes that begin one. */
static uint64_t count_characters(const char *text)
{
    uint64_t count = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool continues = (*at & 0xC0) == 0x80;
        count += !continues && !is_space(*at);
    }
    return count;
}

bool reader_result(struct reader *reader, struct reading *out, ifm_error *err)
{
    *out = (struct reading){.text = TessBaseAPIGetUTF8Text(reader->api)};
    int *confidences = TessBaseAPIAllWordConfidences(reader->api);
    if (out->text == NULL || confidences == NULL) {
        TessDeleteIntArray(confidences);
        reading_free(out);
        return fail(err, IFM_NOMEM, "Tesseract has no text of it");
    }
    double sum = 0;
    for (const int *percent = confidences; *percent >= 0; percent++) { /* -1 ends them */
        sum += *percent;
        out->words++;
    }
    TessDeleteIntArray(confidences);
    out->confidence = out->words > 0 ? sum / (double)out->words / 100 : 0;
    out->characters = count_characters(out->text);
    return true;
}

void reading_free(struct reading *reading)
{
    TessDeleteText(reading->text);
    *reading = (struct reading){0};
}

const char *reader_version(void)
{
    return TessVersion();
}
