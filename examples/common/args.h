/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines of the examples: getopt_long() with whole sentences, and strict numbers. Everything that
 * is refused has been explained on stderr when a function here returns false, as
 *
 *     sample_pipeline: --port "80000" is not a port; hint: give a number from 1 to 65535, or any
 *
 * Thread-safety: one thread, before any other is started.
 */
#ifndef EXAMPLES_COMMON_ARGS_H
#define EXAMPLES_COMMON_ARGS_H

#include <getopt.h>
#include <inferometer/logger.h>
#include <stdbool.h>
#include <stdint.h>

/* What a program ends with. */
enum {
    EXIT_OK = 0,
    EXIT_TROUBLE = 1,      /* something could not be done */
    EXIT_USAGE = 2,        /* the command line is wrong */
    EXIT_INTERRUPTED = 130 /* a signal ended it before its work was done: 128 + SIGINT, as shells say it */
};

/* Results of args_next() besides the `val` of an option, which must be ARGS_FIRST or above: there are only
 * long options, so that letters can be told from them. */
enum { ARGS_END = -1, ARGS_WRONG = '?', ARGS_FIRST = 256 };

/* The next option of the command line, its argument in getopt's `optarg`; ARGS_END when there is none,
 * `optind` is then the first argument that is no option; ARGS_WRONG after a complaint. */
int args_next(int argc, char **argv, const struct option *options);

/* Prints "PROGRAM: SENTENCE" on stderr; always false. */
bool args_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A decimal whole number in [min, max]. `option` is named in the complaint, as "--count". */
bool args_whole(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out);

/* A decimal number with or without a fraction in (0, max]; neither sign nor exponent. */
bool args_number(const char *option, const char *text, double max, double *out);

/* A port as ifm_logger_options wants it: 1 to 65535, or "any". */
bool args_port(const char *text, int *out);

/* What --monitoring may be: none, stack, embedded, auto. */
bool args_monitoring(const char *text, ifm_monitoring *out);

#endif
