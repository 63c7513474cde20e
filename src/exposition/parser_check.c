/* SPDX-License-Identifier: Apache-2.0
 *
 * C1  the family's names are in `names` from its first sample (or its end) on, and never before.
 * C2  group, series and histogram belong to the current family; they are reset when it changes.
 */
#include "exposition/parser_check.h"

#include "exposition/parser_scan.h"
#include "exposition/parser_set.h"

#include <inferometer/registry.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* What a sample's name has behind its family's. */
typedef enum suffix {
    S_NONE,
    S_TOTAL,
    S_CREATED,
    S_COUNT,
    S_SUM,
    S_BUCKET,
    S_GCOUNT,
    S_GSUM,
    S_INFO,
    S_OTHER
} suffix;

static const char *const suffix_texts[] = {
    [S_NONE] = "",          [S_TOTAL] = "_total", [S_CREATED] = "_created",
    [S_COUNT] = "_count",   [S_SUM] = "_sum",     [S_BUCKET] = "_bucket",
    [S_GCOUNT] = "_gcount", [S_GSUM] = "_gsum",   [S_INFO] = "_info",
};

#define BIT(suffix) (1U << (suffix))

/* The suffixes that samples of each type have. */
static const unsigned type_suffixes[] = {
    [IFM_FAMILY_UNKNOWN] = BIT(S_NONE),
    [IFM_FAMILY_COUNTER] = BIT(S_TOTAL) | BIT(S_CREATED),
    [IFM_FAMILY_GAUGE] = BIT(S_NONE),
    [IFM_FAMILY_HISTOGRAM] = BIT(S_COUNT) | BIT(S_SUM) | BIT(S_BUCKET) | BIT(S_CREATED),
    [IFM_FAMILY_GAUGE_HISTOGRAM] = BIT(S_GCOUNT) | BIT(S_GSUM) | BIT(S_BUCKET),
    [IFM_FAMILY_SUMMARY] = BIT(S_NONE) | BIT(S_COUNT) | BIT(S_SUM) | BIT(S_CREATED),
    [IFM_FAMILY_INFO] = BIT(S_INFO),
    [IFM_FAMILY_STATE_SET] = BIT(S_NONE),
};

/* One histogram at one time: what its samples so far have shown. */
typedef struct histogram_state {
    bool any;
    bool has_bucket;
    double bound; /* of the last bucket */
    double cumulative;
    bool has_count;
    double count;
    bool has_sum;
    bool has_gsum;
    bool negative_gsum;
    bool negative_bound;
} histogram_state;

struct ifm_openmetrics_check {
    ifm_buf name; /* of the current family */
    bool in_family;
    bool registered; /* C1 */
    bool has_type;
    bool has_help;
    bool has_unit;
    bool unit_empty;
    ifm_family_type type;
    bool in_group;
    ifm_hash group;
    ifm_parsed_time time; /* of the group's last sample */
    histogram_state histogram;
    ifm_hash_set names;  /* of all families and of what their samples can be named */
    ifm_hash_set groups; /* of this family */
    ifm_hash_set series; /* of this family, without timestamps */
};

ifm_openmetrics_check *ifm_openmetrics_check_new(ifm_error *err)
{
    ifm_openmetrics_check *check = ifm_alloc_zero(1, sizeof *check);
    if (check == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    ifm_buf_init(&check->name, SIZE_MAX);
    ifm_hash_set_init(&check->names);
    ifm_hash_set_init(&check->groups);
    ifm_hash_set_init(&check->series);
    return check;
}

void ifm_openmetrics_check_free(ifm_openmetrics_check *check)
{
    if (check != NULL) {
        ifm_buf_deinit(&check->name);
        ifm_hash_set_deinit(&check->names);
        ifm_hash_set_deinit(&check->groups);
        ifm_hash_set_deinit(&check->series);
        ifm_free(check);
    }
}

static bool check_fail(const ifm_entry *entry, ifm_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool check_fail(const ifm_entry *entry, ifm_error *err, const char *format, ...)
{
    char message[IFM_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    ifm_error_set(err, IFM_INVALID, "line %zu breaks OpenMetrics: %s", entry->line, message);
    err->offset = entry->offset;
    return false;
}

static ifm_text family_name(const ifm_openmetrics_check *check)
{
    return (ifm_text){check->name.data, check->name.size};
}

static bool text_is(ifm_text text, const char *data, size_t size)
{
    return text.size == size && memcmp(text.data, data, size) == 0;
}

/* The suffix of a sample that belongs to the current family, S_OTHER when it does not. */
static suffix family_suffix(const ifm_openmetrics_check *check, ifm_text name)
{
    size_t size = check->name.size;
    if (!check->in_family || name.size < size || memcmp(name.data, check->name.data, size) != 0) {
        return S_OTHER;
    }
    for (unsigned i = 0; i < IFM_COUNT_OF(suffix_texts); i++) {
        if ((type_suffixes[check->type] & BIT(i)) != 0 &&
            text_is((ifm_text){name.data + size, name.size - size}, suffix_texts[i],
                    strlen(suffix_texts[i]))) {
            return (suffix)i;
        }
    }
    return S_OTHER;
}

/* Establishes C1: the family's name and those of its samples are taken now. */
static bool family_register(ifm_openmetrics_check *check, const ifm_entry *entry, ifm_error *err)
{
    size_t size = check->name.size;
    check->registered = true;
    for (unsigned i = 0; i < IFM_COUNT_OF(suffix_texts); i++) {
        if (i != S_NONE && (type_suffixes[check->type] & BIT(i)) == 0) {
            continue;
        }
        bool added = false;
        check->name.size = size;
        ifm_buf_append_text(&check->name, suffix_texts[i]);
        if (!ifm_buf_check(&check->name, err) ||
            !ifm_hash_set_add(&check->names, ifm_hash_text(family_name(check), 0), &added, err)) {
            return false;
        }
        if (!added) {
            return check_fail(entry, err, "the name \"%s\" is taken by an earlier family",
                              ifm_parser_show(family_name(check)).text);
        }
    }
    check->name.size = size;
    return true;
}

/* What must hold when all samples of one histogram at one time are seen. */
static bool histogram_finish(ifm_openmetrics_check *check, const ifm_entry *entry, ifm_error *err)
{
    histogram_state *state = &check->histogram;
    const char *why = NULL;
    if (!state->any) {
        return true;
    }
    if (!state->has_bucket || state->bound != INFINITY) {
        why = "has no bucket with le=\"+Inf\"";
    } else if (state->has_count && state->count != state->cumulative) {
        why = "has a count that differs from its bucket with le=\"+Inf\"";
    } else if ((state->has_sum || state->has_gsum) != state->has_count) {
        why = "has only one of sum and count";
    } else if (state->negative_bound && state->has_sum) {
        why = "has a sum and negative buckets";
    } else if (!state->negative_bound && state->negative_gsum) {
        why = "has a negative sum without negative buckets";
    }
    *state = (histogram_state){0};
    if (why != NULL) {
        return check_fail(entry, err, "before it, histogram \"%s\" %s",
                          ifm_parser_show(family_name(check)).text, why);
    }
    return true;
}

static bool family_end(ifm_openmetrics_check *check, const ifm_entry *entry, ifm_error *err)
{
    return !check->in_family ||
           ((check->registered || family_register(check, entry, err)) && histogram_finish(check, entry, err));
}

/* Ends the family before and begins another. */
static bool family_begin(ifm_openmetrics_check *check, const ifm_entry *entry, ifm_error *err)
{
    if (!family_end(check, entry, err)) {
        return false;
    }
    ifm_buf_clear(&check->name);
    ifm_buf_append(&check->name, entry->name.data, entry->name.size);
    check->in_family = true;
    check->registered = false;
    check->has_type = check->has_help = check->has_unit = check->unit_empty = false;
    check->type = IFM_FAMILY_UNKNOWN;
    check->in_group = false; /* C2 */
    ifm_hash_set_clear(&check->groups);
    ifm_hash_set_clear(&check->series);
    return ifm_buf_check(&check->name, err);
}

static bool check_description(ifm_openmetrics_check *check, const ifm_entry *entry, ifm_error *err)
{
    ifm_shown shown = ifm_parser_show(entry->name);
    bool same = check->in_family && text_is(entry->name, check->name.data, check->name.size);
    if (same && check->registered) {
        return check_fail(entry, err, "\"%s\" is described after its samples", shown.text);
    }
    if (!same && !family_begin(check, entry, err)) {
        return false;
    }
    bool *seen = entry->kind == IFM_ENTRY_TYPE   ? &check->has_type
                 : entry->kind == IFM_ENTRY_HELP ? &check->has_help
                                                 : &check->has_unit;
    if (*seen) {
        return check_fail(entry, err, "\"%s\" has two lines of one kind", shown.text);
    }
    *seen = true;
    if (entry->kind == IFM_ENTRY_TYPE) {
        check->type = entry->type;
    }
    if (entry->kind == IFM_ENTRY_UNIT) {
        check->unit_empty = entry->text.size == 0;
    }
    bool without_unit = check->type == IFM_FAMILY_INFO || check->type == IFM_FAMILY_STATE_SET;
    if (without_unit && check->has_unit && !check->unit_empty) {
        return check_fail(entry, err, "\"%s\" has a unit, which info and stateset cannot have", shown.text);
    }
    return true;
}

static const ifm_text *find_label(const ifm_entry *entry, ifm_text name)
{
    for (size_t i = 0; i < entry->label_count; i++) {
        if (text_is(entry->labels[i].name, name.data, name.size)) {
            return &entry->labels[i].value;
        }
    }
    return NULL;
}

/* The label that tells samples of one group apart; of size 0 for none. */
static ifm_text own_label(const ifm_openmetrics_check *check, suffix which)
{
    return which == S_BUCKET                                        ? (ifm_text){"le", 2}
           : which == S_NONE && check->type == IFM_FAMILY_SUMMARY   ? (ifm_text){"quantile", 8}
           : which == S_NONE && check->type == IFM_FAMILY_STATE_SET ? family_name(check)
                                                                    : (ifm_text){"", 0};
}

/* le and quantile: present, a number, and canonical where it is infinite. */
static bool check_number_label(const ifm_entry *entry, ifm_text name, double *out, ifm_error *err)
{
    const ifm_text *value = find_label(entry, name);
    if (value == NULL || !ifm_parse_number(*value, out) || isnan(*out) ||
        (*out == INFINITY && !text_is(*value, "+Inf", 4))) {
        return check_fail(entry, err, "label \"%.*s\" is missing or its value is not a number",
                          (int)name.size, name.data);
    }
    return true;
}

static bool check_labels(ifm_openmetrics_check *check, const ifm_entry *entry, suffix which, ifm_error *err)
{
    ifm_text own = own_label(check, which);
    double number = 0;
    if (own.size == 0) {
        return true;
    }
    if (which == S_NONE && check->type == IFM_FAMILY_STATE_SET) {
        return find_label(entry, own) != NULL ||
               check_fail(entry, err, "stateset \"%s\" has no label of its own name",
                          ifm_parser_show(own).text);
    }
    if (!check_number_label(entry, own, &number, err)) {
        return false;
    }
    if (which == S_NONE && !(number >= 0 && number <= 1)) {
        return check_fail(entry, err, "the quantile is not between 0 and 1");
    }
    return true;
}

static bool check_value(ifm_openmetrics_check *check, const ifm_entry *entry, suffix which, ifm_error *err)
{
    double value = entry->value;
    unsigned bit = BIT(which);
    const char *why = NULL;
    if ((bit & (BIT(S_TOTAL) | BIT(S_SUM) | BIT(S_COUNT) | BIT(S_BUCKET) | BIT(S_GCOUNT) | BIT(S_GSUM))) !=
            0 &&
        isnan(value)) {
        why = "cannot be NaN";
    } else if ((bit & (BIT(S_TOTAL) | BIT(S_SUM) | BIT(S_COUNT) | BIT(S_BUCKET) | BIT(S_GCOUNT))) != 0 &&
               value < 0) {
        why = "cannot be negative";
    } else if ((bit & (BIT(S_COUNT) | BIT(S_BUCKET) | BIT(S_GCOUNT))) != 0 &&
               (isinf(value) || value != floor(value))) {
        why = "is not an integer";
    } else if (check->type == IFM_FAMILY_STATE_SET && value != 0 && value != 1) {
        why = "is neither 0 nor 1, as in a stateset";
    } else if (check->type == IFM_FAMILY_INFO && value != 1) {
        why = "is not 1, as in an info";
    } else if (check->type == IFM_FAMILY_SUMMARY && which == S_NONE && value < 0) {
        why = "is a negative quantile";
    }
    return why == NULL ||
           check_fail(entry, err, "the value of \"%s\" %s", ifm_parser_show(entry->name).text, why);
}

static bool check_exemplar(const ifm_entry *entry, suffix which, ifm_error *err)
{
    bool allowed = which == S_BUCKET || which == S_TOTAL;
    return !entry->exemplar.present || allowed ||
           check_fail(entry, err, "only buckets and counters have exemplars, not \"%s\"",
                      ifm_parser_show(entry->name).text);
}

static bool check_order(ifm_openmetrics_check *check, const ifm_entry *entry, ifm_error *err)
{
    if (entry->time.present != check->time.present) {
        return check_fail(entry, err, "samples of one group have timestamps or have none, not both");
    }
    if (entry->time.present && entry->time.seconds < check->time.seconds && check->type != IFM_FAMILY_INFO) {
        return check_fail(entry, err, "the timestamp is before that of the sample above it");
    }
    return true;
}

/* Whether the sample may stand here: beside the others of its group, and once. */
static bool check_group(ifm_openmetrics_check *check, const ifm_entry *entry, suffix which, ifm_error *err)
{
    ifm_text own = own_label(check, which);
    ifm_hash group = {0, 0};
    ifm_hash series = ifm_hash_text(entry->name, 1);
    for (size_t i = 0; i < entry->label_count; i++) {
        const ifm_parsed_label *label = &entry->labels[i];
        ifm_hash_add_label(&series, label);
        bool in_group = own.size == 0 || !text_is(label->name, own.data, own.size);
        if (in_group && check->type != IFM_FAMILY_INFO) { /* all of an info is one group */
            ifm_hash_add_label(&group, label);
        }
    }
    bool same = check->in_group && group.low == check->group.low && group.high == check->group.high;
    bool added = true;
    if (same && !check_order(check, entry, err)) {
        return false;
    }
    if (!same && !ifm_hash_set_add(&check->groups, group, &added, err)) {
        return false;
    }
    if (!added) {
        return check_fail(entry, err, "samples of its label set stand further above, with others between");
    }
    if (!entry->time.present && !ifm_hash_set_add(&check->series, series, &added, err)) {
        return false;
    }
    if (!added) {
        return check_fail(entry, err, "sample \"%s\" occurs twice", ifm_parser_show(entry->name).text);
    }
    bool moved = !same || entry->time.seconds != check->time.seconds;
    check->in_group = true;
    check->group = group;
    check->time = entry->time;
    return !moved || histogram_finish(check, entry, err);
}

static bool histogram_bucket(histogram_state *state, const ifm_entry *entry, ifm_error *err)
{
    double bound = 0;
    if (!check_number_label(entry, (ifm_text){"le", 2}, &bound, err)) {
        return false;
    }
    if (state->has_bucket && bound <= state->bound) {
        return check_fail(entry, err, "the bucket's bound is not above that of the bucket before");
    }
    if (state->has_bucket && entry->value < state->cumulative) {
        return check_fail(entry, err, "the bucket has a smaller count than the bucket before");
    }
    state->has_bucket = true;
    state->bound = bound;
    state->cumulative = entry->value;
    state->negative_bound = state->negative_bound || bound < 0;
    return true;
}

static bool check_histogram(ifm_openmetrics_check *check, const ifm_entry *entry, suffix which,
                            ifm_error *err)
{
    histogram_state *state = &check->histogram;
    if (check->type != IFM_FAMILY_HISTOGRAM && check->type != IFM_FAMILY_GAUGE_HISTOGRAM) {
        return true;
    }
    state->any = true;
    switch (which) {
    case S_BUCKET:
        return histogram_bucket(state, entry, err);
    case S_COUNT:
    case S_GCOUNT:
        state->has_count = true;
        state->count = entry->value;
        return true;
    case S_SUM:
        state->has_sum = true;
        return true;
    case S_GSUM:
        state->has_gsum = true;
        state->negative_gsum = entry->value < 0;
        return true;
    default:
        return true;
    }
}

static bool check_sample(ifm_openmetrics_check *check, const ifm_entry *entry, ifm_error *err)
{
    suffix which = family_suffix(check, entry->name);
    if (which == S_OTHER) {
        if (!family_begin(check, entry, err)) {
            return false;
        }
        which = S_NONE;
    }
    return (check->registered || family_register(check, entry, err)) &&
           check_labels(check, entry, which, err) && check_value(check, entry, which, err) &&
           check_exemplar(entry, which, err) && check_group(check, entry, which, err) &&
           check_histogram(check, entry, which, err);
}

bool ifm_openmetrics_check_entry(ifm_openmetrics_check *check, const ifm_entry *entry, ifm_error *err)
{
    switch (entry->kind) {
    case IFM_ENTRY_SAMPLE:
        return check_sample(check, entry, err);
    case IFM_ENTRY_END:
        return family_end(check, entry, err);
    case IFM_ENTRY_COMMENT:
        return true;
    default:
        return check_description(check, entry, err);
    }
}

bool ifm_openmetrics_check_text(const char *text, size_t size, ifm_error *err)
{
    ifm_parser *parser = ifm_parser_new(IFM_PARSE_OPENMETRICS, IFM_PARSE_STRICT, err);
    ifm_openmetrics_check *check = parser == NULL ? NULL : ifm_openmetrics_check_new(err);
    ifm_entry entry = {.kind = IFM_ENTRY_COMMENT};
    bool ok = check != NULL;
    if (ok) {
        ifm_parser_start(parser, text, size);
    }
    while (ok && entry.kind != IFM_ENTRY_END) {
        ok = ifm_parser_next(parser, &entry, err) && ifm_openmetrics_check_entry(check, &entry, err);
    }
    ifm_openmetrics_check_free(check);
    ifm_parser_free(parser);
    return ok;
}
