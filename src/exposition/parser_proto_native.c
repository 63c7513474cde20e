/* SPDX-License-Identifier: Apache-2.0
 *
 * The buckets of native histograms: spans and counts of both signs go to the buffers of the parser, counts
 * that are written as differences are added up. A span without buckets and one without a gap before it are
 * joined with their neighbour, so that what is left is as short as it can be.
 */
#include "exposition/parser_proto_impl.h"

/* What is added up along one sign. */
typedef struct side {
    ifm_buf *spans;
    ifm_buf *counts;
    int64_t last;     /* the count of the bucket read last, of whole ones */
    int64_t gap;      /* of spans without buckets, to be added to the next one */
    uint64_t lengths; /* of all spans */
    bool begun;       /* a span was read */
} side;

static bool check_buffer(ifm_proto_parser *parser, const uint8_t *at, const ifm_buf *buf, const char *what)
{
    if (buf->failed == IFM_LIMIT) {
        return ifm_proto_fail(parser, at, IFM_LIMIT, "a histogram has more than %zu %s", (size_t)buf->max / 8,
                              what);
    }
    return buf->failed == IFM_OK || ifm_proto_fail(parser, at, IFM_NOMEM, "out of memory");
}

static bool append_span(ifm_proto_parser *parser, const ifm_wire_field *field, side *to, int64_t offset,
                        uint64_t length)
{
    bool first = to->spans->size == 0;
    if (offset < (to->begun ? 0 : INT32_MIN) || offset > INT32_MAX) {
        return ifm_proto_fail(parser, field->start, IFM_INVALID, "the offset %lld of a span is out of range",
                              (long long)offset);
    }
    to->begun = true;
    to->gap += offset; /* as many as there are bytes, 2^31 each, do not overflow */
    to->lengths += length;
    if (to->lengths > IFM_PARSE_NATIVE_BUCKETS_MAX) {
        return ifm_proto_fail(parser, field->start, IFM_LIMIT, "a histogram has more than %d buckets",
                              IFM_PARSE_NATIVE_BUCKETS_MAX);
    }
    if (length == 0) {
        return true;
    }
    if (to->gap > INT32_MAX) {
        return ifm_proto_fail(parser, field->start, IFM_INVALID, "the offsets of spans are out of range");
    }
    if (!first && to->gap == 0) {
        ifm_proto_span *spans = (void *)to->spans->data;
        spans[to->spans->size / sizeof *spans - 1].length += (uint32_t)length;
    } else {
        ifm_proto_span span = {(int32_t)to->gap, (uint32_t)length};
        ifm_buf_append(to->spans, &span, sizeof span);
    }
    to->gap = 0;
    return check_buffer(parser, field->start, to->spans, "spans");
}

static bool read_span(ifm_proto_parser *parser, const ifm_wire_field *field, side *to)
{
    ifm_wire wire;
    ifm_wire_field part;
    int64_t offset = 0;
    uint64_t length = 0;
    bool ok = ifm_proto_contents(parser, field, &wire);
    while (ok && ifm_proto_field(parser, &wire, &part)) {
        if (part.number == SPAN_OFFSET) {
            ok = ifm_proto_sint(parser, &part, &offset);
        } else if (part.number == SPAN_LENGTH) {
            ok = ifm_proto_uint(parser, &part, &length);
            length = length > UINT32_MAX ? UINT32_MAX : length; /* refused by the limit of buckets */
        }
    }
    return !parser->failed && append_span(parser, field, to, offset, length);
}

static bool append_count(ifm_proto_parser *parser, const uint8_t *at, side *to, double count)
{
    ifm_buf_append(to->counts, &count, sizeof count);
    return check_buffer(parser, at, to->counts, "buckets");
}

static bool append_delta(ifm_proto_parser *parser, const uint8_t *at, side *to, uint64_t zigzag)
{
    int64_t delta = ifm_proto_zigzag(zigzag);
    if (to->last > 0 && delta > INT64_MAX - to->last) {
        return ifm_proto_fail(parser, at, IFM_INVALID, "the count of a bucket is out of range");
    }
    to->last += delta; /* last >= 0, so it does not overflow downwards */
    if (to->last < 0) {
        return ifm_proto_fail(parser, at, IFM_INVALID, "the count of a bucket is negative");
    }
    return append_count(parser, at, to, (double)to->last);
}

/* One difference, or a packed run of them. */
static bool read_deltas(ifm_proto_parser *parser, const ifm_wire_field *field, side *to)
{
    uint64_t value;
    if (field->type != IFM_WIRE_BYTES) {
        return ifm_proto_uint(parser, field, &value) && append_delta(parser, field->start, to, value);
    }
    ifm_wire wire = field->contents;
    while (wire.at < wire.end) {
        const uint8_t *at = wire.at;
        if (!ifm_proto_varint(parser, &wire, &value) || !append_delta(parser, at, to, value)) {
            return false;
        }
    }
    return true;
}

/* One count, or a packed run of them. */
static bool read_counts(ifm_proto_parser *parser, const ifm_wire_field *field, side *to)
{
    double value;
    if (field->type != IFM_WIRE_BYTES) {
        return ifm_proto_double(parser, field, &value) && append_count(parser, field->start, to, value);
    }
    const uint8_t *at = field->contents.at;
    if ((field->contents.end - at) % 8 != 0) {
        return ifm_proto_fail(parser, field->start, IFM_INVALID, "counts end inside a number");
    }
    for (; at < field->contents.end; at += 8) {
        ifm_wire_field one = {.number = field->number, .type = IFM_WIRE_FIXED64, .start = at};
        for (unsigned i = 0; i < 8; i++) {
            one.value |= (uint64_t)at[i] << 8 * i;
        }
        if (!ifm_proto_double(parser, &one, &value) || !append_count(parser, at, to, value)) {
            return false;
        }
    }
    return true;
}

static bool read_field(ifm_proto_parser *parser, const ifm_wire_field *field, side *positive, side *negative)
{
    bool floats = parser->native.floats;
    switch (field->number) {
    case HISTOGRAM_POSITIVE_SPAN:
        return read_span(parser, field, positive);
    case HISTOGRAM_NEGATIVE_SPAN:
        return read_span(parser, field, negative);
    case HISTOGRAM_POSITIVE_DELTA:
        return floats || read_deltas(parser, field, positive);
    case HISTOGRAM_NEGATIVE_DELTA:
        return floats || read_deltas(parser, field, negative);
    case HISTOGRAM_POSITIVE_COUNT:
        return !floats || read_counts(parser, field, positive);
    case HISTOGRAM_NEGATIVE_COUNT:
        return !floats || read_counts(parser, field, negative);
    default:
        return true;
    }
}

static bool finish_side(ifm_proto_parser *parser, const side *from, ifm_proto_buckets *out)
{
    *out = (ifm_proto_buckets){
        .spans = (const void *)from->spans->data,
        .span_count = from->spans->size / sizeof *out->spans,
        .counts = (const void *)from->counts->data,
        .count = from->counts->size / sizeof *out->counts,
    };
    if (out->count != from->lengths) {
        return ifm_proto_fail(parser, parser->metric_start, IFM_INVALID,
                              "a histogram has spans of %llu buckets and %zu counts",
                              (unsigned long long)from->lengths, out->count);
    }
    return true;
}

bool ifm_proto_read_native(ifm_proto_parser *parser)
{
    const ifm_proto_totals *totals = &parser->totals;
    bool floats = totals->count_float > 0 || totals->zero_count_float > 0;
    side positive = {.spans = &parser->spans[0], .counts = &parser->counts[0]};
    side negative = {.spans = &parser->spans[1], .counts = &parser->counts[1]};
    if (totals->schema < INT32_MIN || totals->schema > INT32_MAX) {
        return ifm_proto_fail(parser, parser->metric_start, IFM_INVALID, "schema %lld is out of range",
                              (long long)totals->schema);
    }
    parser->native = (ifm_proto_native){
        .floats = floats,
        .gauge = parser->type == IFM_FAMILY_GAUGE_HISTOGRAM,
        .schema = (int32_t)totals->schema,
        .zero_threshold = totals->zero_threshold,
        .zero_count = floats ? totals->zero_count_float : (double)totals->zero_count,
        .count = floats ? totals->count_float : (double)totals->count,
        .sum = totals->sum,
    };
    for (size_t i = 0; i < IFM_COUNT_OF(parser->spans); i++) {
        ifm_buf_clear(&parser->spans[i]);
        ifm_buf_clear(&parser->counts[i]);
    }
    ifm_wire wire = parser->value;
    ifm_wire_field field;
    while (ifm_proto_field(parser, &wire, &field)) {
        if (!read_field(parser, &field, &positive, &negative)) {
            return false;
        }
    }
    return finish_side(parser, &positive, &parser->native.positive) &&
           finish_side(parser, &negative, &parser->native.negative);
}
