/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of rules to groups that can be evaluated: each owns all that was read for it, so that it can outlive
 * the others of its file.
 */
#include "os/os.h"
#include "rules/impl.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct loader {
    const config_file *config; /* NULL: of a check alone */
    group *first;
    size_t count;
    size_t used; /* bytes of their arenas: an alias in YAML may stand for much */
    ifm_error *err;
} loader;

typedef struct origin { /* what is being read */
    const char *file;
    ifm_bump *arena;
    ifm_error *err;
} origin;

int rules_group_compare(const group *a, const group *b)
{
    int order = strcmp(a->file, b->file);
    return order != 0 ? order : strcmp(a->name, b->name);
}

void rules_group_free(group *g)
{
    if (g == NULL) {
        return;
    }
    for (size_t i = 0; i < g->rule_count; i++) {
        rules_alerts_free(&g->rules[i]);
        rules_series_free(&g->rules[i].series);
        ifm_free(g->rules[i].last_error);
    }
    rules_series_free(&g->stale);
    tsdb_group_free(g->samples);
    ifm_bump_deinit(&g->arena);
    ifm_free(g);
}

/* ---- Rules ---- */

static const char *copy(const origin *from, model_text text)
{
    return ifm_bump_copy(from->arena, text.size == 0 ? "" : text.data, text.size);
}

static bool fail_at(const origin *from, config_place place, const char *what)
{
    return ifm_error_wrap(from->err, "%s:%u:%u: %s", from->file, place.line, place.column, what);
}

static bool read_expr(const origin *from, const config_rule *given, rule *out)
{
    ifm_buf text;
    out->tree = promql_parse(given->expr.data, given->expr.size, from->arena, from->err);
    if (out->tree == NULL) {
        return fail_at(from, given->expr_place, "could not parse expression");
    }
    ifm_buf_init(&text, RULES_FILE_BYTES_MAX);
    promql_print(out->tree, &text);
    bool ok = ifm_buf_check(&text, from->err);
    out->query = ok ? ifm_bump_copy(from->arena, text.data, text.size) : NULL;
    ifm_buf_deinit(&text);
    return ok && ifm_bump_check(from->arena, from->err);
}

static bool read_template(const origin *from, const config_rule_label *given, const char *what,
                          rule_template *out)
{
    out->template = rules_template_parse(out->text, from->arena, from->err);
    if (out->template != NULL) {
        return true;
    }
    char place[160];
    snprintf(place, sizeof place, "the %s \"%.100s\"", what, given->name.data);
    return fail_at(from, given->place, place);
}

static bool read_templates(const origin *from, const config_rule_labels *given, const char *what,
                           bool is_alert, rule_templates *out)
{
    rule_template *items = ifm_bump_alloc_array(from->arena, given->count, sizeof *items);
    if (items == NULL) {
        return ifm_bump_check(from->arena, from->err);
    }
    for (size_t i = 0; i < given->count; i++) {
        const config_rule_label *label = &given->items[i];
        items[i] = (rule_template){.name = {copy(from, label->name), label->name.size},
                                   .text = {copy(from, label->value), label->value.size}};
        if (!ifm_bump_check(from->arena, from->err) ||
            (is_alert && !read_template(from, label, what, &items[i]))) {
            return false;
        }
    }
    *out = (rule_templates){items, given->count};
    return true;
}

/* What the API shows of them. */
static bool show(const origin *from, const rule_templates *templates, model_labels *out)
{
    model_label *items = ifm_bump_alloc_array(from->arena, templates->count, sizeof *items);
    for (size_t i = 0; items != NULL && i < templates->count; i++) {
        items[i] = (model_label){templates->items[i].name, templates->items[i].text};
    }
    return ifm_bump_check(from->arena, from->err) &&
           model_labels_make(items, templates->count, out, from->err);
}

static bool read_rule(const origin *from, const config_rule *given, rule *out)
{
    out->is_alert = given->alert.size > 0;
    out->name = copy(from, out->is_alert ? given->alert : given->record);
    out->for_ns = given->for_ms * 1000000;
    out->keep_firing_for_ns = given->keep_firing_for_ms * 1000000;
    out->place = given->place;
    return ifm_bump_check(from->arena, from->err) && read_expr(from, given, out) &&
           read_templates(from, &given->labels, "label", out->is_alert, &out->labels) &&
           read_templates(from, &given->annotations, "annotation", out->is_alert, &out->annotations) &&
           show(from, &out->labels, &out->shown_labels) &&
           show(from, &out->annotations, &out->shown_annotations);
}

/* ---- Groups ---- */

static bool read_group(loader *to, const char *file, const config_rule_group *given)
{
    group *g = ifm_alloc_zero(1, sizeof *g);
    if (g == NULL) {
        return ifm_error_nomem(to->err);
    }
    ifm_bump_init(&g->arena, to->used < RULES_ARENA_BYTES_MAX ? RULES_ARENA_BYTES_MAX - to->used : 0);
    g->next_read = to->first;
    to->first = g;
    to->count++;
    const origin from = {.file = file, .arena = &g->arena, .err = to->err};
    const config_file *config = to->config;
    int64_t interval_ms = given->interval_ms != 0 ? given->interval_ms
                          : config != NULL        ? config->evaluation_interval_ms
                                                  : 60000;
    g->name = copy(&from, given->name);
    g->file = ifm_bump_copy(&g->arena, file, strlen(file));
    g->interval_ns = interval_ms < RULES_INTERVAL_NS / 1000000 ? interval_ms * 1000000 : RULES_INTERVAL_NS;
    g->query_offset_ms = given->query_offset_ms >= 0 ? given->query_offset_ms
                         : config != NULL            ? config->rule_query_offset_ms
                                                     : 0;
    g->limit = (int64_t)given->limit;
    g->rules = ifm_bump_alloc_array(&g->arena, given->rule_count, sizeof *g->rules);
    if (!ifm_bump_check(&g->arena, to->err)) {
        return false;
    }
    for (; g->rule_count < given->rule_count; g->rule_count++) {
        if (!read_rule(&from, &given->rules[g->rule_count], &g->rules[g->rule_count])) {
            return false;
        }
    }
    to->used += g->arena.used;
    return true;
}

static bool read_text(loader *to, const char *file, model_text text)
{
    const config_rule_group *groups = NULL;
    size_t count = 0;
    ifm_bump arena;
    ifm_bump_init(&arena, RULES_ARENA_BYTES_MAX);
    bool ok = config_rules_parse(text, file, &arena, &groups, &count, to->err);
    for (size_t i = 0; ok && i < count; i++) {
        ok = read_group(to, file, &groups[i]);
    }
    ifm_bump_deinit(&arena);
    return ok;
}

static bool read_file(loader *to, const char *file)
{
    for (const group *g = to->first; g != NULL; g = g->next_read) {
        if (strcmp(g->file, file) == 0) { /* by another pattern */
            return true;
        }
    }
    ifm_buf text;
    ifm_buf_init(&text, RULES_FILE_BYTES_MAX);
    bool ok = ifm_os_read_file(file, &text, to->err) &&
              read_text(to, file, (model_text){text.data == NULL ? "" : text.data, text.size});
    ifm_buf_deinit(&text);
    return ok;
}

static bool read_pattern(loader *to, const char *pattern)
{
    glob_t found;
    int result = glob(pattern, 0, NULL, &found);
    if (result == GLOB_NOSPACE) {
        return ifm_error_nomem(to->err);
    }
    if (result != 0) { /* as in Prometheus: it may come later */
        ifm_log(IFM_LOG_WARNING, "there is no file of rules \"%.200s\"", pattern);
        return true;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < found.gl_pathc; i++) {
        ok = read_file(to, found.gl_pathv[i]);
    }
    globfree(&found);
    return ok;
}

/* ---- Sets ---- */

static int compare_groups(const void *a, const void *b)
{
    return rules_group_compare(*(const group *const *)a, *(const group *const *)b);
}

static void free_read(group *first)
{
    for (group *next; first != NULL; first = next) {
        next = first->next_read;
        rules_group_free(first);
    }
}

static rules_set *make_set(loader *from)
{
    rules_set *set = ifm_alloc_zero(1, sizeof *set);
    group **groups = ifm_alloc_zero(from->count + 1, sizeof(void *));
    if (set == NULL || groups == NULL) {
        ifm_error_nomem(from->err);
        ifm_free(set);
        ifm_free(groups);
        return NULL;
    }
    *set = (rules_set){.groups = groups, .count = from->count, .config = config_acquire(from->config)};
    size_t at = 0;
    for (group *g = from->first; g != NULL; g = g->next_read) {
        groups[at++] = g;
    }
    if (set->count > 1) {
        qsort(groups, set->count, sizeof(void *), compare_groups);
    }
    return set;
}

rules_set *rules_load(const rules_source *source, ifm_error *err)
{
    loader to = {.config = source->config, .err = err};
    bool ok = true;
    for (size_t i = 0; ok && i < source->text_count; i++) {
        const rules_text *text = &source->texts[i];
        ok = read_text(&to, text->name, (model_text){text->bytes, text->size});
    }
    const char *const *patterns = source->config->rule_files;
    for (; ok && patterns != NULL && *patterns != NULL; patterns++) {
        ok = read_pattern(&to, *patterns);
    }
    rules_set *set = ok ? make_set(&to) : NULL;
    if (set == NULL) {
        free_read(to.first);
    }
    return set;
}

void rules_set_free(rules_set *set)
{
    if (set == NULL) {
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        rules_group_free(set->groups[i]);
    }
    config_release(set->config);
    ifm_free(set->groups);
    ifm_free(set);
}

/* ---- Checking ---- */

static int compare_rules(const void *a, const void *b)
{
    const rule *left = *(const rule *const *)a, *right = *(const rule *const *)b;
    int order = strcmp(left->name, right->name);
    order = order != 0 ? order : model_labels_compare(left->shown_labels, right->shown_labels);
    order =
        order != 0 ? order : (left->place.line > right->place.line) - (left->place.line < right->place.line);
    return order != 0
               ? order
               : (left->place.column > right->place.column) - (left->place.column < right->place.column);
}

static bool is_duplicate(const rule *a, const rule *b)
{
    return strcmp(a->name, b->name) == 0 && model_labels_equal(a->shown_labels, b->shown_labels);
}

static bool find_duplicates(const loader *from, ifm_bump *arena, rules_file_report *out)
{
    const rule **all = ifm_bump_alloc_array(arena, out->rules, sizeof(void *));
    rules_duplicate *duplicates = ifm_bump_alloc_array(arena, out->rules, sizeof *duplicates);
    size_t count = 0;
    if (all == NULL || duplicates == NULL) {
        return ifm_bump_check(arena, from->err);
    }
    for (const group *g = from->first; g != NULL; g = g->next_read) {
        for (size_t i = 0; i < g->rule_count; i++) {
            all[count++] = &g->rules[i];
        }
    }
    if (count > 1) {
        qsort(all, count, sizeof(void *), compare_rules);
    }
    for (size_t i = 1; i < count; i++) {
        if (is_duplicate(all[i - 1], all[i])) {
            duplicates[out->duplicate_count++] =
                (rules_duplicate){.name = ifm_bump_copy(arena, all[i]->name, strlen(all[i]->name)),
                                  .labels = model_labels_copy(all[i]->shown_labels, arena),
                                  .place = all[i]->place};
        }
    }
    out->duplicates = duplicates;
    return ifm_bump_check(arena, from->err);
}

bool rules_check(model_text text, const char *path, ifm_bump *arena, rules_file_report *out, ifm_error *err)
{
    loader to = {.err = err};
    *out = (rules_file_report){.groups = 0};
    bool ok = read_text(&to, path, text);
    for (const group *g = to.first; ok && g != NULL; g = g->next_read) {
        out->groups++;
        out->rules += g->rule_count;
    }
    ok = ok && find_duplicates(&to, arena, out);
    free_read(to.first);
    return ok;
}
