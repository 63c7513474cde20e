/* SPDX-License-Identifier: Apache-2.0
 *
 * Families of an exposition as the names that a query has to write. A family whose TYPE is known gives
 * all names that it can have, whatever samples it has now; every sample gives its own besides.
 */
#include "base/base.h"
#include "dashboard/limits.h"
#include "dashboard/metrics_impl.h"
#include "exposition/exposition.h"

#include <string.h>

/* Where the names go. */
typedef struct adder {
    dashboard_metrics *metrics;
    const char *marker;
    bool is_openmetrics;
    ifm_error *err;
} adder;

/* Room for a name of the largest size and a suffix. */
enum { NAME_BYTES = DASHBOARD_METRIC_BYTES_MAX + 16 };

static bool add(const adder *to, ifm_text name, const char *suffix, dashboard_metric_type type)
{
    char joined[NAME_BYTES];
    size_t suffix_size = strlen(suffix);
    if (name.size + suffix_size > sizeof joined) {
        return dashboard_metrics_add(to->metrics, name.data, name.size, type, to->err); /* which refuses it */
    }
    memcpy(joined, name.data, name.size);
    memcpy(joined + name.size, suffix, suffix_size);
    return dashboard_metrics_add(to->metrics, joined, name.size + suffix_size, type, to->err);
}

static bool text_ends(ifm_text text, const char *end, size_t end_size)
{
    return text.size > end_size && memcmp(text.data + text.size - end_size, end, end_size) == 0;
}

/* In text 0.0.4 the name of a counter has its "_total", and a program may have left it out. */
static bool add_counter(const adder *to, ifm_text name)
{
    static const char total[] = "_total";
    if (to->is_openmetrics) {
        return add(to, name, total, DASHBOARD_METRIC_COUNTER) &&
               add(to, name, "_created", DASHBOARD_METRIC_GAUGE);
    }
    ifm_text stem = name;
    if (text_ends(name, total, sizeof total - 1)) {
        stem.size -= sizeof total - 1;
    }
    return add(to, name, "", DASHBOARD_METRIC_COUNTER) && add(to, stem, "_created", DASHBOARD_METRIC_GAUGE);
}

static bool add_family(const adder *to, ifm_text name, ifm_family_type type)
{
    switch (type) {
    case IFM_FAMILY_COUNTER:
        return add_counter(to, name);
    case IFM_FAMILY_HISTOGRAM:
        return add(to, name, "", DASHBOARD_METRIC_HISTOGRAM) &&
               add(to, name, "_bucket", DASHBOARD_METRIC_BUCKET) &&
               add(to, name, "_sum", DASHBOARD_METRIC_COUNTER) &&
               add(to, name, "_count", DASHBOARD_METRIC_COUNTER) &&
               add(to, name, "_created", DASHBOARD_METRIC_GAUGE);
    case IFM_FAMILY_GAUGE_HISTOGRAM:
        return add(to, name, "_bucket", DASHBOARD_METRIC_BUCKET) &&
               add(to, name, "_gsum", DASHBOARD_METRIC_GAUGE) &&
               add(to, name, "_gcount", DASHBOARD_METRIC_GAUGE);
    case IFM_FAMILY_SUMMARY:
        return add(to, name, "", DASHBOARD_METRIC_GAUGE) && add(to, name, "_sum", DASHBOARD_METRIC_COUNTER) &&
               add(to, name, "_count", DASHBOARD_METRIC_COUNTER) &&
               add(to, name, "_created", DASHBOARD_METRIC_GAUGE);
    case IFM_FAMILY_INFO:
        return add(to, name, "_info", DASHBOARD_METRIC_GAUGE);
    case IFM_FAMILY_GAUGE:
    case IFM_FAMILY_STATE_SET:
        return add(to, name, "", DASHBOARD_METRIC_GAUGE);
    default:
        return add(to, name, "", DASHBOARD_METRIC_UNTYPED);
    }
}

static dashboard_metric_type pattern_type(ifm_family_type type)
{
    switch (type) {
    case IFM_FAMILY_HISTOGRAM:
        return DASHBOARD_METRIC_HISTOGRAM;
    case IFM_FAMILY_COUNTER:
        return DASHBOARD_METRIC_COUNTER;
    case IFM_FAMILY_GAUGE:
        return DASHBOARD_METRIC_GAUGE;
    default:
        return DASHBOARD_METRIC_UNTYPED;
    }
}

static bool add_entry(const adder *to, const ifm_entry *entry)
{
    if (entry->kind == IFM_ENTRY_SAMPLE) {
        return add(to, entry->name, "", DASHBOARD_METRIC_UNTYPED);
    }
    if (entry->kind != IFM_ENTRY_TYPE) {
        return true;
    }
    size_t marker_size = to->marker == NULL ? 0 : strlen(to->marker);
    bool is_marked = to->marker != NULL && text_ends(entry->name, to->marker, marker_size) &&
                     entry->name.data[entry->name.size - marker_size - 1] == '_';
    if (is_marked) {
        return dashboard_metrics_add_pattern(to->metrics, entry->name.data, entry->name.size - marker_size,
                                             pattern_type(entry->type), to->err);
    }
    return add_family(to, entry->name, entry->type);
}

/* The rule of OpenMetrics: nothing follows "# EOF" but a line feed. */
static bool is_openmetrics(const char *text, size_t size)
{
    static const char end[] = "# EOF";
    size -= size > 0 && text[size - 1] == '\n';
    return text_ends((ifm_text){text, size}, end, sizeof end - 1) ||
           (size == sizeof end - 1 && memcmp(text, end, size) == 0);
}

bool dashboard_metrics_add_exposition(dashboard_metrics *metrics, const char *text, size_t size,
                                      const char *marker, ifm_error *err)
{
    adder to = {metrics, marker, is_openmetrics(text, size), err};
    ifm_parser *parser =
        ifm_parser_new(to.is_openmetrics ? IFM_PARSE_OPENMETRICS : IFM_PARSE_TEXT, IFM_PARSE_LENIENT, err);
    if (parser == NULL) {
        return false;
    }
    ifm_parser_start(parser, text, size);
    ifm_entry entry;
    bool ok = ifm_parser_next(parser, &entry, err);
    while (ok && entry.kind != IFM_ENTRY_END) {
        ok = add_entry(&to, &entry) && ifm_parser_next(parser, &entry, err);
    }
    ifm_parser_free(parser);
    return ok;
}
