/* SPDX-License-Identifier: Apache-2.0
 *
 * The user interface as it is served, and the dashboards for it.
 */
#include "unit/web/client.h"

#include "assets/assets.h"
#include "scratch.h"

#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *as_browser(web_fixture *fixture, const char *path)
{
    return client_ask(fixture, "GET", path, NULL, (const char *[]){"Accept: text/html,*/*", NULL});
}

static void page_is_at_each_of_its_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        long status;
        const char *why;
    } rows[] = {
        {"", 200, "home"},
        {"graph?g0.expr=up", 200, "Prometheus's address"},
        {"query?g0.expr=up", 200, "that of version 3"},
        {"d/inferometer-stages", 200, "a dashboard"},
        {"d/inferometer-stages/stages", 200, "Grafana's address, with the title"},
        {"nowhere", 404, "the page says that there is none"},
        {"assets", 404, "no folder"},
    };
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const char *body = as_browser(fixture, rows[i].path);
        if (fixture->status != rows[i].status || strstr(body, "<base href=\"/\"") == NULL) {
            fail_msg("%s: \"%s\": status %ld, want %ld, and the page: %s", rows[i].why, rows[i].path,
                     fixture->status, rows[i].status, body);
        }
        CHECK_CONTAINS(fixture->headers.data, "script-src 'self'; style-src 'self'");
        CHECK_CONTAINS(fixture->headers.data, "frame-ancestors 'none'");
    }
    client_get(fixture, "nowhere");
    CHECK_TEXT(fixture->body.data, "404 page not found\n"); /* to no browser */
    as_browser(fixture, "api/v1/nowhere");
    CHECK_TEXT(fixture->body.data, "404 page not found\n");
    fixture_close(fixture);
    check_end();
}

static void prefix_is_no_markup(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.route_prefix = "/a\"b<c&d"});
    CHECK_CONTAINS(as_browser(fixture, ""), "<base href=\"/a&#34;b&#60;c&#38;d/\"");
    fixture_close(fixture);
    check_end();
}

/* Who wants to show the page in a frame of another site says so there. */
static void configured_policy_is_the_only_one(void **state)
{
    (void)state;
    const model_label header = {FAKE_TEXT("Content-Security-Policy"), FAKE_TEXT("frame-ancestors *")};
    const config_web web = {.headers = &header, .header_count = 1};
    web_fixture *fixture = fixture_open((web_options){.web = &web});
    client_get(fixture, "");
    CHECK_CONTAINS(fixture->headers.data, "Content-Security-Policy: frame-ancestors *\r\n");
    CHECK(strstr(fixture->headers.data, "default-src") == NULL);
    fixture_close(fixture);
    check_end();
}

static void file_is_asked_for_again(void **state)
{
    (void)state;
    const assets_file *script = assets_find("ui/assets/index.js");
    assert_non_null(script);
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    char path[] = "assets/index.js";
    char match[64];
    client_ask(fixture, "GET", path, NULL, (const char *[]){"Accept-Encoding: gzip", NULL});
    CHECK_INT(fixture->status, 200);
    CHECK_INT(fixture->body.size - 1, script->size);
    CHECK_CONTAINS(fixture->headers.data, "Content-Encoding: gzip\r\n");
    CHECK_CONTAINS(fixture->headers.data, "Content-Type: text/javascript; charset=utf-8\r\n");
    CHECK_CONTAINS(fixture->headers.data, "Cache-Control: no-cache\r\n");
    CHECK_CONTAINS(fixture->headers.data, script->tag);

    client_get(fixture, path); /* as it was, for one that does not take gzip */
    CHECK_INT(fixture->status, 200);
    CHECK(strstr(fixture->headers.data, "Content-Encoding") == NULL);
    if (fixture->body.size - 1 <= script->size) {
        fail_msg("the script has %zu bytes, compressed %zu", fixture->body.size - 1, script->size);
    }

    snprintf(match, sizeof match, "If-None-Match: \"x\", W/\"%s\"", script->tag);
    client_ask(fixture, "GET", path, NULL, (const char *[]){match, NULL});
    CHECK_INT(fixture->status, 304);
    CHECK_INT(fixture->body.size - 1, 0);
    client_ask(fixture, "GET", path, NULL, (const char *[]){"If-None-Match: \"0123456789abcdef\"", NULL});
    CHECK_INT(fixture->status, 200);
    client_get(fixture, "assets/none.js");
    CHECK_INT(fixture->status, 404);
    fixture_close(fixture);
    check_end();
}

/* RFC 9110, 8.6: what a 304 and an answer to HEAD say of the length is what GET would have been sent. */
static void length_is_that_of_the_file(void **state)
{
    static const char *const paths[] = {"assets/index.js", "icon.svg"};
    static const char *const encodings[] = {"Accept-Encoding: gzip", "Accept-Encoding: identity"};
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    for (size_t i = 0; i < 2 * IFM_COUNT_OF(paths); i++) {
        const char *path = paths[i / 2], *encoding = encodings[i % 2];
        char length[64], match[64], tag[32];
        client_ask(fixture, "GET", path, NULL, (const char *[]){encoding, NULL});
        CHECK_INT(fixture->status, 200);
        snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", fixture->body.size - 1);
        CHECK_CONTAINS(fixture->headers.data, length);
        const char *found = strstr(fixture->headers.data, "\r\nETag: ");
        assert_non_null(found);
        snprintf(tag, sizeof tag, "%.*s", (int)strcspn(found + 8, "\r"), found + 8);
        snprintf(match, sizeof match, "If-None-Match: %s", tag);
        client_ask(fixture, "HEAD", path, NULL, (const char *[]){encoding, NULL});
        CHECK_INT(fixture->status, 200);
        CHECK_CONTAINS(fixture->headers.data, length);
        for (int head = 0; head < 2; head++) {
            client_ask(fixture, head ? "HEAD" : "GET", path, NULL, (const char *[]){encoding, match, NULL});
            CHECK_INT(fixture->status, 304);
            CHECK_INT(fixture->body.size - 1, 0);
            CHECK_CONTAINS(fixture->headers.data, length);
            CHECK_CONTAINS(fixture->headers.data, tag);
            CHECK_CONTAINS(fixture->headers.data, "\r\nVary: Accept-Encoding\r\n");
            CHECK(strstr(fixture->headers.data, "\r\nContent-Type: ") == NULL);
            CHECK(strstr(fixture->headers.data, "\r\nContent-Encoding: ") == NULL);
            CHECK(strstr(fixture->headers.data, "\r\nTransfer-Encoding: ") == NULL);
        }
    }
    fixture_close(fixture);
    check_end();
}

static void dashboards_are_listed(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    const char *body = client_get(fixture, "api/v1/inferometer/dashboards");
    CHECK_CONTAINS(body, "{\"uid\":\"inferometer-stages\",\"title\":\"Inferometer Stages\"");
    CHECK_CONTAINS(body, "\"source\":\"built-in\"");
    body = client_get(fixture, "api/v1/inferometer/dashboards/inferometer-stages");
    CHECK_CONTAINS(body, "{\"status\":\"success\",\"data\":{\"dashboard\":{");
    CHECK_CONTAINS(body, "\"panels\":[");
    body = client_get(fixture, "api/v1/inferometer/dashboards/none");
    CHECK_INT(fixture->status, 404);
    CHECK_CONTAINS(body, "there is no dashboard with the uid \\\"none\\\"");
    fixture_close(fixture);
    check_end();
}

static void put(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void dashboards_of_a_folder_are_beside_them(void **state)
{
    (void)state;
    const char *folder = scratch;
    put("mine.json", "{\"uid\":\"mine\",\"title\":\"<b>Mine</b>\",\"tags\":[\"a\",7]}");
    put("nameless.json", "{\"dashboard\":{\"title\":\"Wrapped\"},\"meta\":{}}");
    put("stages.json", "{\"uid\":\"inferometer-stages\",\"title\":\"Stages of mine\"}");
    put("broken.json", "{\"uid\":");
    put("list.json", "[]");
    put("notes.txt", "{}");
    web_fixture *fixture = fixture_open((web_options){.dashboards = folder});
    const char *body = client_get(fixture, "api/v1/inferometer/dashboards");
    CHECK_CONTAINS(body, "\"uid\":\"mine\",\"title\":\"\\u003cb\\u003eMine\\u003c/b\\u003e\"");
    CHECK_CONTAINS(body, "\"file\":\"mine.json\",\"tags\":[\"a\",\"\"]");
    CHECK_CONTAINS(body, "\"uid\":\"nameless\",\"title\":\"Wrapped\"");
    CHECK_CONTAINS(body, "\"title\":\"Stages of mine\"");
    CHECK(strstr(body, "\"title\":\"Inferometer Stages\"") == NULL);
    CHECK_CONTAINS(body, "could not read the dashboard \\\"broken.json\\\": it is no JSON object: ");
    CHECK_CONTAINS(body, "could not read the dashboard \\\"list.json\\\": it is no JSON object");
    CHECK(strstr(body, "notes") == NULL);
    body = client_get(fixture, "api/v1/inferometer/dashboards/nameless");
    CHECK_CONTAINS(body, "\"data\":{\"dashboard\":{\"title\":\"Wrapped\"}}");
    fixture_close(fixture);

    fixture = fixture_open((web_options){.dashboards = "/nonexistent/folder"});
    body = client_get(fixture, "api/v1/inferometer/dashboards");
    CHECK_CONTAINS(
        body, "could not open the folder \\\"/nonexistent/folder\\\" of --dashboards.path: No such file");
    CHECK_CONTAINS(body, "inferometer-stages");
    fixture_close(fixture);
    check_end();
}

static void folders_may_hold_anything(void **state)
{
    (void)state;
    char path[256];
    put("\xfc.json", "{\"title\":\"Named in Latin-1\"}");
    put("deep.json", "{\"uid\":\"deep\",\"title\":\"Deep\"}");
    put("empty.json", "");
    put("sliced.json", "{\"uid\":\"a/b\",\"title\":\"No part of a path\"}");
    snprintf(path, sizeof path, "%s/pipe.json", scratch);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(path, sizeof path, "%s/loop.json", scratch);
    assert_int_equal(symlink("loop.json", path), 0);
    snprintf(path, sizeof path, "%s/folder.json", scratch);
    assert_int_equal(mkdir(path, 0700), 0);
    web_fixture *fixture = fixture_open((web_options){.dashboards = scratch});
    const char *body = client_get(fixture, "api/v1/inferometer/dashboards");
    CHECK_CONTAINS(body, "\"title\":\"Named in Latin-1\"");
    CHECK_CONTAINS(body, "\"title\":\"Deep\"");
    CHECK_CONTAINS(body, "could not read the dashboard \\\"pipe.json\\\": it is no regular file");
    CHECK_CONTAINS(body, "could not read the dashboard \\\"folder.json\\\": it is no regular file");
    CHECK_CONTAINS(body, "could not read the dashboard \\\"loop.json\\\": ");
    CHECK_CONTAINS(body, "could not read the dashboard \\\"empty.json\\\": it is no JSON object");
    CHECK_CONTAINS(body, "{\"uid\":\"sliced\",");
    json_t *json = json_loads(body, 0, NULL);
    if (json == NULL) {
        fail_msg("this is no JSON: %s", body);
    }
    json_decref(json);
    fixture_close(fixture);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_is_at_each_of_its_addresses),
        cmocka_unit_test(prefix_is_no_markup),
        cmocka_unit_test(configured_policy_is_the_only_one),
        cmocka_unit_test(file_is_asked_for_again),
        cmocka_unit_test(length_is_that_of_the_file),
        cmocka_unit_test(dashboards_are_listed),
        cmocka_unit_test(dashboards_of_a_folder_are_beside_them),
        cmocka_unit_test(folders_may_hold_anything),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
