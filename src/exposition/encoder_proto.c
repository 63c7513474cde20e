/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer of delimited protobuf: for each family its length and one MetricFamily. A family is never
 * held as a whole: its first fields are packed, then each Metric by itself with tag and length, which is
 * the same on the wire. The length of all comes in front when it is known.
 */
#include "exposition/encoder_impl.h"

#include <math.h>

enum {
    VARINT_SIZE_MAX = 10,
    METRIC_TAG = 4 << 3 | 2, /* field 4 of MetricFamily, with a length */
    SPAN_GAP_MAX = 2         /* a longer run of empty buckets is cheaper as a new span; as client_golang */
};

static size_t write_varint(uint8_t *out, uint64_t value)
{
    size_t size = 0;
    for (; value >= 0x80; value >>= 7) {
        out[size++] = (uint8_t)(value | 0x80);
    }
    out[size++] = (uint8_t)value;
    return size;
}

/* Cannot change what it points at: only packing reads it, but protobuf-c has no const. */
static ProtobufCBinaryData bytes_of(ifm_text text)
{
    return (ProtobufCBinaryData){.len = text.size, .data = (uint8_t *)(uintptr_t)text.data};
}

/* --- Family ----------------------------------------------------------------------------------------- */

static Ifm__WireType wire_type(ifm_metric_type type)
{
    switch (type) {
    case IFM_TYPE_COUNTER:
        return IFM__WIRE_TYPE__COUNTER;
    case IFM_TYPE_HISTOGRAM:
        return IFM__WIRE_TYPE__HISTOGRAM;
    case IFM_TYPE_SUMMARY:
        return IFM__WIRE_TYPE__SUMMARY;
    case IFM_TYPE_UNKNOWN:
        return IFM__WIRE_TYPE__UNTYPED;
    default:
        return IFM__WIRE_TYPE__GAUGE;
    }
}

/* Label pairs of which points fill in only the values; NULL when memory ran out. */
static Ifm__WireLabelPair **make_labels(ifm_encoder *encoder, ifm_scratch *scratch, const ifm_text *names,
                                        size_t count)
{
    Ifm__WireLabelPair *pairs = ifm_encoder_alloc(encoder, scratch, count, sizeof *pairs);
    Ifm__WireLabelPair **list = ifm_encoder_alloc(encoder, scratch, count, sizeof *list);
    if (pairs == NULL || list == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        ifm__wire_label_pair__init(&pairs[i]);
        pairs[i].has_name = true;
        pairs[i].name = bytes_of(names[i]);
        pairs[i].has_value = true;
        list[i] = &pairs[i];
    }
    return list;
}

/* The labels of the family, and behind them the one that a state set adds. */
static void make_family_labels(ifm_encoder *encoder)
{
    const ifm_encoder_family *family = &encoder->family;
    size_t count = family->head.label_count;
    ifm_text *names = ifm_encoder_alloc(encoder, &encoder->family_scratch, count + 1, sizeof *names);
    if (names == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = family->label_names[i];
    }
    names[count] = ifm_encoder_family_reserved(encoder);
    encoder->proto.labels = make_labels(encoder, &encoder->family_scratch, names, count + 1);
}

static void proto_family_begin(ifm_encoder *encoder)
{
    const ifm_encoder_family *family = &encoder->family;
    Ifm__WireMetricFamily message = IFM__WIRE_METRIC_FAMILY__INIT;
    message.has_name = true;
    message.name = bytes_of(family->full_name);
    message.has_help = family->head.help.size > 0;
    message.help = bytes_of(family->head.help);
    message.has_type = true;
    message.type = wire_type(family->head.type);
    message.has_unit = family->head.unit.size > 0;
    message.unit = bytes_of(family->head.unit);
    make_family_labels(encoder);
    encoder->proto.start = encoder->out->size;
    size_t size = ifm__wire_metric_family__get_packed_size(&message);
    char *to = ifm_buf_reserve(encoder->out, VARINT_SIZE_MAX + size);
    if (to != NULL) {
        ifm__wire_metric_family__pack(&message, (uint8_t *)to + VARINT_SIZE_MAX);
        encoder->out->size += VARINT_SIZE_MAX + size;
    }
}

/* Writes the length into the room that was left for it, and closes what it does not fill. */
static void proto_family_end(ifm_encoder *encoder)
{
    ifm_buf *out = encoder->out;
    if (out->failed != IFM_OK) {
        return;
    }
    char *start = out->data + encoder->proto.start;
    size_t size = out->size - encoder->proto.start - VARINT_SIZE_MAX;
    size_t used = write_varint((uint8_t *)start, size);
    memmove(start + used, start + VARINT_SIZE_MAX, size);
    out->size = encoder->proto.start + used + size;
}

/* --- Parts of a point ------------------------------------------------------------------------------- */

/* A metric with the labels of `point`; begins the memory of this point. */
static void metric_begin(ifm_encoder *encoder, const ifm_point *point, Ifm__WireMetric *metric)
{
    size_t count = encoder->family.head.label_count;
    ifm_scratch_reset(&encoder->point_scratch);
    ifm__wire_metric__init(metric);
    for (size_t i = 0; i < count; i++) {
        encoder->proto.labels[i]->value = bytes_of(point->label_values[i]);
    }
    metric->n_label = count;
    metric->label = encoder->proto.labels;
}

static void metric_end(ifm_encoder *encoder, const Ifm__WireMetric *metric)
{
    if (encoder->family.samples == 0) {
        return; /* E3: a part of it is missing */
    }
    size_t size = ifm__wire_metric__get_packed_size(metric);
    uint8_t *to = (uint8_t *)ifm_buf_reserve(encoder->out, 1 + VARINT_SIZE_MAX + size);
    if (to != NULL) {
        size_t used = 0;
        to[used++] = METRIC_TAG;
        used += write_varint(to + used, size);
        used += ifm__wire_metric__pack(metric, to + used);
        encoder->out->size += used;
    }
}

/* NULL, which leaves the field out, when there is no time. */
static Ifm__WireTimestamp *make_timestamp(Ifm__WireTimestamp *timestamp, int64_t time_ms)
{
    if (time_ms == 0) {
        return NULL;
    }
    int64_t rest_ms = time_ms % 1000;
    rest_ms = rest_ms < 0 ? rest_ms + 1000 : rest_ms; /* nanos count forwards also before 1970 */
    ifm__wire_timestamp__init(timestamp);
    timestamp->has_seconds = true;
    timestamp->seconds = (time_ms - rest_ms) / 1000;
    timestamp->has_nanos = true;
    timestamp->nanos = (int32_t)(rest_ms * 1000000);
    return timestamp;
}

/* NULL, which leaves the field out, when there is none, or memory ran out (E3). */
static Ifm__WireExemplar *make_exemplar(ifm_encoder *encoder, const ifm_exemplar_view *view)
{
    ifm_scratch *scratch = &encoder->point_scratch;
    if (view == NULL) {
        return NULL;
    }
    Ifm__WireExemplar *exemplar = ifm_encoder_alloc(encoder, scratch, 1, sizeof *exemplar);
    Ifm__WireTimestamp *timestamp = ifm_encoder_alloc(encoder, scratch, 1, sizeof *timestamp);
    ifm_text *names = ifm_encoder_alloc(encoder, scratch, view->label_count, sizeof *names);
    if (exemplar == NULL || timestamp == NULL || names == NULL ||
        !ifm_encoder_label_names(encoder, scratch, view->names, view->label_count, (ifm_text){0}, names)) {
        return NULL;
    }
    ifm__wire_exemplar__init(exemplar);
    exemplar->label = make_labels(encoder, scratch, names, view->label_count);
    exemplar->n_label = exemplar->label == NULL ? 0 : view->label_count;
    for (size_t i = 0; i < exemplar->n_label; i++) {
        exemplar->label[i]->value = bytes_of(view->values[i]);
    }
    exemplar->has_value = true;
    exemplar->value = view->value;
    exemplar->timestamp = make_timestamp(timestamp, view->timestamp_ms);
    return exemplar;
}

/* --- Native histograms ------------------------------------------------------------------------------ */

typedef struct native_buckets {
    Ifm__WireBucketSpan **spans;
    size_t span_count;
    int64_t *deltas;
    size_t delta_count;
    uint64_t last; /* count of the bucket appended last */
} native_buckets;

static void add_span(native_buckets *buckets, int32_t offset)
{
    Ifm__WireBucketSpan *span = buckets->spans[buckets->span_count++];
    ifm__wire_bucket_span__init(span);
    span->has_offset = true;
    span->offset = offset;
    span->has_length = true;
}

/* Lengthens the last span by one bucket. */
static void add_count(native_buckets *buckets, uint64_t count)
{
    buckets->spans[buckets->span_count - 1]->length++;
    buckets->deltas[buckets->delta_count++] = (int64_t)(count - buckets->last);
    buckets->last = count;
}

/* Appends bucket i of a run, behind a gap of empty buckets that begins at `next`. */
static void add_bucket(native_buckets *buckets, const ifm_native_run *run, size_t i, size_t next)
{
    if (buckets->span_count == 0) {
        add_span(buckets, (int32_t)(run->first + (int64_t)i));
    } else if (i - next > SPAN_GAP_MAX) {
        add_span(buckets, (int32_t)(i - next));
    } else {
        for (; next < i; next++) {
            add_count(buckets, 0);
        }
    }
    add_count(buckets, run->counts[i]);
}

/* Spans and deltas of a run; buckets that are empty at its ends, or between spans, are left out. */
static bool make_buckets(ifm_encoder *encoder, const ifm_native_run *run, native_buckets *out)
{
    /* Two spans are at least SPAN_GAP_MAX + 1 buckets apart; one more for the no-op span. */
    size_t spans_max = run->count / (SPAN_GAP_MAX + 2) + 2;
    ifm_scratch *scratch = &encoder->point_scratch;
    Ifm__WireBucketSpan *spans = ifm_encoder_alloc(encoder, scratch, spans_max, sizeof *spans);
    *out = (native_buckets){
        .spans = ifm_encoder_alloc(encoder, scratch, spans_max, sizeof *out->spans),
        .deltas = ifm_encoder_alloc(encoder, scratch, run->count, sizeof *out->deltas),
    };
    if (spans == NULL || out->spans == NULL || out->deltas == NULL) {
        return false;
    }
    for (size_t i = 0; i < spans_max; i++) {
        out->spans[i] = &spans[i];
    }
    size_t next = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (run->counts[i] != 0) {
            add_bucket(out, run, i, next);
            next = i + 1;
        }
    }
    return true;
}

static void native_exemplars(ifm_encoder *encoder, const ifm_native_point *native,
                             Ifm__WireHistogram *histogram)
{
    histogram->exemplars = ifm_encoder_alloc(encoder, &encoder->point_scratch, native->exemplar_count,
                                             sizeof *histogram->exemplars);
    for (size_t i = 0; histogram->exemplars != NULL && i < native->exemplar_count; i++) {
        Ifm__WireExemplar *exemplar = NULL;
        if (native->exemplars[i].timestamp_ms != 0) { /* Prometheus refuses others here */
            exemplar = make_exemplar(encoder, &native->exemplars[i]);
        }
        if (exemplar != NULL) {
            histogram->exemplars[histogram->n_exemplars++] = exemplar;
        }
    }
}

static void make_native(ifm_encoder *encoder, const ifm_native_point *native, Ifm__WireHistogram *histogram)
{
    native_buckets positive;
    native_buckets negative;
    if (!make_buckets(encoder, &native->positive, &positive) ||
        !make_buckets(encoder, &native->negative, &negative)) {
        return; /* E3 */
    }
    if (positive.span_count + negative.span_count == 0) {
        /* Without spans a scraper would take it for a classic histogram: an empty span marks it. */
        add_span(&positive, 0);
    }
    histogram->has_schema = true;
    histogram->schema = native->schema;
    histogram->has_zero_threshold = true;
    histogram->zero_threshold = native->zero_threshold;
    histogram->has_zero_count = true;
    histogram->zero_count = native->zero_count;
    histogram->n_positive_span = positive.span_count;
    histogram->positive_span = positive.spans;
    histogram->n_positive_delta = positive.delta_count;
    histogram->positive_delta = positive.deltas;
    histogram->n_negative_span = negative.span_count;
    histogram->negative_span = negative.spans;
    histogram->n_negative_delta = negative.delta_count;
    histogram->negative_delta = negative.deltas;
    native_exemplars(encoder, native, histogram);
}

/* --- Points ----------------------------------------------------------------------------------------- */

static void proto_counter(ifm_encoder *encoder, const ifm_point *point, double value,
                          const ifm_exemplar_view *exemplar)
{
    Ifm__WireMetric metric;
    Ifm__WireCounter counter = IFM__WIRE_COUNTER__INIT;
    Ifm__WireTimestamp created;
    metric_begin(encoder, point, &metric);
    counter.has_value = true;
    counter.value = value;
    counter.exemplar = make_exemplar(encoder, exemplar);
    counter.created_timestamp = make_timestamp(&created, point->created_ms);
    metric.counter = &counter;
    metric_end(encoder, &metric);
}

static void proto_gauge(ifm_encoder *encoder, const ifm_point *point, double value)
{
    Ifm__WireMetric metric;
    Ifm__WireGauge gauge = IFM__WIRE_GAUGE__INIT;
    Ifm__WireUntyped untyped = IFM__WIRE_UNTYPED__INIT;
    metric_begin(encoder, point, &metric);
    if (encoder->family.head.type == IFM_TYPE_UNKNOWN) {
        untyped.has_value = true;
        untyped.value = value;
        metric.untyped = &untyped;
    } else {
        gauge.has_value = true;
        gauge.value = value;
        metric.gauge = &gauge;
    }
    metric_end(encoder, &metric);
}

static void make_classic(ifm_encoder *encoder, const ifm_histogram_point *point,
                         Ifm__WireHistogram *histogram)
{
    size_t count = point->bound_count + 1;
    Ifm__WireBucket *buckets = ifm_encoder_alloc(encoder, &encoder->point_scratch, count, sizeof *buckets);
    histogram->bucket = ifm_encoder_alloc(encoder, &encoder->point_scratch, count, sizeof *histogram->bucket);
    if (buckets == NULL || histogram->bucket == NULL) {
        return; /* E3 */
    }
    uint64_t cumulative = 0;
    for (size_t i = 0; i < count; i++) {
        const ifm_exemplar_view *exemplar = point->exemplars == NULL ? NULL : point->exemplars[i];
        bool fits = exemplar != NULL && ifm_encoder_exemplar_fits(point, i, exemplar->value);
        cumulative += point->buckets[i];
        ifm__wire_bucket__init(&buckets[i]);
        buckets[i].has_cumulative_count = true;
        buckets[i].cumulative_count = cumulative;
        buckets[i].has_upper_bound = true;
        buckets[i].upper_bound = i == point->bound_count ? (double)INFINITY : point->bounds[i];
        buckets[i].exemplar = make_exemplar(encoder, fits ? exemplar : NULL);
        histogram->bucket[i] = &buckets[i];
    }
    histogram->n_bucket = count;
}

static void proto_histogram(ifm_encoder *encoder, const ifm_point *point,
                            const ifm_histogram_point *histogram)
{
    Ifm__WireMetric metric;
    Ifm__WireHistogram message = IFM__WIRE_HISTOGRAM__INIT;
    Ifm__WireTimestamp created;
    metric_begin(encoder, point, &metric);
    message.has_sample_count = true;
    message.sample_count = histogram->count;
    message.has_sample_sum = true;
    message.sample_sum = histogram->sum;
    message.created_timestamp = make_timestamp(&created, point->created_ms);
    if (histogram->classic) {
        make_classic(encoder, histogram, &message);
    }
    if (histogram->native != NULL) {
        make_native(encoder, histogram->native, &message);
    }
    metric.histogram = &message;
    metric_end(encoder, &metric);
}

static void proto_summary(ifm_encoder *encoder, const ifm_point *point, const ifm_summary_point *summary)
{
    Ifm__WireMetric metric;
    Ifm__WireSummary message = IFM__WIRE_SUMMARY__INIT;
    Ifm__WireTimestamp created;
    metric_begin(encoder, point, &metric);
    size_t count = summary->quantile_count;
    ifm_scratch *scratch = &encoder->point_scratch;
    Ifm__WireQuantile *quantiles = ifm_encoder_alloc(encoder, scratch, count, sizeof *quantiles);
    message.quantile = ifm_encoder_alloc(encoder, scratch, count, sizeof *message.quantile);
    if (quantiles == NULL || message.quantile == NULL) {
        return; /* E3 */
    }
    for (size_t i = 0; i < count; i++) {
        ifm__wire_quantile__init(&quantiles[i]);
        quantiles[i].has_quantile = true;
        quantiles[i].quantile = summary->quantiles[i];
        quantiles[i].has_value = true;
        quantiles[i].value = summary->values[i];
        message.quantile[i] = &quantiles[i];
    }
    message.n_quantile = count;
    message.has_sample_count = true;
    message.sample_count = summary->count;
    message.has_sample_sum = true;
    message.sample_sum = summary->sum;
    message.created_timestamp = make_timestamp(&created, point->created_ms);
    metric.summary = &message;
    metric_end(encoder, &metric);
}

/* A gauge for each state, as a text format would have it. */
static void proto_state_set(ifm_encoder *encoder, const ifm_point *point, const ifm_text *states,
                            size_t state_count, uint64_t enabled)
{
    for (size_t i = 0; i < state_count; i++) {
        Ifm__WireMetric metric;
        Ifm__WireGauge gauge = IFM__WIRE_GAUGE__INIT;
        metric_begin(encoder, point, &metric);
        encoder->proto.labels[metric.n_label++]->value = bytes_of(states[i]);
        gauge.has_value = true;
        gauge.value = (double)(enabled >> i & 1);
        metric.gauge = &gauge;
        metric_end(encoder, &metric);
    }
}

const ifm_encoder_writer ifm_encoder_proto_writer = {
    .family_begin = proto_family_begin,
    .counter = proto_counter,
    .gauge = proto_gauge,
    .histogram = proto_histogram,
    .summary = proto_summary,
    .state_set = proto_state_set,
    .family_end = proto_family_end,
};
