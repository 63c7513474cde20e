/* SPDX-License-Identifier: Apache-2.0
 *
 * One request, from its headers to its answer. MHD calls with the same request again and again; the state
 * says what the next call means.
 *
 *     RECEIVING --complete--> RECEIVED --known credentials, or none asked--> ADMITTED --answer--> ANSWERED
 *                                |                                          ^  |                    ^
 *                                +--suspend--> VERIFYING --resume-----------+  +--suspend--> GATHERING
 *
 * A refusal (401, 404, 405, 503 ...) goes to ANSWERED from wherever it is found out.
 */
#include "os/os.h"
#include "pipeline/endpoint_answer.h"
#include "pipeline/endpoint_impl.h"
#include "pipeline/endpoint_page.h"
#include "pipeline/endpoint_scrape.h"

#include "exposition/exposition.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef enum request_state {
    REQUEST_RECEIVING,
    REQUEST_RECEIVED,
    REQUEST_VERIFYING,
    REQUEST_ADMITTED,
    REQUEST_GATHERING,
    REQUEST_ANSWERED
} request_state;

typedef struct http_request {
    ifm_work work; /* first: workers know only this */
    ifm_endpoint *endpoint;
    ifm_client *client;
    struct MHD_Connection *connection;
    request_state state;
    ifm_verdict verdict;       /* written by the verifier */
    const char *authorization; /* MHD's, like all headers: valid until the request is completed */
    ifm_negotiated negotiated;
    ifm_scrape scrape;
    const char **names; /* of name[] */
    size_t name_count;
    size_t name_capacity;
    uint64_t answer_bytes; /* in endpoint->answer_bytes */
} http_request;

typedef enum MHD_Result (*route_answer)(http_request *request);

/* --- Plain answers --------------------------------------------------------------------------------- */

/* Queues an answer, and gives the client time to read it. */
static enum MHD_Result request_answer(http_request *request, const ifm_answer *answer)
{
    ifm_endpoint *endpoint = request->endpoint;
    request->state = REQUEST_ANSWERED;
    request->answer_bytes = answer->size;
    endpoint->answer_bytes += answer->size;
    int64_t reading_ns = (int64_t)(answer->size / IFM_ENDPOINT_READ_BYTES_PER_SECOND) * 1000000000;
    request->client->deadline_ns = ifm_os_monotonic_ns() + endpoint->idle_ns + reading_ns;
    return ifm_answer_queue(request->connection, answer);
}

/* `text` is static; a header may go with it. */
static enum MHD_Result request_answer_text(http_request *request, unsigned status, char *text,
                                           const char *header, const char *value)
{
    ifm_answer answer = {status, text, strlen(text), IFM_ANSWER_BORROWS, {{0}}};
    answer.headers[0] = (ifm_answer_header){"Content-Type", "text/plain; charset=utf-8"};
    answer.headers[1] = (ifm_answer_header){header, value};
    return request_answer(request, &answer);
}

static enum MHD_Result request_answer_busy(http_request *request, char *text)
{
    return request_answer_text(request, MHD_HTTP_SERVICE_UNAVAILABLE, text, "Retry-After", "1");
}

static enum MHD_Result request_answer_page(http_request *request)
{
    ifm_answer answer = {
        MHD_HTTP_OK, request->endpoint->page, request->endpoint->page_size, IFM_ANSWER_BORROWS, {{0}}};
    answer.headers[0] = (ifm_answer_header){"Content-Type", "text/html; charset=utf-8"};
    answer.headers[1] = (ifm_answer_header){"Content-Security-Policy", IFM_PAGE_POLICY};
    answer.headers[2] = (ifm_answer_header){"Referrer-Policy", "no-referrer"};
    return request_answer(request, &answer);
}

static enum MHD_Result request_answer_healthy(http_request *request)
{
    static char text[] = "Inferometer is healthy.\n";
    return request_answer_text(request, MHD_HTTP_OK, text, NULL, NULL);
}

/* --- Scrapes --------------------------------------------------------------------------------------- */

/* MHD_KeyValueIteratorN. A value with a NUL is no name, and matches nothing, like the empty one. */
static enum MHD_Result names_collect(void *context, enum MHD_ValueKind kind, const char *key, size_t key_size,
                                     const char *value, size_t value_size)
{
    static const char parameter[] = "name[]";
    http_request *request = context;
    (void)kind;
    if (key_size == sizeof parameter - 1 && memcmp(key, parameter, key_size) == 0) {
        bool usable = value != NULL && memchr(value, '\0', value_size) == NULL;
        request->names[request->name_count++] = usable ? value : "";
    }
    return MHD_YES;
}

static bool request_collect_names(http_request *request)
{
    int count = MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, NULL, NULL);
    if (count <= 0) {
        return true;
    }
    request->names = ifm_alloc_zero((size_t)count, sizeof *request->names);
    if (request->names == NULL) {
        return false;
    }
    MHD_get_connection_values_n(request->connection, MHD_GET_ARGUMENT_KIND, names_collect, request);
    return true;
}

typedef struct header_values {
    const char *name;
    ifm_buf joined;
} header_values;

/* MHD_KeyValueIterator. A header that comes twice is one list: RFC 9110, 5.3. */
static enum MHD_Result header_collect(void *context, enum MHD_ValueKind kind, const char *key,
                                      const char *value)
{
    header_values *values = context;
    (void)kind;
    if (strcasecmp(key, values->name) == 0 && value != NULL) {
        if (values->joined.size > 0) {
            ifm_buf_append_text(&values->joined, ", ");
        }
        ifm_buf_append_text(&values->joined, value);
    }
    return MHD_YES;
}

/* The values of all headers of that name, for ifm_free(); NULL when there is none, or no memory. */
static char *request_header(http_request *request, const char *name)
{
    header_values values = {.name = name};
    ifm_buf_init(&values.joined, 2 * (size_t)request->endpoint->header_bytes_max);
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, header_collect, &values);
    size_t size;
    ifm_error ignored;
    char *joined = values.joined.size > 0 ? ifm_buf_take(&values.joined, &size, &ignored) : NULL;
    ifm_buf_deinit(&values.joined);
    return joined;
}

/* Leaves the connection to a worker: MHD does not look at it until ifm_endpoint_requests_resume(). */
static enum MHD_Result request_suspend(http_request *request, request_state state)
{
    request->state = state;
    request->client->suspended = true; /* E2 */
    request->client->deadline_ns = INT64_MAX;
    MHD_suspend_connection(request->connection);
    return MHD_YES;
}

static void work_gather(ifm_work *work)
{
    http_request *request = (http_request *)(void *)work;
    ifm_scrape_run(&request->scrape);
}

static enum MHD_Result request_gather(http_request *request)
{
    static char no_memory[] = "could not answer: out of memory\n";
    static char too_many[] = "could not answer: as many scrapes as scrapes_max allows are under way; "
                             "hint: try again in a second\n";
    static char unread[] = "could not answer: too much of earlier answers is not read yet; hint: try again "
                           "when the slow readers are through\n";
    ifm_endpoint *endpoint = request->endpoint;
    if (endpoint->answer_bytes > IFM_ENDPOINT_ANSWER_BYTES_MAX) {
        return request_answer_busy(request, unread);
    }
    if (!request_collect_names(request)) {
        return request_answer_busy(request, no_memory);
    }
    char *accept = request_header(request, MHD_HTTP_HEADER_ACCEPT);
    char *encoding = request_header(request, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    ifm_negotiate_format(accept, &request->negotiated);
    request->scrape = (ifm_scrape){
        .registry = endpoint->registry,
        .options = {request->negotiated.format, request->negotiated.escaping,
                    request->name_count > 0 ? request->names : NULL, request->name_count},
        .gzip_wanted = ifm_negotiate_gzip(encoding),
    };
    ifm_free(accept);
    ifm_free(encoding);
    request->work.run = work_gather;
    if (!ifm_workers_submit(endpoint->scrapers, &request->work)) {
        return request_answer_busy(request, too_many);
    }
    return request_suspend(request, REQUEST_GATHERING);
}

/* The reason of a failure goes to the log of the program; a client learns that there was one. */
static enum MHD_Result request_answer_scrape(http_request *request)
{
    static char failed[] = "could not write the metrics out; hint: the program's log has the reason\n";
    ifm_scrape *scrape = &request->scrape;
    if (scrape->body == NULL) {
        return request_answer_text(request, MHD_HTTP_INTERNAL_SERVER_ERROR, failed, NULL, NULL);
    }
    ifm_answer answer = {MHD_HTTP_OK, scrape->body, scrape->size, IFM_ANSWER_TAKES, {{0}}};
    scrape->body = NULL;
    answer.headers[0] = (ifm_answer_header){"Content-Type", request->negotiated.content_type};
    answer.headers[1] = (ifm_answer_header){"Vary", "Accept, Accept-Encoding"};
    if (scrape->gzipped) {
        answer.headers[2] = (ifm_answer_header){"Content-Encoding", "gzip"};
    }
    return request_answer(request, &answer);
}

/* --- Who may, and where to ------------------------------------------------------------------------- */

typedef enum route_access { ROUTE_GUARDED, ROUTE_OPEN } route_access;

static const struct route {
    const char *path;
    route_access access; /* ROUTE_OPEN: without credentials, for whoever restarts what is not healthy */
    route_answer answer;
} routes[] = {
    {"/metrics", ROUTE_GUARDED, request_gather},
    {"/", ROUTE_GUARDED, request_answer_page},
    {"/-/healthy", ROUTE_OPEN, request_answer_healthy},
};

/* The path of a target. A server must take "http://HOST/PATH" too, which proxies send: RFC 9112, 3.2.2. The
 * host is not looked at, like that of the header. */
static const char *target_path(const char *target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < IFM_COUNT_OF(schemes); i++) {
        size_t size = strlen(schemes[i]);
        if (strncasecmp(target, schemes[i], size) == 0) {
            const char *path = strchr(target + size, '/');
            return path == NULL ? "/" : path;
        }
    }
    return target;
}

static const struct route *route_find(const char *target)
{
    const char *path = target_path(target);
    for (size_t i = 0; i < IFM_COUNT_OF(routes); i++) {
        if (strcmp(routes[i].path, path) == 0) {
            return &routes[i];
        }
    }
    return NULL;
}

static enum MHD_Result request_route(http_request *request, const struct route *route, const char *method)
{
    static char not_found[] = "there is nothing at this path; hint: the metrics are at /metrics\n";
    static char not_allowed[] = "this path can only be read; hint: use GET or HEAD\n";
    if (route == NULL) {
        return request_answer_text(request, MHD_HTTP_NOT_FOUND, not_found, NULL, NULL);
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        return request_answer_text(request, MHD_HTTP_METHOD_NOT_ALLOWED, not_allowed, "Allow", "GET, HEAD");
    }
    return route->answer(request);
}

static void work_verify(ifm_work *work)
{
    http_request *request = (http_request *)(void *)work;
    request->verdict = ifm_auth_verify(request->endpoint->auth, request->authorization);
}

static enum MHD_Result request_verify(http_request *request)
{
    static char too_many[] = "could not check the password: too many wait for theirs; hint: try again in a "
                             "second\n";
    request->work.run = work_verify;
    if (!ifm_workers_submit(request->endpoint->verifiers, &request->work)) {
        return request_answer_busy(request, too_many);
    }
    return request_suspend(request, REQUEST_VERIFYING);
}

static enum MHD_Result request_deny(http_request *request)
{
    static char denied[] = "user and password are needed here, and these are not right\n";
    return request_answer_text(request, MHD_HTTP_UNAUTHORIZED, denied, "WWW-Authenticate",
                               "Basic realm=\"Inferometer\", charset=\"UTF-8\"");
}

/* The verdict on the credentials, as far as it is known without hashing a password. */
static ifm_verdict request_verdict(http_request *request, const struct route *route)
{
    ifm_auth *auth = request->endpoint->auth;
    if (auth == NULL || (route != NULL && route->access == ROUTE_OPEN)) {
        return IFM_GRANTED;
    }
    request->authorization =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
    return ifm_auth_recall(auth, request->authorization);
}

static enum MHD_Result request_proceed(http_request *request, const char *target, const char *method)
{
    if (request->state == REQUEST_GATHERING) {
        return request_answer_scrape(request);
    }
    const struct route *route = route_find(target);
    if (request->state == REQUEST_RECEIVED) {
        request->verdict = request_verdict(request, route);
    }
    if (request->verdict == IFM_UNDECIDED) {
        return request_verify(request);
    }
    if (request->verdict == IFM_DENIED) {
        return request_deny(request);
    }
    request->state = REQUEST_ADMITTED;
    return request_route(request, route, method);
}

/* --- MHD's callbacks ------------------------------------------------------------------------------- */

/* Whether there is a body too large to be read and ignored. */
static bool request_body_is_large(http_request *request)
{
    const char *length =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                    MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL) {
        return true;
    }
    double size = 0;
    return length != NULL &&
           (!ifm_number_read(length, strlen(length), &size) || size > IFM_ENDPOINT_BODY_BYTES_MAX);
}

/* The headers are there. An answer from here ends the connection: MHD reads no further. */
static enum MHD_Result request_begin(http_request *request)
{
    static char header[] = "the headers of this request are longer than this endpoint takes\n";
    static char body[] = "a request to this endpoint has no body\n";
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (info != NULL && info->header_size > request->endpoint->header_bytes_max) {
        return request_answer_text(request, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE, header, NULL, NULL);
    }
    if (request_body_is_large(request)) {
        return request_answer_text(request, MHD_HTTP_CONTENT_TOO_LARGE, body, NULL, NULL);
    }
    return MHD_YES;
}

enum MHD_Result ifm_endpoint_request_handle(void *context, struct MHD_Connection *connection, const char *url,
                                            const char *method, const char *version, const char *upload,
                                            size_t *upload_size, void **slot)
{
    (void)version;
    (void)upload;
    http_request *request = *slot;
    if (request == NULL) {
        ifm_client *client =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
        request = client == NULL ? NULL : ifm_alloc_zero(1, sizeof *request);
        if (request == NULL) {
            return MHD_NO;
        }
        request->endpoint = context;
        request->client = client;
        request->connection = connection;
        *slot = request;
        return request_begin(request);
    }
    if (*upload_size > 0) {
        *upload_size = 0; /* read, and ignored */
        return MHD_YES;
    }
    if (request->state == REQUEST_RECEIVING) {
        request->state = REQUEST_RECEIVED;
    }
    return request_proceed(request, url, method);
}

void ifm_endpoint_request_completed(void *context, struct MHD_Connection *connection, void **slot,
                                    enum MHD_RequestTerminationCode reason)
{
    ifm_endpoint *endpoint = context;
    http_request *request = *slot;
    (void)connection;
    (void)reason;
    if (request == NULL) {
        return;
    }
    endpoint->answer_bytes -= request->answer_bytes;
    request->client->deadline_ns = ifm_os_monotonic_ns() + endpoint->idle_ns;
    ifm_free(request->scrape.body);
    ifm_free(request->names);
    ifm_free(request);
    *slot = NULL;
}

static void workers_resume(ifm_workers *workers)
{
    for (ifm_work *work = ifm_workers_take(workers); work != NULL; work = ifm_workers_take(workers)) {
        http_request *request = (http_request *)(void *)work;
        request->client->suspended = false; /* E2 */
        MHD_resume_connection(request->connection);
    }
}

void ifm_endpoint_requests_resume(ifm_endpoint *endpoint)
{
    workers_resume(endpoint->scrapers);
    if (endpoint->verifiers != NULL) {
        workers_resume(endpoint->verifiers);
    }
}
