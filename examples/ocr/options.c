/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/options.h"

#include "common/args.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DPI_MIN = 50, /* below it letters are too small to be read */
    DPI_MAX = 1200,
    PAGES_MAX = 1000000
};

static void print_help(void)
{
    puts("usage: ocr_pipeline [OPTION]... FILE|FOLDER...\n"
         "Reads page images (PNG, JPEG, TIFF, PNM, ...) and PDF files with Tesseract's neural network, and\n"
         "serves how it is doing to Prometheus. Of a folder, the files in it with such a name are read.\n"
         "\n"
         "  --workers N       threads that read pages, each with a model of its own (1)\n"
         "  --watch DIR       also read what is in DIR, and whatever is put there later, until Ctrl-C\n"
         "  --repeat N        read everything N times, or without end: forever\n"
         "  --rate N          at most N pages per second\n"
         "  --pages N[-M]     only these pages of each PDF and TIFF\n"
         "  --dpi N           the resolution that PDF pages are rendered with (300)\n"
         "  --lang L          the language: a model of Tesseract (eng)\n"
         "  --output DIR      write the text of each page to DIR/FILE.txt or DIR/FILE-PAGE.txt\n"
         "  --print           write the text of each page to the standard output\n"
         "  --port N|any      the port of /metrics (8000); any takes a free one\n"
         "  --address A       the address to listen on (127.0.0.1)\n"
         "  --monitoring M    none; stack: start Prometheus and Grafana and print the dashboard's URL;\n"
         "                    embedded: the monitor of Inferometer; auto: what is there of the two (none)\n"
         "  --help            this text\n"
         "  --version         the version of the library\n"
         "\n"
         "The environment variables INFEROMETER_PORT, INFEROMETER_ADDRESS and INFEROMETER_MONITORING\n"
         "override these options.\n"
         "Ends with 0; with 1 when a page could not be read; with 2 when an option is wrong; with 130\n"
         "when Ctrl-C ended it before everything was read.");
}

static bool parse_repeat(const char *text, uint64_t *out)
{
    if (strcmp(text, "forever") == 0) {
        *out = OCR_REPEAT_FOREVER;
        return true;
    }
    return args_whole("--repeat", text, 1, UINT64_MAX, out);
}

/* "3", "3-5", "3-" */
static bool parse_pages(const char *text, struct ocr_options *out)
{
    char first_text[32]; /* longer than any number that is accepted */
    size_t length = strcspn(text, "-");
    snprintf(first_text, sizeof first_text, "%.*s", (int)length, text);
    uint64_t first, last;
    if (!args_whole("--pages", first_text, 1, PAGES_MAX, &first)) {
        return false;
    }
    if (text[length] == '\0') {
        last = first;
    } else if (text[length + 1] == '\0') {
        last = UINT_MAX;
    } else if (!args_whole("--pages", text + length + 1, first, PAGES_MAX, &last)) {
        return false;
    }
    out->first_page = (unsigned)first;
    out->last_page = (unsigned)last;
    return true;
}

enum option_id {
    OPTION_WORKERS = ARGS_FIRST,
    OPTION_WATCH,
    OPTION_REPEAT,
    OPTION_RATE,
    OPTION_PAGES,
    OPTION_DPI,
    OPTION_LANG,
    OPTION_OUTPUT,
    OPTION_PRINT,
    OPTION_PORT,
    OPTION_ADDRESS,
    OPTION_MONITORING,
    OPTION_HELP,
    OPTION_VERSION
};

/* Takes one option that has an effect on the run. */
static bool parse_option(int option, struct ocr_options *out)
{
    switch (option) {
    case OPTION_WORKERS:
        return args_whole("--workers", optarg, 1, OCR_WORKERS_MAX, &out->workers);
    case OPTION_WATCH:
        out->watch = optarg;
        return true;
    case OPTION_REPEAT:
        return parse_repeat(optarg, &out->repeat);
    case OPTION_RATE:
        return args_number("--rate", optarg, 1e6, &out->rate);
    case OPTION_PAGES:
        return parse_pages(optarg, out);
    case OPTION_DPI:
        return args_whole("--dpi", optarg, DPI_MIN, DPI_MAX, &out->dpi);
    case OPTION_LANG:
        out->language = optarg;
        return true;
    case OPTION_OUTPUT:
        out->output = optarg;
        return true;
    case OPTION_PRINT:
        out->print = true;
        return true;
    case OPTION_PORT:
        return args_port(optarg, &out->logger.port);
    case OPTION_ADDRESS:
        out->logger.address = optarg;
        return true;
    case OPTION_MONITORING:
        return args_monitoring(optarg, &out->logger.monitoring);
    default:
        return false; /* args_next() has complained */
    }
}

/* What only the whole command line tells. */
static bool check_together(const struct ocr_options *options)
{
    if (options->input_count == 0 && options->watch == NULL) {
        return args_complain("there is nothing to read; hint: name a file, a folder, or --watch DIR");
    }
    if (options->input_count == 0 && options->repeat != 1) {
        return args_complain("--repeat needs files or folders; a watched folder is not read again");
    }
    if (options->watch != NULL && options->repeat == OCR_REPEAT_FOREVER) {
        return args_complain("--repeat forever never comes to --watch; hint: give one of the two");
    }
    return true;
}

bool ocr_options_parse(int argc, char **argv, struct ocr_options *out, int *status)
{
    static const struct option known[] = {
        {"workers", required_argument, NULL, OPTION_WORKERS},
        {"watch", required_argument, NULL, OPTION_WATCH},
        {"repeat", required_argument, NULL, OPTION_REPEAT},
        {"rate", required_argument, NULL, OPTION_RATE},
        {"pages", required_argument, NULL, OPTION_PAGES},
        {"dpi", required_argument, NULL, OPTION_DPI},
        {"lang", required_argument, NULL, OPTION_LANG},
        {"output", required_argument, NULL, OPTION_OUTPUT},
        {"print", no_argument, NULL, OPTION_PRINT},
        {"port", required_argument, NULL, OPTION_PORT},
        {"address", required_argument, NULL, OPTION_ADDRESS},
        {"monitoring", required_argument, NULL, OPTION_MONITORING},
        {"help", no_argument, NULL, OPTION_HELP},
        {"version", no_argument, NULL, OPTION_VERSION},
        {NULL, 0, NULL, 0},
    };
    *out = (struct ocr_options){
        .language = "eng", .workers = 1, .repeat = 1, .dpi = 300, .first_page = 1, .last_page = UINT_MAX};
    for (int option; (option = args_next(argc, argv, known)) != ARGS_END;) {
        if (option == OPTION_HELP || option == OPTION_VERSION) {
            if (option == OPTION_HELP) {
                print_help();
            } else {
                printf("ocr_pipeline %s\n", ifm_version());
            }
            *status = EXIT_OK;
            return false;
        }
        if (!parse_option(option, out)) {
            *status = EXIT_USAGE;
            return false;
        }
    }
    out->inputs = argv + optind;
    out->input_count = (size_t)(argc - optind);
    *status = EXIT_USAGE;
    return check_together(out);
}
