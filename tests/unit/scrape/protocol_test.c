/* SPDX-License-Identifier: Apache-2.0
 *
 * The Accept header, and what a Content-Type means.
 */
#include "scrape/protocol.h"

#include "check.h"

static void accept_header_prefers_in_order(void **state)
{
    config_scrape config = {.protocols = {CONFIG_PROTOCOL_PROTOBUF, CONFIG_PROTOCOL_OPENMETRICS_1,
                                          CONFIG_PROTOCOL_OPENMETRICS_0, CONFIG_PROTOCOL_TEXT_1,
                                          CONFIG_PROTOCOL_TEXT_0},
                            .protocol_count = 5};
    ifm_buf text;
    (void)state;
    ifm_buf_init(&text, 4096);
    scrape_accept_header(&config, &text);
    ifm_buf_append_char(&text, '\0');
    CHECK_TEXT(
        text.data,
        "Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
        "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
        "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1");
    ifm_buf_deinit(&text);
    check_end();
}

static void content_type_decides(void **state)
{
    static const struct {
        const char *type;
        config_protocol fallback;
        int want; /* -1: refused */
        const char *error;
    } rows[] = {
        {"text/plain", CONFIG_PROTOCOL_NONE, SCRAPE_FORMAT_TEXT, ""},
        {"Text/Plain; version=0.0.4; charset=utf-8", CONFIG_PROTOCOL_NONE, SCRAPE_FORMAT_TEXT, ""},
        {"application/openmetrics-text;version=1.0.0", CONFIG_PROTOCOL_NONE, SCRAPE_FORMAT_OPENMETRICS, ""},
        {"application/vnd.google.protobuf; proto=x", CONFIG_PROTOCOL_NONE, SCRAPE_FORMAT_PROTOBUF, ""},
        {"", CONFIG_PROTOCOL_NONE, -1,
         "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified "
         "for "
         "target"},
        {"", CONFIG_PROTOCOL_TEXT_0, SCRAPE_FORMAT_TEXT, ""},
        {"text/html", CONFIG_PROTOCOL_OPENMETRICS_0, SCRAPE_FORMAT_OPENMETRICS, ""},
        {"text/plainer", CONFIG_PROTOCOL_PROTOBUF, SCRAPE_FORMAT_PROTOBUF, ""},
        {"text/html", CONFIG_PROTOCOL_NONE, -1,
         "received unsupported Content-Type \"text/html\" and no fallback_scrape_protocol specified for "
         "target"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        scrape_format format = SCRAPE_FORMAT_TEXT;
        ifm_error err = {.message = ""};
        bool ok = scrape_format_of(rows[i].type, rows[i].fallback, &format, &err);
        CHECK_INT(ok ? (int)format : -1, rows[i].want);
        CHECK_TEXT(ok ? "" : err.message, rows[i].error);
    }
    check_end();
}

static void status_has_its_words(void **state)
{
    char text[64];
    (void)state;
    scrape_status_text(404, text, sizeof text);
    CHECK_TEXT(text, "404 Not Found");
    scrape_status_text(599, text, sizeof text);
    CHECK_TEXT(text, "599");
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(accept_header_prefers_in_order),
                                       cmocka_unit_test(content_type_decides),
                                       cmocka_unit_test(status_has_its_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
