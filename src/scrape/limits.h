/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of scraping, each with its reason. What is past one costs the target, the file or the line, never
 * the others.
 */
#ifndef SCRAPE_LIMITS_H
#define SCRAPE_LIMITS_H

enum {
    /* Bytes of one answer, decompressed, where body_size_limit is not set. All of it is in memory at once; a
     * million series have about 100 MB. */
    SCRAPE_BODY_BYTES_MAX = 256 * 1024 * 1024,

    /* And where it is set: places of comments in the cache have 32 bits. */
    SCRAPE_BODY_BYTES_CEILING = 1024 * 1024 * 1024,

    /* Bytes of one series' name and labels as they stand in the answer: sizes in the cache have 24 bits. */
    SCRAPE_SERIES_BYTES_MAX = (1 << 24) - 1,

    /* Memory for the labels of one line. A line has 256 labels at most (exposition/limits.h). */
    SCRAPE_LINE_BYTES_MAX = 64 * 1024 * 1024,

    /* Memory for what is known of one target: its labels and URL, all of which come from a configuration. */
    SCRAPE_TARGET_BYTES_MAX = 1024 * 1024,

    /* Targets of one pool, dropped ones aside: each has a timer, a cache and perhaps a connection. */
    SCRAPE_POOL_TARGETS_MAX = 100000,

    /* Bytes of one file of file_sd_configs, and of an answer for http_sd_configs. */
    SCRAPE_DISCOVERY_BYTES_MAX = 16 * 1024 * 1024,
    /* Memory for the groups that were read from it. */
    SCRAPE_DISCOVERY_ARENA_MAX = 128 * 1024 * 1024,

    /* Files that the patterns of one file_sd_configs entry find. */
    SCRAPE_DISCOVERY_FILES_MAX = 10000,

    /* Milliseconds between two looks at the files of file_sd_configs: a logger that registers itself is found
     * within five seconds, whatever the refresh interval. */
    SCRAPE_DISCOVERY_POLL_MS = 2500,

    /* Milliseconds that an answer for http_sd_configs may take. */
    SCRAPE_DISCOVERY_TIMEOUT_MS = 30000,

    /* Milliseconds that a scrape may be late (or early) and still get the time that it should have had;
     * never more than 1 % of the interval. Timestamps that keep their distance take next to no room. */
    SCRAPE_TIMESTAMP_TOLERANCE_MS = 10,

    /* Milliseconds that a sample's own timestamp may lie ahead of the clock. */
    SCRAPE_AHEAD_MS_MAX = 10 * 60 * 1000,

    /* Answers' memory that is kept for the next ones: that of one large or a few small ones. */
    SCRAPE_SPARE_BODIES_MAX = 4,
    SCRAPE_SPARE_BODY_BYTES_MAX = 16 * 1024 * 1024,

    /* Memory of one scrape's bookkeeping that is kept for the next ones. */
    SCRAPE_SCRATCH_BYTES_KEPT = 4 * 1024 * 1024,

    /* Memory for one native histogram. */
    SCRAPE_HISTOGRAM_BYTES_MAX = 64 * 1024 * 1024,

    /* Characters of an exemplar's labels, all together, as the store of Prometheus has it. */
    SCRAPE_EXEMPLAR_CHARACTERS_MAX = 128,

    /* Milliseconds that the thread waits when nothing is due. */
    SCRAPE_IDLE_WAIT_MS = 60000
};

#endif
