/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of rules and their templates, each with its reason.
 */
#ifndef RULES_LIMITS_H
#define RULES_LIMITS_H

enum {
    /* Bytes of a file of rules: a thousand alerts with long descriptions are some 2 MB. */
    RULES_FILE_BYTES_MAX = 16 * 1024 * 1024,

    /* Bytes of all that is made of the files: texts, trees of expressions, templates. */
    RULES_ARENA_BYTES_MAX = 256 * 1024 * 1024,

    /* Actions, pipelines and parentheses within one another: each costs some stack. */
    RULES_TEMPLATE_DEPTH_MAX = 64,

    /* The same when it is executed, where templates call one another, and themselves. */
    RULES_TEMPLATE_NESTED_MAX = 400,

    /* Bytes of what a template becomes: a label or an annotation. As much as a scraped line may be long. */
    RULES_TEMPLATE_BYTES_MAX = 1024 * 1024,

    /* Memory for the values in between, results of queries among them. */
    RULES_TEMPLATE_ARENA_BYTES_MAX = 64 * 1024 * 1024,

    /* Nodes that one expansion may execute: "range" within "range" is a product. */
    RULES_TEMPLATE_STEPS_MAX = 1000000,

    /* Digits of a width or precision in printf. */
    RULES_PRINTF_WIDTH_MAX = 1000,

    /* How often one evaluation of a group may be given up for a new set: who applies one every minute must
     * not keep a query of two minutes from ever being answered. */
    RULES_GIVEN_UP_MAX = 3,

    /* Bytes of what a listing of all groups and alerts may use. */
    RULES_LISTING_BYTES_MAX = 256 * 1024 * 1024
};

/* How long an alert that is over stays, so that nobody misses its end: as Prometheus has it. */
#define RULES_RESOLVED_NS (INT64_C(15) * 60 * 1000000000)

/* After a restart: how old a state may be that is taken over, and how long an alert with a "for" waits at
 * least until it fires. Prometheus's defaults of --rules.alert.for-outage-tolerance and -for-grace-period. */
#define RULES_OUTAGE_NS (INT64_C(3600) * 1000000000)
#define RULES_GRACE_NS  (INT64_C(600) * 1000000000)

/* An interval: sums of two and of a time have to fit in 63 bits. Fifty years are as good as never. */
#define RULES_INTERVAL_NS (INT64_C(50) * 365 * 86400 * 1000000000)

/* Prometheus's default of --query.timeout. */
#define RULES_QUERY_NS (INT64_C(120) * 1000000000)

#endif
