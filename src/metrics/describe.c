/* SPDX-License-Identifier: Apache-2.0
 *
 * The description of a family: checked and copied; which sample names it stands for; when two are the same.
 */
#include "base/base.h"
#include "metrics/family.h"
#include "metrics/registry.h"

#include <string.h>

/* The name without a suffix that the wire adds by itself. */
static size_t name_size_without(const char *name, const char *suffix)
{
    size_t size = strlen(name);
    size_t cut = strlen(suffix);
    return size > cut && memcmp(name + size - cut, suffix, cut) == 0 ? size - cut : size;
}

static bool check_text(const char *what, const char *text, size_t max, ifm_error *err)
{
    if (text == NULL || text[0] == '\0') {
        return ifm_error_set(err, IFM_INVALID, "%s is missing", what);
    }
    size_t size = strnlen(text, max + 1);
    if (size > max) {
        return ifm_error_set(err, IFM_INVALID, "%s \"%.40s...\" is longer than %zu bytes", what, text, max);
    }
    if (!ifm_utf8_valid(text, size)) {
        return ifm_error_set(err, IFM_INVALID, "%s is not valid UTF-8", what);
    }
    return true;
}

static bool check_unit(const char *name, size_t name_size, const char *unit, ifm_error *err)
{
    if (unit == NULL || unit[0] == '\0') {
        return true;
    }
    if (!check_text("unit", unit, IFM_NAME_BYTES_MAX, err)) {
        return false;
    }
    size_t size = strlen(unit);
    if (name_size < size + 2 || memcmp(name + name_size - size, unit, size) != 0 ||
        name[name_size - size - 1] != '_') {
        return ifm_error_set(err, IFM_INVALID,
                             "unit \"%s\" is not the end of the name; hint: name it \"%.*s_%s\"", unit,
                             (int)name_size, name, unit);
    }
    return true;
}

static const char *label_reserved(const struct ifm_family *family, const char *label)
{
    if (strncmp(label, "__", 2) == 0) {
        return "names that begin with \"__\" belong to Prometheus";
    }
    if (family->type == IFM_TYPE_HISTOGRAM && strcmp(label, "le") == 0) {
        return "a histogram has it for its buckets";
    }
    if (family->type == IFM_TYPE_SUMMARY && strcmp(label, "quantile") == 0) {
        return "a summary has it for its quantiles";
    }
    if (family->type == IFM_TYPE_STATE_SET && strcmp(label, family->name) == 0) {
        return "a state set has the label of its own name for its states";
    }
    return NULL;
}

static bool copy_label(struct ifm_family *family, const char *label, size_t at, ifm_error *err)
{
    if (!check_text("label name", label, IFM_NAME_BYTES_MAX, err)) {
        return false;
    }
    const char *reserved = label_reserved(family, label);
    if (reserved != NULL) {
        return ifm_error_set(err, IFM_INVALID, "label name \"%s\" is reserved: %s", label, reserved);
    }
    for (size_t i = 0; i < at; i++) {
        if (strcmp(family->label_names[i].data, label) == 0) {
            return ifm_error_set(err, IFM_INVALID, "label name \"%s\" is given twice", label);
        }
    }
    char *copy = ifm_copy_text(label);
    family->label_names[at] = (ifm_text){copy, strlen(label)};
    return copy != NULL || ifm_error_nomem(err);
}

static bool copy_labels(struct ifm_family *family, const ifm_metric_options *options, ifm_error *err)
{
    if (options->label_count > IFM_LABELS_MAX) {
        return ifm_error_set(err, IFM_INVALID, "%zu label names are more than the limit of %d",
                             options->label_count, IFM_LABELS_MAX);
    }
    if (options->label_count == 0) {
        return true;
    }
    if (options->label_names == NULL) {
        return ifm_error_set(err, IFM_INVALID, "label_names is NULL, but label_count is %zu",
                             options->label_count);
    }
    family->label_names = ifm_alloc_zero(options->label_count, sizeof *family->label_names);
    if (family->label_names == NULL) {
        return ifm_error_nomem(err);
    }
    family->label_count = options->label_count;
    for (size_t i = 0; i < options->label_count; i++) {
        if (!copy_label(family, options->label_names[i], i, err)) {
            return false;
        }
    }
    return true;
}

static bool make_sort_key(struct ifm_family *family, ifm_error *err)
{
    size_t size;
    ifm_buf buf;
    ifm_buf_init(&buf, 8 * IFM_NAME_BYTES_MAX);
    ifm_name_escape(&buf, family->name, strlen(family->name), IFM_ESCAPING_UNDERSCORES, IFM_NAME_METRIC);
    family->sort_key = ifm_buf_take(&buf, &size, err);
    if (family->sort_key == NULL) {
        ifm_buf_deinit(&buf);
    }
    return family->sort_key != NULL;
}

static bool family_describe(struct ifm_family *family, const ifm_metric_options *options, ifm_error *err)
{
    const char *suffix = family->type == IFM_TYPE_COUNTER ? "_total"
                         : family->type == IFM_TYPE_INFO  ? "_info"
                                                          : "";
    if (!check_text("name", options->name, IFM_NAME_BYTES_MAX, err)) {
        return false;
    }
    size_t size = name_size_without(options->name, suffix);
    if (!check_unit(options->name, size, options->unit, err) ||
        !check_text("help", options->help, IFM_HELP_BYTES_MAX, err)) {
        return false;
    }
    family->name = ifm_copy_bytes(options->name, size);
    family->help = ifm_copy_text(options->help);
    family->unit = ifm_copy_text(options->unit == NULL ? "" : options->unit);
    if (family->name == NULL || family->help == NULL || family->unit == NULL) {
        return ifm_error_nomem(err);
    }
    family->series_limit = options->series_limit;
    return make_sort_key(family, err) && copy_labels(family, options, err);
}

struct ifm_family *ifm_family_refuse(struct ifm_family *family, ifm_error *err)
{
    ifm_error_wrap(err, "cannot register metric \"%.60s\"", family->name);
    ifm_family_free(family);
    return NULL;
}

struct ifm_family *ifm_family_new(ifm_metric_type type, const ifm_metric_options *options, ifm_error *err)
{
    struct ifm_family *family = ifm_alloc_zero(1, sizeof *family);
    if (family == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    family->type = type;
    if (family_describe(family, options, err)) {
        return family;
    }
    if (options->name != NULL && options->name[0] != '\0') {
        ifm_error_wrap(err, "cannot register metric \"%.60s\"", options->name);
    } else {
        ifm_error_wrap(err, "cannot register a metric");
    }
    ifm_family_free(family);
    return NULL;
}

bool ifm_family_check_plain(const ifm_metric_options *options, ifm_error *err)
{
    if (options->label_count == 0) {
        return true;
    }
    return ifm_error_set(err, IFM_INVALID,
                         "cannot register metric \"%.60s\": it has labels; hint: register a family",
                         options->name == NULL ? "" : options->name);
}

static bool texts_same(const ifm_text *a, const ifm_text *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i].size != b[i].size || memcmp(a[i].data, b[i].data, a[i].size) != 0) {
            return false;
        }
    }
    return true;
}

static bool histograms_same(const struct ifm_histogram_layout *a, const struct ifm_histogram_layout *b)
{
    return a->classic == b->classic && a->buckets.count == b->buckets.count &&
           (a->buckets.count == 0 ||
            memcmp(a->buckets.bounds, b->buckets.bounds, a->buckets.count * sizeof(double)) == 0) &&
           a->native.slots == b->native.slots && a->native.schema == b->native.schema &&
           a->native.zero_threshold == b->native.zero_threshold;
}

static bool sketches_same(const struct ifm_sketch_layout *a, const struct ifm_sketch_layout *b)
{
    return a->quantile_count == b->quantile_count && a->slice_ns == b->slice_ns && a->low == b->low &&
           a->buckets == b->buckets &&
           (a->quantile_count == 0 ||
            memcmp(a->quantiles, b->quantiles, a->quantile_count * sizeof(double)) == 0);
}

bool ifm_family_same(const struct ifm_family *a, const struct ifm_family *b)
{
    return a->type == b->type && strcmp(a->name, b->name) == 0 && strcmp(a->unit, b->unit) == 0 &&
           a->label_count == b->label_count && texts_same(a->label_names, b->label_names, a->label_count) &&
           a->state_count == b->state_count && texts_same(a->states, b->states, a->state_count) &&
           a->exemplars == b->exemplars && a->inc_dec == b->inc_dec &&
           histograms_same(&a->histogram, &b->histogram) && sketches_same(&a->sketch, &b->sketch);
}

/* The suffixes of the samples of each type; "" is the name itself. The family's own name is listed for
 * all types, since OpenMetrics has it in TYPE lines. */
static const char *const *type_suffixes(ifm_metric_type type)
{
    static const char *const plain[] = {"", NULL};
    static const char *const counter[] = {"", "_total", "_created", NULL};
    static const char *const histogram[] = {"", "_bucket", "_sum", "_count", "_created", NULL};
    static const char *const summary[] = {"", "_sum", "_count", "_created", NULL};
    static const char *const info[] = {"", "_info", NULL};
    return type == IFM_TYPE_COUNTER     ? counter
           : type == IFM_TYPE_HISTOGRAM ? histogram
           : type == IFM_TYPE_SUMMARY   ? summary
           : type == IFM_TYPE_INFO      ? info
                                        : plain;
}

bool ifm_family_has_sample(const struct ifm_family *family, const char *name)
{
    size_t base = strlen(family->sort_key);
    if (strncmp(name, family->sort_key, base) != 0) {
        return false;
    }
    for (const char *const *suffix = type_suffixes(family->type); *suffix != NULL; suffix++) {
        if (strcmp(name + base, *suffix) == 0) {
            return true;
        }
    }
    return false;
}

const char *ifm_family_sample_suffix(const struct ifm_family *family, size_t index)
{
    const char *const *suffixes = type_suffixes(family->type);
    for (size_t i = 0; suffixes[i] != NULL; i++) {
        if (i == index) {
            return suffixes[i];
        }
    }
    return NULL;
}
