/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan of a family: names as they are written, and which samples the name filter lets through.
 */
#include "exposition/encoder_impl.h"
#include "exposition/names.h"

#include <math.h>

const char *ifm_encoder_suffix(ifm_sample_kind kind)
{
    static const char *const suffixes[IFM_SAMPLE_KINDS] = {"", "_bucket", "_sum", "_count", "_created"};
    return suffixes[kind];
}

static ifm_text type_suffix(ifm_metric_type type)
{
    if (type == IFM_TYPE_COUNTER) {
        return ifm_text_of("_total");
    }
    return ifm_text_of(type == IFM_TYPE_INFO ? "_info" : "");
}

void ifm_encoder_fail(ifm_encoder *encoder, ifm_code code)
{
    encoder->family.samples = 0;
    if (encoder->out->failed == IFM_OK) {
        encoder->out->failed = code;
    }
}

void *ifm_encoder_alloc(ifm_encoder *encoder, ifm_scratch *scratch, size_t count, size_t size)
{
    void *memory = ifm_scratch_alloc(scratch, count, size);
    if (memory == NULL) {
        ifm_encoder_fail(encoder, IFM_NOMEM);
    }
    return memory;
}

ifm_text ifm_encoder_keep(ifm_encoder *encoder, ifm_scratch *scratch, ifm_buf *buf)
{
    ifm_text text = {0};
    char *copy = ifm_encoder_alloc(encoder, scratch, buf->size, 1);
    if (copy != NULL && buf->failed == IFM_OK) {
        memcpy(copy, buf->size == 0 ? "" : buf->data, buf->size);
        text = (ifm_text){copy, buf->size};
    } else {
        ifm_encoder_fail(encoder, buf->failed);
    }
    ifm_buf_clear(buf);
    return text;
}

/* All samples that points of this type have in this format. */
static unsigned type_samples(const ifm_encoder *encoder, ifm_metric_type type)
{
    unsigned counted = 1U << IFM_SAMPLE_SUM | 1U << IFM_SAMPLE_COUNT;
    unsigned created = encoder->format == IFM_FORMAT_OPENMETRICS ? 1U << IFM_SAMPLE_CREATED : 0;
    switch (type) {
    case IFM_TYPE_COUNTER:
        return 1U << IFM_SAMPLE_PLAIN | created;
    case IFM_TYPE_HISTOGRAM:
        return 1U << IFM_SAMPLE_BUCKET | counted | created;
    case IFM_TYPE_SUMMARY:
        return 1U << IFM_SAMPLE_PLAIN | counted | created;
    default:
        return 1U << IFM_SAMPLE_PLAIN;
    }
}

/* Which of the samples `all` of a family called `base` are called `wanted`: all of them by the plain name. */
static unsigned named_samples(ifm_text wanted, ifm_text base, ifm_text suffix, unsigned all)
{
    if (wanted.size < base.size || memcmp(wanted.data, base.data, base.size) != 0) {
        return 0;
    }
    ifm_text rest = {wanted.data + base.size, wanted.size - base.size};
    if (rest.size == 0) {
        return all;
    }
    if (suffix.size > 0 && ifm_text_equal(rest, suffix)) {
        return all & 1U << IFM_SAMPLE_PLAIN;
    }
    for (unsigned kind = IFM_SAMPLE_BUCKET; kind < IFM_SAMPLE_KINDS; kind++) {
        if (ifm_text_equal(rest, ifm_text_of(ifm_encoder_suffix(kind)))) {
            return all & 1U << kind;
        }
    }
    return 0;
}

/* Appends the name with the suffix of its type, escaped. The suffix belongs to the name when it is escaped,
 * as in client_golang, where it is part of the name: by IFM_ESCAPING_DOTS "x.y_total" is "x_dot_y__total".
 * No scheme changes how it ends. `work` is empty before and after. */
static void append_full_name(const ifm_encoder *encoder, const ifm_family_head *head, ifm_buf *work,
                             ifm_buf *out)
{
    ifm_text_append(work, head->name);
    ifm_text_append(work, type_suffix(head->type));
    if (work->failed == IFM_OK && work->size > 0) {
        ifm_name_escape(out, work->data, work->size, encoder->escaping, IFM_NAME_METRIC);
    } else if (work->failed != IFM_OK && out->failed == IFM_OK) {
        out->failed = work->failed;
    }
    ifm_buf_clear(work);
}

/* Which of the samples `all` are named by the filter, which knows names as they were given. */
static unsigned filtered_samples(const ifm_encoder *encoder, ifm_text base, ifm_text suffix, unsigned all)
{
    unsigned samples = 0;
    for (size_t i = 0; i < encoder->name_count; i++) {
        samples |= named_samples(ifm_text_of(encoder->names[i]), base, suffix, all);
    }
    return samples;
}

/* The same by names as they are written, which is what a user sees and asks for next time. The buffers
 * cannot grow: a name that does not fit is matched by its given form alone. */
static unsigned filtered_escaped_samples(const ifm_encoder *encoder, const ifm_family_head *head,
                                         unsigned all)
{
    char plain[IFM_NAME_BYTES_MAX + 16];
    char escaped[4 * sizeof plain]; /* one byte becomes at most four: "_2e_" */
    ifm_buf work = {.data = plain, .capacity = sizeof plain, .max = sizeof plain};
    ifm_buf out = {.data = escaped, .capacity = sizeof escaped, .max = sizeof escaped};
    ifm_text suffix = type_suffix(head->type);
    append_full_name(encoder, head, &work, &out);
    if (out.failed != IFM_OK || out.size < suffix.size) {
        return 0;
    }
    return filtered_samples(encoder, (ifm_text){escaped, out.size - suffix.size}, suffix, all);
}

unsigned ifm_encoder_family_samples(const ifm_encoder *encoder, const ifm_family_head *head)
{
    unsigned all = type_samples(encoder, head->type);
    if (encoder->name_count == 0) {
        return all;
    }
    unsigned samples = filtered_samples(encoder, head->name, type_suffix(head->type), all) |
                       filtered_escaped_samples(encoder, head, all);
    return encoder->format == IFM_FORMAT_PROTOBUF && samples != 0 ? all : samples;
}

static void plan_name(ifm_encoder *encoder, ifm_encoder_family *family)
{
    size_t suffix_size = type_suffix(family->head.type).size;
    ifm_buf full;
    ifm_buf_init(&full, encoder->work.max);
    append_full_name(encoder, &family->head, &encoder->work, &full);
    family->full_name = ifm_encoder_keep(encoder, &encoder->family_scratch, &full);
    ifm_buf_deinit(&full);
    if (family->full_name.size >= suffix_size) {
        family->base_name = (ifm_text){family->full_name.data, family->full_name.size - suffix_size};
    }
}

bool ifm_encoder_family_plan(ifm_encoder *encoder, const ifm_family_head *head)
{
    ifm_encoder_family *family = &encoder->family;
    ifm_scratch_reset(&encoder->family_scratch);
    *family = (ifm_encoder_family){.head = *head, .samples = ifm_encoder_family_samples(encoder, head)};
    if (family->samples == 0) {
        return true;
    }
    plan_name(encoder, family);
    family->label_names =
        ifm_encoder_alloc(encoder, &encoder->family_scratch, head->label_count, sizeof *family->label_names);
    return family->label_names != NULL &&
           ifm_encoder_label_names(encoder, &encoder->family_scratch, head->label_names, head->label_count,
                                   ifm_encoder_family_reserved(encoder), family->label_names);
}

ifm_text ifm_encoder_family_reserved(const ifm_encoder *encoder)
{
    switch (encoder->family.head.type) {
    case IFM_TYPE_HISTOGRAM:
        return ifm_text_of("le");
    case IFM_TYPE_SUMMARY:
        return ifm_text_of("quantile");
    case IFM_TYPE_STATE_SET:
        return encoder->family.full_name;
    default:
        return (ifm_text){0};
    }
}

/* Whether label i cannot be called `name`: something else has that name, or keeps it as its own. */
static bool label_is_taken(ifm_text name, size_t i, const ifm_text *names, size_t count, ifm_text reserved,
                           const ifm_text *escaped)
{
    if (ifm_text_equal(name, reserved) || ifm_text_equal(name, ifm_text_of("__name__"))) {
        return true;
    }
    for (size_t other = 0; other < count; other++) {
        if (other != i && ifm_text_equal(name, names[other])) {
            return true;
        }
        if (other < i && ifm_text_equal(name, escaped[other])) {
            return true;
        }
    }
    return false;
}

bool ifm_encoder_label_names(ifm_encoder *encoder, ifm_scratch *scratch, const ifm_text *names, size_t count,
                             ifm_text reserved, ifm_text *out)
{
    ifm_buf *work = &encoder->work;
    for (size_t i = 0; i < count; i++) {
        ifm_name_escape(work, names[i].data, names[i].size, encoder->escaping, IFM_NAME_LABEL);
        while (work->failed == IFM_OK &&
               label_is_taken((ifm_text){work->data, work->size}, i, names, count, reserved, out)) {
            ifm_buf_append_char(work, '_');
        }
        out[i] = ifm_encoder_keep(encoder, scratch, work);
    }
    return encoder->out->failed == IFM_OK;
}

bool ifm_encoder_exemplar_fits(const ifm_histogram_point *histogram, size_t i, double value)
{
    bool above = i == 0 || value > histogram->bounds[i - 1];
    bool below = i == histogram->bound_count || value <= histogram->bounds[i];
    return above && below && !isnan(value);
}
