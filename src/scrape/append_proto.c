/* SPDX-License-Identifier: Apache-2.0
 *
 * Protobuf. Samples have no text in it, so a key is made of each one's name and labels, by which the cache
 * knows it; HELP, TYPE and UNIT become lines of OpenMetrics, as which the cache has them anyway.
 */
#include "scrape/append.h"

#include <math.h>

static const char key_begin = '\x01'; /* no line of text begins so */

static void append_key_text(ifm_buf *key, ifm_text text)
{
    uint32_t size = (uint32_t)text.size;
    ifm_buf_append(key, &size, sizeof size);
    ifm_buf_append(key, text.data, text.size);
}

static void make_sample_key(ifm_buf *key, const ifm_entry *entry)
{
    ifm_buf_clear(key);
    ifm_buf_append_char(key, key_begin);
    append_key_text(key, entry->name);
    for (size_t i = 0; i < entry->label_count; i++) {
        append_key_text(key, entry->labels[i].name);
        append_key_text(key, entry->labels[i].value);
    }
}

static void append_escaped(ifm_buf *key, ifm_text text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '\\' || c == '"' || c == '\n') {
            ifm_buf_append_char(key, '\\');
        }
        ifm_buf_append_char(key, c == '\n' ? 'n' : c);
    }
}

static void make_comment_key(ifm_buf *key, const ifm_entry *entry)
{
    static const char *const types[] = {"unknown",        "counter", "gauge", "histogram",
                                        "gaugehistogram", "summary", "info",  "stateset"};
    const char *word = entry->kind == IFM_ENTRY_HELP   ? "HELP"
                       : entry->kind == IFM_ENTRY_TYPE ? "TYPE"
                                                       : "UNIT";
    ifm_buf_clear(key);
    ifm_buf_printf(key, "# %s \"", word);
    append_escaped(key, entry->name);
    ifm_buf_append_text(key, "\" ");
    if (entry->kind == IFM_ENTRY_TYPE) {
        ifm_buf_append_text(key, types[entry->type]);
    } else {
        append_escaped(key, entry->text);
    }
    ifm_buf_append_char(key, '\n');
}

/* The entry of the key in scratch->key. *out NULL: there is none yet. */
static bool find_key(scrape_appender *to, scrape_entry **out, ifm_error *err)
{
    ifm_buf *key = &to->scratch->key;
    if (!ifm_buf_check(key, err)) {
        return false;
    }
    *out = scrape_cache_expected(to->cache, &to->scratch->cache, key->data, key->data + key->size + 1);
    if (*out != NULL && (*out)->size == key->size) {
        return true;
    }
    return scrape_cache_find(to->cache, &to->scratch->cache, (model_text){key->data, key->size}, out, err);
}

static bool take_comment(scrape_appender *to, const ifm_entry *entry, ifm_error *err)
{
    ifm_buf *key = &to->scratch->key;
    scrape_cache_scratch *scratch = &to->scratch->cache;
    unsigned flags = SCRAPE_ENTRY_COMMENT | SCRAPE_ENTRY_OPENMETRICS;
    scrape_entry *found;
    make_comment_key(key, entry);
    if (!find_key(to, &found, err) ||
        (found == NULL &&
         !scrape_cache_add(to->cache, scratch, (model_text){key->data, key->size}, flags, &found, err))) {
        return false;
    }
    return scrape_cache_was_seen(to->cache, found) || scrape_cache_see(to->cache, scratch, found, err);
}

/* ---- Native histograms ---- */

static const model_span *copy_spans(const ifm_proto_buckets *from, ifm_bump *arena)
{
    model_span *spans = ifm_bump_alloc_array(arena, from->span_count, sizeof *spans);
    for (size_t i = 0; i < from->span_count && spans != NULL; i++) {
        spans[i] = (model_span){from->spans[i].offset, from->spans[i].length};
    }
    return spans;
}

/* The highest schema whose buckets grow by at least native_histogram_min_bucket_factor. */
static int32_t schema_max(double factor)
{
    if (!(factor > 1)) {
        return MODEL_SCHEMA_MAX;
    }
    double schema = floor(-log2(log2(factor)));
    return schema >= MODEL_SCHEMA_MAX   ? MODEL_SCHEMA_MAX
           : schema <= MODEL_SCHEMA_MIN ? MODEL_SCHEMA_MIN
                                        : (int32_t)schema;
}

/* Reduces the resolution to what the configuration allows; NULL: not low enough, or no memory. */
static const model_histogram *limit_buckets(scrape_appender *to, const model_histogram *h)
{
    ifm_bump *arena = &to->scratch->arena;
    uint64_t limit = to->config->native_histogram_bucket_limit;
    int32_t most = schema_max(to->config->native_histogram_min_bucket_factor);
    if (!model_histogram_is_custom(h) && h->schema > most) {
        h = model_histogram_copy_to_schema(h, most, arena);
    }
    while (h != NULL && limit > 0 && (uint64_t)h->positive_count + h->negative_count > limit) {
        if (model_histogram_is_custom(h) || h->schema == MODEL_SCHEMA_MIN) {
            to->counts.bucket_limit = true;
            return NULL;
        }
        h = model_histogram_copy_to_schema(h, h->schema - 1, arena);
    }
    return h;
}

/* *out NULL: it has too many buckets. */
static bool make_histogram(scrape_appender *to, const ifm_proto_native *from, const model_histogram **out,
                           ifm_error *err)
{
    ifm_bump *arena = &to->scratch->arena;
    *out = NULL;
    if (from->positive.count > MODEL_BUCKETS_MAX || from->negative.count > MODEL_BUCKETS_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "it has more than %d buckets", MODEL_BUCKETS_MAX);
    }
    model_histogram made = {.hint = from->gauge ? MODEL_RESET_GAUGE : MODEL_RESET_UNKNOWN,
                            .schema = from->schema,
                            .zero_threshold = from->zero_threshold,
                            .zero_count = from->zero_count,
                            .count = from->count,
                            .sum = from->sum,
                            .positive_spans = copy_spans(&from->positive, arena),
                            .negative_spans = copy_spans(&from->negative, arena),
                            .positive_span_count = (uint32_t)from->positive.span_count,
                            .negative_span_count = (uint32_t)from->negative.span_count,
                            .positive = from->positive.counts,
                            .negative = from->negative.counts,
                            .positive_count = (uint32_t)from->positive.count,
                            .negative_count = (uint32_t)from->negative.count};
    if (!ifm_bump_check(arena, err) || !model_histogram_check(&made, err)) {
        return false;
    }
    model_histogram *kept = ifm_bump_alloc(arena, sizeof *kept);
    if (kept != NULL) {
        *kept = made;
        *out = limit_buckets(to, kept);
    }
    return ifm_bump_check(arena, err);
}

/* ---- Samples ---- */

static bool take_exemplars(scrape_appender *to, ifm_proto_parser *parser, const ifm_proto_entry *entry,
                           const scrape_point *point, tsdb_ref ref, ifm_error *err)
{
    if (entry->native == NULL) {
        if (entry->base.exemplar.present) {
            scrape_append_exemplar(to, ref, &entry->base.exemplar, point);
        }
        return true;
    }
    ifm_parsed_exemplar exemplar;
    for (;;) {
        if (!ifm_proto_parser_exemplar(parser, &exemplar, err)) {
            return false;
        }
        if (!exemplar.present) {
            return true;
        }
        scrape_append_exemplar(to, ref, &exemplar, point);
    }
}

static bool append_sample(scrape_appender *to, ifm_proto_parser *parser, const ifm_proto_entry *entry,
                          ifm_error *err)
{
    const ifm_entry *base = &entry->base;
    ifm_buf *key = &to->scratch->key;
    scrape_line line = {.name = base->name,
                        .labels = base->labels,
                        .label_count = base->label_count,
                        .point = {.value = base->value,
                                  .has_time = base->time.present && to->config->honor_timestamps,
                                  .time_ms = base->time.ms}};
    if (entry->native != NULL && !make_histogram(to, entry->native, &line.point.histogram, err)) {
        return ifm_error_wrap(err, "native histogram \"%.*s\" in family %zu is not valid",
                              (int)(base->name.size > 64 ? 64 : base->name.size), base->name.data,
                              base->line);
    }
    if (to->counts.bucket_limit) {
        to->counts.total++;
        return true; /* the scrape fails; goes on to say how many samples there are */
    }
    make_sample_key(key, base);
    if (!find_key(to, &line.entry, err)) {
        return false;
    }
    tsdb_ref ref;
    line.text = (model_text){key->data, key->size};
    return scrape_append_line(to, &line, &ref, err) &&
           (ref == 0 || take_exemplars(to, parser, entry, &line.point, ref, err));
}

static bool take_sample(scrape_appender *to, ifm_proto_parser *parser, const ifm_proto_entry *entry,
                        ifm_error *err)
{
    ifm_bump_mark mark = ifm_bump_mark_now(&to->scratch->arena);
    bool ok = append_sample(to, parser, entry, err);
    scrape_scratch_rewind(to->scratch, mark);
    return ok;
}

bool scrape_append_protobuf(scrape_appender *to, const char *body, size_t size, ifm_error *err)
{
    ifm_proto_parser *parser = to->scratch->protobuf;
    const config_scrape *config = to->config;
    ifm_proto_entry entry;
    to->family = 0; /* the parser writes numbers in labels as they have to be */
    ifm_proto_parser_set_histograms(parser, !config->scrape_native_histograms   ? IFM_PROTO_CLASSIC
                                            : config->scrape_classic_histograms ? IFM_PROTO_NATIVE_AND_CLASSIC
                                                                                : IFM_PROTO_NATIVE);
    ifm_proto_parser_start(parser, body, size);
    for (;;) {
        if (!ifm_proto_parser_next(parser, &entry, err)) {
            return false;
        }
        bool ok = true;
        switch (entry.base.kind) {
        case IFM_ENTRY_END:
            return true;
        case IFM_ENTRY_SAMPLE:
            ok = take_sample(to, parser, &entry, err);
            break;
        default:
            ok = take_comment(to, &entry.base, err);
            break;
        }
        if (!ok) {
            return false;
        }
    }
}
