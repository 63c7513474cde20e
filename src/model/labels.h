/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of labels, as a series has them: sorted by name, no name twice, no empty value.
 *
 * Thread-safety: a set is constant once built, and may be read by any thread.
 * L1  items are sorted by name, bytewise; names are distinct; no value is empty.
 */
#ifndef IFM_MODEL_LABELS_H
#define IFM_MODEL_LABELS_H

#include "base/base.h"

#define MODEL_NAME_LABEL "__name__"

typedef struct model_text {
    const char *data; /* may hold any byte; not terminated */
    size_t size;
} model_text;

typedef struct model_label {
    model_text name;
    model_text value;
} model_label;

typedef struct model_labels {
    const model_label *items;
    size_t count;
} model_labels;

static inline model_text model_text_of(const char *text)
{
    return (model_text){text, strlen(text)};
}
bool model_text_equal(model_text a, model_text b);
int model_text_compare(model_text a, model_text b); /* bytewise, as memcmp() */

/* The value of a label; an empty text without it. */
model_text model_labels_get(model_labels labels, model_text name);
bool model_labels_equal(model_labels a, model_labels b);
/* The order of Prometheus's labels.Compare(): name by name, value by value, the shorter set first. */
int model_labels_compare(model_labels a, model_labels b);
/* XXH64 of Prometheus's stringlabels encoding (labels_stringlabels.go): the hash of limit_ratio. */
uint64_t model_labels_hash(model_labels labels);

/* Metadata labels, which go together: __name__, __type__, __unit__ (schema.IsMetadataLabel). */
bool model_label_is_metadata(model_text name);

/* Sorts and checks `items`, which it keeps; empty values are dropped. False with IFM_INVALID when a name
 * occurs twice. */
bool model_labels_make(model_label *items, size_t count, model_labels *out, ifm_error *err);

/* New sets in `arena`; texts are shared with the old one. An empty value removes the label. */
model_labels model_labels_with(model_labels labels, model_text name, model_text value, ifm_bump *arena);
model_labels model_labels_without_metadata(model_labels labels, ifm_bump *arena);
/* Those named (keep), or all but those named and without __name__ (drop), as by() and without() do it. */
model_labels model_labels_keep(model_labels labels, const model_text *names, size_t count, ifm_bump *arena);
model_labels model_labels_drop(model_labels labels, const model_text *names, size_t count, ifm_bump *arena);
/* A copy that shares nothing with `labels`. */
model_labels model_labels_copy(model_labels labels, ifm_bump *arena);

/* Appends {a="b", c="d"} as Prometheus's String() does, names that need it in quotes; values in Go quotes. */
void model_labels_print(model_labels labels, ifm_buf *out);

#endif
