/* SPDX-License-Identifier: Apache-2.0
 *
 * A server over series in memory, and a client of it: real sockets on 127.0.0.1, port 0.
 */
#ifndef IFM_TESTS_WEB_CLIENT_H
#define IFM_TESTS_WEB_CLIENT_H

#include "unit/web/fakes.h"
#include "web/impl.h"

#include <curl/curl.h>

/* Series that all tests read: up{job="a",instance="x"} = 1 and up{..="y"} = 0 each minute from 0 to 10 min, a
 * counter, a label that wants escaping, a histogram's name with a dot. */
typedef struct web_fixture {
    promqltest_memory *memory;
    web_server *server;
    CURL *curl;
    ifm_buf body;
    ifm_buf headers;
    long status;
} web_fixture;

static inline void fixture_series(promqltest_memory *memory, const char *const *pairs, double base,
                                  double step)
{
    ifm_error err;
    model_label items[8];
    size_t count = 0;
    for (; pairs[2 * count] != NULL; count++) {
        items[count] = (model_label){model_text_of(pairs[2 * count]), model_text_of(pairs[2 * count + 1])};
    }
    model_labels labels;
    assert_true(model_labels_make(items, count, &labels, &err));
    promqltest_memory_series *series = promqltest_memory_find(memory, labels, &err);
    assert_non_null(series);
    for (int i = 0; i <= 10; i++) {
        promqltest_sample sample = {.time_ms = i * 60000, .value = base + i * step};
        assert_true(promqltest_memory_append(memory, series, &sample, &err));
    }
}

/* A server that is not ready, and its client. */
static inline web_fixture *fixture_start(web_options options)
{
    static web_fixture fixture;
    ifm_error err = {.code = IFM_OK};
    fixture = (web_fixture){.memory = NULL};
    options.listen = options.listen == NULL ? "127.0.0.1:0" : options.listen;
    fixture.server = web_server_start(&options, &err);
    if (fixture.server == NULL) {
        fail_msg("%s", err.message);
    }
    fixture.curl = curl_easy_init();
    ifm_buf_init(&fixture.body, 64 << 20);
    ifm_buf_init(&fixture.headers, 1 << 20);
    return &fixture;
}

static inline web_fixture *fixture_open(web_options options)
{
    web_fixture *fixture = fixture_start(options);
    ifm_error err;
    fixture->memory = promqltest_memory_new(0, 64 << 20, &err);
    assert_non_null(fixture->memory);
    fixture_series(fixture->memory, (const char *[]){"__name__", "up", "instance", "x", "job", "a", NULL}, 1,
                   0);
    fixture_series(fixture->memory, (const char *[]){"__name__", "up", "instance", "y", "job", "a", NULL}, 0,
                   0);
    fixture_series(fixture->memory, (const char *[]){"__name__", "requests_total", "job", "a", NULL}, 0,
                   30.5);
    fixture_series(fixture->memory, (const char *[]){"__name__", "odd", "path", "a\"<\n", NULL}, 1e-7, 0);
    web_server_set_source(fixture->server, promqltest_memory_storage(fixture->memory));
    return fixture;
}

static inline void fixture_close(web_fixture *fixture)
{
    curl_easy_cleanup(fixture->curl);
    web_server_stop(fixture->server);
    promqltest_memory_free(fixture->memory);
    ifm_buf_deinit(&fixture->body);
    ifm_buf_deinit(&fixture->headers);
}

static inline size_t client_write(char *bytes, size_t size, size_t count, void *context)
{
    ifm_buf_append(context, bytes, size * count);
    return size * count;
}

/* `headers` ends with NULL, or is NULL; `form` NULL: no body. Returns the body, terminated. */
static inline const char *client_ask(web_fixture *fixture, const char *method, const char *path,
                                     const char *form, const char *const *headers)
{
    char url[8192];
    snprintf(url, sizeof url, "%s%s", web_server_url(fixture->server), path + (path[0] == '/'));
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++) {
        list = curl_slist_append(list, headers[i]);
    }
    ifm_buf_clear(&fixture->body);
    ifm_buf_clear(&fixture->headers);
    curl_easy_reset(fixture->curl);
    curl_easy_setopt(fixture->curl, CURLOPT_URL, url);
    curl_easy_setopt(fixture->curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(fixture->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(fixture->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(fixture->curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(fixture->curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(fixture->curl, CURLOPT_WRITEFUNCTION, client_write);
    curl_easy_setopt(fixture->curl, CURLOPT_WRITEDATA, &fixture->body);
    curl_easy_setopt(fixture->curl, CURLOPT_HEADERFUNCTION, client_write);
    curl_easy_setopt(fixture->curl, CURLOPT_HEADERDATA, &fixture->headers);
    if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(fixture->curl, CURLOPT_NOBODY, 1L);
    }
    if (form != NULL) {
        curl_easy_setopt(fixture->curl, CURLOPT_POSTFIELDS, form);
    }
    curl_easy_setopt(fixture->curl, CURLOPT_CUSTOMREQUEST, method);
    fixture->status = 0;
    CURLcode code = curl_easy_perform(fixture->curl);
    CHECK_INT(code, CURLE_OK);
    curl_easy_getinfo(fixture->curl, CURLINFO_RESPONSE_CODE, &fixture->status);
    curl_slist_free_all(list);
    ifm_buf_append_char(&fixture->body, '\0');
    ifm_buf_append_char(&fixture->headers, '\0');
    return fixture->body.data;
}

static inline const char *client_get(web_fixture *fixture, const char *path)
{
    return client_ask(fixture, "GET", path, NULL, NULL);
}

#endif
