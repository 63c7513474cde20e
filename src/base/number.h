/* SPDX-License-Identifier: Apache-2.0
 *
 * double <-> text, whatever the locale. Writing is the shortest text that reads back as the same double,
 * and of those the closest to it.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_BASE_NUMBER_H
#define IFM_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IFM_NUMBER_SIZE = 32 }; /* room for any result of the functions below but ifm_number_write_plain() */

/* Shortest form for people and samples: exponent form only below 1e-4 and from 1e21 on (the limits of
 * JSON in Go and ECMAScript), so that counts stay readable; "+Inf", "-Inf", "NaN". Integers below 2^53
 * take a fast path. Returns the length; not terminated. */
size_t ifm_number_write(char *out, double value);

/* As Go's strconv.FormatFloat(value, 'g', -1, 64): exponent form where the decimal
 * exponent is below -4 or above 5: "1e-05", "1e+06", "1.234567e+06", "123456". */
size_t ifm_number_write_g(char *out, double value);

/* The canonical form of OpenMetrics for le and quantile: ifm_number_write_g() with ".0" added where there
 * is neither point nor exponent: "1.0", "0.005", "1e-05", "1e+06", "+Inf". */
size_t ifm_number_write_canonical(char *out, double value);

/* As Go's 'f', -1: never an exponent. `out` has room for IFM_NUMBER_PLAIN_SIZE bytes. */
enum { IFM_NUMBER_PLAIN_SIZE = 352 };
size_t ifm_number_write_plain(char *out, double value);

size_t ifm_number_write_u64(char *out, uint64_t value);
size_t ifm_number_write_i64(char *out, int64_t value);

/* Reads all of text[0..size) as Go's strconv.ParseFloat(text, 64) does: decimal with optional exponent,
 * hexadecimal with p exponent, underscores only where a base prefix allows them in Go syntax are refused,
 * "inf", "infinity" and "nan" in any case with optional sign. False when it is not a number. A value too
 * large is +-Inf and false as in Go (range error); one too small is 0 and true. */
bool ifm_number_read(const char *text, size_t size, double *out);

#endif
