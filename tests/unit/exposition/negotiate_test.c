/* SPDX-License-Identifier: Apache-2.0 */
#include "exposition/negotiate.h"

#include "base/base.h"
#include "check.h"

#define PROTO                                                                                                \
    "application/vnd.google.protobuf;"                                                                       \
    "proto=io.prometheus.client.MetricFamily;encoding=delimited"
#define TEXT_TYPE   "text/plain; version=0.0.4; charset=utf-8"
#define TEXT_1_TYPE "text/plain; version=1.0.0; charset=utf-8; escaping="
#define OM_0_TYPE   "application/openmetrics-text; version=0.0.1; charset=utf-8"
#define OM_1_TYPE   "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping="
#define PROTO_TYPE                                                                                           \
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"

typedef struct format_row {
    const char *accept;
    ifm_format format;
    ifm_escaping escaping;
    const char *content_type;
} format_row;

static void check_rows(const format_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ifm_negotiated got;
        int before = check_failures;
        ifm_negotiate_format(rows[i].accept, &got);
        CHECK_INT(got.format, rows[i].format);
        CHECK_INT(got.escaping, rows[i].escaping);
        CHECK_TEXT(got.content_type, rows[i].content_type);
        if (check_failures > before) {
            fprintf(stderr, "in row %zu: %s\n", i, rows[i].accept == NULL ? "(null)" : rows[i].accept);
        }
    }
    check_end();
}

static void prometheus_gets_the_format_it_prefers(void **state)
{
    (void)state;
    static const format_row rows[] = {
        /* 2.30 */
        {"application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES, OM_0_TYPE},
        /* 2.42 */
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES, OM_1_TYPE "underscores"},
        /* 2.42, native histograms */
        {PROTO ",application/openmetrics-text;version=1.0.0;q=0.8,"
               "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         IFM_FORMAT_PROTOBUF, IFM_ESCAPING_UNDERSCORES, PROTO_TYPE},
        /* 3.0 */
        {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
         "application/openmetrics-text;version=0.0.1;q=0.4,text/"
         "plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
         "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
         IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_ALLOW_UTF8, OM_1_TYPE "allow-utf-8"},
        /* 3.x, native histograms */
        {PROTO ";q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
               "application/openmetrics-text;version=0.0.1;q=0.4,"
               "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
         IFM_FORMAT_PROTOBUF, IFM_ESCAPING_UNDERSCORES, PROTO_TYPE},
        {PROTO ";escaping=allow-utf-8;q=0.6,*/*;q=0.1", IFM_FORMAT_PROTOBUF, IFM_ESCAPING_ALLOW_UTF8,
         PROTO_TYPE "; escaping=allow-utf-8"},
        /* 3.x with metric_name_escaping_scheme: underscores, dots, values */
        {"application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,*/*;q=0.1",
         IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES, OM_1_TYPE "underscores"},
        {"text/plain;version=1.0.0;escaping=dots;q=0.5,*/*;q=0.1", IFM_FORMAT_TEXT_1_0_0, IFM_ESCAPING_DOTS,
         TEXT_1_TYPE "dots"},
        {"text/plain;version=0.0.4;escaping=values;q=0.5,*/*;q=0.1", IFM_FORMAT_TEXT, IFM_ESCAPING_VALUES,
         TEXT_TYPE "; escaping=values"},
        /* the form that its documentation has shown */
        {"text/plain;version=1.0.0;escaping=allow-utf8", IFM_FORMAT_TEXT_1_0_0, IFM_ESCAPING_ALLOW_UTF8,
         TEXT_1_TYPE "allow-utf-8"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void others_get_text(void **state)
{
    (void)state;
    static const format_row rows[] = {
        {NULL, IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"*/*", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"text/*", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"text/plain", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
         IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"image/png", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"text/plain;version=9.9.9", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"application/openmetrics-text;version=2.0.0", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        /* protobuf of another kind */
        {"application/vnd.google.protobuf", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
         IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"application/vnd.google.protobuf;proto=other;encoding=delimited", IFM_FORMAT_TEXT,
         IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        /* 0.0.4 has no quoted names */
        {"text/plain;version=0.0.4;escaping=allow-utf-8", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES,
         TEXT_TYPE "; escaping=underscores"},
        {"text/plain;escaping=strange", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void quality_decides_then_order(void **state)
{
    (void)state;
    static const format_row rows[] = {
        {"text/plain;q=0.5,application/openmetrics-text;q=0.6", IFM_FORMAT_OPENMETRICS,
         IFM_ESCAPING_UNDERSCORES, OM_1_TYPE "underscores"},
        {"text/plain;q=0.5,application/openmetrics-text;q=0.5", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES,
         TEXT_TYPE},
        {"application/openmetrics-text;q=0.5,text/plain;q=0.5", IFM_FORMAT_OPENMETRICS,
         IFM_ESCAPING_UNDERSCORES, OM_1_TYPE "underscores"},
        {"text/plain;q=0.998,application/openmetrics-text;q=0.999", IFM_FORMAT_OPENMETRICS,
         IFM_ESCAPING_UNDERSCORES, OM_1_TYPE "underscores"},
        {"text/plain;q=0.999,application/openmetrics-text", IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES,
         OM_1_TYPE "underscores"},
        {"application/openmetrics-text;q=0,*/*;q=0.1", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"application/openmetrics-text;q=0.000,text/plain;q=0.1", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES,
         TEXT_TYPE},
        /* what is both wanted and forbidden is forbidden */
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=1.0.0;q=0,"
         "text/plain;q=0.1",
         IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        /* the wildcard goes to what is not forbidden */
        {"text/plain;q=0,*/*", IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES, OM_1_TYPE "underscores"},
        {"text/plain;version=0.0.4;q=0,text/plain", IFM_FORMAT_TEXT_1_0_0, IFM_ESCAPING_UNDERSCORES,
         TEXT_1_TYPE "underscores"},
        /* a wildcard forbids only what is not named */
        {PROTO ";q=0.5,*/*;q=0.0", IFM_FORMAT_PROTOBUF, IFM_ESCAPING_UNDERSCORES, PROTO_TYPE},
        {"*/*;q=0", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"application/*", IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES, OM_1_TYPE "underscores"},
        /* an item whose quality cannot be read does not count */
        {"application/openmetrics-text;q=high,text/plain;q=0.1", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES,
         TEXT_TYPE},
        {"application/openmetrics-text;q=1.5,text/plain;q=0.1", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES,
         TEXT_TYPE},
        {"application/openmetrics-text;q=-1,text/plain;q=0.1", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES,
         TEXT_TYPE},
        {"application/openmetrics-text;q=,text/plain;q=0.1", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES,
         TEXT_TYPE},
        {"application/openmetrics-text;q=1.000,text/plain;q=0.9", IFM_FORMAT_OPENMETRICS,
         IFM_ESCAPING_UNDERSCORES, OM_1_TYPE "underscores"},
        /* the escaping is that of the chosen item */
        {"text/plain;version=1.0.0;escaping=dots;q=0.1,application/openmetrics-text;version=0.0.1;q=0.2",
         IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES, OM_0_TYPE},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void grammar_is_read_leniently(void **state)
{
    (void)state;
    static const format_row rows[] = {
        {"  Application/OpenMetrics-Text ;  VERSION = \"1.0.0\" ; Escaping=Allow-UTF-8 ;Q=0.9 , "
         "text/plain;q=0.1",
         IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_ALLOW_UTF8, OM_1_TYPE "allow-utf-8"},
        {"text/html;title=\"a, b; application/openmetrics-text\",text/plain;q=0.1", IFM_FORMAT_TEXT,
         IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
        {"text/html;title=\"\\\",\",application/openmetrics-text", IFM_FORMAT_OPENMETRICS,
         IFM_ESCAPING_UNDERSCORES, OM_1_TYPE "underscores"},
        {",,;,=;=,application/openmetrics-text,", IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES,
         OM_1_TYPE "underscores"},
        {"application/openmetrics-text;version", IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES,
         OM_1_TYPE "underscores"},
        {"application/openmetrics-text;version=\"1.0.0", IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES,
         OM_1_TYPE "underscores"},
        {"application/openmetrics-text;version=\"1.0.0\\", IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES,
         TEXT_TYPE},
        /* longer than any type: matches nothing, and what follows is read */
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "a,"
         "application/openmetrics-text",
         IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_UNDERSCORES, OM_1_TYPE "underscores"},
        /* more parameters than are kept: q counts wherever it stands */
        {"application/openmetrics-text;a=1;b=2;c=3;d=4;e=5;f=6;g=7;h=8;i=9;q=0,text/plain;q=0.1",
         IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, TEXT_TYPE},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

/* 64 items are read; what comes after them is not. */
static void item_limit_is_64(void **state)
{
    (void)state;
    static const struct {
        int before;
        ifm_format want;
    } rows[] = {{62, IFM_FORMAT_OPENMETRICS}, {63, IFM_FORMAT_OPENMETRICS}, {64, IFM_FORMAT_TEXT}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_buf accept;
        ifm_negotiated got;
        ifm_buf_init(&accept, 4096);
        for (int n = 0; n < rows[i].before; n++) {
            ifm_buf_append_text(&accept, "a/b,");
        }
        ifm_buf_append(&accept, "application/openmetrics-text", sizeof "application/openmetrics-text");
        ifm_negotiate_format(accept.data, &got);
        CHECK_INT(got.format, rows[i].want);
        ifm_buf_deinit(&accept);
    }
    check_end();
}

static void gzip_is_used_when_accepted(void **state)
{
    (void)state;
    static const struct {
        const char *accept_encoding;
        bool want;
        const char *why;
    } rows[] = {
        {NULL, false, "no header"},
        {"", false, "empty header"},
        {"gzip", true, "Prometheus"},
        {"gzip, deflate, br, zstd", true, "browsers"},
        {"deflate, GZIP;q=0.5", true, "case, order"},
        {"x-gzip", true, "old name of the same"},
        {"identity", false, "other"},
        {"gzip;q=0", false, "forbidden"},
        {"gzip;q=0.000", false, "forbidden"},
        {"gzip ; q=0.001", true, "smallest quality"},
        {"*", true, "wildcard"},
        {"*;q=0", false, "forbidden by wildcard"},
        {"gzip;q=0, *", false, "named is closer than the wildcard"},
        {"*;q=0, gzip", true, "named is closer than the wildcard"},
        {"gzip;q=x", false, "cannot be read"},
        {"gzipped", false, "another name"},
        {"notgzip", false, "another name"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        if (ifm_negotiate_gzip(rows[i].accept_encoding) != rows[i].want) {
            fprintf(stderr, "row %zu: %s\n", i, rows[i].why);
            CHECK(false);
        }
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prometheus_gets_the_format_it_prefers),
        cmocka_unit_test(others_get_text),
        cmocka_unit_test(quality_decides_then_order),
        cmocka_unit_test(grammar_is_read_leniently),
        cmocka_unit_test(item_limit_is_64),
        cmocka_unit_test(gzip_is_used_when_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
