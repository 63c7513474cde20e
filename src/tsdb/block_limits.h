/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of blocks, each with its reason.
 */
#ifndef IFM_TSDB_BLOCK_LIMITS_H
#define IFM_TSDB_BLOCK_LIMITS_H

enum {
    /* Samples of one series in a page: an instant query decodes whole pages, so it should not be a day. */
    TSDB_PAGE_SERIES_SAMPLES_MAX = 1536,

    /* A page is closed at so many samples: enough for the entropy coder to learn, 0.1 ms to decode. */
    TSDB_PAGE_SAMPLES_AIM = 32 * 1024,
    TSDB_PAGE_SERIES_MIN = 16,
    TSDB_PAGE_SERIES_MAX = 512,
    /* A histogram's series are not torn apart for these. */
    TSDB_PAGE_SERIES_MORE = 64,

    /* Samples of series that wait for their page: what a writer holds, at 8 bytes each. */
    TSDB_BATCH_SAMPLES_MAX = 2 * 1024 * 1024,
    TSDB_BATCH_BYTES_MAX = 512 * 1024 * 1024, /* with histograms and start timestamps */

    /* Absent samples in a row that are filled in rather than cut out. */
    TSDB_GAP_SAMPLES_MAX = 256,

    /* Samples of a page, at most, as a reader believes it: 512 + 64 series of 1536, and some room. */
    TSDB_PAGE_SAMPLES_MAX = 1024 * 1024,
    TSDB_PAGE_BYTES_MAX = 256 * 1024 * 1024, /* packed or not: histograms can be large */

    /* Samples of a column of timestamps: a year of one second, with room. */
    TSDB_COLUMN_SAMPLES_MAX = 64 * 1024 * 1024,

    /* The index of a block, unpacked: 4 million series. */
    TSDB_INDEX_BYTES_MAX = 1024 * 1024 * 1024,
    TSDB_BLOCK_SERIES_MAX = 16 * 1024 * 1024,

    /* Decoded pages that a reader keeps: 4 million samples, because label order visits pages again, those of
     * one instance most often. A query has a reader for each block. */
    TSDB_READER_BYTES_MAX = 32 * 1024 * 1024,

    /* Blocks that a merged one takes the place of. */
    TSDB_REPLACES_MAX = 1024,

    /* Bytes of blocks, the newest first, whose checksums are verified at the start: 0.3 s of a slow disk. */
    TSDB_VERIFY_BYTES_MAX = 32 * 1024 * 1024,

    TSDB_BLOCK_PATH_SIZE_MAX = 4096
};

#endif
