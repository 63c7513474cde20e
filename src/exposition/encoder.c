/* SPDX-License-Identifier: Apache-2.0
 *
 * The public side of the encoder; encoder_impl.h says how it is divided.
 */
#include "exposition/encoder.h"

#include "exposition/encoder_impl.h"

/* Longer than any name, and than IFM_LABELS_MAX names with escaped values can be. */
enum { LABELS_BYTES_MAX = 1 << 26 };

ifm_encoder *ifm_encoder_new(const ifm_encoder_options *options, ifm_buf *out, ifm_error *err)
{
    ifm_encoder *encoder = ifm_alloc_zero(1, sizeof *encoder);
    if (encoder == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    bool plain = options->format == IFM_FORMAT_TEXT && options->escaping == IFM_ESCAPING_ALLOW_UTF8;
    bool proto = options->format == IFM_FORMAT_PROTOBUF;
    encoder->out = out;
    encoder->writer = proto ? &ifm_encoder_proto_writer : &ifm_encoder_text_writer;
    encoder->format = options->format;
    encoder->escaping = plain ? IFM_ESCAPING_UNDERSCORES : options->escaping;
    encoder->names = options->names;
    encoder->name_count = options->name_count;
    ifm_scratch_init(&encoder->family_scratch);
    ifm_scratch_init(&encoder->point_scratch);
    ifm_scratch_init(&encoder->text.bounds_scratch);
    ifm_buf_init(&encoder->text.labels, LABELS_BYTES_MAX);
    ifm_buf_init(&encoder->work, LABELS_BYTES_MAX);
    return encoder;
}

void ifm_encoder_free(ifm_encoder *encoder)
{
    if (encoder == NULL) {
        return;
    }
    ifm_scratch_deinit(&encoder->family_scratch);
    ifm_scratch_deinit(&encoder->point_scratch);
    ifm_scratch_deinit(&encoder->text.bounds_scratch);
    ifm_buf_deinit(&encoder->text.labels);
    ifm_buf_deinit(&encoder->work);
    ifm_free(encoder);
}

bool ifm_encoder_wants(const ifm_encoder *encoder, const ifm_family_head *head)
{
    return ifm_encoder_family_samples(encoder, head) != 0;
}

void ifm_encoder_family_begin(ifm_encoder *encoder, const ifm_family_head *head)
{
    if (!ifm_encoder_family_plan(encoder, head)) {
        encoder->family.samples = 0; /* E3 */
    }
}

/* Whether a point is to be written; begins the family with its first one (E2). */
static bool point_begin(ifm_encoder *encoder)
{
    if (encoder->family.samples == 0) {
        return false; /* E1 */
    }
    if (!encoder->family.begun) {
        encoder->family.begun = true;
        encoder->writer->family_begin(encoder);
    }
    return encoder->family.samples != 0; /* E3 */
}

void ifm_encoder_counter(ifm_encoder *encoder, const ifm_point *point, double value,
                         const ifm_exemplar_view *exemplar)
{
    if (point_begin(encoder)) {
        encoder->writer->counter(encoder, point, value, exemplar);
    }
}

void ifm_encoder_gauge(ifm_encoder *encoder, const ifm_point *point, double value)
{
    if (point_begin(encoder)) {
        encoder->writer->gauge(encoder, point, value);
    }
}

void ifm_encoder_histogram(ifm_encoder *encoder, const ifm_point *point, const ifm_histogram_point *histogram)
{
    if (point_begin(encoder)) {
        encoder->writer->histogram(encoder, point, histogram);
    }
}

void ifm_encoder_summary(ifm_encoder *encoder, const ifm_point *point, const ifm_summary_point *summary)
{
    if (point_begin(encoder)) {
        encoder->writer->summary(encoder, point, summary);
    }
}

void ifm_encoder_info(ifm_encoder *encoder, const ifm_point *point)
{
    ifm_encoder_gauge(encoder, point, 1);
}

void ifm_encoder_state_set(ifm_encoder *encoder, const ifm_point *point, const ifm_text *states,
                           size_t state_count, uint64_t enabled)
{
    if (point_begin(encoder)) {
        encoder->writer->state_set(encoder, point, states, state_count, enabled);
    }
}

void ifm_encoder_family_end(ifm_encoder *encoder)
{
    if (encoder->family.begun && encoder->family.samples != 0) {
        encoder->writer->family_end(encoder);
    }
    encoder->family = (ifm_encoder_family){0};
}

bool ifm_encoder_finish(ifm_encoder *encoder, ifm_error *err)
{
    if (encoder->format == IFM_FORMAT_OPENMETRICS) {
        ifm_buf_append_text(encoder->out, "# EOF\n");
    }
    return ifm_buf_check(encoder->out, err);
}
