/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer of the text formats. All that repeats is rendered once: for a family what stands before and
 * between its label values, for an array of bounds the le of each, for a point its labels. A line is then
 * start + labels + end + number, four copies into one piece of reserved room.
 */
#include "exposition/encoder_escape.h"
#include "exposition/encoder_impl.h"
#include "exposition/names.h"

/* --- What a family has in common -------------------------------------------------------------------- */

/* A name where it is followed by =, or in a comment line: quoted when it must be. */
static void append_name(ifm_buf *out, ifm_text name, ifm_name_kind kind)
{
    if (ifm_name_is_legacy(name.data, name.size, kind)) {
        ifm_text_append(out, name);
    } else {
        ifm_buf_append_char(out, '"');
        ifm_escape_append(out, name, IFM_ESCAPE_QUOTES);
        ifm_buf_append_char(out, '"');
    }
}

static ifm_text render_start(ifm_encoder *encoder, ifm_sample_kind kind)
{
    ifm_buf *work = &encoder->work;
    const ifm_encoder_family *family = &encoder->family;
    ifm_metric_type type = family->head.type;
    bool adds_label = kind == IFM_SAMPLE_BUCKET ||
                      (kind == IFM_SAMPLE_PLAIN && (type == IFM_TYPE_SUMMARY || type == IFM_TYPE_STATE_SET));
    bool labels = adds_label || family->head.label_count > 0;
    ifm_text_append(work, kind == IFM_SAMPLE_PLAIN ? family->full_name : family->base_name);
    ifm_buf_append_text(work, ifm_encoder_suffix(kind));
    ifm_text name = ifm_encoder_keep(encoder, &encoder->family_scratch, work);
    if (ifm_name_is_legacy(name.data, name.size, IFM_NAME_METRIC)) {
        ifm_text_append(work, name);
        ifm_buf_append_char(work, labels ? '{' : ' ');
    } else {
        ifm_buf_append_char(work, '{');
        append_name(work, name, IFM_NAME_METRIC);
        ifm_buf_append_text(work, labels ? "," : "} ");
    }
    return ifm_encoder_keep(encoder, &encoder->family_scratch, work);
}

static void render_labels_of_family(ifm_encoder *encoder)
{
    const ifm_encoder_family *family = &encoder->family;
    size_t count = family->head.label_count;
    ifm_text *starts = ifm_encoder_alloc(encoder, &encoder->family_scratch, count, sizeof *starts);
    for (size_t i = 0; starts != NULL && i < count; i++) {
        ifm_buf_append_text(&encoder->work, i == 0 ? "" : "\",");
        append_name(&encoder->work, family->label_names[i], IFM_NAME_LABEL);
        ifm_buf_append_text(&encoder->work, "=\"");
        starts[i] = ifm_encoder_keep(encoder, &encoder->family_scratch, &encoder->work);
    }
    encoder->text.label_starts = starts;
    encoder->text.end = ifm_text_of(count == 0 ? "" : "} ");
}

static const char *type_name(ifm_metric_type type, bool openmetrics)
{
    switch (type) {
    case IFM_TYPE_COUNTER:
        return "counter";
    case IFM_TYPE_GAUGE:
        return "gauge";
    case IFM_TYPE_HISTOGRAM:
        return "histogram";
    case IFM_TYPE_SUMMARY:
        return "summary";
    case IFM_TYPE_INFO:
        return openmetrics ? "info" : "gauge";
    case IFM_TYPE_STATE_SET:
        return openmetrics ? "stateset" : "gauge";
    default:
        return openmetrics ? "unknown" : "untyped";
    }
}

/* "# HELP NAME ": what begins all comment lines. */
static void append_comment(ifm_encoder *encoder, const char *word, ifm_text name)
{
    ifm_buf_append_text(encoder->out, word);
    append_name(encoder->out, name, IFM_NAME_METRIC);
    ifm_buf_append_char(encoder->out, ' ');
}

static void append_help(ifm_encoder *encoder, ifm_text name, ifm_escape_what what)
{
    if (encoder->family.head.help.size > 0) {
        append_comment(encoder, "# HELP ", name);
        ifm_escape_append(encoder->out, encoder->family.head.help, what);
        ifm_buf_append_char(encoder->out, '\n');
    }
}

static void append_type(ifm_encoder *encoder, ifm_text name, bool openmetrics)
{
    append_comment(encoder, "# TYPE ", name);
    ifm_buf_append_text(encoder->out, type_name(encoder->family.head.type, openmetrics));
    ifm_buf_append_char(encoder->out, '\n');
}

/* OpenMetrics allows a unit only where the name ends with it, made of characters of metric names, and not
 * for info and state sets; elsewhere it is left out, for example when an escaping changed the name's end. */
static void append_unit(ifm_encoder *encoder, ifm_text name)
{
    ifm_text unit = encoder->family.head.unit;
    ifm_metric_type type = encoder->family.head.type;
    bool allowed = unit.size > 0 && unit.size < name.size && type != IFM_TYPE_INFO &&
                   type != IFM_TYPE_STATE_SET && name.data[name.size - unit.size - 1] == '_' &&
                   memcmp(name.data + name.size - unit.size, unit.data, unit.size) == 0;
    for (size_t i = 0; allowed && i < unit.size; i++) {
        /* With a letter in front, a digit may also begin it: "per_100_seconds", unit "100_seconds". */
        char text[] = {'a', unit.data[i]};
        allowed = ifm_name_is_legacy(text, sizeof text, IFM_NAME_METRIC);
    }
    if (allowed) {
        append_comment(encoder, "# UNIT ", name);
        ifm_text_append(encoder->out, unit);
        ifm_buf_append_char(encoder->out, '\n');
    }
}

static void text_family_begin(ifm_encoder *encoder)
{
    const ifm_encoder_family *family = &encoder->family;
    for (unsigned kind = 0; kind < IFM_SAMPLE_KINDS; kind++) {
        if (ifm_encoder_family_has(encoder, kind)) {
            encoder->text.starts[kind] = render_start(encoder, kind);
        }
    }
    render_labels_of_family(encoder);
    encoder->text.bounds = NULL;
    if (encoder->format == IFM_FORMAT_OPENMETRICS) {
        append_type(encoder, family->base_name, true);
        append_unit(encoder, family->base_name);
        append_help(encoder, family->base_name, IFM_ESCAPE_QUOTES);
    } else {
        append_help(encoder, family->full_name, IFM_ESCAPE_LINES);
        append_type(encoder, family->full_name, false);
    }
}

static void text_family_end(ifm_encoder *encoder)
{
    (void)encoder; /* the next comment line ends a family */
}

/* --- Lines ------------------------------------------------------------------------------------------ */

/* Renders the labels of a point: `a="1",b="2"`. */
static void render_labels(ifm_encoder *encoder, const ifm_point *point)
{
    ifm_encoder_text *text = &encoder->text;
    size_t count = encoder->family.head.label_count;
    size_t room = 1;
    for (size_t i = 0; i < count; i++) {
        room += text->label_starts[i].size + IFM_ESCAPE_ROOM * point->label_values[i].size;
    }
    ifm_buf_clear(&text->labels);
    char *to = ifm_buf_reserve(&text->labels, room);
    if (to == NULL) {
        ifm_encoder_fail(encoder, text->labels.failed);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(to, text->label_starts[i].data, text->label_starts[i].size);
        to = ifm_escape_copy(to + text->label_starts[i].size, point->label_values[i], IFM_ESCAPE_QUOTES);
    }
    if (count > 0) {
        *to++ = '"';
    }
    text->labels.size = (size_t)(to - text->labels.data);
}

/* Writes a line up to its number and returns where that goes, with room for it and a line feed; NULL when
 * the sample is not wanted, or on failure. */
static char *line_begin(ifm_encoder *encoder, ifm_sample_kind kind, ifm_text end)
{
    if (!ifm_encoder_family_has(encoder, kind)) {
        return NULL;
    }
    ifm_text start = encoder->text.starts[kind];
    const ifm_buf *labels = &encoder->text.labels;
    char *to = ifm_buf_reserve(encoder->out, start.size + labels->size + end.size + IFM_NUMBER_SIZE + 1);
    if (to != NULL) {
        memcpy(to, start.data, start.size);
        to += start.size;
        memcpy(to, labels->data, labels->size);
        to += labels->size;
        memcpy(to, end.data, end.size);
        to += end.size;
    }
    return to;
}

/* Ends a line whose number ends at `to`. */
static void line_end(ifm_encoder *encoder, char *to)
{
    *to++ = '\n';
    encoder->out->size = (size_t)(to - encoder->out->data);
}

static void line_double(ifm_encoder *encoder, ifm_sample_kind kind, ifm_text end, double value)
{
    char *to = line_begin(encoder, kind, end);
    if (to != NULL) {
        line_end(encoder, to + ifm_number_write(to, value));
    }
}

static void line_count(ifm_encoder *encoder, ifm_sample_kind kind, ifm_text end, uint64_t value)
{
    char *to = line_begin(encoder, kind, end);
    if (to != NULL) {
        line_end(encoder, to + ifm_number_write_u64(to, value));
    }
}

/* Milliseconds as seconds with three decimals. */
static size_t write_seconds(char *out, int64_t time_ms)
{
    uint64_t absolute_ms = time_ms < 0 ? 0 - (uint64_t)time_ms : (uint64_t)time_ms;
    unsigned rest = (unsigned)(absolute_ms % 1000);
    char *to = out;
    if (time_ms < 0) {
        *to++ = '-';
    }
    to += ifm_number_write_u64(to, absolute_ms / 1000);
    *to++ = '.';
    *to++ = (char)('0' + rest / 100);
    *to++ = (char)('0' + rest / 10 % 10);
    *to++ = (char)('0' + rest % 10);
    return (size_t)(to - out);
}

static void line_created(ifm_encoder *encoder, const ifm_point *point)
{
    if (point->created_ms != 0) {
        char *to = line_begin(encoder, IFM_SAMPLE_CREATED, encoder->text.end);
        if (to != NULL) {
            line_end(encoder, to + write_seconds(to, point->created_ms));
        }
    }
}

/* --- Exemplars -------------------------------------------------------------------------------------- */

static void append_exemplar_labels(ifm_encoder *encoder, const ifm_exemplar_view *exemplar,
                                   const ifm_text *names)
{
    ifm_buf *out = encoder->out;
    for (size_t i = 0; i < exemplar->label_count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ",");
        append_name(out, names[i], IFM_NAME_LABEL);
        ifm_buf_append_text(out, "=\"");
        ifm_escape_append(out, exemplar->values[i], IFM_ESCAPE_QUOTES);
        ifm_buf_append_char(out, '"');
    }
}

/* Puts ` # {a="b"} 0.5 1700000000.123` behind the line written last, in place of its line feed. One that
 * is longer than OpenMetrics allows, perhaps only by the escaping of its names, is left out. */
static void append_exemplar(ifm_encoder *encoder, const ifm_exemplar_view *exemplar)
{
    ifm_buf *out = encoder->out;
    ifm_scratch_reset(&encoder->point_scratch);
    ifm_text *names =
        ifm_encoder_alloc(encoder, &encoder->point_scratch, exemplar->label_count, sizeof *names);
    if (names == NULL || !ifm_encoder_label_names(encoder, &encoder->point_scratch, exemplar->names,
                                                  exemplar->label_count, (ifm_text){0}, names)) {
        return;
    }
    size_t characters = 0;
    for (size_t i = 0; i < exemplar->label_count; i++) {
        characters += ifm_utf8_length(names[i].data, names[i].size) +
                      ifm_utf8_length(exemplar->values[i].data, exemplar->values[i].size);
    }
    if (characters > IFM_EXEMPLAR_CHARACTERS_MAX) {
        return;
    }
    char number[IFM_NUMBER_SIZE];
    out->size--;
    ifm_buf_append_text(out, " # {");
    append_exemplar_labels(encoder, exemplar, names);
    ifm_buf_append_text(out, "} ");
    ifm_buf_append(out, number, ifm_number_write(number, exemplar->value));
    if (exemplar->timestamp_ms != 0) {
        ifm_buf_append_char(out, ' ');
        ifm_buf_append(out, number, write_seconds(number, exemplar->timestamp_ms));
    }
    ifm_buf_append_char(out, '\n');
}

/* Whether the line that was just written, if it was, takes this exemplar. */
static bool takes_exemplar(const ifm_encoder *encoder, ifm_sample_kind kind,
                           const ifm_exemplar_view *exemplar)
{
    return exemplar != NULL && encoder->format == IFM_FORMAT_OPENMETRICS &&
           ifm_encoder_family_has(encoder, kind) && encoder->out->failed == IFM_OK;
}

/* --- Points ----------------------------------------------------------------------------------------- */

/* What counts up is neither NaN nor negative in OpenMetrics, whose parsers refuse the whole document for
 * it; such a sample is left out there. */
static bool is_count(const ifm_encoder *encoder, double value)
{
    return encoder->format != IFM_FORMAT_OPENMETRICS || value >= 0;
}

static void text_counter(ifm_encoder *encoder, const ifm_point *point, double value,
                         const ifm_exemplar_view *exemplar)
{
    if (!is_count(encoder, value)) {
        return;
    }
    render_labels(encoder, point);
    line_double(encoder, IFM_SAMPLE_PLAIN, encoder->text.end, value);
    if (takes_exemplar(encoder, IFM_SAMPLE_PLAIN, exemplar)) {
        append_exemplar(encoder, exemplar);
    }
    line_created(encoder, point);
}

static void text_gauge(ifm_encoder *encoder, const ifm_point *point, double value)
{
    render_labels(encoder, point);
    line_double(encoder, IFM_SAMPLE_PLAIN, encoder->text.end, value);
}

/* `,NAME="VALUE"} `: the last label of a line, with the comma only after other labels. */
static ifm_text render_end(ifm_encoder *encoder, ifm_scratch *scratch, ifm_text name, ifm_text value)
{
    ifm_buf *work = &encoder->work;
    ifm_buf_append_text(work, encoder->family.head.label_count == 0 ? "" : ",");
    append_name(work, name, IFM_NAME_LABEL);
    ifm_buf_append_text(work, "=\"");
    ifm_escape_append(work, value, IFM_ESCAPE_QUOTES);
    ifm_buf_append_text(work, "\"} ");
    return ifm_encoder_keep(encoder, scratch, work);
}

/* Makes text.bound_ends those of `bounds`, unless they are already: the points of a family nearly always
 * have the same ones. They are compared by content, as a collector may reuse its memory. */
static bool render_bounds(ifm_encoder *encoder, const double *bounds, size_t count)
{
    ifm_encoder_text *text = &encoder->text;
    if (text->bounds != NULL && text->bound_count == count &&
        (count == 0 || memcmp(text->bounds, bounds, count * sizeof *bounds) == 0)) {
        return true;
    }
    ifm_scratch *scratch = &text->bounds_scratch;
    ifm_scratch_reset(scratch);
    text->bounds = ifm_encoder_alloc(encoder, scratch, count, sizeof *bounds);
    text->bound_ends = ifm_encoder_alloc(encoder, scratch, count + 1, sizeof *text->bound_ends);
    if (text->bounds == NULL || text->bound_ends == NULL) {
        return false;
    }
    ifm_text label = ifm_encoder_family_reserved(encoder);
    for (size_t i = 0; i < count; i++) {
        char number[IFM_NUMBER_SIZE];
        ifm_text value = {number, ifm_number_write_canonical(number, bounds[i])};
        text->bounds[i] = bounds[i];
        text->bound_ends[i] = render_end(encoder, scratch, label, value);
    }
    text->bound_ends[count] = render_end(encoder, scratch, label, ifm_text_of("+Inf"));
    text->bound_count = count;
    return encoder->out->failed == IFM_OK;
}

static void bucket_exemplar(ifm_encoder *encoder, const ifm_histogram_point *histogram, size_t i)
{
    const ifm_exemplar_view *exemplar = histogram->exemplars == NULL ? NULL : histogram->exemplars[i];
    if (takes_exemplar(encoder, IFM_SAMPLE_BUCKET, exemplar) &&
        ifm_encoder_exemplar_fits(histogram, i, exemplar->value)) {
        append_exemplar(encoder, exemplar);
    }
}

static void text_buckets(ifm_encoder *encoder, const ifm_histogram_point *histogram)
{
    const ifm_text *ends = encoder->text.bound_ends;
    if (!histogram->classic) {
        line_count(encoder, IFM_SAMPLE_BUCKET, ends[0], histogram->count);
        return;
    }
    uint64_t cumulative = 0;
    for (size_t i = 0; i <= histogram->bound_count; i++) {
        cumulative += histogram->buckets[i];
        line_count(encoder, IFM_SAMPLE_BUCKET, ends[i], cumulative);
        bucket_exemplar(encoder, histogram, i);
    }
}

static void text_histogram(ifm_encoder *encoder, const ifm_point *point, const ifm_histogram_point *histogram)
{
    size_t bound_count = histogram->classic ? histogram->bound_count : 0;
    render_labels(encoder, point);
    if (!render_bounds(encoder, histogram->bounds, bound_count)) {
        return;
    }
    text_buckets(encoder, histogram);
    /* OpenMetrics has no sum where observations may be negative, and no count without a sum. */
    bool negative = bound_count > 0 && !is_count(encoder, histogram->bounds[0]);
    if (!negative && is_count(encoder, histogram->sum)) {
        line_double(encoder, IFM_SAMPLE_SUM, encoder->text.end, histogram->sum);
        line_count(encoder, IFM_SAMPLE_COUNT, encoder->text.end, histogram->count);
    }
    line_created(encoder, point);
}

static void text_summary(ifm_encoder *encoder, const ifm_point *point, const ifm_summary_point *summary)
{
    render_labels(encoder, point);
    if (!render_bounds(encoder, summary->quantiles, summary->quantile_count)) {
        return;
    }
    for (size_t i = 0; i < summary->quantile_count; i++) {
        line_double(encoder, IFM_SAMPLE_PLAIN, encoder->text.bound_ends[i], summary->values[i]);
    }
    if (is_count(encoder, summary->sum)) {
        line_double(encoder, IFM_SAMPLE_SUM, encoder->text.end, summary->sum);
    }
    line_count(encoder, IFM_SAMPLE_COUNT, encoder->text.end, summary->count);
    line_created(encoder, point);
}

static void text_state_set(ifm_encoder *encoder, const ifm_point *point, const ifm_text *states,
                           size_t state_count, uint64_t enabled)
{
    render_labels(encoder, point);
    for (size_t i = 0; i < state_count; i++) {
        ifm_scratch_reset(&encoder->point_scratch);
        ifm_text end = render_end(encoder, &encoder->point_scratch, encoder->family.full_name, states[i]);
        line_count(encoder, IFM_SAMPLE_PLAIN, end, enabled >> i & 1);
    }
}

const ifm_encoder_writer ifm_encoder_text_writer = {
    .family_begin = text_family_begin,
    .counter = text_counter,
    .gauge = text_gauge,
    .histogram = text_histogram,
    .summary = text_summary,
    .state_set = text_state_set,
    .family_end = text_family_end,
};
