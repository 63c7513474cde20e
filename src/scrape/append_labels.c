/* SPDX-License-Identifier: Apache-2.0
 *
 * Labels of a new series. What the target says of itself gives way to what the configuration says of the
 * target: exposed labels of the same name become exported_NAME, unless honor_labels is set.
 */
#include "scrape/append.h"

static const char exported_prefix[] = "exported_";

/* Labels while they are put together, in no order. */
typedef struct label_list {
    model_label *items;
    size_t count;
} label_list;

static model_label *list_find(const label_list *list, model_text name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (model_text_equal(list->items[i].name, name)) {
            return &list->items[i];
        }
    }
    return NULL;
}

/* "1" -> "1.0" in le of a histogram and quantile of a summary, so that all formats make the same series. */
static model_text normal_value(const scrape_appender *to, ifm_text name, ifm_text value)
{
    model_text result = {value.data, value.size};
    bool le = (to->family & SCRAPE_ENTRY_HISTOGRAM) != 0 && name.size == 2 && memcmp(name.data, "le", 2) == 0;
    bool quantile =
        (to->family & SCRAPE_ENTRY_SUMMARY) != 0 && name.size == 8 && memcmp(name.data, "quantile", 8) == 0;
    double number;
    if ((le || quantile) && ifm_number_read(value.data, value.size, &number)) {
        char text[IFM_NUMBER_SIZE];
        size_t size = ifm_number_write_canonical(text, number);
        const char *copy = ifm_bump_copy(&to->scratch->arena, text, size);
        result = copy == NULL ? result : (model_text){copy, size};
    }
    return result;
}

/* The value of the label moves to exported_NAME, with more of them while the name is taken. */
static void export_label(scrape_appender *to, label_list *list, model_label label)
{
    ifm_bump *arena = &to->scratch->arena;
    const size_t prefix = sizeof exported_prefix - 1;
    for (;;) {
        char *name = ifm_bump_alloc(arena, prefix + label.name.size);
        if (name == NULL) {
            return;
        }
        memcpy(name, exported_prefix, prefix);
        memcpy(name + prefix, label.name.data, label.name.size);
        label.name = (model_text){name, prefix + label.name.size};
        const model_label *taken = list_find(list, label.name);
        if (taken == NULL || taken->value.size == 0) {
            break;
        }
    }
    list->items[list->count++] = label;
}

/* The target's labels win: those that stood there are renamed, short names first. */
static void override(scrape_appender *to, label_list *list, label_list *conflicts)
{
    model_labels shown = to->target->shown;
    for (size_t i = 0; i < shown.count; i++) {
        model_label *exposed = list_find(list, shown.items[i].name);
        if (exposed == NULL) {
            list->items[list->count++] = shown.items[i];
            continue;
        }
        if (exposed->value.size > 0) {
            size_t at = conflicts->count++;
            for (; at > 0 && conflicts->items[at - 1].name.size > exposed->name.size; at--) {
                conflicts->items[at] = conflicts->items[at - 1];
            }
            conflicts->items[at] = *exposed;
        }
        exposed->value = shown.items[i].value;
    }
    for (size_t i = 0; i < conflicts->count; i++) {
        export_label(to, list, conflicts->items[i]);
    }
}

static void honor(scrape_appender *to, label_list *list)
{
    model_labels shown = to->target->shown;
    size_t exposed = list->count;
    for (size_t i = 0; i < shown.count; i++) {
        label_list own = {list->items, exposed};
        if (list_find(&own, shown.items[i].name) == NULL) {
            list->items[list->count++] = shown.items[i];
        }
    }
}

static int cut(size_t size)
{
    enum { SHOWN_MAX = 50 };
    return size > SHOWN_MAX ? SHOWN_MAX : (int)size;
}

static bool check_limits(scrape_appender *to, model_labels labels, ifm_error *err)
{
    const config_scrape *config = to->config;
    model_text metric = model_labels_get(labels, model_text_of(MODEL_NAME_LABEL));
    to->counts.label_limit = true; /* unless all goes well */
    if (config->label_limit > 0 && labels.count > config->label_limit) {
        return ifm_error_set(
            err, IFM_LIMIT, "label_limit exceeded (metric: %.*s, number of labels: %zu, limit: %llu)",
            cut(metric.size), metric.data, labels.count, (unsigned long long)config->label_limit);
    }
    for (size_t i = 0; i < labels.count; i++) {
        model_label label = labels.items[i];
        if (config->label_name_length_limit > 0 && label.name.size > config->label_name_length_limit) {
            return ifm_error_set(
                err, IFM_LIMIT,
                "label_name_length_limit exceeded (metric: %.*s, label name: %.*s, length: %zu, limit: %llu)",
                cut(metric.size), metric.data, cut(label.name.size), label.name.data, label.name.size,
                (unsigned long long)config->label_name_length_limit);
        }
        if (config->label_value_length_limit > 0 && label.value.size > config->label_value_length_limit) {
            return ifm_error_set(err, IFM_LIMIT,
                                 "label_value_length_limit exceeded (metric: %.*s, label name: %.*s, value: "
                                 "\"%.*s\", length: %zu, limit: %llu)",
                                 cut(metric.size), metric.data, cut(label.name.size), label.name.data,
                                 cut(label.value.size), label.value.data, label.value.size,
                                 (unsigned long long)config->label_value_length_limit);
        }
    }
    to->counts.label_limit = false;
    return true;
}

static bool relabel_and_check(scrape_appender *to, label_list *list, model_labels *out, ifm_error *err)
{
    ifm_bump *arena = &to->scratch->arena;
    model_labels labels;
    bool keep = true;
    if (!ifm_bump_check(arena, err) || !model_labels_make(list->items, list->count, &labels, err)) {
        return false;
    }
    if (to->config->metric_relabels.count > 0 &&
        !config_relabel_apply(&to->config->metric_relabels, labels, arena, &labels, &keep, err)) {
        return false;
    }
    *out = keep ? labels : (model_labels){.items = NULL};
    if (out->count == 0) {
        return true;
    }
    if (model_labels_get(labels, model_text_of(MODEL_NAME_LABEL)).size == 0) {
        return ifm_error_set(err, IFM_INVALID, "missing metric name (__name__ label)");
    }
    return check_limits(to, labels, err);
}

bool scrape_labels_make(scrape_appender *to, ifm_text name, const ifm_parsed_label *labels, size_t count,
                        model_labels *out, ifm_error *err)
{
    ifm_bump *arena = &to->scratch->arena;
    size_t shown = to->target->shown.count;
    label_list list = {ifm_bump_alloc_array(arena, count + 1 + shown * 2, sizeof(model_label)), 0};
    label_list conflicts = {ifm_bump_alloc_array(arena, shown, sizeof(model_label)), 0};
    if (list.items == NULL || conflicts.items == NULL) {
        return ifm_bump_check(arena, err);
    }
    list.items[list.count++] = (model_label){model_text_of(MODEL_NAME_LABEL), {name.data, name.size}};
    for (size_t i = 0; i < count; i++) {
        ifm_text label = labels[i].name;
        list.items[list.count++] =
            (model_label){{label.data, label.size}, normal_value(to, label, labels[i].value)};
    }
    if (to->config->honor_labels) {
        honor(to, &list);
    } else {
        override(to, &list, &conflicts);
    }
    return relabel_and_check(to, &list, out, err);
}
