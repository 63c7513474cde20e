/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of configuration files and of relabelling, each with its reason.
 */
#ifndef CONFIG_LIMITS_H
#define CONFIG_LIMITS_H

enum {
    /* Bytes of a file: 100,000 static targets with labels are some 10 MB. */
    CONFIG_FILE_BYTES_MAX = 32 * 1024 * 1024,

    /* Bytes of all that is made of it: strings, regular expressions aside. */
    CONFIG_ARENA_BYTES_MAX = 256 * 1024 * 1024,

    /* Levels of lists and mappings: the deepest key of the format is on the eighth. */
    CONFIG_DEPTH_MAX = 32,

    /* Keys of one mapping: each is compared with those before it. Sets of labels have some 100 at most. */
    CONFIG_KEYS_MAX = 4096,

    /* Values that are read, those behind aliases each time that they are named: nine levels of ten aliases
     * are a thousand millions. */
    CONFIG_VALUES_MAX = 4 * 1024 * 1024,

    /* Bytes of one label that relabelling makes; ten rules that double a value are a thousand times the
     * size. As much as a scraped line may be long. */
    CONFIG_RELABEL_BYTES_MAX = 1024 * 1024
};

#endif
