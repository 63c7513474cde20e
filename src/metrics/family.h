/* SPDX-License-Identifier: Apache-2.0
 *
 * A metric family of any type: its description, and its series by label values.
 *
 * Thread-safety: everything is under the registry's lock but ifm_family_with(), whose fast path takes none.
 * F1  children[] holds every live series of the family, NULL where one was removed, in order of creation.
 * F2  every live series with labels is in the table, the overflow series included.
 */
#ifndef IFM_METRICS_FAMILY_H
#define IFM_METRICS_FAMILY_H

#include "exposition/exposition.h"
#include "metrics/histogram_cell.h"
#include "metrics/series.h"
#include "metrics/sketch.h"
#include "metrics/table.h"

#include <inferometer/metrics.h>

struct ifm_family {
    struct ifm_registry *registry;
    ifm_metric_type type;
    char *name; /* without the suffixes of its samples */
    char *unit; /* "" for none */
    char *help;
    char *sort_key; /* the name with underscores for what needs quotes; unique in the registry */
    ifm_text *label_names;
    size_t label_count;
    size_t series_limit;
    bool exemplars;
    bool inc_dec; /* gauge: made of counter cells, ups in `whole` and downs in `part` */

    /* By type. */
    struct ifm_histogram_layout histogram; /* histogram; summary: one bucket, for count and sum */
    struct ifm_sketch_layout sketch;       /* summary with quantiles */
    ifm_text *states;
    size_t state_count;

    _Atomic(struct ifm_table *) table; /* release when published */
    struct ifm_series **children;      /* F1 */
    size_t child_count;                /* used places of children[] */
    size_t child_capacity;
    size_t live_count;            /* series, without the overflow series */
    struct ifm_series *overflow;  /* NULL without labels */
    uint64_t overflow_generation; /* constant; the overflow series lives as long as the family */
    _Atomic bool overflow_used;   /* it is exposed from its first use on */
    size_t limbo_count;           /* removed series that were not reclaimed yet; a dead family waits for 0 */
    struct ifm_family *next_dead;
};

/* A handle of any type; the public handle types have the same members. */
struct ifm_handle {
    struct ifm_series *series;
    uint64_t generation;
};

/* The size of a cell in the family's stripes. */
size_t ifm_family_cell_size(const struct ifm_family *family);

/* A family of that type with a checked copy of the description; the caller fills in what belongs to the
 * type and passes it to ifm_registry_add(). NULL with `err` on failure. */
struct ifm_family *ifm_family_new(ifm_metric_type type, const ifm_metric_options *options, ifm_error *err);

/* Frees everything but the series. NULL is accepted. */
void ifm_family_free(struct ifm_family *family);

/* Puts what failed in front of an error about a family under construction, and frees it. Returns NULL. */
struct ifm_family *ifm_family_refuse(struct ifm_family *family, ifm_error *err);

/* False with `err` where labels are given to a function that yields one handle. */
bool ifm_family_check_plain(const ifm_metric_options *options, ifm_error *err);

/* Under the lock: makes the first series of a family without labels, the overflow series of one with. */
bool ifm_family_start(struct ifm_family *family, ifm_error *err);

/* The series of these values, made if need be; never fails (see metrics.h). */
struct ifm_handle ifm_family_with(struct ifm_family *family, const char *const *values);

/* The only series of a family without labels. */
struct ifm_handle ifm_family_only(const struct ifm_family *family);

bool ifm_family_remove(struct ifm_family *family, const char *const *values);
void ifm_family_clear(struct ifm_family *family);

/* Under the lock: removes all series, the overflow series included. */
void ifm_family_remove_all(struct ifm_family *family);

/* Whether two descriptions are of the same metric. */
bool ifm_family_same(const struct ifm_family *a, const struct ifm_family *b);

/* Packs one value for each label: NULL reads as "", what is not UTF-8 is repaired, what is too long is cut.
 * The caller frees the result; NULL when memory is out. */
char *ifm_family_pack(const struct ifm_family *family, const char *const *values, uint32_t *size);

/* Fills texts[0..label_count) from packed values. */
void ifm_family_unpack(const struct ifm_family *family, const char *key, ifm_text *texts);

/* Whether the family exposes a sample of this name (escaped with underscores), in any format. */
bool ifm_family_has_sample(const struct ifm_family *family, const char *name);

/* The suffixes of its samples, from index 0 on; NULL after the last. */
const char *ifm_family_sample_suffix(const struct ifm_family *family, size_t index);

#endif
