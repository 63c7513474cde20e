/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 6. What a monitor answers over HTTP: Prometheus's API v1, federation, health, its own metrics, and
 * the pages of the web UI.
 *
 * Thread-safety: any thread. Callbacks come from threads of the server.
 */
#ifndef IFM_WEB_H
#define IFM_WEB_H

#include "config/config.h"
#include "promql/promql.h"
#include "rules/rules.h"
#include "scrape/scrape.h"
#include "tsdb/tsdb.h"

typedef struct web_server web_server;

typedef struct web_flag { /* a command line flag and its value, for /api/v1/status/flags */
    const char *name, *value;
} web_flag;

typedef struct web_options {
    const char *listen;           /* "127.0.0.1:9090"; port 0: any */
    const config_web *web;        /* TLS and users; NULL: none. Borrowed until web_server_stop() */
    const char *external_url;     /* NULL: from the listener */
    const char *route_prefix;     /* NULL: the path of the external URL */
    bool enable_lifecycle;        /* POST /-/reload, /-/quit */
    bool enable_admin_api;        /* snapshots over HTTP */
    const char *dashboards;       /* a folder of more, Grafana's JSON; NULL: only those built in */
    uint32_t connections_max;     /* 0: 512 */
    uint32_t queries_max;         /* at once; 0: 20 */
    uint32_t queries_queued_max;  /* wait for their turn; 0: 200; beyond 503 */
    int64_t query_timeout_ms;     /* 0: two minutes */
    promql_engine_options engine; /* zeroed: defaults */
    const web_flag *flags;        /* sorted by name */
    size_t flag_count;
    const ifm_os_clock *clock; /* NULL: real */

    tsdb *db;
    scrape_manager *scrape;
    struct ifm_registry *registry; /* for /metrics; NULL: none */
    const char *config_path;
    /* The configuration of the moment, acquired. */
    const config_file *(*config)(void *context);
    bool (*reload)(void *context, ifm_error *err); /* waits until it is done */
    void (*quit)(void *context);
    void *context;
} web_options;

/* Answers "not ready" until web_server_set_ready(). Errors: IFM_BUSY (the port, with who has it),
 * IFM_INVALID, IFM_IO, IFM_NOMEM. */
web_server *web_server_start(const web_options *options, ifm_error *err);
/* The parts that take time to open come later; until then what needs them answers 503. */
void web_server_set_ready(web_server *server, tsdb *db, scrape_manager *scrape);
/* Before web_server_set_ready(): what /api/v1/rules and /api/v1/alerts tell of. */
void web_server_set_rules(web_server *server, rules_manager *rules);
/* How a reload ended that was not asked for over HTTP: for /api/v1/status/runtimeinfo. */
void web_server_tell_reload(web_server *server, bool ok);
/* Refuses new requests, cancels queries, waits for what is under way. */
void web_server_stop(web_server *server);

/* "http://127.0.0.1:9090/", valid until stop. */
const char *web_server_url(const web_server *server);

typedef struct web_stats {
    uint64_t requests, queries, queries_refused, queries_timed_out;
    uint32_t queries_active, queries_waiting, connections;
} web_stats;
void web_stats_now(const web_server *server, web_stats *out);

#endif
