/* SPDX-License-Identifier: Apache-2.0 */
#include "exposition/negotiate.h"

#include "exposition/encoder.h"

#include <stdio.h>
#include <strings.h>

enum {
    ITEMS_MAX = 64, /* of one header; Prometheus sends 6, browsers under 10; the rest is not looked at */
    PARAMETERS_MAX = 8,
    VALUE_SIZE = 64, /* of a parameter, terminated; the longest of interest has 35 bytes */
    QUALITY_MAX = 1000
};

/* What a server can be asked for; the order is the one in which a wildcard is answered. */
typedef enum media {
    MEDIA_TEXT,
    MEDIA_OPENMETRICS_1_0_0,
    MEDIA_OPENMETRICS_0_0_1,
    MEDIA_TEXT_1_0_0,
    MEDIA_PROTOBUF,
    MEDIA_COUNT
} media;

static const struct {
    ifm_format format;
    const char *content_type;
} medias[MEDIA_COUNT] = {
    [MEDIA_TEXT] = {IFM_FORMAT_TEXT, "text/plain; version=0.0.4; charset=utf-8"},
    [MEDIA_TEXT_1_0_0] = {IFM_FORMAT_TEXT_1_0_0, "text/plain; version=1.0.0; charset=utf-8"},
    [MEDIA_OPENMETRICS_0_0_1] = {IFM_FORMAT_OPENMETRICS,
                                 "application/openmetrics-text; version=0.0.1; charset=utf-8"},
    [MEDIA_OPENMETRICS_1_0_0] = {IFM_FORMAT_OPENMETRICS,
                                 "application/openmetrics-text; version=1.0.0; charset=utf-8"},
    [MEDIA_PROTOBUF] = {IFM_FORMAT_PROTOBUF,
                        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
                        "encoding=delimited"},
};

static const char *const escaping_names[] = {
    [IFM_ESCAPING_UNDERSCORES] = "underscores",
    [IFM_ESCAPING_DOTS] = "dots",
    [IFM_ESCAPING_VALUES] = "values",
    [IFM_ESCAPING_ALLOW_UTF8] = "allow-utf-8",
};

/* --- The grammar that Accept and Accept-Encoding share ---------------------------------------------- */

typedef struct parameter {
    char name[VALUE_SIZE];
    char value[VALUE_SIZE]; /* without quotes */
} parameter;

/* One item of the list: `text/plain;version=0.0.4;q=0.3`. */
typedef struct header_item {
    char name[VALUE_SIZE]; /* "text/plain", "gzip" */
    parameter parameters[PARAMETERS_MAX];
    size_t parameter_count;
    int quality; /* thousandths, 0 to QUALITY_MAX; -1 when it is no number: the item does not count */
} header_item;

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Reads up to the next of `stops` outside quotes, or the end, into `out`, without white space around and
 * without quotes; what is too long becomes empty, which matches nothing. Returns where it stopped. */
static const char *read_part(const char *at, const char *stops, char out[VALUE_SIZE])
{
    size_t size = 0; /* of all that was read */
    size_t kept = 0; /* up to the last byte that is no white space outside quotes */
    bool quoted = false;
    while (is_space(*at)) {
        at++;
    }
    for (; *at != '\0' && (quoted || strchr(stops, *at) == NULL); at++) {
        bool escaped = quoted && *at == '\\' && at[1] != '\0';
        if (*at == '"') {
            quoted = !quoted;
            continue;
        }
        at += escaped;
        if (size < VALUE_SIZE) {
            out[size] = *at;
        }
        size++;
        kept = quoted || !is_space(*at) ? size : kept;
    }
    out[kept < VALUE_SIZE ? kept : 0] = '\0';
    return at;
}

/* A quality in thousandths, further digits cut; -1 when it is none. */
static int read_quality(const char *text)
{
    if ((text[0] != '0' && text[0] != '1') || (text[1] != '\0' && text[1] != '.')) {
        return -1;
    }
    int quality = (text[0] - '0') * QUALITY_MAX;
    int digit_worth = QUALITY_MAX / 10;
    for (const char *at = text[1] == '\0' ? text + 1 : text + 2; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            return -1;
        }
        quality += (*at - '0') * digit_worth;
        digit_worth /= 10;
    }
    return quality <= QUALITY_MAX ? quality : -1;
}

/* Reads one item and the comma behind it; returns where the next begins. */
static const char *read_item(const char *at, header_item *out)
{
    *out = (header_item){.quality = QUALITY_MAX};
    at = read_part(at, ",;", out->name);
    while (*at == ';') {
        parameter read = {{0}, {0}};
        at = read_part(at + 1, ",;=", read.name);
        if (*at == '=') {
            at = read_part(at + 1, ",;", read.value);
        }
        if (strcasecmp(read.name, "q") == 0) {
            out->quality = read_quality(read.value);
        } else if (out->parameter_count < PARAMETERS_MAX) {
            out->parameters[out->parameter_count++] = read;
        }
    }
    return *at == ',' ? at + 1 : at;
}

/* The value of a parameter; "" when the item has none of that name. */
static const char *item_value(const header_item *item, const char *name)
{
    for (size_t i = 0; i < item->parameter_count; i++) {
        if (strcasecmp(item->parameters[i].name, name) == 0) {
            return item->parameters[i].value;
        }
    }
    return "";
}

/* --- Accept ----------------------------------------------------------------------------------------- */

/* How closely an item names a medium; 0: not at all. */
typedef enum closeness { CLOSE_NOT, CLOSE_ANY, CLOSE_MAIN_TYPE, CLOSE_TYPE, CLOSE_VERSION } closeness;

/* An item of Accept, without its text. */
typedef struct accept_wish {
    closeness close[MEDIA_COUNT];
    int quality;
    bool has_escaping;
    ifm_escaping escaping;
} accept_wish;

static closeness versioned(const char *version, const char *wanted)
{
    if (version[0] == '\0') {
        return CLOSE_TYPE;
    }
    return strcmp(version, wanted) == 0 ? CLOSE_VERSION : CLOSE_NOT;
}

static void match_media(const header_item *item, closeness close[MEDIA_COUNT])
{
    const char *version = item_value(item, "version");
    if (strcmp(item->name, "*/*") == 0) {
        for (unsigned i = 0; i < MEDIA_COUNT; i++) {
            close[i] = CLOSE_ANY;
        }
    } else if (strcasecmp(item->name, "text/*") == 0) {
        close[MEDIA_TEXT] = close[MEDIA_TEXT_1_0_0] = CLOSE_MAIN_TYPE;
    } else if (strcasecmp(item->name, "application/*") == 0) {
        close[MEDIA_OPENMETRICS_1_0_0] = close[MEDIA_OPENMETRICS_0_0_1] = CLOSE_MAIN_TYPE;
        close[MEDIA_PROTOBUF] = CLOSE_MAIN_TYPE;
    } else if (strcasecmp(item->name, "text/plain") == 0) {
        close[MEDIA_TEXT] = versioned(version, "0.0.4");
        close[MEDIA_TEXT_1_0_0] = versioned(version, "1.0.0");
    } else if (strcasecmp(item->name, "application/openmetrics-text") == 0) {
        close[MEDIA_OPENMETRICS_0_0_1] = versioned(version, "0.0.1");
        close[MEDIA_OPENMETRICS_1_0_0] = versioned(version, "1.0.0");
    } else if (strcasecmp(item->name, "application/vnd.google.protobuf") == 0 &&
               strcmp(item_value(item, "proto"), "io.prometheus.client.MetricFamily") == 0 &&
               strcasecmp(item_value(item, "encoding"), "delimited") == 0) {
        close[MEDIA_PROTOBUF] = CLOSE_VERSION;
    }
}

static accept_wish read_wish(const header_item *item)
{
    accept_wish wish = {.quality = item->quality};
    const char *escaping = item_value(item, "escaping");
    if (strcasecmp(escaping, "allow-utf8") == 0) {
        escaping = "allow-utf-8"; /* Prometheus sends this one; its documentation has had both */
    }
    match_media(item, wish.close);
    for (unsigned i = 0; i < sizeof escaping_names / sizeof escaping_names[0]; i++) {
        if (strcasecmp(escaping, escaping_names[i]) == 0) {
            wish.has_escaping = true;
            wish.escaping = (ifm_escaping)i;
        }
    }
    return wish;
}

/* Whether an item with q=0 forbids what wishes[chosen] would allow, being at least as close to it. */
static bool is_forbidden(const accept_wish *wishes, size_t count, size_t chosen, unsigned medium)
{
    for (size_t i = 0; i < count; i++) {
        closeness close = wishes[i].close[medium];
        if (wishes[i].quality == 0 && close != CLOSE_NOT && close >= wishes[chosen].close[medium]) {
            return true;
        }
    }
    return false;
}

/* The index of the wish that is fulfilled and its medium; `count` when there is none. */
static size_t choose(const accept_wish *wishes, size_t count, unsigned *medium)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++) {
        if (wishes[i].quality <= (best == count ? 0 : wishes[best].quality)) {
            continue;
        }
        for (unsigned m = 0; m < MEDIA_COUNT; m++) {
            if (wishes[i].close[m] != CLOSE_NOT && !is_forbidden(wishes, count, i, m)) {
                best = i;
                *medium = m;
                break;
            }
        }
    }
    return best;
}

void ifm_negotiate_format(const char *accept, ifm_negotiated *out)
{
    accept_wish wishes[ITEMS_MAX];
    size_t count = 0;
    const char *at = accept == NULL ? "" : accept;
    while (*at != '\0' && count < ITEMS_MAX) {
        header_item item;
        at = read_item(at, &item);
        wishes[count++] = read_wish(&item);
    }
    unsigned medium = MEDIA_TEXT;
    size_t chosen = choose(wishes, count, &medium);
    bool asked = chosen < count && wishes[chosen].has_escaping;
    ifm_escaping escaping = asked ? wishes[chosen].escaping : IFM_ESCAPING_UNDERSCORES;
    if (medium == MEDIA_TEXT && escaping == IFM_ESCAPING_ALLOW_UTF8) {
        escaping = IFM_ESCAPING_UNDERSCORES; /* 0.0.4 has no quoted names */
    }
    bool told = asked || medium == MEDIA_TEXT_1_0_0 || medium == MEDIA_OPENMETRICS_1_0_0;
    *out = (ifm_negotiated){.format = medias[medium].format, .escaping = escaping};
    snprintf(out->content_type, sizeof out->content_type, "%s%s%s", medias[medium].content_type,
             told ? "; escaping=" : "", told ? escaping_names[escaping] : "");
}

/* --- Accept-Encoding -------------------------------------------------------------------------------- */

bool ifm_negotiate_gzip(const char *accept_encoding)
{
    int gzip = -1; /* -1: not mentioned */
    int any = -1;
    const char *at = accept_encoding == NULL ? "" : accept_encoding;
    for (size_t i = 0; *at != '\0' && i < ITEMS_MAX; i++) {
        header_item item;
        at = read_item(at, &item);
        if (strcasecmp(item.name, "gzip") == 0 || strcasecmp(item.name, "x-gzip") == 0) {
            gzip = item.quality;
        } else if (strcmp(item.name, "*") == 0) {
            any = item.quality;
        }
    }
    return gzip > 0 || (gzip < 0 && any > 0);
}
