/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of ocr_pipeline.
 */
#ifndef EXAMPLES_OCR_OPTIONS_H
#define EXAMPLES_OCR_OPTIONS_H

#include <inferometer/logger.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    OCR_REPEAT_FOREVER = 0,
    OCR_WORKERS_MAX = 64 /* each holds a model of some 40 MB */
};

struct ocr_options {
    char **inputs; /* files and folders: the tail of argv */
    size_t input_count;
    const char *watch;  /* NULL: no folder is watched */
    const char *output; /* NULL: no text files */
    const char *language;
    uint64_t workers;
    uint64_t repeat; /* rounds; or OCR_REPEAT_FOREVER */
    uint64_t dpi;
    double rate; /* pages per second at most; 0: as fast as the workers are */
    unsigned first_page;
    unsigned last_page; /* UINT_MAX: to the end */
    bool print;
    ifm_logger_options logger;
};

/* Returns true when the program should go on; else *status is what it ends with, and what there is to say
 * has been said. */
bool ocr_options_parse(int argc, char **argv, struct ocr_options *out, int *status);

#endif
