/* SPDX-License-Identifier: Apache-2.0 */
#include "scrape/target.h"

#include "scrape/limits.h"

#include <inferometer/registry.h>
#define XXH_INLINE_ALL /* nothing to link, as in metrics/family.c */
#include <xxhash.h>

static const char address_label[] = "__address__";
static const char interval_label[] = "__scrape_interval__";
static const char timeout_label[] = "__scrape_timeout__";
static const char path_label[] = "__metrics_path__";
static const char scheme_label[] = "__scheme__";
static const char param_prefix[] = "__param_";
static const char meta_prefix[] = "__meta_";

static bool begins_with(model_text text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text.size >= size && memcmp(text.data, prefix, size) == 0;
}

static model_text get(model_labels labels, const char *name)
{
    return model_labels_get(labels, model_text_of(name));
}

/* A set of labels while it is put together: a few dozen at most, not sorted. */
typedef struct builder {
    model_label *items;
    size_t count;
} builder;

static void builder_default(builder *to, model_text name, model_text value)
{
    for (size_t i = 0; i < to->count; i++) {
        if (model_text_equal(to->items[i].name, name)) {
            to->items[i].value = to->items[i].value.size == 0 ? value : to->items[i].value;
            return;
        }
    }
    to->items[to->count++] = (model_label){name, value};
}

static bool duration_text(int64_t ms, ifm_bump *arena, model_text *out, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, IFM_NUMBER_SIZE * 4);
    config_duration_print(ms, &text);
    bool ok = ifm_buf_check(&text, err);
    if (ok) {
        *out = (model_text){ifm_bump_copy(arena, text.data, text.size), text.size};
        ok = ifm_bump_check(arena, err);
    }
    ifm_buf_deinit(&text);
    return ok;
}

/* Labels that the group and the configuration give. */
static bool discover(scrape_target *target, const config_scrape *config, const config_target_group *group,
                     model_text address, ifm_error *err)
{
    enum { OWN_LABELS = 6 };
    ifm_bump *arena = &target->arena;
    size_t max = group->labels.count + config->param_label_count + OWN_LABELS;
    builder to = {ifm_bump_alloc_array(arena, max, sizeof(model_label)), 0};
    model_text interval;
    model_text timeout;
    if (!ifm_bump_check(arena, err) || !duration_text(config->interval_ms, arena, &interval, err) ||
        !duration_text(config->timeout_ms, arena, &timeout, err)) {
        return false;
    }
    to.items[to.count++] = (model_label){model_text_of(address_label), address};
    for (size_t i = 0; i < group->labels.count; i++) {
        builder_default(&to, group->labels.items[i].name, group->labels.items[i].value);
    }
    builder_default(&to, model_text_of("job"), model_text_of(config->job_name));
    builder_default(&to, model_text_of(interval_label), interval);
    builder_default(&to, model_text_of(timeout_label), timeout);
    builder_default(&to, model_text_of(path_label), model_text_of(config->metrics_path));
    builder_default(&to, model_text_of(scheme_label), model_text_of(config->scheme));
    for (size_t i = 0; i < config->param_label_count; i++) {
        builder_default(&to, config->param_labels[i].name, config->param_labels[i].value);
    }
    model_labels made;
    if (!model_labels_make(to.items, to.count, &made, err)) {
        return false;
    }
    target->discovered = model_labels_copy(made, arena);
    return ifm_bump_check(arena, err);
}

static bool read_duration(model_labels labels, const char *name, const char *what, int64_t *out,
                          ifm_error *err)
{
    model_text text = get(labels, name);
    if (!config_duration(text, out)) {
        return ifm_error_set(err, IFM_INVALID,
                             "error parsing scrape %s: not a valid duration string: \"%.*s\"", what,
                             (int)(text.size > 64 ? 64 : text.size), text.data == NULL ? "" : text.data);
    }
    return *out > 0 || ifm_error_set(err, IFM_INVALID, "scrape %s cannot be 0", what);
}

static bool check(scrape_target *target, model_labels labels, ifm_error *err)
{
    model_text address = get(labels, address_label);
    if (address.size == 0) {
        return ifm_error_set(err, IFM_INVALID, "no address");
    }
    int shown = (int)(address.size > 100 ? 100 : address.size);
    if (memchr(address.data, '/', address.size) != NULL) {
        return ifm_error_set(err, IFM_INVALID, "\"%.*s\" is not a valid hostname", shown, address.data);
    }
    if (!read_duration(labels, interval_label, "interval", &target->interval_ms, err) ||
        !read_duration(labels, timeout_label, "timeout", &target->timeout_ms, err)) {
        return false;
    }
    if (target->timeout_ms > target->interval_ms) {
        return ifm_error_set(err, IFM_INVALID,
                             "scrape timeout cannot be greater than scrape interval (%lld ms > %lld ms)",
                             (long long)target->timeout_ms, (long long)target->interval_ms);
    }
    for (size_t i = 0; i < labels.count; i++) {
        model_label label = labels.items[i];
        if (!ifm_utf8_valid(label.value.data, label.value.size)) {
            return ifm_error_set(err, IFM_INVALID, "the value of label \"%.*s\" is not valid UTF-8",
                                 (int)(label.name.size > 64 ? 64 : label.name.size), label.name.data);
        }
    }
    return true;
}

/* Labels without those that begin with `prefix`. */
static model_labels without(model_labels labels, const char *prefix, ifm_bump *arena)
{
    model_label *items = ifm_bump_alloc_array(arena, labels.count, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < labels.count && items != NULL; i++) {
        if (!begins_with(labels.items[i].name, prefix)) {
            items[count++] = labels.items[i];
        }
    }
    return (model_labels){items, count};
}

static void append_text(ifm_buf *out, model_text text)
{
    ifm_buf_append(out, text.data, text.size);
}

/* As Go's url.QueryEscape(). */
static void append_escaped(ifm_buf *out, model_text text)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == ' ') {
            ifm_buf_append_char(out, '+');
        } else if (memchr(safe, c, sizeof safe - 1) != NULL) {
            ifm_buf_append_char(out, c);
        } else {
            ifm_buf_printf(out, "%%%02X", (unsigned char)c);
        }
    }
}

/* The value that a label gives to a parameter of the configuration; NULL: its own. */
static const model_label *param_label(model_labels labels, const char *name, size_t size)
{
    for (size_t i = 0; i < labels.count; i++) {
        model_text label = labels.items[i].name;
        if (begins_with(label, param_prefix) && label.size - (sizeof param_prefix - 1) == size &&
            memcmp(label.data + sizeof param_prefix - 1, name, size) == 0) {
            return &labels.items[i];
        }
    }
    return NULL;
}

static void append_param(ifm_buf *out, size_t start, model_text name, model_text value)
{
    ifm_buf_append_char(out, out->size == start ? '?' : '&');
    append_escaped(out, name);
    ifm_buf_append_char(out, '=');
    append_escaped(out, value);
}

/* The configuration's parameters, of each name the first one with the value that the label has. */
static void append_params(ifm_buf *out, const char *params, model_labels labels, model_labels configured)
{
    size_t start = out->size;
    const char *before = "";
    size_t before_size = 0;
    while (*params != '\0') {
        size_t size = strcspn(params, "&");
        size_t name = strcspn(params, "=&");
        const model_label *label = param_label(labels, params, name);
        const model_label *own = param_label(configured, params, name);
        bool first = name != before_size || memcmp(before, params, name) != 0;
        bool changed = label != NULL && own != NULL && !model_text_equal(label->value, own->value);
        if (first && label != NULL && (own == NULL || changed)) {
            append_param(out, start, (model_text){params, name}, label->value);
        } else {
            ifm_buf_append_char(out, out->size == start ? '?' : '&');
            ifm_buf_append(out, params, size);
        }
        before = params;
        before_size = name;
        params += size + (params[size] == '&');
    }
    for (size_t i = 0; i < labels.count; i++) { /* those that relabelling added */
        model_text name = labels.items[i].name;
        if (begins_with(name, param_prefix)) {
            model_text bare = {name.data + sizeof param_prefix - 1, name.size - (sizeof param_prefix - 1)};
            if (param_label(configured, bare.data, bare.size) == NULL) {
                append_param(out, start, bare, labels.items[i].value);
            }
        }
    }
}

static bool make_url(scrape_target *target, const config_scrape *config, ifm_error *err)
{
    model_labels configured = {config->param_labels, config->param_label_count};
    model_text path = get(target->labels, path_label);
    ifm_buf url;
    ifm_buf_init(&url, SCRAPE_TARGET_BYTES_MAX);
    append_text(&url, get(target->labels, scheme_label));
    ifm_buf_append_text(&url, "://");
    append_text(&url, get(target->labels, address_label));
    if (path.size == 0 || path.data[0] != '/') {
        ifm_buf_append_char(&url, '/');
    }
    append_text(&url, path);
    append_params(&url, config->params == NULL ? "" : config->params, target->labels, configured);
    bool ok = ifm_buf_check(&url, err);
    if (ok) {
        target->url = ifm_bump_copy(&target->arena, url.data, url.size);
        ok = ifm_bump_check(&target->arena, err);
    }
    ifm_buf_deinit(&url);
    return ok;
}

static bool relabel(scrape_target *target, const config_scrape *config, ifm_error *err)
{
    model_labels labels;
    bool keep = true;
    if (!config_relabel_apply(&config->relabels, target->discovered, &target->arena, &labels, &keep, err)) {
        return false;
    }
    if (!keep || labels.count == 0) {
        return true;
    }
    if (!check(target, labels, err)) {
        return false;
    }
    labels = without(labels, meta_prefix, &target->arena);
    if (get(labels, "instance").size == 0) {
        labels =
            model_labels_with(labels, model_text_of("instance"), get(labels, address_label), &target->arena);
    }
    target->labels = model_labels_copy(labels, &target->arena);
    target->shown = without(target->labels, "__", &target->arena);
    if (!ifm_bump_check(&target->arena, err) || !make_url(target, config, err)) {
        return false;
    }
    target->hash = XXH64(target->url, strlen(target->url), model_labels_hash(target->labels));
    return true;
}

scrape_target *scrape_target_new(const config_scrape *config, const config_target_group *group, size_t index,
                                 ifm_error *err)
{
    scrape_target *target = ifm_alloc_zero(1, sizeof *target);
    if (target == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    ifm_bump_init(&target->arena, SCRAPE_TARGET_BYTES_MAX);
    if (!discover(target, config, group, group->targets[index], err) || !relabel(target, config, err)) {
        scrape_target_free(target);
        return NULL;
    }
    return target;
}

void scrape_target_free(scrape_target *target)
{
    if (target != NULL) {
        ifm_bump_deinit(&target->arena);
        ifm_free(target);
    }
}

bool scrape_target_same(const scrape_target *a, const scrape_target *b)
{
    return a->hash == b->hash && model_labels_equal(a->labels, b->labels) && strcmp(a->url, b->url) == 0;
}
