/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the encoder. encoder.c is the public side: it plans each family (encoder_family.c: its names as
 * they are written, and which samples were asked for) and passes points on to a writer, of which there are
 * two: encoder_text.c for the three text formats, encoder_proto.c for protobuf.
 *
 * Thread-safety: one encoder by one thread.
 * E1  a writer is called only between family_begin and family_end, for families with wanted samples.
 * E2  family_begin is called at the first point, so a family without points leaves no trace.
 * E3  an allocation that failed sets out->failed and samples = 0: nothing uses a plan that is not whole.
 */
#ifndef IFM_EXPOSITION_ENCODER_IMPL_H
#define IFM_EXPOSITION_ENCODER_IMPL_H

#include "exposition/encoder.h"
#include "exposition/encoder_scratch.h"
#include "exposition/metrics.pb-c.h" /* generated from metrics.proto */

/* The samples that a point can have, by the suffix of their name. */
typedef enum ifm_sample_kind {
    IFM_SAMPLE_PLAIN, /* "x_total", "x_info", otherwise "x": also quantiles and states */
    IFM_SAMPLE_BUCKET,
    IFM_SAMPLE_SUM,
    IFM_SAMPLE_COUNT,
    IFM_SAMPLE_CREATED,
    IFM_SAMPLE_KINDS
} ifm_sample_kind;

/* A family as it is written. Text lives in `family_scratch`, or is borrowed from the head. */
typedef struct ifm_encoder_family {
    ifm_family_head head;
    unsigned samples;      /* which are wanted: bit 1 << ifm_sample_kind; 0: none, or between families */
    bool begun;            /* the writer's family_begin was called (E2) */
    ifm_text full_name;    /* escaped, with the suffix of the type: "x_total", "x_info", "x" */
    ifm_text base_name;    /* the same without it; _sum and the like are added to this one */
    ifm_text *label_names; /* escaped; all different, see ifm_encoder_family_labels() */
} ifm_encoder_family;

/* What distinguishes the formats. */
typedef struct ifm_encoder_writer {
    void (*family_begin)(ifm_encoder *encoder);
    void (*counter)(ifm_encoder *encoder, const ifm_point *point, double value,
                    const ifm_exemplar_view *exemplar);
    void (*gauge)(ifm_encoder *encoder, const ifm_point *point, double value);
    void (*histogram)(ifm_encoder *encoder, const ifm_point *point, const ifm_histogram_point *histogram);
    void (*summary)(ifm_encoder *encoder, const ifm_point *point, const ifm_summary_point *summary);
    void (*state_set)(ifm_encoder *encoder, const ifm_point *point, const ifm_text *states,
                      size_t state_count, uint64_t enabled);
    void (*family_end)(ifm_encoder *encoder);
} ifm_encoder_writer;

extern const ifm_encoder_writer ifm_encoder_text_writer;
extern const ifm_encoder_writer ifm_encoder_proto_writer;

/* The text writer's memory of one family. */
typedef struct ifm_encoder_text {
    ifm_text starts[IFM_SAMPLE_KINDS]; /* `x_total{`, `{"x.y",`, `x `: all before the labels */
    ifm_text *label_starts;            /* `a="`, `",b="` */
    ifm_text end;                      /* all between labels and number: `} `, or nothing */
    ifm_buf labels;                    /* of the point in work: `a="1",b="2"` */
    ifm_scratch bounds_scratch;        /* holds the three that follow */
    double *bounds;                    /* the bounds or quantiles of the point before */
    size_t bound_count;
    ifm_text *bound_ends; /* `,le="0.5"} ` of each bound; for histograms one more, of +Inf */
} ifm_encoder_text;

/* The protobuf writer's memory of one family. */
typedef struct ifm_encoder_proto {
    size_t start;                /* where the family begins in `out` */
    Ifm__WireLabelPair **labels; /* one for each label name, with the name filled in, and one more */
} ifm_encoder_proto;

struct ifm_encoder {
    ifm_buf *out;
    const ifm_encoder_writer *writer;
    ifm_format format;
    ifm_escaping escaping;
    const char *const *names; /* the filter */
    size_t name_count;
    ifm_encoder_family family;
    ifm_scratch family_scratch; /* until family_end */
    ifm_scratch point_scratch;  /* until the next point or exemplar */
    ifm_buf work;               /* for names that are being put together; empty between calls */
    ifm_encoder_text text;
    ifm_encoder_proto proto;
};

/* Which samples of a family with this head are wanted; a set of bits 1 << ifm_sample_kind. */
unsigned ifm_encoder_family_samples(const ifm_encoder *encoder, const ifm_family_head *head);

/* Fills in encoder->family from `head`. False when memory ran out; then E3 holds. */
bool ifm_encoder_family_plan(ifm_encoder *encoder, const ifm_family_head *head);

/* "_sum" and so on; "" for IFM_SAMPLE_PLAIN, whose suffix depends on the type. Static storage. */
const char *ifm_encoder_suffix(ifm_sample_kind kind);

/* Escapes `count` label names into `out` (memory from `scratch`). When several become the same, or one
 * becomes `reserved` or "__name__", all but the one that was legal get as many _ behind as make them
 * different: a label set with one name twice would be refused by every parser, and merging two labels would
 * merge series. False when memory ran out. */
bool ifm_encoder_label_names(ifm_encoder *encoder, ifm_scratch *scratch, const ifm_text *names, size_t count,
                             ifm_text reserved, ifm_text *out);

/* The label that the type itself adds: "le", "quantile", the name of a state set; size 0: none. */
ifm_text ifm_encoder_family_reserved(const ifm_encoder *encoder);

/* Whether an exemplar of this value belongs to bucket i of a classic histogram. */
bool ifm_encoder_exemplar_fits(const ifm_histogram_point *histogram, size_t i, double value);

/* Marks the document as failed, and stops the family in work (E3). The first failure stays. */
void ifm_encoder_fail(ifm_encoder *encoder, ifm_code code);

/* NULL marks the document as failed (E3). */
void *ifm_encoder_alloc(ifm_encoder *encoder, ifm_scratch *scratch, size_t count, size_t size);

/* A copy of buf's contents; empties it. */
ifm_text ifm_encoder_keep(ifm_encoder *encoder, ifm_scratch *scratch, ifm_buf *buf);

static inline ifm_text ifm_text_of(const char *text)
{
    return (ifm_text){text, strlen(text)};
}

static inline bool ifm_text_equal(ifm_text a, ifm_text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool ifm_encoder_family_has(const ifm_encoder *encoder, ifm_sample_kind kind)
{
    return (encoder->family.samples >> kind & 1) != 0;
}

/* The `data` of an empty text may be NULL, which memcpy() must not be given. */
static inline void ifm_text_append(ifm_buf *out, ifm_text text)
{
    if (text.size > 0) {
        ifm_buf_append(out, text.data, text.size);
    }
}

#endif
