/* SPDX-License-Identifier: Apache-2.0
 *
 * What Prometheus says of targets that it cannot read, as recorded, and what a person is told.
 */
#include "stack/explain.h"

#include "check.h"

#include <string.h>

static const stack_reach host = {.network = STACK_NETWORK_HOST, .engine = STACK_ENGINE_DOCKER};
static const stack_reach bridge = {.network = STACK_NETWORK_BRIDGE, .engine = STACK_ENGINE_DOCKER};
static const stack_reach rootless = {
    .network = STACK_NETWORK_BRIDGE, .engine = STACK_ENGINE_DOCKER, .rootless = true};
static const stack_reach podman = {
    .network = STACK_NETWORK_BRIDGE, .engine = STACK_ENGINE_PODMAN, .rootless = true};
static const stack_reach desktop = {
    .network = STACK_NETWORK_BRIDGE, .engine = STACK_ENGINE_DOCKER, .desktop = true};
static const stack_reach native = {.network = STACK_NETWORK_HOST, .engine = STACK_ENGINE_NATIVE};

#define AT_LOOPBACK "http://127.0.0.1:8000/metrics"
#define AT_DOCKER   "http://host.docker.internal:8000/metrics"
#define GET(url)    "Get \"" url "\": "

static const struct {
    const char *error, *url;
    const stack_reach *reach;
    const char *cause, *fix;
} rows[] = {
    {GET(AT_LOOPBACK) "dial tcp 127.0.0.1:8000: connect: connection refused", AT_LOOPBACK, &host,
     "nothing listens on port 8000 of 127.0.0.1", "INFEROMETER_PORT=8000"},
    {GET(AT_LOOPBACK) "dial tcp 127.0.0.1:8000: connect: connection refused", AT_LOOPBACK, &native,
     "the program is not running", "ss -ltnp"},
    {GET("http://10.1.2.3:8000/m") "dial tcp 10.1.2.3:8000: connect: connection refused",
     "http://10.1.2.3:8000/m", &host, "port 8000 of 10.1.2.3", "start the program on 10.1.2.3"},
    {GET(AT_DOCKER) "dial tcp 172.17.0.1:8000: connect: connection refused", AT_DOCKER, &bridge,
     "listens on 127.0.0.1 only", "INFEROMETER_ADDRESS=172.17.0.1"},
    {GET(AT_DOCKER) "dial tcp 172.17.0.1:8000: connect: connection refused", AT_DOCKER, &bridge,
     "connection refused", "inferometer stack up --network=host"},
    {GET(AT_DOCKER) "dial tcp 172.17.0.1:8000: connect: connection refused", AT_DOCKER, &rootless,
     "listens on 127.0.0.1 only", "inferometer stack up --engine=native"},
    {GET(AT_DOCKER) "dial tcp 198.51.100.7:8000: connect: connection refused", AT_DOCKER, &rootless,
     "listens on 127.0.0.1 only", "INFEROMETER_ADDRESS=0.0.0.0"},
    {GET(AT_LOOPBACK) "dial tcp 127.0.0.1:8000: connect: connection refused", AT_LOOPBACK, &rootless,
     "is the container itself", "--engine=native"},
    {GET(AT_DOCKER) "dial tcp 10.0.2.2:8000: connect: network is unreachable", AT_DOCKER, &rootless,
     "rootless Docker keeps its containers from 127.0.0.1", "--engine=native"},
    {GET("http://host.containers.internal:8000/metrics") "dial tcp 10.88.0.1:8000: connect: connection "
                                                         "refused",
     "http://host.containers.internal:8000/metrics", &podman, "listens on 127.0.0.1 only",
     "inferometer stack up --network=host"},
    {GET(AT_DOCKER) "dial tcp 192.168.65.2:8000: connect: connection refused", AT_DOCKER, &desktop,
     "nothing listens on port 8000", "start the program"},
    {GET(AT_LOOPBACK) "dial tcp 127.0.0.1:8000: connect: connection refused", AT_LOOPBACK, &bridge,
     "is the container itself", "--network=host"},
    {GET(AT_DOCKER) "context deadline exceeded", AT_DOCKER, &bridge, "a firewall on this machine",
     "sudo ufw allow from 172.16.0.0/12 to any port 8000 proto tcp"},
    {GET(AT_DOCKER) "dial tcp 172.17.0.1:8000: i/o timeout", AT_DOCKER, &bridge, "firewall",
     "sudo ufw allow"},
    {GET(AT_LOOPBACK) "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
     AT_LOOPBACK, &host, "hangs", "curl --max-time 10 http://127.0.0.1:8000/metrics"},
    {GET("https://10.1.2.3/metrics") "context deadline exceeded", "https://10.1.2.3/metrics", &host,
     "firewall between here and 10.1.2.3", "https://10.1.2.3:443/"},
    {GET(AT_DOCKER) "dial tcp: lookup host.docker.internal on 127.0.0.11:53: no such host", AT_DOCKER,
     &bridge, "is not in the container's hosts file", "inferometer stack up"},
    {GET(AT_DOCKER) "dial tcp: lookup host.docker.internal on 10.0.0.1:53: no such host", AT_DOCKER, &native,
     "exists inside containers only", "use 127.0.0.1:8000"},
    {GET("http://gpu7:8000/metrics") "dial tcp: lookup gpu7 on 10.255.255.53:53: no such host",
     "http://gpu7:8000/metrics", &host, "the name \"gpu7\" is not known", "getent hosts gpu7"},
    {GET("http://gpu7:8000/metrics") "dial tcp: lookup gpu7: Temporary failure in name resolution",
     "http://gpu7:8000/metrics", &bridge, "is not known inside the container", "getent hosts gpu7"},
    {GET("http://gpu7:8000/metrics") "dial tcp: lookup gpu7 on 10.0.0.1:53: server misbehaving",
     "http://gpu7:8000/metrics", &host, "is not known", "getent hosts gpu7"},
    {"server returned HTTP status 401 Unauthorized", AT_LOOPBACK, &host, "asks for a user and a password",
     "password_hash"},
    {"server returned HTTP status 403 Forbidden", AT_LOOPBACK, &host, "403 Forbidden", "curl -i"},
    {"server returned HTTP status 404 Not Found", AT_LOOPBACK, &host, "it is another program", "curl -i"},
    {"server returned HTTP status 500 Internal Server Error", AT_LOOPBACK, &host, "500 Internal", "curl -i"},
    {GET("https://127.0.0.1:8000/metrics") "x509: certificate signed by unknown authority",
     "https://127.0.0.1:8000/metrics", &host, "does not trust", "ca_file"},
    {GET("https://127.0.0.1:8000/metrics") "tls: failed to verify certificate: x509: certificate has expired "
                                           "or is "
                                           "not yet valid: current time is after 2020",
     "https://127.0.0.1:8000/metrics", &host, "not valid at this time", "openssl"},
    {GET("https://gpu7:8000/metrics") "x509: certificate is valid for gpu8, not gpu7",
     "https://gpu7:8000/metrics", &host, "another name than gpu7", "the name that is in the certificate"},
    {GET("https://127.0.0.1:8000/metrics") "http: server gave HTTP response to HTTPS client",
     "https://127.0.0.1:8000/metrics", &host, "speaks plain http", "use http"},
    {GET("https://127.0.0.1:8000/metrics") "tls: first record does not look like a TLS handshake",
     "https://127.0.0.1:8000/metrics", &host, "speaks plain http", "use http"},
    {GET(AT_LOOPBACK) "net/http: HTTP/1.x transport connection broken: malformed HTTP response "
                      "\"\\x15\\x03\\x01\\x00\\x02\"",
     AT_LOOPBACK, &host, "speaks https", "--target=https://127.0.0.1:8000"},
    {"Client sent an HTTP request to an HTTPS server.", AT_LOOPBACK, &host, "speaks https", "--target=https"},
    {GET(AT_LOOPBACK) "net/http: HTTP/1.x transport connection broken: malformed HTTP response \"SSH-2.0\"",
     AT_LOOPBACK, &host, "something else than http", "curl -i"},
    {GET(AT_LOOPBACK) "EOF", AT_LOOPBACK, &host, "closed before an answer", "curl -i 127.0.0.1:8000"},
    {GET(AT_LOOPBACK) "read tcp 127.0.0.1:1->127.0.0.1:8000: read: connection reset by peer", AT_LOOPBACK,
     &host, "closed before an answer", "curl -i"},
    {GET("http://10.1.2.3:8000/m") "dial tcp 10.1.2.3:8000: connect: no route to host",
     "http://10.1.2.3:8000/m", &host, "no route to host", "ip route get 10.1.2.3"},
    {GET(AT_DOCKER) "dial tcp 172.17.0.1:8000: connect: no route to host", AT_DOCKER, &bridge,
     "no route to host", "sudo ufw allow from 172.16.0.0/12 to any port 8000"},
    {GET("http://10.1.2.3:8000/m") "dial tcp 10.1.2.3:8000: connect: network is unreachable",
     "http://10.1.2.3:8000/m", &host, "network is unreachable", "ip route get"},
    {"\"INVALID\" is not a valid start token", AT_LOOPBACK, &host, "is no metrics page",
     "promtool check metrics"},
    {"expected a valid start token, got \"<\" (\"INVALID\") while parsing: \"<\"", AT_LOOPBACK, &host,
     "is no metrics page", "promtool"},
    {"invalid metric type \"foo\"", AT_LOOPBACK, &host, "is no metrics page", "promtool"},
    {"text format parsing error in line 1: x", AT_LOOPBACK, &host, "is no metrics page", "promtool"},
    {"strconv.ParseFloat: parsing \"x\": invalid syntax", AT_LOOPBACK, &host, "is no metrics page",
     "promtool"},
    {"received unsupported Content-Type \"text/html\" and no fallback_scrape_protocol specified for target",
     AT_LOOPBACK, &host, "its Content-Type is not one of metrics", "curl -i"},
    {"non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for "
     "target",
     AT_LOOPBACK, &host, "it has no Content-Type", "curl -i"},
    {"body size limit exceeded", AT_LOOPBACK, &host, "larger than Prometheus was told to take",
     "raise the limit"},
    {"sample limit exceeded", AT_LOOPBACK, &host, "larger than", "raise the limit"},
    {"out of bounds", AT_LOOPBACK, &host, "times that Prometheus does not take", "promtool"},
    {"", AT_LOOPBACK, &host, "does not say why", "curl"},
    {GET(AT_LOOPBACK) "something new\x1b[31m", AT_LOOPBACK, &host, "something new [31m",
     "curl -i 127.0.0.1:8000"},
};

static void explain_gives_cause_and_fix(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char cause[STACK_SENTENCE_SIZE], fix[STACK_SENTENCE_SIZE];
        stack_explain_target_error(rows[i].error, rows[i].url, rows[i].reach, cause, fix);
        CHECK_CONTAINS(cause, rows[i].cause);
        CHECK_CONTAINS(fix, rows[i].fix);
    }
    check_end();
}

/* A URL may hold a password, and says nothing that the target's name does not. */
static void explain_leaves_urls_out(void **state)
{
    static const char *const errors[] = {
        GET("http://me:secret@gpu7:8000/metrics") "something new",
        "redirected to http://me:secret@gpu7:8000/metrics by mistake",
        GET("http://me:secret@gpu7:8000/metrics") "dial tcp: lookup gpu7: no such host",
        "Get \"http://me:secret@gpu7",
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(errors); i++) {
        char cause[STACK_SENTENCE_SIZE], fix[STACK_SENTENCE_SIZE];
        stack_explain_target_error(errors[i], "http://me:secret@gpu7:8000/metrics", &host, cause, fix);
        CHECK(strstr(cause, "secret") == NULL);
        CHECK(strstr(fix, "secret") == NULL);
    }
    check_end();
}

static void explain_takes_any_url(void **state)
{
    static const struct {
        const char *url, *want;
    } urls[] = {
        {"http://[::1]:8000/metrics", "port 8000 of [::1]"},
        {"http://[::1]/metrics", "port 80 of [::1]"},
        {"https://localhost/metrics", "port 443 of localhost"},
        {"127.0.0.1:8000", "port 8000 of 127.0.0.1"},
        {"", "port 80"},
        {"http://a:b:c/", "port"},
        {"http://x:99999999999/", "port 80 of x"},
        {"://", "port 80"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(urls); i++) {
        char cause[STACK_SENTENCE_SIZE], fix[STACK_SENTENCE_SIZE];
        stack_explain_target_error("connection refused", urls[i].url, &host, cause, fix);
        CHECK_CONTAINS(cause, urls[i].want);
    }
    char url[4000];
    memset(url, 'x', sizeof url - 1);
    url[sizeof url - 1] = '\0';
    char cause[STACK_SENTENCE_SIZE], fix[STACK_SENTENCE_SIZE];
    stack_explain_target_error(url, url, &host, cause, fix);
    CHECK(strlen(cause) < STACK_SENTENCE_SIZE);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explain_gives_cause_and_fix),
        cmocka_unit_test(explain_leaves_urls_out),
        cmocka_unit_test(explain_takes_any_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
