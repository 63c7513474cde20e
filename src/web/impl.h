/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the server share: the server, a request, its answer, and the way from one to the other.
 *
 * MHD gives each connection a thread, in which its requests are answered one after another. A slow client so
 * holds its own thread and nothing else, a query is not handed from one thread to another, and the thread of
 * a query may block. The number of connections is limited; what queries use, by the gate (gate.h).
 *
 *     target, headers --uri, begin--> host? known user? --> body --> route --> handler --> answer --> gzip
 *
 * Thread-safety: a request is its connection's thread's. The server is constant but for its atomics.
 * S1  db, scrape, rules, source are set before `ready`, with release order, and do not change from then on.
 */
#ifndef IFM_WEB_IMPL_H
#define IFM_WEB_IMPL_H

#include "os/os.h"
#include "web/dashboards.h"
#include "web/gate.h"
#include "web/json.h"
#include "web/limits.h"
#include "web/params.h"
#include "web/users.h"
#include "web/watch.h"
#include "web/web.h"

#include <microhttpd.h>
#include <stdatomic.h>

typedef enum web_method {
    WEB_GET = 1,
    WEB_POST = 2,
    WEB_PUT = 4,
    WEB_DELETE = 8,
    WEB_OPTIONS = 16,
    WEB_OTHER = 32
} web_method;

struct web_server {
    web_options options; /* completed; texts are copies */
    ifm_os_clock clock;
    ifm_bump arena;          /* the copies */
    const char *listen_host; /* without brackets */
    const char *prefix;      /* "" or "/prometheus" */
    char machine[256];       /* the name of this host */
    const char *url;         /* as this host reaches it, with the prefix and a slash */
    ifm_listen_address address;
    web_users *users; /* NULL: everybody may */
    web_gate gate;
    web_watch watch;
    web_dashboards known_dashboards;
    struct MHD_Daemon *daemon;
    char start_message[160]; /* what MHD said last before it ran */
    int64_t start_ms;        /* wall clock */

    _Atomic(tsdb *) db;
    _Atomic(scrape_manager *) scrape;
    _Atomic(rules_manager *) rules; /* NULL: there are none */
    _Atomic(storage *) source;      /* what queries read */
    atomic_bool ready;              /* S1 */
    atomic_bool stopping;
    _Atomic uint64_t requests;
    _Atomic uint64_t unread_bytes; /* of answers that are being sent */
    _Atomic int64_t reload_ms;     /* wall clock of the last successful reload; 0: none */
    atomic_bool reload_failed;
};

typedef struct web_header {
    const char *name, *value;
} web_header;

enum { WEB_HEADERS_MAX = 6 };

typedef struct web_answer {
    unsigned status;
    const char *content_type;
    ifm_buf body; /* of a 304, and to HEAD, only its length is said: that of the 200 to GET (RFC 9110, 8.6) */
    bool packed;  /* the body is a gzip file already */
    web_header headers[WEB_HEADERS_MAX]; /* texts of static storage, or of the request's arena */
    size_t header_count;
    /* Of the API: appended behind the data. */
    const char **warnings, **infos;
    size_t warning_count, info_count;
} web_answer;

typedef struct web_request {
    web_server *server;
    struct MHD_Connection *connection;
    char *target; /* as it was sent */
    ifm_buf body;
    ifm_bump arena;
    web_method method;
    bool head;
    bool begun;
    bool answered;
    model_text path; /* decoded, without the prefix */
    model_text name; /* of label/NAME/values */
    web_params params;
    int fd; /* the connection's */
    uint64_t unread_bytes;
    web_answer answer;
} web_request;

typedef void web_handler(web_request *request);

/* Until when something that may take long goes on. */
typedef struct web_deadline {
    web_request *request;
    int64_t end_ns;  /* monotonic */
    int64_t look_ns; /* when to look at the client again */
} web_deadline;

/* ---- answer.c ---- */

/* Errors of the API, as Prometheus names them. */
typedef enum web_error {
    WEB_BAD_DATA,
    WEB_EXECUTION,
    WEB_CANCELED,
    WEB_TIMEOUT,
    WEB_INTERNAL,
    WEB_UNAVAILABLE,
    WEB_NOT_FOUND,
    WEB_NOT_ACCEPTABLE
} web_error;

/* A plain text, replaces what was written before. */
void web_answer_text(web_request *request, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* An error of the API. Warnings and infos do not go with it, as in Prometheus. */
void web_answer_error(web_request *request, web_error kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with a text of any length. */
void web_answer_error_text(web_request *request, web_error kind, const char *text);
/* What a parameter is refused with: `invalid parameter "start": REASON`. */
void web_answer_invalid(web_request *request, const char *parameter, const ifm_error *err);
/* By the code: IFM_NOMEM, IFM_LIMIT, IFM_IO .. of what lies below. */
void web_answer_failure(web_request *request, const ifm_error *err);

/* Begins {"status":"success","data": and returns where the data goes; web_answer_end() closes it. */
ifm_buf *web_answer_begin(web_request *request);
void web_answer_end(web_request *request);
/* The text lives as long as the request. */
void web_answer_warn(web_request *request, const char *text);
void web_answer_info(web_request *request, const char *text);

void web_answer_header(web_request *request, const char *name, const char *value);

/* Hands the answer to MHD. */
enum MHD_Result web_answer_send(web_request *request);

/* ---- request.c: MHD's callbacks ---- */

void *web_request_uri(void *context, const char *uri, struct MHD_Connection *connection);
enum MHD_Result web_request_handle(void *context, struct MHD_Connection *connection, const char *url,
                                   const char *method, const char *version, const char *upload,
                                   size_t *upload_size, void **slot);
void web_request_completed(void *context, struct MHD_Connection *connection, void **slot,
                           enum MHD_RequestTerminationCode reason);

/* ---- router.c ---- */

/* Answers the request, whatever it asks for. */
void web_route(web_request *request);

/* ---- host.c ---- */

/* Whether `host`, the value of the Host header, may be meant for this server: H1. */
bool web_host_is_ours(const web_server *server, const char *host);

/* ---- server.c ---- */

/* For tests: queries read from `source`, and there is no store. */
void web_server_set_source(web_server *server, storage *source);

/* ---- turn.c ---- */

/* Waits until the request may use the store, like a query (gate.h). False: the answer says why not. Else
 * web_turn_end() is to be called with how it ended. */
bool web_turn_begin(web_request *request, int64_t timeout_ms, web_deadline *deadline);
void web_turn_end(web_request *request, ifm_code result);
/* IFM_OK to go on. `context` is a web_deadline. IFM_TIMEOUT; IFM_CANCELED: the client is gone, or the server
 * stops. */
ifm_code web_deadline_passed(void *context);
/* "query timed out in PLACE" */
void web_answer_interrupted(web_request *request, ifm_code code, const char *place);

/* ---- Helpers of handlers: handler.c ---- */

/* The store; NULL when there is none, and the answer says so. */
tsdb *web_db(web_request *request);
/* A time; `standard` without it. False when the answer says what is wrong. */
bool web_param_time(web_request *request, const char *name, int64_t standard, int64_t *out);
/* `limit`: 0 is none. */
bool web_param_limit(web_request *request, int64_t *out);
/* A timeout in ms, at most the server's. */
bool web_param_timeout(web_request *request, int64_t *out_ms);
/* The values of match[], as matchers; regexes are freed by web_selectors_free(). */
typedef struct web_selectors {
    model_matcher **sets;
    size_t *sizes;
    size_t count;
} web_selectors;
/* `parameter` is named in the message, NULL: as the parser says it. */
bool web_param_selectors(web_request *request, const char *parameter, web_selectors *out);
bool web_selector_parse(web_request *request, model_text text, const char *parameter, web_selectors *out);
/* Adds the matchers of a vector selector of a tree. */
bool web_selector_add(web_request *request, const promql_node *vector, web_selectors *out);
void web_selectors_free(web_selectors *selectors);

/* ---- Handlers ---- */

web_handler web_api_query, web_api_query_range, web_api_query_exemplars;
web_handler web_api_format_query, web_api_parse_query;
web_handler web_api_labels, web_api_label_values, web_api_series;
web_handler web_api_metadata, web_api_targets, web_api_targets_metadata, web_api_relabel_steps;
web_handler web_api_scrape_pools;
web_handler web_api_rules, web_api_alerts;
web_handler web_api_config, web_api_flags, web_api_runtimeinfo, web_api_buildinfo, web_api_tsdb;
web_handler web_api_blocks, web_api_walreplay, web_api_features;
web_handler web_api_snapshot;
web_handler web_federate;
web_handler web_page_healthy, web_page_ready, web_page_reload, web_page_quit, web_page_metrics;
web_handler web_page_version;
web_handler web_ui_page, web_ui_file, web_ui_icon;
web_handler web_api_dashboards, web_api_dashboard;

/* Answers a browser that asks for a page that is none of the router's: false when it is no browser. */
bool web_ui_unknown(web_request *request);

#endif
