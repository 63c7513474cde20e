/* SPDX-License-Identifier: Apache-2.0
 *
 * The web user interface: one page, whose script draws what the address says, and the files that it loads.
 * They are carried by the program (assets.h), compressed when it was built.
 *
 * A file keeps its name from one version to the next, so a browser asks each time whether its copy is still
 * good (ETag), and never runs the scripts of two versions together.
 */
#include "assets/assets.h"
#include "web/gzip.h"
#include "web/impl.h"

#include "exposition/exposition.h"

#include <stdio.h>

/* Scripts, styles and requests of this server alone, and none that stand in the page itself: a label value
 * that found its way into the page as markup would still run nothing and load nothing. Images also from data:
 * and blob:, which is how charts are saved. */
static const char ui_policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
                                "data: blob:; connect-src 'self'; "
                                "base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

static const char *ui_type(const char *path)
{
    static const char *const types[][2] = {
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json"},
        {".txt", "text/plain; charset=utf-8"},
        {".html", "text/html; charset=utf-8"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < IFM_COUNT_OF(types); i++) {
        if (strcmp(dot, types[i][0]) == 0) {
            return types[i][1];
        }
    }
    return "application/octet-stream";
}

/* Whether the browser has this content already. Tags are compared weakly, as RFC 9110 wants for GET. */
static bool ui_is_known(const web_request *request, const char *tag)
{
    const char *known =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);
    return known != NULL && strstr(known, tag) != NULL; /* sixteen digits are nothing else by chance */
}

/* The bytes as the client takes them. */
static void ui_append(web_request *request, const assets_file *file)
{
    const char *wanted =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    ifm_buf *out = &request->answer.body;
    if (file->gzipped && !ifm_negotiate_gzip(wanted)) {
        web_gunzip(file->bytes, file->size, out);
        return;
    }
    ifm_buf_append(out, file->bytes, file->size);
    if (file->gzipped) {
        request->answer.packed = true;
    }
}

static void ui_answer(web_request *request, const assets_file *file)
{
    char tag[32];
    snprintf(tag, sizeof tag, "W/\"%s\"", file->tag); /* weak: one for both encodings */
    web_answer_header(request, "Content-Security-Policy", ui_policy);
    web_answer_header(request, "Cache-Control", "no-cache"); /* keep it, but ask */
    const char *header = ifm_bump_copy(&request->arena, tag, strlen(tag));
    if (header != NULL) {
        web_answer_header(request, "ETag", header);
    }
    bool known = ui_is_known(request, file->tag);
    request->answer.status = known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK;
    request->answer.content_type = known ? NULL : ui_type(file->path);
    ui_append(request, file); /* of a 304 it is not sent, but its length is */
}

void web_ui_file(web_request *request)
{
    char path[256];
    snprintf(path, sizeof path, "ui/assets/%.*s", (int)(request->name.size < 200 ? request->name.size : 200),
             request->name.data);
    const assets_file *file = assets_find(path);
    if (file == NULL) {
        web_answer_text(request, MHD_HTTP_NOT_FOUND, "404 page not found\n");
        return;
    }
    ui_answer(request, file);
}

void web_ui_icon(web_request *request)
{
    const assets_file *file = assets_find("ui/icon.svg");
    if (file == NULL) {
        web_answer_text(request, MHD_HTTP_NOT_FOUND, "404 page not found\n");
        return;
    }
    ui_answer(request, file);
}

static void ui_append_attribute(ifm_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("&<>\"'", *text) != NULL) {
            ifm_buf_printf(out, "&#%d;", *text);
        } else {
            ifm_buf_append_char(out, *text);
        }
    }
}

/* The page names its files relative to the root of this server, whatever page it is. */
void web_ui_page(web_request *request)
{
    static const char root[] = "<base href=\"/";
    ifm_buf *out = &request->answer.body;
    const assets_file *file = assets_find("ui/index.html");
    const char *mark = file == NULL ? NULL : strstr(file->bytes, root);
    if (mark == NULL) {
        web_answer_text(
            request, MHD_HTTP_INTERNAL_SERVER_ERROR,
            "the web user interface is not part of this program; hint: build it with web/bundle\n");
        return;
    }
    size_t before = (size_t)(mark - file->bytes) + sizeof root - 2; /* up to the slash */
    request->answer.status = MHD_HTTP_OK;
    request->answer.content_type = ui_type(file->path);
    web_answer_header(request, "Content-Security-Policy", ui_policy);
    web_answer_header(request, "Cache-Control", "no-cache");
    ifm_buf_append(out, file->bytes, before);
    ui_append_attribute(out, request->server->prefix);
    ifm_buf_append(out, file->bytes + before, file->size - before);
}

bool web_ui_unknown(web_request *request)
{
    static const char dashboards[] = "/d/"; /* Grafana writes the title behind the uid */
    const char *wanted = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Accept");
    bool api = request->path.size >= 5 && memcmp(request->path.data, "/api/", 5) == 0;
    if (request->method != WEB_GET || api || wanted == NULL || strstr(wanted, "text/html") == NULL) {
        return false;
    }
    web_ui_page(request);
    bool known = request->path.size > 3 && memcmp(request->path.data, dashboards, 3) == 0;
    if (!known && request->answer.status == MHD_HTTP_OK) {
        request->answer.status = MHD_HTTP_NOT_FOUND; /* the page says so, and leads back */
    }
    return true;
}
