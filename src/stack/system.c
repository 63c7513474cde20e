/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client asks services of this machine, so it is deaf to what the environment says about proxies,
 * and follows nobody elsewhere. It uses libcurl's multi interface for one transfer only because that can
 * wait for another descriptor too, the one that cancels.
 */
#include "stack/system.h"

#include "stack/address.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NS_PER_MS INT64_C(1000000)

enum {
    WAIT_MS = 1000,   /* between two looks at a transfer of which nothing is heard; its own limit ends it */
    PLACE_BYTES = 120 /* of a URL in a message */
};

/* One request on its way. */
typedef struct transfer {
    const stack_request *request;
    CURL *easy;
    ifm_buf body;
    int64_t date_ms;
    char place[PLACE_BYTES];      /* the URL for messages */
    char reason[CURL_ERROR_SIZE]; /* libcurl's own words */
} transfer;

/* --- What the table needs beside ------------------------------------------------------------------- */

static bool real_run(void *context, const ifm_os_command *command, ifm_os_command_result *result,
                     ifm_error *err)
{
    (void)context;
    return ifm_os_command_run(command, result, err);
}

static const char *real_environment(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

static int64_t real_wall_ms(void *context)
{
    (void)context;
    return ifm_os_clock_real.wall_ms();
}

static bool real_address(void *context, char out[static STACK_ADDRESS_SIZE])
{
    (void)context;
    return stack_address_own(out);
}

/* --- Callbacks of libcurl -------------------------------------------------------------------------- */

/* A return value other than the size ends the transfer with CURLE_WRITE_ERROR. */
static size_t body_write(char *bytes, size_t one, size_t size, void *context)
{
    transfer *at = context;
    (void)one; /* always 1 */
    if (at->body.size + size > STACK_BODY_MAX) {
        at->body.failed = IFM_LIMIT;
    }
    ifm_buf_append(&at->body, bytes, size);
    return at->body.failed == IFM_OK ? size : 0;
}

/* Headers come one by one, with their line end and without a terminator. */
static size_t header_write(char *bytes, size_t one, size_t size, void *context)
{
    static const char name[] = "date:";
    transfer *at = context;
    (void)one;
    char value[64];
    size_t length = size < sizeof name - 1 ? 0 : size - (sizeof name - 1);
    if (length > 0 && length < sizeof value && strncasecmp(bytes, name, sizeof name - 1) == 0) {
        memcpy(value, bytes + sizeof name - 1, length);
        value[length] = '\0';
        time_t seconds = curl_getdate(value, NULL);
        at->date_ms = seconds < 0 ? -1 : (int64_t)seconds * 1000;
    }
    return size;
}

/* --- Errors ---------------------------------------------------------------------------------------- */

/* A password in the URL and the query, which may be long, are nobody's business. */
static void place_set(transfer *at)
{
    const char *url = at->request->url;
    const char *authority = strstr(url, "://") + 3;
    size_t size = strcspn(authority, "/?#");
    const char *user_end = memrchr(authority, '@', size);
    const char *host = user_end == NULL ? authority : user_end + 1;
    snprintf(at->place, sizeof at->place, "%.*s%.*s", (int)(authority - url), url, (int)strcspn(host, "?#"),
             host);
}

static bool could_not_connect(const transfer *at, ifm_error *err)
{
    long number = 0;
    curl_easy_getinfo(at->easy, CURLINFO_OS_ERRNO, &number);
    if (number == ECONNREFUSED) {
        return ifm_error_set(err, IFM_IO, "could not reach \"%s\": connection refused, nothing listens there",
                             at->place);
    }
    if (number > 0) {
        return ifm_error_errno(err, IFM_IO, (int)number, "could not reach \"%s\"", at->place);
    }
    return ifm_error_set(err, IFM_IO, "could not reach \"%s\": %s", at->place, at->reason);
}

static bool body_refused(const transfer *at, ifm_error *err)
{
    if (at->body.failed == IFM_NOMEM) {
        return ifm_error_nomem(err);
    }
    return ifm_error_set(err, IFM_LIMIT, "the answer of \"%s\" is larger than its limit of %d MiB", at->place,
                         STACK_BODY_MAX >> 20);
}

static bool transfer_failed(const transfer *at, CURLcode code, ifm_error *err)
{
    static const struct {
        CURLcode code;
        const char *reason;
    } plain[] = {
        {CURLE_GOT_NOTHING, "the connection was closed without an answer"},
        {CURLE_RECV_ERROR, "the connection broke before the answer was complete"},
        {CURLE_SEND_ERROR, "the connection broke before the request was sent"},
        {CURLE_PARTIAL_FILE, "the connection broke before the answer was complete"},
        {CURLE_UNSUPPORTED_PROTOCOL, "what listens there does not speak HTTP"},
        {CURLE_WEIRD_SERVER_REPLY, "what listens there does not speak HTTP"},
        {CURLE_SSL_CONNECT_ERROR, "what listens there does not speak TLS"},
        {CURLE_PEER_FAILED_VERIFICATION, "its certificate is not trusted"},
    };
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        return could_not_connect(at, err);
    case CURLE_OPERATION_TIMEDOUT:
        return ifm_error_set(err, IFM_TIMEOUT, "could not reach \"%s\": timed out, no answer within %.3g s",
                             at->place, (double)at->request->timeout_ns / 1e9);
    case CURLE_COULDNT_RESOLVE_HOST:
        return ifm_error_set(err, IFM_IO, "could not reach \"%s\": the name of the host cannot be resolved",
                             at->place);
    case CURLE_URL_MALFORMAT:
        return ifm_error_set(err, IFM_INVALID, "\"%s\" is no URL of HTTP: %s", at->place, at->reason);
    case CURLE_WRITE_ERROR:
        return body_refused(at, err);
    case CURLE_OUT_OF_MEMORY:
        return ifm_error_nomem(err);
    default:
        break;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(plain); i++) {
        if (plain[i].code == code) {
            return ifm_error_set(err, IFM_IO, "could not reach \"%s\": %s", at->place, plain[i].reason);
        }
    }
    return ifm_error_set(err, IFM_IO, "could not reach \"%s\": %s", at->place,
                         at->reason[0] != '\0' ? at->reason : curl_easy_strerror(code));
}

/* --- One transfer ---------------------------------------------------------------------------------- */

/* Also the end of a pipe, which libcurl's own report of a descriptor leaves out. */
static bool is_cancelled(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return fd >= 0 && poll(&one, 1, 0) > 0;
}

static void easy_set(transfer *at, struct curl_slist *headers)
{
    const stack_request *request = at->request;
    CURL *easy = at->easy;
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, at->reason);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "inferometer");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, at);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_write);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, at);
    if (request->timeout_ns > 0) { /* rounded up: 0 would be no limit */
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)((request->timeout_ns + NS_PER_MS - 1) / NS_PER_MS));
    }
    if (request->user != NULL) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, request->password);
    }
    if (request->body != NULL) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    }
}

static bool multi_end(const transfer *at, CURLM *multi, ifm_error *err)
{
    int left;
    const CURLMsg *message = curl_multi_info_read(multi, &left);
    CURLcode code = message == NULL ? CURLE_RECV_ERROR : message->data.result;
    return code == CURLE_OK || transfer_failed(at, code, err);
}

static bool multi_run(const transfer *at, CURLM *multi, ifm_error *err)
{
    int cancel_fd = at->request->cancel_fd;
    struct curl_waitfd cancel = {.fd = cancel_fd, .events = CURL_WAIT_POLLIN};
    int running = 1;
    while (!is_cancelled(cancel_fd)) {
        CURLMcode code = curl_multi_perform(multi, &running);
        if (code == CURLM_OK && running > 0) {
            code = curl_multi_poll(multi, &cancel, cancel_fd >= 0 ? 1 : 0, WAIT_MS, NULL);
        }
        if (code != CURLM_OK) {
            return ifm_error_set(err, code == CURLM_OUT_OF_MEMORY ? IFM_NOMEM : IFM_IO,
                                 "could not reach \"%s\": %s", at->place, curl_multi_strerror(code));
        }
        if (running == 0) {
            return multi_end(at, multi, err);
        }
    }
    return ifm_error_set(err, IFM_CANCELED, "the request to \"%s\" was interrupted", at->place);
}

static bool transfer_run(transfer *at, ifm_error *err)
{
    CURLM *multi = curl_multi_init();
    at->easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:"); /* else a long form waits for 100 */
    bool ok = false;
    if (multi == NULL || at->easy == NULL || headers == NULL) {
        ifm_error_nomem(err);
    } else {
        easy_set(at, headers);
        curl_multi_add_handle(multi, at->easy);
        ok = multi_run(at, multi, err);
        curl_multi_remove_handle(multi, at->easy);
    }
    if (!ok) {
        curl_easy_cleanup(at->easy);
        at->easy = NULL;
    }
    curl_slist_free_all(headers);
    curl_multi_cleanup(multi);
    return ok;
}

static bool transfer_take(transfer *at, stack_response *response, ifm_error *err)
{
    long status = 0;
    size_t size;
    curl_easy_getinfo(at->easy, CURLINFO_RESPONSE_CODE, &status);
    char *body = ifm_buf_take(&at->body, &size, err);
    if (body != NULL) {
        *response = (stack_response){.status = (int)status, .body = body, .date_ms = at->date_ms};
    }
    return body != NULL;
}

static bool real_http(void *context, const stack_request *request, stack_response *response, ifm_error *err)
{
    (void)context;
    *response = (stack_response){.date_ms = -1};
    if (strncasecmp(request->url, "http://", 7) != 0 && strncasecmp(request->url, "https://", 8) != 0) {
        return ifm_error_set(err, IFM_INVALID, "\"%.120s\" does not begin with http:// or https://",
                             request->url);
    }
    transfer at = {.request = request, .date_ms = -1};
    ifm_buf_init(&at.body, (size_t)STACK_BODY_MAX + 1); /* and the terminator */
    place_set(&at);
    bool ok = transfer_run(&at, err) && transfer_take(&at, response, err);
    curl_easy_cleanup(at.easy);
    ifm_buf_deinit(&at.body);
    return ok;
}

void stack_response_deinit(stack_response *response)
{
    ifm_free(response->body);
    *response = (stack_response){.date_ms = -1};
}

const stack_system stack_system_real = {.run = real_run,
                                        .http = real_http,
                                        .environment = real_environment,
                                        .wall_ms = real_wall_ms,
                                        .address = real_address,
                                        .root = ""};
