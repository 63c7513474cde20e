/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of regular expressions, each with its reason.
 */
#ifndef IFM_MODEL_LIMITS_H
#define IFM_MODEL_LIMITS_H

enum {
    /* Bytes of a pattern: as long as an expression may be (PROMQL_TEXT_SIZE_MAX). */
    MODEL_REGEX_SIZE_MAX = 1024 * 1024,

    /* Bytes of what a pattern is translated to: a class of \x{10ffff} is the longest, 10 for each. */
    MODEL_REGEX_CODE_SIZE_MAX = 16 * MODEL_REGEX_SIZE_MAX,

    /* Levels of groups, and what {n} may come to when it is nested: RE2's and Go's own limits. */
    MODEL_REGEX_DEPTH_MAX = 1000,
    MODEL_REGEX_REPEAT_MAX = 1000,

    /* Steps of one match. ".*a.*b.*" takes some 20,000 for a value of 200 bytes; a million is 20 ms, which
     * stays below any deadline, and what backtracks without end is well past it. */
    MODEL_REGEX_STEPS_MAX = 1000 * 1000,

    /* KiB of memory of one match. */
    MODEL_REGEX_HEAP_KIB_MAX = 16 * 1024,

    /* Bytes of a text that is made valid UTF-8 for a match. */
    MODEL_REGEX_TEXT_SIZE_MAX = 16 * 1024 * 1024
};

#endif
