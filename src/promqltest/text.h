/* SPDX-License-Identifier: Apache-2.0
 *
 * Pieces of lines: words, durations, strings in quotes.
 */
#ifndef IFM_PROMQLTEST_TEXT_H
#define IFM_PROMQLTEST_TEXT_H

#include "base/base.h"
#include "model/model.h"

bool promqltest_is_space(char c);
/* A letter, a digit or an underscore. */
bool promqltest_is_word(char c);

/* Without white space at both ends. */
model_text promqltest_trim(model_text text);

bool promqltest_text_is(model_text text, const char *word);
bool promqltest_starts_with(model_text text, const char *prefix);

/* Cuts the first word off *rest, which begins with what follows behind the white space. */
model_text promqltest_cut_word(model_text *rest);
/* The same when the first word is `word`; else false, and *rest is as it was. */
bool promqltest_cut_this(model_text *rest, const char *word);

/* The length of the duration that text[0..size) begins with, such as 1h30m, and its milliseconds; 0 when it
 * begins with none. */
size_t promqltest_scan_duration(const char *text, size_t size, int64_t *out);
/* All of `text`; "0" is one too. */
bool promqltest_read_duration(model_text text, int64_t *out);

/* The length of the string in quotes that text[0..size) begins with, and what it means; 0 with `err` when it
 * begins with none. */
size_t promqltest_scan_string(const char *text, size_t size, ifm_bump *arena, model_text *out,
                              ifm_error *err);

#endif
