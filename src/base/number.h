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

/* Shortest form for people and samples: exponent form only below 1e-4 and from 1e21 on (the upper limit is
 * that of JSON writers), so that counts stay readable; "+Inf", "-Inf", "NaN", "-0". Integers below
 * 2^53 take a fast path. Returns the length; not terminated. */
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

/* As the JSON of Prometheus's HTTP API has samples: exponent form only below 1e-6 and from 1e21 on. */
size_t ifm_number_write_json(char *out, double value);

size_t ifm_number_write_u64(char *out, uint64_t value);
size_t ifm_number_write_i64(char *out, int64_t value);

/* Reads all of text[0..size) as Go's strconv.ParseFloat(text, 64) does, to the nearest double, ties to
 * even: decimal with optional exponent ("1", "+.5", "1.", "1e-9"), hexadecimal with p exponent ("0x1.8p3"),
 * "inf" and "infinity" in any case with optional sign, "nan" in any case without sign (the NaN of Go and
 * Prometheus, 0x7FF8000000000001). Underscores and white space are refused.
 *
 * False when it is not a number, *out is untouched; also false when it is too large, then *out is +-Inf as
 * in Go (ErrRange). One too small is +-0 and true. */
bool ifm_number_read(const char *text, size_t size, double *out);

#endif
