/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the protobuf parser share: a writer of single fields, and entries as lines of text:
 *
 *     HELP NAME TEXT / TYPE NAME NUMBER / UNIT NAME TEXT / END
 *     NAME{label=value,..} VALUE [@TIME_MS] [created MS] [# {label=value} VALUE [@TIME_MS]]
 *     NAME{..} native [floats] [gauge] schema S zero COUNT/THRESHOLD count N sum S
 *         +[OFFSET:LENGTH .. = COUNTS] -[..] [# ..]
 */
#ifndef IFM_TESTS_EXPOSITION_PARSER_PROTO_FIXTURE_H
#define IFM_TESTS_EXPOSITION_PARSER_PROTO_FIXTURE_H

#include "exposition/parser_proto.h"

#include "check.h"

enum { FIXTURE_WIRE_VARINT = 0, FIXTURE_WIRE_FIXED64 = 1, FIXTURE_WIRE_BYTES = 2 };

static inline void put_varint(ifm_buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        ifm_buf_append_char(out, (char)(value | 0x80));
    }
    ifm_buf_append_char(out, (char)value);
}

static inline void put_uint(ifm_buf *out, unsigned field, uint64_t value)
{
    put_varint(out, field << 3 | FIXTURE_WIRE_VARINT);
    put_varint(out, value);
}

static inline uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (0 - (uint64_t)(value < 0));
}

static inline void put_sint(ifm_buf *out, unsigned field, int64_t value)
{
    put_uint(out, field, zigzag(value));
}

static inline void put_double(ifm_buf *out, unsigned field, double value)
{
    put_varint(out, field << 3 | FIXTURE_WIRE_FIXED64);
    ifm_buf_append(out, &value, sizeof value);
}

static inline void put_bytes(ifm_buf *out, unsigned field, const void *bytes, size_t size)
{
    put_varint(out, field << 3 | FIXTURE_WIRE_BYTES);
    put_varint(out, size);
    ifm_buf_append(out, bytes, size);
}

static inline void put_text(ifm_buf *out, unsigned field, const char *text)
{
    put_bytes(out, field, text, strlen(text));
}

/* Appends `message` as a field, and empties it. */
static inline void put_message(ifm_buf *out, unsigned field, ifm_buf *message)
{
    put_bytes(out, field, message->data, message->size);
    ifm_buf_clear(message);
}

static inline void put_label(ifm_buf *out, unsigned field, const char *name, const char *value)
{
    ifm_buf pair;
    ifm_buf_init(&pair, 1 << 16);
    put_text(&pair, 1, name);
    put_text(&pair, 2, value);
    put_message(out, field, &pair);
    ifm_buf_deinit(&pair);
}

static inline void put_time(ifm_buf *out, unsigned field, int64_t seconds, int32_t nanos)
{
    ifm_buf time;
    ifm_buf_init(&time, 1 << 16);
    put_uint(&time, 1, (uint64_t)seconds);
    put_uint(&time, 2, (uint64_t)(int64_t)nanos);
    put_message(out, field, &time);
    ifm_buf_deinit(&time);
}

static inline void put_span(ifm_buf *out, unsigned field, int32_t offset, uint32_t length)
{
    ifm_buf span;
    ifm_buf_init(&span, 1 << 16);
    put_sint(&span, 1, offset);
    put_uint(&span, 2, length);
    put_message(out, field, &span);
    ifm_buf_deinit(&span);
}

/* Appends `message` behind its size, as the messages of a document are, and empties it. */
static inline void put_delimited(ifm_buf *out, ifm_buf *message)
{
    put_varint(out, message->size);
    ifm_buf_append(out, message->data, message->size);
    ifm_buf_clear(message);
}

/* A family of one metric, whose value is `value` (emptied) in field `value_field`. */
static inline void put_family(ifm_buf *out, const char *name, unsigned type, unsigned value_field,
                              ifm_buf *value)
{
    ifm_buf family;
    ifm_buf metric;
    ifm_buf_init(&family, 1 << 24);
    ifm_buf_init(&metric, 1 << 24);
    put_text(&family, 1, name);
    put_uint(&family, 3, type);
    put_message(&metric, value_field, value);
    put_message(&family, 4, &metric);
    put_delimited(out, &family);
    ifm_buf_deinit(&family);
    ifm_buf_deinit(&metric);
}

/* The messages that a test puts together, one of each kind at a time. */
typedef struct proto_parts {
    ifm_buf document, family, metric, value, bucket, exemplar;
} proto_parts;

static inline void parts_init(proto_parts *parts)
{
    ifm_buf_init(&parts->document, 1 << 24);
    ifm_buf_init(&parts->family, 1 << 24);
    ifm_buf_init(&parts->metric, 1 << 24);
    ifm_buf_init(&parts->value, 1 << 24);
    ifm_buf_init(&parts->bucket, 1 << 24);
    ifm_buf_init(&parts->exemplar, 1 << 24);
}

static inline void parts_deinit(proto_parts *parts)
{
    ifm_buf_deinit(&parts->document);
    ifm_buf_deinit(&parts->family);
    ifm_buf_deinit(&parts->metric);
    ifm_buf_deinit(&parts->value);
    ifm_buf_deinit(&parts->bucket);
    ifm_buf_deinit(&parts->exemplar);
}

/* --- Entries as text -------------------------------------------------------------------------------- */

static inline void show_number(ifm_buf *out, double value)
{
    char text[IFM_NUMBER_SIZE];
    ifm_buf_append(out, text, ifm_number_write(text, value));
}

static inline void show_labels(ifm_buf *out, const ifm_parsed_label *labels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ifm_buf_printf(out, "%s%.*s=%.*s", i == 0 ? "{" : ",", (int)labels[i].name.size, labels[i].name.data,
                       (int)labels[i].value.size, labels[i].value.data);
    }
    ifm_buf_append_text(out, count == 0 ? "" : "}");
}

static inline void show_exemplar(ifm_buf *out, const ifm_parsed_exemplar *exemplar)
{
    ifm_buf_append_text(out, " # ");
    show_labels(out, exemplar->labels, exemplar->label_count);
    ifm_buf_append_char(out, ' ');
    show_number(out, exemplar->value);
    if (exemplar->time.present) {
        ifm_buf_printf(out, " @%" PRId64, exemplar->time.ms);
    }
}

static inline void show_buckets(ifm_buf *out, char sign, const ifm_proto_buckets *buckets)
{
    if (buckets->span_count == 0 && buckets->count == 0) {
        return;
    }
    ifm_buf_printf(out, " %c[", sign);
    for (size_t i = 0; i < buckets->span_count; i++) {
        ifm_buf_printf(out, "%" PRId32 ":%" PRIu32 " ", buckets->spans[i].offset, buckets->spans[i].length);
    }
    ifm_buf_append_char(out, '=');
    for (size_t i = 0; i < buckets->count; i++) {
        ifm_buf_append_char(out, ' ');
        show_number(out, buckets->counts[i]);
    }
    ifm_buf_append_char(out, ']');
}

static inline void show_native(ifm_buf *out, const ifm_proto_native *native)
{
    ifm_buf_printf(out, " native%s%s schema %" PRId32 " zero ", native->floats ? " floats" : "",
                   native->gauge ? " gauge" : "", native->schema);
    show_number(out, native->zero_count);
    ifm_buf_append_char(out, '/');
    show_number(out, native->zero_threshold);
    ifm_buf_append_text(out, " count ");
    show_number(out, native->count);
    ifm_buf_append_text(out, " sum ");
    show_number(out, native->sum);
    show_buckets(out, '+', &native->positive);
    show_buckets(out, '-', &native->negative);
}

static inline bool show_exemplars(ifm_buf *out, ifm_proto_parser *parser, ifm_error *err)
{
    ifm_parsed_exemplar exemplar;
    bool read = ifm_proto_parser_exemplar(parser, &exemplar, err);
    while (read && exemplar.present) {
        show_exemplar(out, &exemplar);
        read = ifm_proto_parser_exemplar(parser, &exemplar, err);
    }
    return read;
}

static inline void show_sample(ifm_buf *out, const ifm_proto_entry *entry)
{
    ifm_buf_append(out, entry->base.name.data, entry->base.name.size);
    show_labels(out, entry->base.labels, entry->base.label_count);
    if (entry->native != NULL) {
        show_native(out, entry->native);
    } else {
        ifm_buf_append_char(out, ' ');
        show_number(out, entry->base.value);
    }
    if (entry->base.time.present) {
        ifm_buf_printf(out, " @%" PRId64, entry->base.time.ms);
    }
    if (entry->created_ms != 0) {
        ifm_buf_printf(out, " created %" PRId64, entry->created_ms);
    }
    if (entry->base.exemplar.present) {
        show_exemplar(out, &entry->base.exemplar);
    }
}

static inline void show_entry(ifm_buf *out, const ifm_proto_entry *entry)
{
    const ifm_entry *base = &entry->base;
    switch (base->kind) {
    case IFM_ENTRY_HELP:
    case IFM_ENTRY_UNIT:
        ifm_buf_printf(out, "%s %.*s %.*s", base->kind == IFM_ENTRY_HELP ? "HELP" : "UNIT",
                       (int)base->name.size, base->name.data, (int)base->text.size, base->text.data);
        break;
    case IFM_ENTRY_TYPE:
        ifm_buf_printf(out, "TYPE %.*s %d", (int)base->name.size, base->name.data, (int)base->type);
        break;
    case IFM_ENTRY_SAMPLE:
        show_sample(out, entry);
        break;
    default:
        ifm_buf_append_text(out, "END");
        break;
    }
}

/* All entries of a document, behind each other; false when it is refused. */
static inline bool show_document(ifm_proto_parser *parser, const void *bytes, size_t size, ifm_buf *out,
                                 ifm_error *err)
{
    ifm_proto_entry entry = {.base = {.kind = IFM_ENTRY_COMMENT}};
    ifm_proto_parser_start(parser, bytes, size);
    while (entry.base.kind != IFM_ENTRY_END) {
        if (!ifm_proto_parser_next(parser, &entry, err)) {
            return false;
        }
        show_entry(out, &entry);
        if (entry.native != NULL && !show_exemplars(out, parser, err)) {
            return false;
        }
        ifm_buf_append_char(out, '\n');
    }
    return true;
}

#endif
