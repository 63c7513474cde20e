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
        {"classic/targets", 200, "that of Debian's package"},
        {"new/graph", 200, "that of the first 2.x"},
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

static int64_t wall_later_ms(void)
{
    return ifm_os_clock_real.wall_ms() + 3600 * 1000;
}

/* Files that were written an hour ago, as far as the server knows. */
static web_fixture *open_with_old_files(void)
{
    static const ifm_os_clock later = {ifm_os_monotonic_ns, wall_later_ms};
    return fixture_open((web_options){.dashboards = scratch, .clock = &later});
}

static uint64_t parses_of_list(web_fixture *fixture)
{
    uint64_t before = atomic_load(&fixture->server->known_dashboards.parsed);
    client_get(fixture, "api/v1/inferometer/dashboards");
    CHECK_INT(fixture->status, 200);
    return atomic_load(&fixture->server->known_dashboards.parsed) - before;
}

static void path_in_scratch(char out[256], const char *name)
{
    snprintf(out, 256, "%s/%s", scratch, name);
}

static void link_to(const char *to, const char *name)
{
    char path[256], made[256];
    path_in_scratch(path, name);
    path_in_scratch(made, "..made");
    assert_int_equal(symlink(to, made), 0);
    assert_int_equal(rename(made, path), 0);
}

static void unchanged_dashboards_are_not_parsed_again(void **state)
{
    (void)state;
    put("kept.json", "{\"uid\":\"kept\",\"title\":\"Kept\"}");
    put("wrong.json", "{\"uid\":");
    web_fixture *fixture = open_with_old_files();
    CHECK(parses_of_list(fixture) > 2);
    CHECK_INT(parses_of_list(fixture), 0);
    CHECK_CONTAINS(fixture->body.data, "\"title\":\"Kept\"");
    CHECK_CONTAINS(fixture->body.data, "\"wrong.json\\\": it is no JSON object: ");
    CHECK_CONTAINS(fixture->body.data, "inferometer-stages");
    CHECK_CONTAINS(client_get(fixture, "api/v1/inferometer/dashboards/kept"), "{\"uid\":\"kept\",");
    put("kept.json", "{\"uid\":\"kept\",\"title\":\"Edited\"}");
    CHECK_INT(parses_of_list(fixture), 1);
    CHECK_CONTAINS(fixture->body.data, "\"title\":\"Edited\"");
    CHECK(strstr(fixture->body.data, "\"Kept\"") == NULL);
    fixture_close(fixture);
    check_end();
}

static void files_come_go_and_change_places(void **state)
{
    (void)state;
    char a[256], b[256], c[256];
    path_in_scratch(a, "a.json");
    path_in_scratch(b, "b.json");
    path_in_scratch(c, "c.json");
    put("a.json", "{\"uid\":\"ua\",\"title\":\"A\"}");
    put("b.json", "{\"uid\":\"ub\",\"title\":\"B\"}");
    web_fixture *fixture = open_with_old_files();
    (void)parses_of_list(fixture);
    assert_int_equal(rename(a, c), 0); /* the two swap */
    assert_int_equal(rename(b, a), 0);
    assert_int_equal(rename(c, b), 0);
    CHECK_INT(parses_of_list(fixture), 2);
    CHECK_CONTAINS(fixture->body.data,
                   "\"title\":\"B\",\"description\":\"\",\"source\":\"file\",\"file\":\"a.json\"");
    CHECK_CONTAINS(client_get(fixture, "api/v1/inferometer/dashboards/ua"), "\"title\":\"A\"");
    assert_int_equal(unlink(a), 0);
    CHECK_INT(parses_of_list(fixture), 0);
    CHECK(strstr(fixture->body.data, "\"ub\"") == NULL);
    client_get(fixture, "api/v1/inferometer/dashboards/ub");
    CHECK_INT(fixture->status, 404);
    link_to("nowhere", "a.json"); /* cannot be read, until it can */
    CHECK_INT(parses_of_list(fixture), 0);
    CHECK_CONTAINS(fixture->body.data, "could not read the dashboard \\\"a.json\\\": could not open");
    assert_int_equal(unlink(a), 0);
    put("a.json", "{\"uid\":\"ua2\",\"title\":\"A again\"}");
    CHECK_INT(parses_of_list(fixture), 1);
    CHECK_CONTAINS(fixture->body.data, "A again");
    fixture_close(fixture);
    check_end();
}

/* As Kubernetes changes a ConfigMap: name -> ..data/name, ..data -> ..1 and then ..2. */
static void links_that_lead_elsewhere_are_followed(void **state)
{
    (void)state;
    char path[256];
    path_in_scratch(path, "..1");
    assert_int_equal(mkdir(path, 0700), 0);
    path_in_scratch(path, "..2");
    assert_int_equal(mkdir(path, 0700), 0);
    put("..1/map.json", "{\"uid\":\"map\",\"title\":\"Map 1\"}");
    put("..2/map.json", "{\"uid\":\"map\",\"title\":\"Map 2\"}");
    link_to("..1", "..data");
    link_to("..data/map.json", "map.json");
    web_fixture *fixture = open_with_old_files();
    (void)parses_of_list(fixture);
    CHECK_CONTAINS(fixture->body.data, "\"Map 1\"");
    link_to("..2", "..data");
    CHECK_INT(parses_of_list(fixture), 1);
    CHECK_CONTAINS(fixture->body.data, "\"Map 2\"");
    CHECK(strstr(fixture->body.data, "\"Map 1\"") == NULL);
    CHECK_CONTAINS(client_get(fixture, "api/v1/inferometer/dashboards/map"), "\"Map 2\"");
    fixture_close(fixture);
    check_end();
}

/* A file of the same size that is changed twice within one tick of its clock. */
static void quick_changes_are_seen(void **state)
{
    (void)state;
    char text[64], want[32];
    web_fixture *fixture = fixture_open((web_options){.dashboards = scratch});
    for (int i = 0; i < 50; i++) {
        snprintf(want, sizeof want, "\"title\":\"Quick %02d\"", i);
        snprintf(text, sizeof text, "{\"uid\":\"quick\",%s}", want);
        put("quick.json", text);
        CHECK_CONTAINS(client_get(fixture, "api/v1/inferometer/dashboards"), want);
    }
    fixture_close(fixture);
    check_end();
}

enum { READERS = 4 };

static void *read_list(void *context)
{
    web_fixture own = *(const web_fixture *)context; /* the server is the same, the client is not */
    own.curl = curl_easy_init();
    ifm_buf_init(&own.body, 64 << 20);
    ifm_buf_init(&own.headers, 1 << 20);
    for (int i = 0; i < 30; i++) {
        client_get(&own, i % 3 == 0 ? "api/v1/inferometer/dashboards/same" : "api/v1/inferometer/dashboards");
        CHECK_INT(own.status, 200);
    }
    curl_easy_cleanup(own.curl);
    ifm_buf_deinit(&own.body);
    ifm_buf_deinit(&own.headers);
    return NULL;
}

static void many_may_ask_while_files_change(void **state)
{
    (void)state;
    pthread_t threads[READERS];
    char from[256], to[256];
    path_in_scratch(from, "..new");
    path_in_scratch(to, "come.json");
    put("same.json", "{\"uid\":\"same\"}");
    web_fixture *fixture = open_with_old_files();
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_list, fixture), 0);
    }
    for (int i = 0; i < 100; i++) {
        put("..new", i % 2 == 0 ? "{\"uid\":\"come\"}" : "{\"uid\":\"came\"}");
        assert_int_equal(rename(from, to), 0);
        if (i % 3 == 0) {
            assert_int_equal(unlink(to), 0);
        }
    }
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
    }
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
        cmocka_unit_test(unchanged_dashboards_are_not_parsed_again),
        cmocka_unit_test(files_come_go_and_change_places),
        cmocka_unit_test(links_that_lead_elsewhere_are_followed),
        cmocka_unit_test(quick_changes_are_seen),
        cmocka_unit_test(many_may_ask_while_files_change),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
