/* SPDX-License-Identifier: Apache-2.0
 *
 * Families and metrics: what comes after what. A message is read as often as needed where it stands, since
 * fields may come in any order: a family once for its head, a histogram once for its totals.
 */
#include "exposition/parser_proto.h"

#include "exposition/names.h"
#include "exposition/parser_proto_impl.h"
#include "exposition/parser_scan.h"

#include <math.h>

/* By number on the wire: the type, and which field of Metric has its value. */
static const struct {
    ifm_family_type type;
    uint32_t value_field;
} wire_types[] = {
    {IFM_FAMILY_COUNTER, 3}, {IFM_FAMILY_GAUGE, 2},     {IFM_FAMILY_SUMMARY, 4},
    {IFM_FAMILY_UNKNOWN, 5}, {IFM_FAMILY_HISTOGRAM, 7}, {IFM_FAMILY_GAUGE_HISTOGRAM, 7},
};

ifm_proto_parser *ifm_proto_parser_new(ifm_proto_histograms histograms, ifm_error *err)
{
    ifm_proto_parser *parser = ifm_alloc_zero(1, sizeof *parser);
    if (parser == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    parser->histograms = histograms;
    ifm_buf_init(&parser->names, IFM_PARSE_NAMES_BYTES_MAX);
    for (size_t i = 0; i < IFM_COUNT_OF(parser->spans); i++) {
        /* There are no more spans than buckets. */
        ifm_buf_init(&parser->spans[i], IFM_PARSE_NATIVE_BUCKETS_MAX * sizeof(ifm_proto_span));
        ifm_buf_init(&parser->counts[i], IFM_PARSE_NATIVE_BUCKETS_MAX * sizeof(double));
    }
    ifm_proto_parser_start(parser, "", 0);
    return parser;
}

void ifm_proto_parser_free(ifm_proto_parser *parser)
{
    if (parser != NULL) {
        ifm_buf_deinit(&parser->names);
        for (size_t i = 0; i < IFM_COUNT_OF(parser->spans); i++) {
            ifm_buf_deinit(&parser->spans[i]);
            ifm_buf_deinit(&parser->counts[i]);
        }
        ifm_free(parser);
    }
}

void ifm_proto_parser_set_histograms(ifm_proto_parser *parser, ifm_proto_histograms histograms)
{
    parser->histograms = histograms;
}

void ifm_proto_parser_start(ifm_proto_parser *parser, const void *bytes, size_t size)
{
    parser->bytes = bytes;
    parser->rest = (ifm_wire){parser->bytes, parser->bytes + size};
    parser->step = IFM_PROTO_STEP_FAMILY;
    parser->failed = false;
    parser->family_number = 0;
    parser->exemplars = (ifm_wire){parser->bytes, parser->bytes};
}

/* --- Family ----------------------------------------------------------------------------------------- */

/* Head of a family: everything but its metrics, of which *metrics says whether there are any. */
static bool read_head(ifm_proto_parser *parser, ifm_wire family, uint64_t *type, bool *metrics)
{
    ifm_wire_field field;
    bool ok = true;
    *type = 0;
    *metrics = false;
    parser->name = parser->help = parser->unit = (ifm_text){"", 0};
    while (ok && ifm_proto_field(parser, &family, &field)) {
        switch (field.number) {
        case FAMILY_NAME:
            ok = ifm_proto_text(parser, &field, &parser->name);
            break;
        case FAMILY_HELP:
            ok = ifm_proto_text(parser, &field, &parser->help);
            break;
        case FAMILY_TYPE:
            ok = ifm_proto_uint(parser, &field, type);
            break;
        case FAMILY_UNIT:
            ok = ifm_proto_text(parser, &field, &parser->unit);
            break;
        case FAMILY_METRIC:
            *metrics = true;
            break;
        default:
            break;
        }
    }
    return !parser->failed;
}

/* Whether `name` ends with "_UNIT", before the _total of a counter. */
static bool has_unit(ifm_text name, ifm_text unit, ifm_family_type type)
{
    static const char total[] = "_total";
    size_t total_size = sizeof total - 1;
    if (type == IFM_FAMILY_COUNTER && name.size > total_size &&
        memcmp(name.data + name.size - total_size, total, total_size) == 0) {
        name.size -= total_size;
    }
    return name.size > unit.size && name.data[name.size - unit.size - 1] == '_' &&
           memcmp(name.data + name.size - unit.size, unit.data, unit.size) == 0;
}

static bool check_head(ifm_proto_parser *parser, uint64_t type)
{
    const uint8_t *at = parser->family_start;
    ifm_shown name = ifm_parser_show(parser->name);
    if (!ifm_name_is_valid(parser->name.data, parser->name.size)) {
        return ifm_proto_fail(parser, at, IFM_INVALID, "\"%s\" is not a metric name", name.text);
    }
    if (!ifm_utf8_valid(parser->help.data, parser->help.size)) {
        return ifm_proto_fail(parser, at, IFM_INVALID, "the help of \"%s\" is not UTF-8", name.text);
    }
    if (type >= IFM_COUNT_OF(wire_types)) {
        return ifm_proto_fail(parser, at, IFM_INVALID, "\"%s\" has type %llu, which is none", name.text,
                              (unsigned long long)type);
    }
    parser->type = wire_types[type].type;
    parser->value_field = wire_types[type].value_field;
    if (parser->unit.size > 0 && !has_unit(parser->name, parser->unit, parser->type)) {
        return ifm_proto_fail(parser, at, IFM_INVALID, "the name of \"%s\" does not end with its unit",
                              name.text);
    }
    return true;
}

static ifm_text append_name(ifm_buf *names, ifm_text name, const char *suffix)
{
    size_t start = names->size;
    ifm_buf_append(names, name.data, name.size);
    ifm_buf_append_text(names, suffix);
    return names->failed != IFM_OK ? (ifm_text){0} : (ifm_text){names->data + start, names->size - start};
}

/* The names of samples that are not that of the family. */
static bool make_names(ifm_proto_parser *parser)
{
    ifm_buf *names = &parser->names;
    ifm_text name = parser->name;
    ifm_buf_clear(names);
    if (parser->type == IFM_FAMILY_COUNTER || parser->type == IFM_FAMILY_GAUGE ||
        parser->type == IFM_FAMILY_UNKNOWN) {
        return true;
    }
    ifm_buf_reserve(names, 3 * (name.size + sizeof "_bucket")); /* lest the names move */
    parser->name_count = append_name(names, name, "_count");
    parser->name_sum = append_name(names, name, "_sum");
    parser->name_bucket = append_name(names, name, "_bucket");
    if (names->failed == IFM_LIMIT) {
        return ifm_proto_fail(parser, parser->family_start, IFM_LIMIT,
                              "a metric name of %zu bytes is too long", name.size);
    }
    return names->failed == IFM_OK ||
           ifm_proto_fail(parser, parser->family_start, IFM_NOMEM, "out of memory");
}

/* The next family with metrics; false at the end of the document, too. */
static bool read_family(ifm_proto_parser *parser)
{
    bool metrics = false;
    uint64_t type;
    while (!metrics && parser->rest.at < parser->rest.end) {
        uint64_t size;
        parser->family_number++;
        parser->family_start = parser->rest.at;
        if (!ifm_proto_varint(parser, &parser->rest, &size)) {
            return false;
        }
        size_t left = (size_t)(parser->rest.end - parser->rest.at);
        if (size > left) {
            return ifm_proto_fail(parser, parser->family_start, IFM_INVALID,
                                  "%llu bytes are announced, but %zu are left", (unsigned long long)size,
                                  left);
        }
        parser->metrics = (ifm_wire){parser->rest.at, parser->rest.at + size};
        parser->rest.at += size;
        if (!read_head(parser, parser->metrics, &type, &metrics)) {
            return false;
        }
    }
    return metrics && check_head(parser, type) && make_names(parser);
}

/* --- Metric ----------------------------------------------------------------------------------------- */

/* Labels and time; where the value is goes to parser->value. */
static bool read_metric(ifm_proto_parser *parser, ifm_wire metric)
{
    ifm_wire_field field;
    uint64_t time_ms = 0;
    bool ok = true;
    parser->value = (ifm_wire){metric.end, metric.end};
    parser->label_count = 0;
    parser->created_ms = 0;
    while (ok && ifm_proto_field(parser, &metric, &field)) {
        if (field.number == METRIC_LABEL) {
            ok = ifm_proto_label(parser, &field, parser->labels, &parser->label_count, IFM_PARSE_LABELS_MAX);
        } else if (field.number == METRIC_TIME_MS) {
            ok = ifm_proto_uint(parser, &field, &time_ms);
        } else if (field.number == parser->value_field) {
            ok = ifm_proto_contents(parser, &field, &parser->value);
        }
    }
    /* As in Prometheus, the time 0 is none: many writers always fill it in. */
    parser->time = (ifm_parsed_time){time_ms != 0, (int64_t)time_ms, (double)(int64_t)time_ms / 1000};
    return !parser->failed;
}

static bool read_created(ifm_proto_parser *parser, const ifm_wire_field *field)
{
    ifm_parsed_time time;
    if (!ifm_proto_time(parser, field, &time)) {
        return false;
    }
    parser->created_ms = time.ms;
    return true;
}

static bool summary_field(ifm_proto_parser *parser, const ifm_wire_field *field)
{
    ifm_proto_totals *totals = &parser->totals;
    switch (field->number) {
    case SUMMARY_COUNT:
        return ifm_proto_uint(parser, field, &totals->count);
    case SUMMARY_SUM:
        return ifm_proto_double(parser, field, &totals->sum);
    case SUMMARY_CREATED:
        return read_created(parser, field);
    case SUMMARY_QUANTILE:
        totals->has_parts = true;
        return true;
    default:
        return true;
    }
}

static bool histogram_field(ifm_proto_parser *parser, const ifm_wire_field *field)
{
    ifm_proto_totals *totals = &parser->totals;
    switch (field->number) {
    case HISTOGRAM_COUNT:
        return ifm_proto_uint(parser, field, &totals->count);
    case HISTOGRAM_COUNT_FLOAT:
        return ifm_proto_double(parser, field, &totals->count_float);
    case HISTOGRAM_SUM:
        return ifm_proto_double(parser, field, &totals->sum);
    case HISTOGRAM_SCHEMA:
        return ifm_proto_sint(parser, field, &totals->schema);
    case HISTOGRAM_ZERO_THRESHOLD:
        return ifm_proto_double(parser, field, &totals->zero_threshold);
    case HISTOGRAM_ZERO_COUNT:
        return ifm_proto_uint(parser, field, &totals->zero_count);
    case HISTOGRAM_ZERO_COUNT_FLOAT:
        return ifm_proto_double(parser, field, &totals->zero_count_float);
    case HISTOGRAM_CREATED:
        return read_created(parser, field);
    case HISTOGRAM_BUCKET:
        totals->has_parts = true;
        return true;
    case HISTOGRAM_POSITIVE_SPAN:
    case HISTOGRAM_NEGATIVE_SPAN:
        totals->has_spans = true;
        return true;
    case HISTOGRAM_EXEMPLAR:
        totals->has_exemplars = true;
        return true;
    default:
        return true;
    }
}

static bool read_totals(ifm_proto_parser *parser)
{
    bool summary = parser->type == IFM_FAMILY_SUMMARY;
    ifm_wire wire = parser->value;
    ifm_wire_field field;
    parser->totals = (ifm_proto_totals){0};
    while (ifm_proto_field(parser, &wire, &field)) {
        if (!(summary ? summary_field(parser, &field) : histogram_field(parser, &field))) {
            return false;
        }
    }
    return !parser->failed;
}

static bool is_native(const ifm_proto_totals *totals)
{
    return totals->has_spans || totals->zero_threshold > 0 || totals->zero_count > 0 ||
           totals->zero_count_float > 0;
}

/* --- Entries ---------------------------------------------------------------------------------------- */

static void sample_entry(const ifm_proto_parser *parser, ifm_text name, double value, ifm_proto_entry *entry)
{
    entry->base.kind = IFM_ENTRY_SAMPLE;
    entry->base.offset = (size_t)(parser->metric_start - parser->bytes);
    entry->base.name = name;
    entry->base.value = value;
    entry->base.labels = parser->labels;
    entry->base.label_count = parser->label_count;
    entry->base.time = parser->time;
    entry->created_ms = parser->created_ms;
}

/* The one sample of a counter, gauge or untyped metric. */
static bool simple_entry(ifm_proto_parser *parser, ifm_proto_entry *entry)
{
    ifm_wire wire = parser->value;
    ifm_wire_field field;
    double value = 0;
    bool counter = parser->type == IFM_FAMILY_COUNTER;
    bool ok = true;
    while (ok && ifm_proto_field(parser, &wire, &field)) {
        if (field.number == SIMPLE_VALUE) {
            ok = ifm_proto_double(parser, &field, &value);
        } else if (counter && field.number == COUNTER_EXEMPLAR) {
            ok = ifm_proto_exemplar(parser, &field, &entry->base.exemplar);
        } else if (counter && field.number == COUNTER_CREATED) {
            ok = read_created(parser, &field);
        }
    }
    sample_entry(parser, parser->name, value, entry);
    return !parser->failed;
}

/* _count, and what comes after it. */
static bool count_entry(ifm_proto_parser *parser, ifm_proto_entry *entry)
{
    bool summary = parser->type == IFM_FAMILY_SUMMARY;
    ifm_text added = summary ? (ifm_text){"quantile", 8} : (ifm_text){"le", 2};
    const ifm_proto_totals *totals = &parser->totals;
    for (size_t i = 0; i < parser->label_count; i++) {
        ifm_text name = parser->labels[i].name;
        if (name.size == added.size && memcmp(name.data, added.data, added.size) == 0) {
            return ifm_proto_fail(parser, parser->metric_start, IFM_INVALID,
                                  "a %s has a label \"%s\" of its own", summary ? "summary" : "histogram",
                                  added.data);
        }
    }
    parser->labels[parser->label_count].name = added;
    parser->parts = parser->value;
    parser->infinity_is_due = !summary;
    parser->step = IFM_PROTO_STEP_SUM;
    sample_entry(parser, parser->name_count,
                 totals->count_float != 0 ? totals->count_float : (double)totals->count, entry);
    return true;
}

static bool histogram_entry(ifm_proto_parser *parser, ifm_proto_entry *entry)
{
    if (parser->histograms == IFM_PROTO_CLASSIC || !is_native(&parser->totals)) {
        return count_entry(parser, entry);
    }
    if (!ifm_proto_read_native(parser)) {
        return false;
    }
    sample_entry(parser, parser->name, 0, entry);
    entry->native = &parser->native;
    parser->exemplars = parser->value;
    if (parser->histograms == IFM_PROTO_NATIVE_AND_CLASSIC && parser->totals.has_parts) {
        parser->step = IFM_PROTO_STEP_CLASSIC;
    }
    return true;
}

/* A bucket or quantile with what its label says. */
static void part_entry(ifm_proto_parser *parser, double label, double value, ifm_proto_entry *entry)
{
    ifm_text text = {parser->number, ifm_number_write_canonical(parser->number, label)};
    parser->labels[parser->label_count].value = text;
    sample_entry(parser, parser->type == IFM_FAMILY_SUMMARY ? parser->name : parser->name_bucket, value,
                 entry);
    entry->base.label_count++;
}

static bool quantile_entry(ifm_proto_parser *parser, ifm_wire wire, ifm_proto_entry *entry)
{
    ifm_wire_field field;
    double quantile = 0;
    double value = 0;
    bool ok = true;
    while (ok && ifm_proto_field(parser, &wire, &field)) {
        if (field.number == QUANTILE_QUANTILE) {
            ok = ifm_proto_double(parser, &field, &quantile);
        } else if (field.number == QUANTILE_VALUE) {
            ok = ifm_proto_double(parser, &field, &value);
        }
    }
    part_entry(parser, quantile, value, entry);
    return !parser->failed;
}

static bool bucket_entry(ifm_proto_parser *parser, ifm_wire wire, ifm_proto_entry *entry)
{
    ifm_wire_field field;
    double bound = 0;
    uint64_t count = 0;
    double count_float = 0;
    bool ok = true;
    while (ok && ifm_proto_field(parser, &wire, &field)) {
        switch (field.number) {
        case BUCKET_COUNT:
            ok = ifm_proto_uint(parser, &field, &count);
            break;
        case BUCKET_COUNT_FLOAT:
            ok = ifm_proto_double(parser, &field, &count_float);
            break;
        case BUCKET_BOUND:
            ok = ifm_proto_double(parser, &field, &bound);
            break;
        case BUCKET_EXEMPLAR:
            ok = ifm_proto_exemplar(parser, &field, &entry->base.exemplar);
            break;
        default:
            break;
        }
    }
    if (isinf(bound) && bound > 0) {
        parser->infinity_is_due = false;
    }
    part_entry(parser, bound, count_float != 0 ? count_float : (double)count, entry);
    return !parser->failed;
}

/* The next quantile or bucket. *found is false when there is none; then the metric is done. */
static bool next_part(ifm_proto_parser *parser, bool *found, ifm_proto_entry *entry)
{
    bool summary = parser->type == IFM_FAMILY_SUMMARY;
    uint32_t number = summary ? SUMMARY_QUANTILE : HISTOGRAM_BUCKET;
    ifm_wire_field field;
    ifm_wire part;
    *found = true;
    while (ifm_proto_field(parser, &parser->parts, &field)) {
        if (field.number == number) {
            return ifm_proto_contents(parser, &field, &part) &&
                   (summary ? quantile_entry(parser, part, entry) : bucket_entry(parser, part, entry));
        }
    }
    if (parser->failed) {
        return false;
    }
    *found = parser->infinity_is_due;
    if (parser->infinity_is_due) {
        const ifm_proto_totals *totals = &parser->totals;
        parser->infinity_is_due = false;
        part_entry(parser, (double)INFINITY,
                   totals->count_float != 0 ? totals->count_float : (double)totals->count, entry);
    }
    return true;
}

/* The first entry of the next metric. *found is false at the end of the family. */
static bool next_metric(ifm_proto_parser *parser, bool *found, ifm_proto_entry *entry)
{
    ifm_wire_field field;
    ifm_wire metric;
    *found = false;
    while (!*found && ifm_proto_field(parser, &parser->metrics, &field)) {
        *found = field.number == FAMILY_METRIC;
    }
    if (!*found) {
        return !parser->failed;
    }
    parser->metric_start = field.start;
    if (!ifm_proto_contents(parser, &field, &metric) || !read_metric(parser, metric)) {
        return false;
    }
    switch (parser->type) {
    case IFM_FAMILY_SUMMARY:
        return read_totals(parser) && count_entry(parser, entry);
    case IFM_FAMILY_HISTOGRAM:
    case IFM_FAMILY_GAUGE_HISTOGRAM:
        return read_totals(parser) && histogram_entry(parser, entry);
    default:
        return simple_entry(parser, entry);
    }
}

/* --- Steps ------------------------------------------------------------------------------------------ */

static void head_entry(const ifm_proto_parser *parser, ifm_entry_kind kind, ifm_text text,
                       ifm_proto_entry *entry)
{
    entry->base.kind = kind;
    entry->base.name = parser->name;
    entry->base.text = text;
    entry->base.type = parser->type;
}

/* HELP of the next family, or the end. */
static bool step_family(ifm_proto_parser *parser, ifm_proto_entry *entry)
{
    if (!read_family(parser)) {
        entry->base.kind = IFM_ENTRY_END;
        entry->base.offset = (size_t)(parser->rest.at - parser->bytes);
        return !parser->failed;
    }
    entry->base.line = parser->family_number;
    entry->base.offset = (size_t)(parser->family_start - parser->bytes);
    head_entry(parser, IFM_ENTRY_HELP, parser->help, entry);
    parser->step = IFM_PROTO_STEP_TYPE;
    return true;
}

/* What comes after the last sample of a metric: that of the next one, or the next family. */
static bool step_metric(ifm_proto_parser *parser, ifm_proto_entry *entry)
{
    bool found;
    parser->step = IFM_PROTO_STEP_METRIC;
    if (!next_metric(parser, &found, entry)) {
        return false;
    }
    if (found) {
        return true;
    }
    parser->step = IFM_PROTO_STEP_FAMILY;
    return step_family(parser, entry);
}

static bool step(ifm_proto_parser *parser, ifm_proto_entry *entry)
{
    bool found;
    switch (parser->step) {
    case IFM_PROTO_STEP_FAMILY:
        return step_family(parser, entry);
    case IFM_PROTO_STEP_TYPE:
        head_entry(parser, IFM_ENTRY_TYPE, (ifm_text){"", 0}, entry);
        parser->step = parser->unit.size > 0 ? IFM_PROTO_STEP_UNIT : IFM_PROTO_STEP_METRIC;
        return true;
    case IFM_PROTO_STEP_UNIT:
        head_entry(parser, IFM_ENTRY_UNIT, parser->unit, entry);
        parser->step = IFM_PROTO_STEP_METRIC;
        return true;
    case IFM_PROTO_STEP_CLASSIC:
        return count_entry(parser, entry);
    case IFM_PROTO_STEP_SUM:
        sample_entry(parser, parser->name_sum, parser->totals.sum, entry);
        parser->step = IFM_PROTO_STEP_PARTS;
        return true;
    case IFM_PROTO_STEP_PARTS:
        if (!next_part(parser, &found, entry)) {
            return false;
        }
        return found || step_metric(parser, entry);
    case IFM_PROTO_STEP_METRIC:
    default:
        return step_metric(parser, entry);
    }
}

bool ifm_proto_parser_next(ifm_proto_parser *parser, ifm_proto_entry *entry, ifm_error *err)
{
    if (!parser->failed) {
        *entry = (ifm_proto_entry){.base = {.text = {"", 0}}};
        if (parser->family_number > 0) {
            entry->base.line = parser->family_number;
            entry->base.offset = (size_t)(parser->family_start - parser->bytes);
        }
        parser->exemplars = (ifm_wire){parser->bytes, parser->bytes};
        if (step(parser, entry)) {
            return true;
        }
    }
    *err = parser->failure;
    return false;
}

/* --- Exemplars of a native histogram ---------------------------------------------------------------- */

/* The exemplar of a classic bucket, present only if it has one. */
static bool bucket_exemplar(ifm_proto_parser *parser, ifm_wire bucket, ifm_parsed_exemplar *out)
{
    ifm_wire_field field;
    while (ifm_proto_field(parser, &bucket, &field)) {
        if (field.number == BUCKET_EXEMPLAR && !ifm_proto_exemplar(parser, &field, out)) {
            return false;
        }
    }
    return !parser->failed;
}

bool ifm_proto_parser_exemplar(ifm_proto_parser *parser, ifm_parsed_exemplar *out, ifm_error *err)
{
    bool own = parser->totals.has_exemplars;
    uint32_t number = own ? HISTOGRAM_EXEMPLAR : HISTOGRAM_BUCKET;
    ifm_wire_field field;
    ifm_wire bucket;
    while (!parser->failed && ifm_proto_field(parser, &parser->exemplars, &field)) {
        *out = (ifm_parsed_exemplar){0};
        bool ok = field.number != number ||
                  (own ? ifm_proto_exemplar(parser, &field, out)
                       : ifm_proto_contents(parser, &field, &bucket) && bucket_exemplar(parser, bucket, out));
        if (ok && out->present && out->time.present) {
            return true;
        }
    }
    *out = (ifm_parsed_exemplar){0};
    if (parser->failed) {
        *err = parser->failure;
    }
    return !parser->failed;
}
