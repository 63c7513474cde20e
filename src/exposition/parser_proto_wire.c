/* SPDX-License-Identifier: Apache-2.0
 *
 * The wire format, and the small messages that stand in several others.
 */
#include "exposition/names.h"
#include "exposition/parser_proto_impl.h"
#include "exposition/parser_scan.h"

#include <stdarg.h>
#include <stdio.h>

enum { VARINT_SIZE_MAX = 10, NANOS_PER_MS = 1000000, NANOS_PER_SECOND = 1000000000 };

bool ifm_proto_fail(ifm_proto_parser *parser, const uint8_t *at, ifm_code code, const char *format, ...)
{
    if (!parser->failed) {
        char message[IFM_ERROR_MESSAGE_SIZE];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(message, sizeof message, format, arguments);
        va_end(arguments);
        ifm_error_set(&parser->failure, code, "cannot parse metric family %zu: %s", parser->family_number,
                      message);
        parser->failure.offset = (size_t)(at - parser->bytes);
        parser->failed = true;
    }
    return false;
}

static bool read_long_varint(ifm_proto_parser *parser, ifm_wire *wire, uint64_t *out)
{
    const uint8_t *start = wire->at;
    uint64_t value = 0;
    for (unsigned i = 0; i < VARINT_SIZE_MAX && wire->at < wire->end; i++) {
        uint8_t byte = *wire->at++;
        value |= (uint64_t)(byte & 0x7f) << 7 * i; /* what goes beyond 64 bits is cut, as everywhere */
        if (byte < 0x80) {
            *out = value;
            return true;
        }
    }
    return ifm_proto_fail(parser, start, IFM_INVALID, "%s",
                          wire->at == wire->end ? "the message ends inside a number"
                                                : "a number has more than 10 bytes");
}

/* Most tags, lengths and counts are one byte. */
static inline bool read_varint(ifm_proto_parser *parser, ifm_wire *wire, uint64_t *out)
{
    if (wire->at < wire->end && *wire->at < 0x80) {
        *out = *wire->at++;
        return true;
    }
    return read_long_varint(parser, wire, out);
}

bool ifm_proto_varint(ifm_proto_parser *parser, ifm_wire *wire, uint64_t *out)
{
    return read_varint(parser, wire, out);
}

static bool read_fixed(ifm_proto_parser *parser, ifm_wire *wire, size_t size, uint64_t *out)
{
    if ((size_t)(wire->end - wire->at) < size) {
        return ifm_proto_fail(parser, wire->at, IFM_INVALID, "the message ends inside a number");
    }
    *out = 0;
    for (size_t i = 0; i < size; i++) {
        *out |= (uint64_t)wire->at[i] << 8 * i;
    }
    wire->at += size;
    return true;
}

static bool read_bytes(ifm_proto_parser *parser, ifm_wire *wire, ifm_wire *out)
{
    const uint8_t *start = wire->at;
    uint64_t size = 0;
    if (!read_varint(parser, wire, &size)) {
        return false;
    }
    if (size > (uint64_t)(wire->end - wire->at)) {
        return ifm_proto_fail(parser, start, IFM_INVALID,
                              "a field of %llu bytes does not fit in the %zu that are left of its message",
                              (unsigned long long)size, (size_t)(wire->end - wire->at));
    }
    *out = (ifm_wire){wire->at, wire->at + size};
    wire->at += size;
    return true;
}

bool ifm_proto_field(ifm_proto_parser *parser, ifm_wire *wire, ifm_wire_field *field)
{
    uint64_t tag = 0;
    if (wire->at == wire->end) {
        return false;
    }
    field->start = wire->at;
    if (!read_varint(parser, wire, &tag)) {
        return false;
    }
    if (tag >> 3 == 0 || tag > UINT32_MAX) {
        return ifm_proto_fail(parser, field->start, IFM_INVALID, "a field has a number out of range");
    }
    field->number = (uint32_t)(tag >> 3);
    field->type = (uint32_t)(tag & 7);
    switch (field->type) {
    case IFM_WIRE_VARINT:
        return read_varint(parser, wire, &field->value);
    case IFM_WIRE_FIXED64:
        return read_fixed(parser, wire, 8, &field->value);
    case IFM_WIRE_FIXED32:
        return read_fixed(parser, wire, 4, &field->value);
    case IFM_WIRE_BYTES:
        return read_bytes(parser, wire, &field->contents);
    default:
        return ifm_proto_fail(parser, field->start, IFM_INVALID, "wire type %u cannot be read",
                              (unsigned)field->type);
    }
}

/* --- Values ----------------------------------------------------------------------------------------- */

static bool check_type(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_wire_type want)
{
    if (field->type != (uint32_t)want) {
        return ifm_proto_fail(parser, field->start, IFM_INVALID, "field %u has wire type %u instead of %u",
                              (unsigned)field->number, (unsigned)field->type, (unsigned)want);
    }
    return true;
}

bool ifm_proto_uint(ifm_proto_parser *parser, const ifm_wire_field *field, uint64_t *out)
{
    if (!check_type(parser, field, IFM_WIRE_VARINT)) {
        return false;
    }
    *out = field->value;
    return true;
}

int64_t ifm_proto_zigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

bool ifm_proto_sint(ifm_proto_parser *parser, const ifm_wire_field *field, int64_t *out)
{
    uint64_t value;
    if (!ifm_proto_uint(parser, field, &value)) {
        return false;
    }
    *out = ifm_proto_zigzag(value);
    return true;
}

bool ifm_proto_double(ifm_proto_parser *parser, const ifm_wire_field *field, double *out)
{
    if (!check_type(parser, field, IFM_WIRE_FIXED64)) {
        return false;
    }
    memcpy(out, &field->value, sizeof *out);
    return true;
}

bool ifm_proto_contents(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_wire *out)
{
    if (!check_type(parser, field, IFM_WIRE_BYTES)) {
        return false;
    }
    *out = field->contents;
    return true;
}

bool ifm_proto_text(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_text *out)
{
    if (!check_type(parser, field, IFM_WIRE_BYTES)) {
        return false;
    }
    *out = (ifm_text){(const char *)field->contents.at, (size_t)(field->contents.end - field->contents.at)};
    return true;
}

/* --- Small messages --------------------------------------------------------------------------------- */

static bool same_text(ifm_text a, ifm_text b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

static bool check_label(ifm_proto_parser *parser, const ifm_wire_field *field, const ifm_parsed_label *labels,
                        size_t count)
{
    static const ifm_text metric_name = {"__name__", sizeof "__name__" - 1};
    const ifm_parsed_label *label = &labels[count];
    if (!ifm_name_is_valid(label->name.data, label->name.size)) {
        return ifm_proto_fail(parser, field->start, IFM_INVALID, "\"%s\" is not a label name",
                              ifm_parser_show(label->name).text);
    }
    if (!ifm_utf8_valid(label->value.data, label->value.size)) {
        return ifm_proto_fail(parser, field->start, IFM_INVALID, "the value of label \"%s\" is not UTF-8",
                              ifm_parser_show(label->name).text);
    }
    bool twice = same_text(label->name, metric_name);
    for (size_t i = 0; i < count && !twice; i++) {
        twice = same_text(label->name, labels[i].name);
    }
    if (twice) {
        return ifm_proto_fail(parser, field->start, IFM_INVALID, "label \"%s\" occurs twice",
                              ifm_parser_show(label->name).text);
    }
    return true;
}

bool ifm_proto_label(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_parsed_label *labels,
                     size_t *count, size_t max)
{
    ifm_wire wire;
    ifm_wire_field part;
    if (!ifm_proto_contents(parser, field, &wire)) {
        return false;
    }
    if (*count == max) {
        return ifm_proto_fail(parser, field->start, IFM_LIMIT, "more than %zu labels", max);
    }
    ifm_parsed_label *label = &labels[*count];
    *label = (ifm_parsed_label){{"", 0}, {"", 0}};
    while (ifm_proto_field(parser, &wire, &part)) {
        ifm_text *to = part.number == PAIR_NAME ? &label->name : &label->value;
        if ((part.number == PAIR_NAME || part.number == PAIR_VALUE) && !ifm_proto_text(parser, &part, to)) {
            return false;
        }
    }
    if (parser->failed || !check_label(parser, field, labels, *count)) {
        return false;
    }
    (*count)++;
    return true;
}

bool ifm_proto_time(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_parsed_time *out)
{
    ifm_wire wire;
    ifm_wire_field part;
    uint64_t seconds = 0;
    uint64_t nanos = 0;
    if (!ifm_proto_contents(parser, field, &wire)) {
        return false;
    }
    while (ifm_proto_field(parser, &wire, &part)) {
        uint64_t *to = part.number == TIME_SECONDS ? &seconds : &nanos;
        if ((part.number == TIME_SECONDS || part.number == TIME_NANOS) &&
            !ifm_proto_uint(parser, &part, to)) {
            return false;
        }
    }
    if (parser->failed) {
        return false;
    }
    int64_t s = (int64_t)seconds;
    int64_t n = (int64_t)nanos;
    if (s > INT64_MAX / 1000 - 1 || s < INT64_MIN / 1000 + 1 || n >= NANOS_PER_SECOND ||
        n <= -NANOS_PER_SECOND) {
        return ifm_proto_fail(parser, field->start, IFM_INVALID, "a time is out of range");
    }
    *out = (ifm_parsed_time){.present = true,
                             .ms = s * 1000 + n / NANOS_PER_MS,
                             .seconds = (double)s + (double)n / NANOS_PER_SECOND};
    return true;
}

bool ifm_proto_exemplar(ifm_proto_parser *parser, const ifm_wire_field *field, ifm_parsed_exemplar *out)
{
    ifm_wire wire;
    ifm_wire_field part;
    bool ok = ifm_proto_contents(parser, field, &wire);
    *out = (ifm_parsed_exemplar){.present = true, .labels = parser->exemplar_labels};
    while (ok && ifm_proto_field(parser, &wire, &part)) {
        switch (part.number) {
        case EXEMPLAR_LABEL:
            ok = ifm_proto_label(parser, &part, parser->exemplar_labels, &out->label_count,
                                 IFM_PARSE_EXEMPLAR_LABELS_MAX);
            break;
        case EXEMPLAR_VALUE:
            ok = ifm_proto_double(parser, &part, &out->value);
            break;
        case EXEMPLAR_TIME:
            ok = ifm_proto_time(parser, &part, &out->time);
            break;
        default:
            break;
        }
    }
    return !parser->failed;
}
