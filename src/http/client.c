/* SPDX-License-Identifier: Apache-2.0 */
#include "http/limits.h"
#include "http/request.h"

#include <pthread.h>
#include <strings.h>

struct http_client {
    CURLM *multi;
    char *user_agent;
    uint64_t last_id;
    http_transfer *active;
    http_transfer *idle;
    size_t idle_count;
    http_pems pems;
};

static pthread_once_t global_once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT); /* counted by libcurl: others may call it, too */
}

http_client *http_client_new(const char *user_agent, ifm_error *err)
{
    pthread_once(&global_once, global_init);
    http_client *client = ifm_alloc_zero(1, sizeof *client);
    if (client != NULL) {
        client->user_agent = ifm_copy_text(user_agent);
        client->multi = client->user_agent == NULL ? NULL : curl_multi_init();
    }
    if (client == NULL || client->multi == NULL) {
        http_client_free(client);
        ifm_error_nomem(err);
        return NULL;
    }
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)HTTP_CONNECTIONS_MAX);
    return client;
}

static void list_add(http_transfer **list, http_transfer *transfer)
{
    transfer->previous = NULL;
    transfer->next = *list;
    if (*list != NULL) {
        (*list)->previous = transfer;
    }
    *list = transfer;
}

static void list_remove(http_transfer **list, http_transfer *transfer)
{
    if (transfer->previous != NULL) {
        transfer->previous->next = transfer->next;
    } else {
        *list = transfer->next;
    }
    if (transfer->next != NULL) {
        transfer->next->previous = transfer->previous;
    }
}

/* Forgets what belonged to the last request. */
static void transfer_clear(http_transfer *transfer)
{
    curl_easy_reset(transfer->easy); /* before what it points to is freed */
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->connect_to);
    *transfer = (http_transfer){.easy = transfer->easy, .retry_after_ms = -1};
}

static void transfer_free(http_transfer *transfer)
{
    transfer_clear(transfer);
    curl_easy_cleanup(transfer->easy);
    ifm_free(transfer);
}

static http_transfer *transfer_take(http_client *client)
{
    http_transfer *transfer = client->idle;
    if (transfer != NULL) {
        list_remove(&client->idle, transfer);
        client->idle_count--;
        return transfer;
    }
    transfer = ifm_alloc_zero(1, sizeof *transfer);
    if (transfer == NULL) {
        return NULL;
    }
    transfer->retry_after_ms = -1;
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL) {
        ifm_free(transfer);
        return NULL;
    }
    return transfer;
}

static void transfer_give_back(http_client *client, http_transfer *transfer)
{
    if (client->idle_count == HTTP_IDLE_MAX) {
        transfer_free(transfer);
        return;
    }
    transfer_clear(transfer);
    list_add(&client->idle, transfer);
    client->idle_count++;
}

static void transfer_give_up(http_client *client, http_transfer *transfer)
{
    curl_multi_remove_handle(client->multi, transfer->easy);
    list_remove(&client->active, transfer);
    transfer_give_back(client, transfer);
}

void http_client_free(http_client *client)
{
    if (client == NULL) {
        return;
    }
    while (client->active != NULL) {
        transfer_give_up(client, client->active);
    }
    while (client->idle != NULL) {
        http_transfer *transfer = client->idle;
        list_remove(&client->idle, transfer);
        transfer_free(transfer);
    }
    curl_multi_cleanup(client->multi);
    http_pems_deinit(&client->pems);
    ifm_free(client->user_agent);
    ifm_free(client);
}

/* Callbacks of libcurl end the request by returning something else than the size. */
static size_t take_body(char *bytes, size_t one, size_t size, void *context)
{
    http_transfer *transfer = context;
    const http_request *request = &transfer->request;
    (void)one; /* always 1 */
    if (size > request->body_max - transfer->body_bytes) {
        transfer->stopped = IFM_LIMIT;
        return 0;
    }
    transfer->body_bytes += size;
    ifm_buf_append(request->out, bytes, size);
    transfer->stopped = request->out->failed;
    return transfer->stopped == IFM_OK ? size : 0;
}

static size_t take_head(char *line, size_t one, size_t size, void *context)
{
    static const char retry[] = "retry-after:";
    http_transfer *transfer = context;
    (void)one;
    transfer->head_bytes += size;
    if (transfer->head_bytes > HTTP_HEAD_BYTES_MAX) {
        transfer->stopped = IFM_LIMIT;
        return 0;
    }
    if (size >= sizeof retry && strncasecmp(line, retry, sizeof retry - 1) == 0) {
        transfer->retry_after_ms = 0; /* its value is read by libcurl */
    } else if (size > 5 && memcmp(line, "HTTP/", 5) == 0) {
        transfer->retry_after_ms = -1; /* of a redirect */
    }
    return size;
}

static void set_method(CURL *easy, const http_request *request)
{
    if (request->body != NULL) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    }
    if (request->method == NULL || strcmp(request->method, request->body == NULL ? "GET" : "POST") == 0) {
        return;
    }
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    }
}

static void set_callbacks(http_transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->complaint);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
}

/* What holds for every request. */
static void set_limits(CURL *easy, const http_request *request)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a resolver that hangs is left behind, not waited for */
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)HTTP_REDIRECTS_MAX);
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)HTTP_READ_BYTES);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)HTTP_CONNECTION_IDLE_S);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->timeout_ms); /* 0 would be 300 s */
    if (request->body_max > 0) {                                                  /* 0 would be none */
        curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->body_max);
    }
}

static bool set_headers(http_transfer *transfer, ifm_error *err)
{
    const char *const *lists[] = {
        transfer->request.options == NULL ? NULL : transfer->request.options->headers,
        transfer->request.headers,
    };
    for (size_t i = 0; i < IFM_COUNT_OF(lists); i++) {
        for (const char *const *at = lists[i]; at != NULL && *at != NULL; at++) {
            if (!http_transfer_add_header(transfer, *at, err)) {
                return false;
            }
        }
    }
    /* A server that is asked whether it wants the body may not answer that: curl would wait for a second. */
    return transfer->request.body == NULL || http_transfer_add_header(transfer, "Expect:", err);
}

static bool transfer_set(http_client *client, http_transfer *transfer, ifm_error *err)
{
    CURL *easy = transfer->easy;
    set_callbacks(transfer);
    set_limits(easy, &transfer->request);
    set_method(easy, &transfer->request);
    if (!set_headers(transfer, err) || !http_transfer_set_options(transfer, &client->pems, err)) {
        return false;
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    if (curl_easy_setopt(easy, CURLOPT_USERAGENT, client->user_agent) != CURLE_OK) {
        return ifm_error_nomem(err);
    }
    return true;
}

uint64_t http_client_start(http_client *client, const http_request *request, ifm_error *err)
{
    http_transfer *transfer = transfer_take(client);
    if (transfer == NULL) {
        ifm_error_nomem(err);
        return 0;
    }
    transfer->request = *request;
    if (!transfer_set(client, transfer, err)) {
        transfer_give_back(client, transfer);
        return 0;
    }
    ifm_buf_clear(request->out);
    if (curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK) {
        transfer_give_back(client, transfer);
        ifm_error_nomem(err);
        return 0;
    }
    transfer->id = ++client->last_id;
    list_add(&client->active, transfer);
    return transfer->id;
}

void http_client_cancel(http_client *client, uint64_t id)
{
    for (http_transfer *at = client->active; at != NULL; at = at->next) {
        if (at->id == id) {
            transfer_give_up(client, at);
            return;
        }
    }
}

static void fill_response(const http_transfer *transfer, http_response *out)
{
    CURL *easy = transfer->easy;
    long status = 0;
    char *type = NULL;
    curl_off_t wire = 0, total_us = 0, retry_s = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &wire);
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &total_us);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_s);
    *out = (http_response){.status = (int)status,
                           .content_type = type == NULL ? "" : type,
                           .retry_after_ms = transfer->retry_after_ms < 0 ? -1 : (int64_t)retry_s * 1000,
                           .wire_bytes = wire < 0 ? 0 : (size_t)wire,
                           .duration_ns = (int64_t)total_us * 1000};
}

/* The handle leaves the set before done(), which may start the next request over the same connection. */
static void transfer_end(http_client *client, http_transfer *transfer, CURLcode code)
{
    curl_multi_remove_handle(client->multi, transfer->easy);
    list_remove(&client->active, transfer);
    const http_request request = transfer->request;
    http_response response;
    fill_response(transfer, &response);
    if (code == CURLE_OK) {
        request.done(request.context, &response, NULL);
    } else {
        ifm_error err;
        http_transfer_explain(transfer, code, &err);
        request.done(request.context, &response, &err);
    }
    transfer_give_back(client, transfer);
}

static bool end_those_done(http_client *client)
{
    bool any = false;
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left)) != NULL; any = true) {
        char *transfer = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        transfer_end(client, (http_transfer *)(void *)transfer, code);
    }
    return any;
}

void http_client_run(http_client *client, int64_t wait_ms)
{
    http_client_run_beside(client, wait_ms, NULL, 0);
}

void http_client_run_beside(http_client *client, int64_t wait_ms, const int *fds, size_t count)
{
    struct curl_waitfd beside[HTTP_BESIDE_MAX];
    int running = 0;
    count = count < HTTP_BESIDE_MAX ? count : HTTP_BESIDE_MAX;
    for (size_t i = 0; i < count; i++) {
        beside[i] = (struct curl_waitfd){.fd = fds[i], .events = CURL_WAIT_POLLIN};
    }
    curl_multi_perform(client->multi, &running);
    if (end_those_done(client) || wait_ms <= 0) {
        return;
    }
    curl_multi_poll(client->multi, count > 0 ? beside : NULL, (unsigned)count,
                    wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms, NULL);
    curl_multi_perform(client->multi, &running);
    end_those_done(client);
}

void http_client_wake(http_client *client)
{
    curl_multi_wakeup(client->multi);
}
