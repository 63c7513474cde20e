/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/endpoint_page.h"

#include "base/base.h"

#include <inferometer/export.h>
#include <string.h>

enum { PAGE_BYTES_MAX = 65536 };

static const char page_style[] =
    ":root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--text:#1b2430;--quiet:#5c6a7a;"
    "--line:#dde2e8;--link:#0b5cad}"
    "@media(prefers-color-scheme:dark){:root{--ground:#12161c;--card:#1a2029;--text:#e6ebf1;"
    "--quiet:#93a1b1;--line:#2c3542;--link:#6cb2ff}}"
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;"
    "background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif}"
    "main{width:100%;max-width:34rem;background:var(--card);border:1px solid var(--line);"
    "border-radius:12px;padding:2rem}"
    "h1{margin:0 0 .25rem;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}"
    "p{margin:0;color:var(--quiet)}"
    "ul{list-style:none;margin:1.5rem 0;padding:0;border-top:1px solid var(--line)}"
    "li{display:flex;flex-wrap:wrap;gap:0 1rem;justify-content:space-between;padding:.75rem 0;"
    "border-bottom:1px solid var(--line);color:var(--quiet)}"
    "a{color:var(--link);font-family:ui-monospace,monospace}"
    "a:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:2px}"
    "footer{color:var(--quiet);font-size:.875rem}";

static void page_append_escaped(ifm_buf *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        switch (text[i]) {
        case '&':
            ifm_buf_append_text(out, "&amp;");
            break;
        case '<':
            ifm_buf_append_text(out, "&lt;");
            break;
        case '>':
            ifm_buf_append_text(out, "&gt;");
            break;
        case '"':
            ifm_buf_append_text(out, "&quot;");
            break;
        case '\'':
            ifm_buf_append_text(out, "&#39;");
            break;
        default:
            ifm_buf_append_char(out, text[i]);
        }
    }
}

static void page_append(ifm_buf *page, const ifm_buf *title)
{
    ifm_buf_append_text(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                              "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                              "<title>");
    page_append_escaped(page, title->data, title->size);
    ifm_buf_append_text(page, "</title>\n<style>");
    ifm_buf_append_text(page, page_style);
    ifm_buf_append_text(page, "</style>\n</head>\n<body>\n<main>\n<h1>");
    page_append_escaped(page, title->data, title->size);
    ifm_buf_append_text(page, "</h1>\n<p>The metrics of this process, for Prometheus to scrape.</p>\n"
                              "<ul>\n"
                              "<li><a href=\"/metrics\">/metrics</a> every metric, as of now</li>\n"
                              "<li><a href=\"/-/healthy\">/-/healthy</a> whether this endpoint answers</li>\n"
                              "</ul>\n"
                              "<footer>Inferometer " IFM_VERSION "</footer>\n"
                              "</main>\n</body>\n</html>\n");
}

char *ifm_page_make(const char *title, size_t *size, ifm_error *err)
{
    if (title == NULL || title[0] == '\0') {
        title = "Inferometer";
    }
    ifm_buf valid, page;
    ifm_buf_init(&valid, PAGE_BYTES_MAX);
    ifm_buf_init(&page, PAGE_BYTES_MAX);
    ifm_utf8_repair(&valid, title, strlen(title), IFM_PAGE_TITLE_BYTES_MAX);
    char *text = NULL;
    if (ifm_buf_check(&valid, err)) {
        page_append(&page, &valid);
        text = ifm_buf_take(&page, size, err);
    }
    ifm_buf_deinit(&valid);
    ifm_buf_deinit(&page);
    return text;
}
