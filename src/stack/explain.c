/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/explain.h"

#include "stack/api_limits.h"
#include "stack/text.h"

#include <stdio.h>
#include <string.h>

enum { HOST_BYTES = 256, PORT_BYTES = 8 };

/* One error being explained. */
typedef struct explanation {
    const char *error; /* without the URL */
    const char *url;
    const stack_reach *reach;
    char host[HOST_BYTES];
    char port[PORT_BYTES];
    char *cause;
    char *fix;
} explanation;

#define CAUSE(of, ...) stack_text_format((of)->cause, STACK_SENTENCE_SIZE, __VA_ARGS__)
#define FIX(of, ...)   stack_text_format((of)->fix, STACK_SENTENCE_SIZE, __VA_ARGS__)

/* --- Texts ---------------------------------------------------------------------------------------- */

/* "http://user:secret@[::1]:8000/metrics": host and port; the scheme's port when there is none. */
static void split_url(explanation *of)
{
    const char *at = strstr(of->url, "://");
    bool tls = strncmp(of->url, "https:", 6) == 0;
    at = at == NULL ? of->url : at + 3;
    size_t size = strcspn(at, "/?#");
    for (size_t i = size; i > 0; i--) {
        if (at[i - 1] == '@') {
            size -= i;
            at += i;
            break;
        }
    }
    size_t host = size;
    for (size_t i = size; i > 0 && at[i - 1] != ']'; i--) {
        if (at[i - 1] == ':') {
            host = i - 1;
            break;
        }
    }
    snprintf(of->host, sizeof of->host, "%.*s", (int)(host < HOST_BYTES ? host : 0), at);
    size_t digits = host < size ? size - host - 1 : 0;
    if (digits > 0 && digits < PORT_BYTES && strspn(at + host + 1, "0123456789") >= digits) {
        snprintf(of->port, sizeof of->port, "%.*s", (int)digits, at + host + 1);
    } else {
        snprintf(of->port, sizeof of->port, "%s", tls ? "443" : "80");
    }
}

/* The error without 'Get "http://...": ' in front, and with no other URL in it: "dial tcp 127.0.0.1:1:
 * ...". */
static void strip_urls(const char *error, char *out, size_t size)
{
    size_t used = 0;
    const char *at = error;
    static const char *const verbs[] = {"Get \"", "Head \"", "Post \""};
    for (size_t i = 0; i < IFM_COUNT_OF(verbs); i++) {
        size_t verb = strlen(verbs[i]);
        const char *end = strncmp(at, verbs[i], verb) == 0 ? strstr(at + verb, "\": ") : NULL;
        if (end != NULL) {
            at = end + 3;
            break;
        }
    }
    while (*at != '\0' && used + 1 < size) {
        if (strncmp(at, "http://", 7) == 0 || strncmp(at, "https://", 8) == 0) {
            at += strcspn(at, "\" \t\n");
            continue;
        }
        out[used++] = *at++;
    }
    out[used] = '\0';
}

static bool has(const explanation *of, const char *part)
{
    return strcasestr(of->error, part) != NULL;
}

static bool is_this_machine(const char *host)
{
    static const char *const names[] = {
        "localhost",  "::1",     "[::1]", "host.docker.internal", "host.containers.internal",
        "172.17.0.1", "10.0.2.2"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        if (strcmp(host, names[i]) == 0) {
            return true;
        }
    }
    return strncmp(host, "127.", 4) == 0;
}

static bool is_rootless_docker(const explanation *of)
{
    return of->reach->rootless && of->reach->engine == STACK_ENGINE_DOCKER;
}

static bool in_container(const explanation *of)
{
    return of->reach->network == STACK_NETWORK_BRIDGE && of->reach->engine != STACK_ENGINE_NATIVE;
}

/* --- The ways to fail ----------------------------------------------------------------------------- */

/* A container's way to a program that listens on 127.0.0.1 only. */
static void fix_loopback(explanation *of)
{
    if (is_rootless_docker(of)) {
        FIX(of,
            "let the program listen where rootless Docker reaches it: INFEROMETER_ADDRESS=0.0.0.0  # or, to "
            "stay on 127.0.0.1: inferometer stack up --engine=native");
    } else if (of->reach->engine == STACK_ENGINE_PODMAN) {
        FIX(of, "inferometer stack up --network=host");
    } else {
        FIX(of, "inferometer stack up --network=host  # or let the program listen on the bridge: "
                "INFEROMETER_ADDRESS=172.17.0.1");
    }
}

static void explain_refused(explanation *of)
{
    if (in_container(of) && !of->reach->desktop && is_this_machine(of->host)) {
        if (strncmp(of->host, "127.", 4) == 0 || strcmp(of->host, "localhost") == 0) {
            CAUSE(of,
                  "connection refused: inside the container, %s is the container itself, not this machine",
                  of->host);
            FIX(of, "inferometer stack up --%s", is_rootless_docker(of) ? "engine=native" : "network=host");
            return;
        }
        CAUSE(of,
              "connection refused: the program listens on 127.0.0.1 only, which a container on a bridge "
              "cannot reach, or nothing listens on port %s",
              of->port);
        fix_loopback(of);
        return;
    }
    CAUSE(of,
          "connection refused: nothing listens on port %s of %s: the program is not running, or uses another "
          "port",
          of->port, of->host);
    if (is_this_machine(of->host)) {
        FIX(of,
            "ss -ltnp 'sport = :%s'  # shows that nothing listens there: start the program, or give it the "
            "port "
            "with INFEROMETER_PORT=%s",
            of->port, of->port);
    } else {
        FIX(of, "start the program on %s", of->host);
    }
}

static void explain_timeout(explanation *of)
{
    if (in_container(of) && !of->reach->desktop && is_this_machine(of->host)) {
        CAUSE(
            of,
            "no answer in time: a firewall on this machine drops what comes from containers, or the program "
            "on port %s hangs",
            of->port);
        FIX(of, "sudo ufw allow from 172.16.0.0/12 to any port %s proto tcp", of->port);
        return;
    }
    if (is_this_machine(of->host)) {
        CAUSE(of,
              "no answer in time: what listens on port %s accepts connections but hangs, or a scrape takes "
              "longer than its timeout",
              of->port);
    } else {
        CAUSE(of, "no answer in time: a firewall between here and %s drops the packets, or its program hangs",
              of->host);
    }
    FIX(of, "curl --max-time 10 http%s://%s:%s/metrics", strncmp(of->url, "https:", 6) == 0 ? "s" : "",
        of->host, of->port);
}

static void explain_name(explanation *of)
{
    bool docker = strcmp(of->host, "host.docker.internal") == 0;
    if (docker || strcmp(of->host, "host.containers.internal") == 0) {
        CAUSE(of, "no such host: the name %s, which stands for this machine, %s", of->host,
              in_container(of) && !of->reach->desktop
                  ? "is not in the container's hosts file: on Linux nobody puts it there by itself"
                  : "exists inside containers only");
        FIX(of,
            in_container(of) ? "inferometer stack up  # gives the container the name; else with "
                               "--network=host"
                             : "use 127.0.0.1:%s as the target",
            of->port);
        return;
    }
    CAUSE(of, "no such host: the name \"%s\" is not known%s", of->host,
          in_container(of) ? " inside the container" : "");
    FIX(of, "getent hosts %s  # correct the target, or use its IP address", of->host);
}

static void explain_password(explanation *of)
{
    CAUSE(of,
          "401 Unauthorized: the endpoint asks for a user and a password, which Prometheus does not have");
    FIX(of, "leave out the program's settings user and password_hash while it listens on 127.0.0.1 only");
}

static void explain_forbidden(explanation *of)
{
    CAUSE(of, "403 Forbidden: what answers on port %s does not let Prometheus read", of->port);
    FIX(of, "curl -i %s:%s/metrics  # shows who answers", of->host, of->port);
}

static void explain_not_found(explanation *of)
{
    CAUSE(
        of,
        "404 Not Found: something answers on port %s, but it has no such page: it is another program, or its "
        "metrics are on another path",
        of->port);
    FIX(of, "curl -i %s:%s/metrics  # shows who answers", of->host, of->port);
}

static void explain_status(explanation *of)
{
    CAUSE(of, "the endpoint itself fails: %.200s", of->error);
    FIX(of, "curl -i %s:%s/metrics  # shows what it says", of->host, of->port);
}

static void explain_plain(explanation *of)
{
    CAUSE(of, "the target is asked with https, but speaks plain http");
    FIX(of, "use http for this target, or give the endpoint a certificate");
}

static void explain_tls(explanation *of)
{
    CAUSE(of, "the target is asked with plain http, but speaks https");
    FIX(of, "use https for this target: --target=https://%s:%s", of->host, of->port);
}

static void explain_certificate(explanation *of)
{
    if (has(of, "expired") || has(of, "not yet valid")) {
        CAUSE(of, "the endpoint's certificate is not valid at this time: %.200s", of->error);
        FIX(of, "date; openssl s_client -connect %s:%s </dev/null | openssl x509 -noout -dates", of->host,
            of->port);
    } else if (has(of, "valid for") || has(of, "IP SANs") || has(of, "not valid for any names")) {
        CAUSE(of, "the endpoint's certificate is for another name than %s", of->host);
        FIX(of, "use the name that is in the certificate as the target");
    } else {
        CAUSE(of, "Prometheus does not trust the endpoint's certificate: %.200s", of->error);
        FIX(of, "name the certificate's authority in the target's tls_config: ca_file");
    }
}

static void explain_closed(explanation *of)
{
    CAUSE(of,
          "the connection was closed before an answer: the program on port %s ended meanwhile, or speaks "
          "something else than http",
          of->port);
    FIX(of, "curl -i %s:%s/metrics  # shows who answers", of->host, of->port);
}

static void explain_route(explanation *of)
{
    if (in_container(of) && is_rootless_docker(of) && is_this_machine(of->host)) {
        CAUSE(of,
              "there is no way to %s: rootless Docker keeps its containers from 127.0.0.1 of this machine",
              of->host);
        FIX(of, "inferometer stack up  # in a network it takes another address; else with --engine=native");
        return;
    }
    CAUSE(of, "there is no way to %s: %s", of->host,
          has(of, "unreachable") ? "the network is unreachable" : "no route to host, or a firewall refuses");
    if (in_container(of) && is_this_machine(of->host)) {
        FIX(of, "sudo ufw allow from 172.16.0.0/12 to any port %s proto tcp", of->port);
    } else {
        FIX(of, "ip route get %s", of->host);
    }
}

static void explain_content_type(explanation *of)
{
    CAUSE(of, "what answers on port %s is no metrics page: %s", of->port,
          has(of, "blank") ? "it has no Content-Type" : "its Content-Type is not one of metrics");
    FIX(of, "curl -i %s:%s/metrics  # shows who answers", of->host, of->port);
}

static void explain_page(explanation *of)
{
    CAUSE(of, "what answers on port %s is no metrics page: %.160s", of->port, of->error);
    FIX(of, "curl -s %s:%s/metrics | promtool check metrics", of->host, of->port);
}

static void explain_limit(explanation *of)
{
    CAUSE(of, "the page is larger than Prometheus was told to take: %.200s", of->error);
    FIX(of, "raise the limit in prometheus.yml, or expose fewer series");
}

static void explain_duplicate(explanation *of)
{
    CAUSE(of, "the page has times that Prometheus does not take: %.200s", of->error);
    FIX(of, "curl -s %s:%s/metrics | promtool check metrics", of->host, of->port);
}

/* The first that fits: what names one cause stands before what is general. */
static const struct {
    const char *part;
    void (*explain)(explanation *of);
} table[] = {
    {"connection refused", explain_refused},
    {"HTTP response to HTTPS client", explain_plain},
    {"does not look like a TLS handshake", explain_plain},
    {"HTTP request to an HTTPS server", explain_tls},
    {"malformed HTTP response \"\\x15", explain_tls}, /* a TLS alert, as Go prints it */
    {"x509", explain_certificate},
    {"certificate", explain_certificate},
    {"no such host", explain_name},
    {"server misbehaving", explain_name},
    {"name resolution", explain_name},
    {"dial tcp: lookup", explain_name},
    {"no route to host", explain_route},
    {"network is unreachable", explain_route},
    {"context deadline exceeded", explain_timeout},
    {"i/o timeout", explain_timeout},
    {"Client.Timeout", explain_timeout},
    {"body size limit", explain_limit},
    {"sample limit", explain_limit},
    {"label_limit", explain_limit},
    {"HTTP status 401", explain_password},
    {"401 Unauthorized", explain_password},
    {"HTTP status 403", explain_forbidden},
    {"HTTP status 404", explain_not_found},
    {"404 Not Found", explain_not_found},
    {"HTTP status", explain_status},
    {"Content-Type", explain_content_type},
    {"valid start token", explain_page},
    {"expected a valid", explain_page},
    {"invalid metric", explain_page},
    {"text format parsing error", explain_page},
    {"expected value after", explain_page},
    {"expected label", explain_page},
    {"expected text", explain_page},
    {"expected timestamp", explain_page},
    {"while parsing", explain_page},
    {"strconv.", explain_page},
    {"invalid UTF-8", explain_page},
    {"does not end with # EOF", explain_page},
    {"malformed HTTP", explain_closed},
    {"out of order", explain_duplicate},
    {"duplicate sample", explain_duplicate},
    {"out of bounds", explain_duplicate},
    {"connection reset", explain_closed},
    {"broken pipe", explain_closed},
    {"EOF", explain_closed},
};

void stack_explain_target_error(const char *last_error, const char *scrape_url, const stack_reach *reach,
                                char *cause, char *fix)
{
    char error[STACK_API_URL_MAX];
    strip_urls(last_error, error, sizeof error);
    explanation of = {.error = error, .url = scrape_url, .reach = reach, .cause = cause, .fix = fix};
    split_url(&of);
    fix[0] = '\0';
    for (size_t i = 0; i < IFM_COUNT_OF(table); i++) {
        if (has(&of, table[i].part)) {
            table[i].explain(&of);
            return;
        }
    }
    CAUSE(&of, "%s", error[0] == '\0' ? "Prometheus does not say why" : error);
    FIX(&of, "curl -i %s:%s/metrics", of.host, of.port);
}
