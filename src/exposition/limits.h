/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of what is parsed, each with its reason. Past one, the document is refused with IFM_LIMIT.
 */
#ifndef IFM_EXPOSITION_LIMITS_H
#define IFM_EXPOSITION_LIMITS_H

enum {
    /* Labels of one sample. Names are compared with each other, so the work grows with the square of this;
     * real samples have fewer than 50. */
    IFM_PARSE_LABELS_MAX = 256,

    /* Labels of one exemplar: each has a name, and all together 128 characters at most. */
    IFM_PARSE_EXEMPLAR_LABELS_MAX = 128,

    /* Bytes of escaped text in one line, which are copied to be unescaped; a help or a label value of that
     * size can only be an attempt to make the parser allocate. */
    IFM_PARSE_ESCAPED_BYTES_MAX = 16 * 1024 * 1024,

    /* Bytes of the names that are made of one protobuf family's (NAME_count, NAME_sum, NAME_bucket). */
    IFM_PARSE_NAMES_BYTES_MAX = 1024 * 1024,

    /* Buckets of one sign of a native histogram: all doubles have 2^19 in the finest schema. */
    IFM_PARSE_NATIVE_BUCKETS_MAX = 1 << 20
};

#endif
