/* SPDX-License-Identifier: Apache-2.0 */
#include "scrape/protocol.h"

#include <stdio.h>
#include <strings.h>

static const char *const protocol_types[CONFIG_PROTOCOL_COUNT] = {
    [CONFIG_PROTOCOL_PROTOBUF] =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
    [CONFIG_PROTOCOL_OPENMETRICS_1] = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8",
    [CONFIG_PROTOCOL_OPENMETRICS_0] = "application/openmetrics-text;version=0.0.1",
    [CONFIG_PROTOCOL_TEXT_1] = "text/plain;version=1.0.0;escaping=allow-utf-8",
    [CONFIG_PROTOCOL_TEXT_0] = "text/plain;version=0.0.4",
};

void scrape_accept_header(const config_scrape *config, ifm_buf *out)
{
    int weight = CONFIG_PROTOCOL_COUNT + 1;
    ifm_buf_append_text(out, "Accept: ");
    for (size_t i = 0; i < config->protocol_count; i++) {
        ifm_buf_printf(out, "%s;q=0.%d,", protocol_types[config->protocols[i]], weight--);
    }
    ifm_buf_printf(out, "*/*;q=0.%d", weight);
}

static scrape_format format_of_protocol(config_protocol protocol)
{
    switch (protocol) {
    case CONFIG_PROTOCOL_PROTOBUF:
        return SCRAPE_FORMAT_PROTOBUF;
    case CONFIG_PROTOCOL_OPENMETRICS_1:
    case CONFIG_PROTOCOL_OPENMETRICS_0:
        return SCRAPE_FORMAT_OPENMETRICS;
    default:
        return SCRAPE_FORMAT_TEXT;
    }
}

bool scrape_format_of(const char *content_type, config_protocol fallback, scrape_format *out, ifm_error *err)
{
    static const struct {
        const char *type;
        scrape_format format;
    } known[] = {{"text/plain", SCRAPE_FORMAT_TEXT},
                 {"application/openmetrics-text", SCRAPE_FORMAT_OPENMETRICS},
                 {"application/vnd.google.protobuf", SCRAPE_FORMAT_PROTOBUF}};
    const char *start = content_type + strspn(content_type, " \t");
    size_t size = strcspn(start, "; \t\r\n");
    for (size_t i = 0; i < IFM_COUNT_OF(known); i++) {
        if (strlen(known[i].type) == size && strncasecmp(start, known[i].type, size) == 0) {
            *out = known[i].format;
            return true;
        }
    }
    if (fallback != CONFIG_PROTOCOL_NONE) {
        *out = format_of_protocol(fallback);
        return true;
    }
    if (size == 0) {
        return ifm_error_set(err, IFM_INVALID,
                             "non-compliant scrape target sending blank Content-Type and no "
                             "fallback_scrape_protocol specified for target");
    }
    return ifm_error_set(err, IFM_INVALID,
                         "received unsupported Content-Type \"%.100s\" and no fallback_scrape_protocol "
                         "specified for target",
                         content_type);
}

void scrape_status_text(int status, char *out, size_t size)
{
    static const struct {
        int status;
        const char *text;
    } known[] = {
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {410, "Gone"},
        {413, "Request Entity Too Large"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    const char *text = "";
    for (size_t i = 0; i < IFM_COUNT_OF(known); i++) {
        text = known[i].status == status ? known[i].text : text;
    }
    snprintf(out, size, "%d%s%s", status, *text == '\0' ? "" : " ", text);
}
