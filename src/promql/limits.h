/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of an expression, each with its reason. Past one, it is refused with IFM_LIMIT.
 */
#ifndef IFM_PROMQL_LIMITS_H
#define IFM_PROMQL_LIMITS_H

enum {
    /* Bytes of one expression. The longest that people and generators write have some 100 KiB; positions of
     * nodes are 32 bits. */
    PROMQL_TEXT_SIZE_MAX = 1024 * 1024,

    /* Levels of a tree, and of what is being parsed. Parser, checker, printer and visitor recurse; a level
     * costs less than half a KiB of stack (2 KiB with the address sanitizer), so that 512 KiB are enough.
     * People nest 10 levels deep; a generated chain of `or` is as deep as it has terms. */
    PROMQL_DEPTH_MAX = 1000,

    /* Samples that a query may hold at one time: Prometheus's default (query.max-samples). */
    PROMQL_SAMPLES_MAX = 50000000,

    /* Bytes of one query with all that it holds: a dashboard's widest panel (1,000 series, 1,440 steps, three
     * levels of operators) needs some 50 MiB, and a monitor on a small machine lives on beside a few of
     * them. */
    PROMQL_BYTES_MAX = 512 * 1024 * 1024
};

#endif
