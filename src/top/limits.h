/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of what is shown in a terminal, each with its reason. What is past one is left out, and the page
 * says how much.
 */
#ifndef TOP_LIMITS_H
#define TOP_LIMITS_H

enum {
    /* Bytes of one answer: 10,000 targets have 8 MB. All of it is in memory, and read between two keys. */
    TOP_ANSWER_BYTES_MAX = 16 * 1024 * 1024,

    /* Bytes of a question; those about pipelines of the DeepSparse naming have a term for each. */
    TOP_QUESTION_BYTES_MAX = 256 * 1024,

    /* Rows of the Overview: more than anybody reads, with a filter that works on all. */
    TOP_PIPELINES_MAX = 1000,

    /* Of those, with the DeepSparse naming: each adds 100 bytes to each question. */
    TOP_LEGACY_MAX = 64,

    /* Places at which pipelines run: pipelines times instances. */
    TOP_PLACES_MAX = 10000,

    /* Stages of one pipeline: a library's pipeline has 32 at most. */
    TOP_STAGES_MAX = 64,

    TOP_TARGETS_MAX = 2000,
    TOP_ALERTS_MAX = 2000,

    /* Points of a sparkline, and of a plot: two for each column of the widest terminal that is drawn. */
    TOP_SPARK_POINTS = 120,
    TOP_POINTS_MAX = 512,

    /* Columns of a heatmap, and what is counted in all of them: 160 native buckets each would be too slow to
     * ask for, not to draw. */
    TOP_HEAT_COLUMNS_MAX = 256,
    TOP_HEAT_CELLS_MAX = 65536,

    /* Cells of a screen: terminals of 4K displays in the smallest font have 400 x 100; --once has all
     * targets, of three lines each. */
    TOP_SCREEN_WIDTH_MAX = 1024,
    TOP_SCREEN_HEIGHT_MAX = 8192,

    /* Bytes of a name that is kept whole: those of pipelines, jobs, instances and alerts have some 100. */
    TOP_NAME_SIZE = 256,

    /* Bytes of longer texts: the error of a scrape, the labels of an alert. */
    TOP_TEXT_SIZE = 512
};

#endif
