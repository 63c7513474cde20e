/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of the store, each with its reason.
 */
#ifndef IFM_TSDB_LIMITS_H
#define IFM_TSDB_LIMITS_H

/* Bytes of the samples that one import holds in memory: 16 for each and what arrays that grow leave behind,
 * so some 100 million samples, a text of 10 GB. */
#define TSDB_IMPORT_BYTES_MAX (UINT64_C(4) << 30)

/* Bytes of one record of the log, unpacked: a batch of a million series with long labels. */
#define TSDB_RECORD_BYTES_MAX (UINT64_C(1) << 30)

enum {
    /* Bytes of what one line of an import is made into: the parser lets no line have so many labels. */
    TSDB_IMPORT_LINE_BYTES_MAX = 16 * 1024 * 1024,

    /* How much older than the newest sample of the store one may be, and how long a series without samples
     * is kept: as Prometheus, whose head spans an hour at least. */
    TSDB_TOO_OLD_MS = 60 * 60 * 1000,
    TSDB_SERIES_IDLE_MS = TSDB_TOO_OLD_MS,

    /* The same when seven eighths of the series that there may be are there: those of targets that are gone
     * should not keep out those of new ones. As long as a query looks back. */
    TSDB_SERIES_IDLE_FULL_MS = 5 * 60 * 1000,

    /* Bytes of the labels of one series: what scraping lets through is far less. */
    TSDB_LABELS_BYTES_MAX = 16 * 1024 * 1024,

    /* Generations that wait for their block. With more, appending goes on in the active one until the head's
     * bytes are used up. */
    TSDB_FROZEN_MAX = 2,

    /* How long a generation lasts at least that takes a quarter of the head's bytes, as those of large
     * histograms may: so that little memory does not make a block each second. */
    TSDB_FREEZE_MS_MIN = 30 * 1000,

    /* Milliseconds between two tries to write a block that failed: doubled each time. */
    TSDB_RETRY_MS_MIN = 1000,
    TSDB_RETRY_MS_MAX = 60 * 1000,

    /* Absent rows in a row that are filled in when pieces of a series are joined for a block. */
    TSDB_JOIN_GAP_MAX = 256,

    /* Series of the head, whatever the options say, and groups of one process: so that a log cannot make its
     * reader take more than some 100 MB of tables. Ids of groups begin anew behind the last one. */
    TSDB_SERIES_MAX = 1 << 24,
    TSDB_GROUPS_MAX = 1 << 24,

    /* Exemplars in memory, whatever the options say: some 300 MB with their labels. */
    TSDB_EXEMPLARS_MAX = 1 << 20
};

#endif
