/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of test files, each with its reason. Past one, it is a failure of the command, or of the file.
 */
#ifndef IFM_PROMQLTEST_LIMITS_H
#define IFM_PROMQLTEST_LIMITS_H

enum {
    /* Bytes of a file. The longest of Prometheus's has 110 KB. */
    PROMQLTEST_FILE_BYTES_MAX = 16 * 1024 * 1024,

    /* Samples of one line: "0x1000000" is short, what it stands for is not. The longest known has 4,000. */
    PROMQLTEST_ITEMS_MAX = 1000 * 1000,

    /* Series of one load, and of the storage: they are looked up one by one. The most known are some 100. */
    PROMQLTEST_SERIES_MAX = 20 * 1000,

    /* Bytes of what one command says: its series, samples, expectations. */
    PROMQLTEST_COMMAND_BYTES_MAX = 512 * 1024 * 1024,

    /* Bytes of what is loaded, and of what one query may take. */
    PROMQLTEST_STORAGE_BYTES_MAX = 1024 * 1024 * 1024,

    /* Bytes of one failure's text, which shows results. */
    PROMQLTEST_FAILURE_BYTES_MAX = 64 * 1024,

    /* Samples of one query, as the tests of Prometheus have it. */
    PROMQLTEST_QUERY_SAMPLES_MAX = 10 * 1000,

    /* Samples of one chunk unless told otherwise, as in Prometheus. */
    PROMQLTEST_CHUNK_SAMPLES = 120
};

#endif
