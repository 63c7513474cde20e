/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of what is checked, each with its reason. Past one, there is a finding that says so, or IFM_LIMIT.
 */
#ifndef DASHBOARD_LIMITS_H
#define DASHBOARD_LIMITS_H

enum {
    /* Bytes of one file. The largest dashboards that people share have 1 MiB; Grafana refuses what its
     * database does not take long before this. */
    DASHBOARD_BYTES_MAX = 16 << 20,

    /* Levels of nested arrays and objects. Real dashboards have 15; the parser of JSON recurses. */
    DASHBOARD_DEPTH_MAX = 64,

    /* Panels of one dashboard, those in rows included. Each is compared with each for overlaps, and nobody
     * looks at more than some hundred. */
    DASHBOARD_PANELS_MAX = 2000,

    /* Queries of one panel, whose names are compared with each other. */
    DASHBOARD_TARGETS_MAX = 200,

    /* Queries and variables of one dashboard: with the two limits below, what bounds the time of a check. */
    DASHBOARD_QUERIES_MAX = 10000,
    DASHBOARD_VARIABLES_MAX = 500,

    /* Bytes of one query with its variables replaced, and of the value of one variable: one that is long and
     * stands everywhere must not make a small file large. */
    DASHBOARD_QUERY_BYTES_MAX = 64 << 10,
    DASHBOARD_VALUE_BYTES_MAX = 1 << 10,

    /* Memory of one parsed query; a tree takes about 100 bytes for each byte of text. */
    DASHBOARD_QUERY_MEMORY_MAX = 32 << 20,

    /* Findings of one file: who sees more than that looks for one cause. */
    DASHBOARD_FINDINGS_MAX = 1000,

    /* Bytes of what one finding says, and of the query that is shown in it. */
    DASHBOARD_TEXT_BYTES_MAX = 2 << 10,
    DASHBOARD_QUERY_SHOWN_MAX = 200,

    /* Names of metrics that are known, and bytes of one. A target that exposes more families than this has
     * other trouble. */
    DASHBOARD_METRICS_MAX = 200000,
    DASHBOARD_METRIC_BYTES_MAX = 1 << 10,

    /* Bytes of an exposition, and of a file of rules, that metrics are taken from. */
    DASHBOARD_EXPOSITION_BYTES_MAX = 256 << 20,
    DASHBOARD_RULES_BYTES_MAX = 16 << 20,

    /* Nodes that are looked at in a file of rules: through aliases a small file can stand for a huge one. */
    DASHBOARD_RULES_STEPS_MAX = 10000000
};

#endif
