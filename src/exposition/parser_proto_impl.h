/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the protobuf parser: its state, and the reading of the wire format. A failure is kept in the
 * parser, and every call after it returns false.
 *
 * Thread-safety: as the parser.
 * W1  start <= at <= end: nothing outside the bytes of the message is read, whatever lengths it has.
 */
#ifndef IFM_EXPOSITION_PARSER_PROTO_IMPL_H
#define IFM_EXPOSITION_PARSER_PROTO_IMPL_H

#include "exposition/limits.h"
#include "exposition/parser_proto.h"

/* What is left of a message, or the contents of a field. */
typedef struct ifm_wire {
    const uint8_t *at;
    const uint8_t *end;
} ifm_wire;

typedef enum ifm_wire_type {
    IFM_WIRE_VARINT = 0,
    IFM_WIRE_FIXED64 = 1,
    IFM_WIRE_BYTES = 2,
    IFM_WIRE_FIXED32 = 5
} ifm_wire_type;

typedef struct ifm_wire_field {
    uint32_t number;
    uint32_t type;     /* one of ifm_wire_type */
    uint64_t value;    /* but of IFM_WIRE_BYTES */
    ifm_wire contents; /* of IFM_WIRE_BYTES */
    const uint8_t *start;
} ifm_wire_field;

/* Field numbers of the messages; those of values in Metric depend on the type of the family. */
enum { FAMILY_NAME = 1, FAMILY_HELP = 2, FAMILY_TYPE = 3, FAMILY_METRIC = 4, FAMILY_UNIT = 5 };
enum { METRIC_LABEL = 1, METRIC_TIME_MS = 6 };
enum { PAIR_NAME = 1, PAIR_VALUE = 2 };
enum { TIME_SECONDS = 1, TIME_NANOS = 2 };
enum { EXEMPLAR_LABEL = 1, EXEMPLAR_VALUE = 2, EXEMPLAR_TIME = 3 };
enum { SIMPLE_VALUE = 1 /* of Gauge, Counter and Untyped */, COUNTER_EXEMPLAR = 2, COUNTER_CREATED = 3 };
enum { QUANTILE_QUANTILE = 1, QUANTILE_VALUE = 2 };
enum { SUMMARY_COUNT = 1, SUMMARY_SUM = 2, SUMMARY_QUANTILE = 3, SUMMARY_CREATED = 4 };
enum { BUCKET_COUNT = 1, BUCKET_BOUND = 2, BUCKET_EXEMPLAR = 3, BUCKET_COUNT_FLOAT = 4 };
enum { SPAN_OFFSET = 1, SPAN_LENGTH = 2 };
enum {
    HISTOGRAM_COUNT = 1,
    HISTOGRAM_SUM = 2,
    HISTOGRAM_BUCKET = 3,
    HISTOGRAM_COUNT_FLOAT = 4,
    HISTOGRAM_SCHEMA = 5,
    HISTOGRAM_ZERO_THRESHOLD = 6,
    HISTOGRAM_ZERO_COUNT = 7,
    HISTOGRAM_ZERO_COUNT_FLOAT = 8,
    HISTOGRAM_NEGATIVE_SPAN = 9,
    HISTOGRAM_NEGATIVE_DELTA = 10,
    HISTOGRAM_NEGATIVE_COUNT = 11,
    HISTOGRAM_POSITIVE_SPAN = 12,
    HISTOGRAM_POSITIVE_DELTA = 13,
    HISTOGRAM_POSITIVE_COUNT = 14,
    HISTOGRAM_CREATED = 15,
    HISTOGRAM_EXEMPLAR = 16
};

/* What has to be known of a summary or histogram before its first sample; filled in by one pass over it. */
typedef struct ifm_proto_totals {
    uint64_t count;
    double count_float;
    double sum;
    int64_t schema;
    double zero_threshold;
    uint64_t zero_count;
    double zero_count_float;
    bool has_parts; /* buckets or quantiles */
    bool has_spans;
    bool has_exemplars;
} ifm_proto_totals;

/* What next() does when it is called. */
typedef enum ifm_proto_step {
    IFM_PROTO_STEP_FAMILY,
    IFM_PROTO_STEP_TYPE, /* HELP was handed out */
    IFM_PROTO_STEP_UNIT,
    IFM_PROTO_STEP_METRIC,
    IFM_PROTO_STEP_CLASSIC, /* _count of a histogram whose native form was handed out */
    IFM_PROTO_STEP_SUM,     /* _count was handed out */
    IFM_PROTO_STEP_PARTS    /* the next bucket or quantile */
} ifm_proto_step;

struct ifm_proto_parser {
    ifm_proto_histograms histograms;
    const uint8_t *bytes;
    ifm_wire rest; /* behind the family that is read */
    ifm_proto_step step;
    bool failed;
    ifm_error failure;

    size_t family_number; /* from 1 */
    const uint8_t *family_start;
    ifm_text name, help, unit;
    ifm_family_type type;
    uint32_t value_field; /* of Metric, by the type */
    ifm_wire metrics;     /* what is left of the family */
    ifm_buf names;        /* NAME_count, NAME_sum and NAME_bucket, where the type has them */
    ifm_text name_count, name_sum, name_bucket;

    const uint8_t *metric_start;
    ifm_wire value; /* the Counter, Summary .. of the metric */
    ifm_parsed_time time;
    int64_t created_ms;
    ifm_proto_totals totals;
    ifm_wire parts;       /* what is left of `value` */
    bool infinity_is_due; /* no bucket for +Inf was handed out yet */
    ifm_wire exemplars;   /* what is left of `value`; empty unless a native sample was handed out */
    ifm_proto_native native;
    ifm_buf spans[2];  /* positive, negative */
    ifm_buf counts[2]; /* of doubles */

    size_t label_count;
    char number[IFM_NUMBER_SIZE];                      /* what the added label points to */
    ifm_parsed_label labels[IFM_PARSE_LABELS_MAX + 1]; /* one more for the added one */
    ifm_parsed_label exemplar_labels[IFM_PARSE_EXEMPLAR_LABELS_MAX];
};

/* Keeps the failure "cannot parse family N: MESSAGE" at `at`, unless there is one. Returns false. */
bool ifm_proto_fail(ifm_proto_parser *parser, const uint8_t *at, ifm_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Reads a varint; false at a failure. */
bool ifm_proto_varint(ifm_proto_parser *parser, ifm_wire *wire, uint64_t *out);

/* Reads the next field; false at the end of the message and at a failure. */
bool ifm_proto_field(ifm_proto_parser *parser, ifm_wire *wire, ifm_wire_field *field);

/* The value of a field; fail when the field has another wire type. */
bool ifm_proto_uint(ifm_proto_parser *parser, const ifm_wire_field *field, uint64_t *out);
bool ifm_proto_sint(ifm_proto_parser *parser, const ifm_wire_field *field, int64_t *out); /* zigzag */
bool ifm_proto_double(ifm_proto_parser *parser, const ifm_wire_field *field, double *out);
bool ifm_proto_contents(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_wire *out);
bool ifm_proto_text(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_text *out); /* any bytes */

int64_t ifm_proto_zigzag(uint64_t value);

/* A LabelPair behind labels[0..*count). */
bool ifm_proto_label(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_parsed_label *labels,
                     size_t *count, size_t max);

/* A Timestamp. */
bool ifm_proto_time(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_parsed_time *out);

/* An Exemplar, whose labels go to the parser's array. */
bool ifm_proto_exemplar(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_parsed_exemplar *out);

/* parser->native from parser->value and parser->totals. */
bool ifm_proto_read_native(ifm_proto_parser *parser);

#endif
