/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include "check.h"
#include "config/limits.h"
#include "config/reader.h"
#include "scratch.h"
#include "torture.h"

#include <stdlib.h>

static const config_file *parse(const char *text, ifm_error *err)
{
    *err = (ifm_error){0};
    return config_parse(text, strlen(text), "/etc/m/prometheus.yml", err);
}

static const char full[] =
    "global:\n"
    "  scrape_interval: 15s\n"
    "  evaluation_interval: 30s\n"
    "  external_labels: {monitor: codelab, home: '$IFM_TEST_HOME/x'}\n"
    "  sample_limit: 1500\n"
    "rule_files: [first.rules, /abs/*.rules]\n"
    "alerting:\n"
    "  alertmanagers:\n"
    "  - scheme: https\n"
    "    static_configs: [{targets: ['1.2.3.4:9093']}]\n"
    "remote_write:\n"
    "- url: http://user:pw@remote1/push\n"
    "  write_relabel_configs: [{source_labels: [__name__], regex: expensive.*, action: drop}]\n"
    "  headers: {X-Scope-OrgID: tenant}\n"
    "  queue_config: {max_shards: 5}\n"
    "storage: {tsdb: {out_of_order_time_window: 30m, retention: {time: 15d, size: 10GB}}}\n"
    "scrape_configs:\n"
    "- job_name: prometheus\n"
    "  honor_labels: true\n"
    "  params: {\"match[]\": ['{a=\"b c\"}', y&z], a: [1]}\n"
    "  static_configs:\n"
    "  - targets: ['localhost:9090', 'localhost:9191']\n"
    "    labels: {my: label, your: 5}\n"
    "  file_sd_configs:\n"
    "  - files: ['foo/*.slow.json', /x/single/file.yml]\n"
    "    refresh_interval: 10m\n"
    "  basic_auth: {username: admin, password: 'multi word'}\n"
    "  relabel_configs:\n"
    "  - {source_labels: [job, __meta_dns_name], regex: '(.*)some-[regex]', target_label: job,\n"
    "     replacement: 'foo-${1}'}\n"
    "  - {action: labelmap, regex: 'a(.*)'}\n"
    "- job_name: service-x\n"
    "  scrape_interval: 50s\n"
    "  scrape_timeout: 5s\n"
    "  body_size_limit: 10MB\n"
    "  sample_limit: 1000\n"
    "  metrics_path: /my_path\n"
    "  scheme: https\n"
    "  scrape_native_histograms: true\n"
    "  bearer_token_file: secret\n"
    "  tls_config: {ca_file: ca.pem, min_version: TLS12, server_name: x.example}\n"
    "  follow_redirects: false\n"
    "  fallback_scrape_protocol: PrometheusText0.0.4\n"
    "  http_sd_configs: [{url: 'http://sd.example/targets', authorization: {credentials: abc}}]\n"
    "  http_headers: {X-A: {values: [one], secrets: [two]}}\n";

static void check_second_job(const config_scrape *job)
{
    CHECK_INT(job->interval_ms, 50000);
    CHECK_INT(job->timeout_ms, 5000);
    CHECK_INT(job->body_size_limit, 10 << 20);
    CHECK_INT(job->sample_limit, 1000);
    CHECK_TEXT(job->metrics_path, "/my_path");
    CHECK_TEXT(job->scheme, "https");
    CHECK_INT(job->protocols[0], CONFIG_PROTOCOL_PROTOBUF); /* native histograms come that way only */
    CHECK_INT(job->protocol_count, 5);
    CHECK_INT(job->fallback_protocol, CONFIG_PROTOCOL_TEXT_0);
    CHECK_TEXT(job->http.authorization_type, "Bearer");
    CHECK_TEXT(job->http.authorization_file, "/etc/m/secret");
    CHECK_TEXT(job->http.ca_file, "/etc/m/ca.pem");
    CHECK_TEXT(job->http.tls_min_version, "TLS12");
    CHECK(job->http.no_redirects && !job->http.no_http2);
    CHECK_TEXT(job->http.headers[0], "X-A: one");
    CHECK_TEXT(job->http.headers[1], "X-A: two");
    CHECK(job->http.headers[2] == NULL);
    CHECK_TEXT(job->http_sds[0].url, "http://sd.example/targets");
    CHECK_TEXT(job->http_sds[0].http.authorization, "abc");
    CHECK_INT(job->http_sds[0].refresh_ms, 60000);
}

static void config_is_read(void **state)
{
    (void)state;
    ifm_error err;
    setenv("IFM_TEST_HOME", "/tmp", 1);
    const config_file *config = parse(full, &err);
    if (config == NULL) {
        fail_msg("%s", err.message);
    }
    CHECK_INT(config->scrape_interval_ms, 15000);
    CHECK_INT(config->scrape_timeout_ms, 10000);
    CHECK_INT(config->evaluation_interval_ms, 30000);
    CHECK_TEXT(model_labels_get(config->external_labels, model_text_of("home")).data, "/tmp/x");
    CHECK_TEXT(config->rule_files[0], "/etc/m/first.rules");
    CHECK_TEXT(config->rule_files[1], "/abs/*.rules");
    CHECK(config->rule_files[2] == NULL);
    CHECK_INT(config->retention_ms, 15 * (int64_t)86400000);
    CHECK_INT(config->retention_bytes, (int64_t)10 << 30);
    CHECK_INT(config->out_of_order_window_ms, 1800000);
    CHECK_INT(config->alertmanagers[0].timeout_ms, 10000);
    CHECK_TEXT(config->remote_writes[0].http.headers[0], "X-Scope-OrgID: tenant");
    CHECK_INT(config->remote_writes[0].queue.max_shards, 5);
    CHECK_INT(config->remote_writes[0].queue.capacity, 10000);
    CHECK(config->remote_writes[0].http.no_http2);
    CHECK_INT(config->scrape_count, 2);
    const config_scrape *job = &config->scrapes[0];
    CHECK_TEXT(job->job_name, "prometheus");
    CHECK_INT(job->interval_ms, 15000);
    CHECK_INT(job->timeout_ms, 10000);
    CHECK_INT(job->sample_limit, 1500);
    CHECK_TEXT(job->params, "a=1&match%5B%5D=%7Ba%3D%22b+c%22%7D&match%5B%5D=y%26z");
    CHECK_INT(job->param_label_count, 2);
    CHECK_TEXT(job->param_labels[1].value.data, "{a=\"b c\"}");
    CHECK_TEXT(job->static_groups[0].targets[1].data, "localhost:9191");
    CHECK_TEXT(model_labels_get(job->static_groups[0].labels, model_text_of("your")).data, "5");
    CHECK_TEXT(job->static_groups[0].source, "0");
    CHECK_TEXT(job->file_sds[0].files[0], "/etc/m/foo/*.slow.json");
    CHECK_TEXT(job->file_sds[0].files[1], "/x/single/file.yml");
    CHECK_INT(job->file_sds[0].refresh_ms, 600000);
    CHECK_TEXT(job->http.user, "admin");
    CHECK_INT(job->protocols[0], CONFIG_PROTOCOL_OPENMETRICS_1);
    CHECK_INT(job->protocol_count, 4);
    check_second_job(&config->scrapes[1]);
    CHECK(config_acquire(config) == config);
    config_release(config);
    config_release(config);
    check_end();
}

static void config_expands_the_environment(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"a$$5", "a$5"},  {"${IFM_TEST_HOME}", "/tmp"}, {"$IFM_TEST_HOME-x", "/tmp-x"}, {"x$", "x$"},
        {"x$ y", "x$ y"}, {"x${IFM_TEST_NONE}y", "xy"}, {"x${IFM_TEST", "xIFM_TEST"},
    };
    setenv("IFM_TEST_HOME", "/tmp", 1);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char text[128];
        ifm_error err;
        snprintf(text, sizeof text, "global: {external_labels: {a: '%s'}}\n", rows[i][0]);
        const config_file *config = parse(text, &err);
        assert_non_null(config);
        CHECK_TEXT(model_labels_get(config->external_labels, model_text_of("a")).data, rows[i][1]);
        config_release(config);
    }
    check_end();
}

static void config_has_defaults(void **state)
{
    (void)state;
    static const char *const empty[] = {"", "# nothing\n", "---\n", "{}\n", "global:\nscrape_configs:\n"};
    for (size_t i = 0; i < IFM_COUNT_OF(empty); i++) {
        ifm_error err;
        const config_file *config = parse(empty[i], &err);
        CHECK(config != NULL);
        if (config != NULL) {
            CHECK_INT(config->scrape_interval_ms, 5000);
            CHECK_INT(config->scrape_timeout_ms, 5000);
            CHECK_INT(config->evaluation_interval_ms, 60000);
            CHECK_INT(config->scrape_count, 0);
            CHECK(config->rule_files[0] == NULL);
        }
        config_release(config);
    }
    check_end();
}

/* The canonical text says no secret, and means the same. */
static void config_prints_itself(void **state)
{
    (void)state;
    ifm_error err;
    const config_file *first = parse(full, &err);
    assert_non_null(first);
    static const char *const secrets[] = {"multi word", "pw@", "abc", "two", "tenant"};
    for (size_t i = 0; i < IFM_COUNT_OF(secrets); i++) {
        CHECK(strstr(first->text, secrets[i]) == NULL);
    }
    CHECK_CONTAINS(first->text, "    password: <secret>\n");
    CHECK_CONTAINS(first->text, "- url: http://user:<secret>@remote1/push\n");
    CHECK_CONTAINS(first->text, "global:\n  scrape_interval: 15s\n  scrape_timeout: 10s\n");
    CHECK_CONTAINS(first->text, "  - source_labels: [job, __meta_dns_name]\n    separator: ;\n"
                                "    regex: (.*)some-[regex]\n    target_label: job\n"
                                "    replacement: foo-${1}\n    action: replace\n");
    const config_file *second = parse(first->text, &err);
    if (second == NULL) {
        print_message("%s\n%s\n", err.message, first->text);
    }
    CHECK(second != NULL);
    if (second != NULL) {
        CHECK_TEXT(second->text, first->text);
        CHECK_TEXT(second->scrapes[0].params, first->scrapes[0].params);
    }
    config_release(second);
    config_release(first);
    check_end();
}

static void urls_are_printed_without_passwords(void **state)
{
    static const struct {
        const char *url, *want;
    } rows[] = {
        {"http://h:1/x?y=z", "http://h:1/x?y=z"},
        {"http://me@h", "http://me@h"},
        {"http://me:geheim@h:1/x", "http://me:<secret>@h:1/x"},
        {"http://:geheim@h", "http://:<secret>@h"},
        {"http://me:@h", "http://me:<secret>@h"},
        {"http://me:ge%2Fheim@h", "http://me:<secret>@h"},
        {"http://me:ge@heim:x@h", "http://me:<secret>@h"},
        {"http://me:ge:heim@[::1]:1/@x", "http://me:<secret>@[::1]:1/@x"},
        {"http://h:1/@scope:x", "http://h:1/@scope:x"},
        /* None of a configuration that was read: */
        {"http://me:ge/heim@h/x", "http://me:<secret>@h/x"},
        {"http://me:ge?he#im@h", "http://me:<secret>@h"},
    };
    static const config_field fields[] = {{.name = "url", .kind = CONFIG_KIND_URL}, {0}};
    static const config_schema schema = {.what = "test", .size = sizeof(char *), .fields = fields};
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char want[128];
        ifm_buf out;
        ifm_buf_init(&out, 1024);
        snprintf(want, sizeof want, "url: %s\n", rows[i].want);
        config_print(&schema, &rows[i].url, 0, &out);
        ifm_buf_append_char(&out, '\0');
        CHECK_TEXT(out.data, want);
        ifm_buf_deinit(&out);
    }
    check_end();
}

static const struct wrong_row {
    const char *text;
    const char *want; /* the place and what is wrong */
} wrong[] = {
    {"globel: {}\n", ":1:1: there is no key \"globel\" in a configuration; hint: \"global\" is near"},
    {"global:\n  scrape_intervall: 5s\n", ":2:3: there is no key \"scrape_intervall\""},
    {"global:\n  scrape_interval: 5\n", ":2:20: \"5\" is no duration"},
    {"global: {scrape_interval: 5s, scrape_timeout: 6s}\n", ":1:47: the scrape timeout is greater"},
    {"global: []\n", ":1:9: here is a list where a mapping"},
    {"a: 1\na: 2\n", ":2:1: the key \"a\" is there twice, first in line 1"},
    {"scrape_configs: [{}]\n", ":1:18: a scrape config has no \"job_name\""},
    {"scrape_configs: [{job_name: a}, {job_name: a}]\n", ":1:44: the job name \"a\" is there twice"},
    {"scrape_configs: [null]\n", ":1:18: here is one value where a mapping"},
    {"scrape_configs: [{job_name: a, scrape_timeout: 1h}]\n", "the scrape timeout of job \"a\" is greater"},
    {"scrape_configs: [{job_name: a, scheme: ftp}]\n", "scheme \"ftp\" is none of those there are"},
    {"scrape_configs: [{job_name: a, kubernetes_sd_configs: []}]\n",
     "\"kubernetes_sd_configs\" of Prometheus is"},
    {"scrape_configs: [{job_name: a, oauth2: {}}]\n",
     ":1:32: the key \"oauth2\" of Prometheus is not supported"},
    {"scrape_configs: [{job_name: a, static_configs: [{targets: ['http://x:1']}]}]\n",
     ":1:60: \"http://x:1\" is no target: it has to be HOST:PORT, without scheme and path"},
    {"scrape_configs: [{job_name: a, static_configs: [{}, {targets: [x:1, '']}], relabel_configs: []}]\n",
     "\"\" is no target"},
    {"alerting: {alertmanagers: [{static_configs: [{targets: ['x/y']}]}]}\n", "\"x/y\" is no target"},
    {"scrape_configs: [{job_name: a, file_sd_configs: [{files: [x.txt]}]}]\n", "has to end in .json"},
    {"scrape_configs: [{job_name: a, file_sd_configs: [{files: ['a*/x.yml']}]}]\n", "in its last part only"},
    {"scrape_configs: [{job_name: a, file_sd_configs: [{}]}]\n", "wants \"files\""},
    {"scrape_configs: [{job_name: a, http_sd_configs: [{}]}]\n", "wants a \"url\""},
    {"scrape_configs: [{job_name: a, http_sd_configs: [{url: 'ftp://x'}]}]\n", "is no URL of http or https"},
    {"scrape_configs: [{job_name: a, http_sd_configs: [{url: 'ftp://me:geheim@x'}]}]\n",
     "\"ftp://x\" is no URL of http or https"},
    {"scrape_configs: [{job_name: a, http_sd_configs: [{url: 'http://me:ge/heim@x'}]}]\n",
     "\"http://x\" is no URL with what stands before the \"@\"; hint: in a user and a password / is written "
     "%2F"},
    {"remote_write: [{url: 'https://me:ge?heim@x:1/push'}]\n", "\"https://x:1/push\" is no URL with"},
    {"scrape_configs: [{job_name: a, proxy_url: 'http://me:ge#he/im@x'}]\n", "\"http://x\" is no URL with"},
    {"scrape_configs: [{job_name: a, static_configs: [{targets: ['http://me:geheim@x']}]}]\n",
     "\"http://x\" is no target"},
    {"scrape_configs: [{job_name: a, http_sd_configs: [{url: 'http://x', refresh_interval: 0s}]}]\n",
     "1:86: the \"refresh_interval\" of \"http_sd_configs\" cannot be 0"},
    {"scrape_configs: [{job_name: a, honor_labels: maybe}]\n", "\"maybe\" is neither true nor false"},
    {"scrape_configs: [{job_name: a, sample_limit: 1.5}]\n", "\"1.5\" is no whole number"},
    {"scrape_configs: [{job_name: a, sample_limit: 18446744073709551616}]\n", "is no whole number"},
    {"scrape_configs: [{job_name: a, body_size_limit: 10}]\n", "\"10\" is no size"},
    {"scrape_configs: [{job_name: a, scrape_protocols: []}]\n", "\"scrape_protocols\" is empty"},
    {"scrape_configs: [{job_name: a, scrape_protocols: [PrometheusProto, PrometheusProto]}]\n",
     "is there twice"},
    {"scrape_configs: [{job_name: a, scrape_protocols: [X]}]\n", "\"X\" is no protocol"},
    {"scrape_configs: [{job_name: a, basic_auth: {username: a}, authorization: {credentials: b}}]\n",
     "\"basic_auth\" and \"authorization\" exclude each other"},
    {"scrape_configs: [{job_name: a, basic_auth: {password: a, password_file: b}}]\n", "exclude each other"},
    {"scrape_configs: [{job_name: a, bearer_token: a, bearer_token_file: b}]\n", "exclude each other"},
    {"scrape_configs: [{job_name: a, bearer_token: a, basic_auth: {username: b}}]\n", "exclude each other"},
    {"scrape_configs: [{job_name: a, authorization: {type: Basic}}]\n", "cannot be \"basic\""},
    {"scrape_configs: [{job_name: a, tls_config: {cert_file: b}}]\n", "a certificate without a key"},
    {"scrape_configs: [{job_name: a, tls_config: {min_version: TLS14}}]\n", "min_version \"TLS14\" is none"},
    {"scrape_configs: [{job_name: a, no_proxy: x}]\n", "has no use without \"proxy_url\""},
    {"scrape_configs: [{job_name: a, http_headers: {Host: {values: [x]}}}]\n", "\"Host\" cannot be set here"},
    {"global: {external_labels: {'': x}}\n", "\"\" is no name of a label"},
    {"remote_write: [{}]\n", "wants a \"url\""},
    {"remote_write: [{url: 'http://x', queue_config: {max_shards: 0}}]\n",
     "is 0, with which nothing is sent"},
    {"remote_read: []\n", ":1:1: the key \"remote_read\" of Prometheus is not supported here"},
    {"a: *b\n", ":1:4: there is no anchor \"b\""},
    {"a: [\n", "it is no YAML"},
    {"\ta: b\n", ":1:1: it is no YAML"},
    {"global: {}\n---\nglobal: {}\n", ":2:1: a second document begins here"},
    {"? [a]\n: b\n", "a key must be a text"},
    {"global: {external_labels: {a: \"\\0\"}}\n", "a text has a NUL"},
};

static void config_says_what_is_wrong_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(wrong); i++) {
        ifm_error err;
        const config_file *config = parse(wrong[i].text, &err);
        if (config != NULL) {
            print_message("%s", wrong[i].text);
        }
        CHECK(config == NULL);
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, wrong[i].want);
        CHECK_CONTAINS(err.message, "/etc/m/prometheus.yml:");
        config_release(config);
    }
    check_end();
}

static void config_takes_anchors_and_merges(void **state)
{
    (void)state;
    ifm_error err;
    const config_file *config = parse("scrape_configs:\n"
                                      "- &base\n"
                                      "  job_name: a\n"
                                      "  scrape_interval: 7s\n"
                                      "  static_configs: &t [{targets: [x:1]}]\n"
                                      "- <<: *base\n"
                                      "  job_name: b\n"
                                      "- {job_name: c, static_configs: *t}\n",
                                      &err);
    if (config == NULL) {
        fail_msg("%s", err.message);
    }
    CHECK_TEXT(config->scrapes[1].job_name, "b");
    CHECK_INT(config->scrapes[1].interval_ms, 7000);
    CHECK_TEXT(config->scrapes[2].static_groups[0].targets[0].data, "x:1");
    config_release(config);
    check_end();
}

/* Each level names the one before ten times. */
static void config_survives_many_laughs(void **state)
{
    (void)state;
    ifm_buf text;
    ifm_error err;
    ifm_buf_init(&text, 1 << 20);
    ifm_buf_append_text(&text, "scrape_configs:\n- job_name: a\n  static_configs:\n  - &l {targets: &s [x:1");
    for (int i = 0; i < 2000; i++) {
        ifm_buf_append_text(&text, ", x:1");
    }
    ifm_buf_append_text(&text, "]}\n");
    for (int i = 0; i < 3000; i++) {
        ifm_buf_append_text(&text, "  - *l\n");
    }
    ifm_buf_append_char(&text, '\0');
    CHECK(parse(text.data, &err) == NULL);
    CHECK_INT(err.code, IFM_LIMIT);
    ifm_buf_clear(&text);
    ifm_buf_append_text(&text, "global: ");
    for (int i = 0; i < 5000; i++) {
        ifm_buf_append_text(&text, "[");
    }
    ifm_buf_append_char(&text, '\0');
    CHECK(parse(text.data, &err) == NULL);
    CHECK_CONTAINS(err.message, "nested more than");
    ifm_buf_deinit(&text);
    check_end();
}

/* Whether a document with `lists` lists in each other, below the root, is too deep. */
static bool is_too_deep(int lists)
{
    ifm_buf text;
    ifm_error err = {0};
    ifm_buf_init(&text, 1 << 16);
    ifm_buf_append_text(&text, "global: ");
    for (int i = 0; i < 2 * lists; i++) {
        ifm_buf_append_char(&text, i < lists ? '[' : ']');
    }
    ifm_buf_append_char(&text, '\0');
    CHECK(parse(text.data, &err) == NULL); /* it is no list, however deep */
    ifm_buf_deinit(&text);
    return strstr(err.message, "nested more than") != NULL;
}

/* Whether a mapping may have so many keys. */
static bool has_room_for_keys(int count)
{
    ifm_buf text;
    ifm_error err = {0};
    ifm_buf_init(&text, 1 << 20);
    ifm_buf_append_text(&text, "scrape_configs: [{job_name: a, static_configs: [{targets: [x:1], labels: {");
    for (int i = 0; i < count; i++) {
        ifm_buf_printf(&text, "l%d: v, ", i);
    }
    ifm_buf_append_text(&text, "}}]}]");
    ifm_buf_append_char(&text, '\0');
    const config_file *config = parse(text.data, &err);
    if (config == NULL) {
        CHECK_CONTAINS(err.message, "more than 4096 keys");
    }
    config_release(config);
    ifm_buf_deinit(&text);
    return config != NULL;
}

static void config_has_limits(void **state)
{
    (void)state;
    CHECK(!is_too_deep(CONFIG_DEPTH_MAX - 2));
    CHECK(!is_too_deep(CONFIG_DEPTH_MAX - 1)); /* and the root */
    CHECK(is_too_deep(CONFIG_DEPTH_MAX));
    CHECK(has_room_for_keys(CONFIG_KEYS_MAX - 1));
    CHECK(has_room_for_keys(CONFIG_KEYS_MAX));
    CHECK(!has_room_for_keys(CONFIG_KEYS_MAX + 1));
    check_end();
}

/* Zeros are no text, but only what fits is looked at. */
static void config_files_are_limited(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/large.yml", scratch);
    for (int more = -1; more <= 1; more++) {
        ifm_error err = {0};
        FILE *file = fopen(path, "w");
        assert_int_equal(ftruncate(fileno(file), CONFIG_FILE_BYTES_MAX + more), 0);
        fclose(file);
        CHECK(config_load(path, &err) == NULL);
        CHECK_INT(err.code, more > 0 ? IFM_LIMIT : IFM_INVALID);
    }
    remove(path);
    check_end();
}

static void config_is_loaded_from_a_file(void **state)
{
    (void)state;
    char path[128];
    ifm_error err = {0};
    snprintf(path, sizeof path, "%s/none.yml", scratch);
    CHECK(config_load(path, &err) == NULL);
    CHECK_INT(err.code, IFM_IO);
    FILE *file = fopen(path, "w");
    fputs("rule_files: [a.yml]\n", file);
    fclose(file);
    const config_file *config = config_load(path, &err);
    CHECK(config != NULL);
    if (config != NULL) {
        CHECK_TEXT(config->path, path);
        CHECK_CONTAINS(config->rule_files[0], scratch);
    }
    config_release(config);
    check_end();
}

static bool load_and_release(void *context, ifm_error *err)
{
    (void)context;
    const config_file *config = config_parse(full, sizeof full - 1, "/etc/m/prometheus.yml", err);
    bool ok = config != NULL;
    config_release(config);
    return ok;
}

static void config_survives_failing_allocations(void **state)
{
    (void)state;
    CHECK(torture_allocations(load_and_release, NULL, TORTURE_MAY_SUCCEED) >= 10);
    check_end();
}

static void groups_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *source, *text, *want; /* want NULL: two groups, the first with two targets */
    } rows[] = {
        {"a.json",
         "[{\"targets\": [\"a:1\", \"b:2\"], \"labels\": {\"x\": \"\\u00e4\\ud83d\\ude00\\/\"}}, "
         "{\"targets\": []}]",
         NULL},
        {"http://sd/x",
         "[{\"targets\": [\"a:1\", \"b:2\"], \"labels\": {\"x\": \"ä😀/\"}}, {\"targets\": []}]", NULL},
        {"a.yml", "- targets: ['a:1', b:2]\n  labels: {x: ä😀/}\n- targets: []\n", NULL},
        {"a.json", "[{\"targets\": [\"a:1\"]", "it is no JSON"},
        {"a.json", "{}", "here is a mapping of keys to values where a list"},
        {"a.json", "[{\"target\": []}]", "there is no key \"target\""},
        {"a.json", "[{\"targets\": [1, {}]}]", "where one value has to be"},
        {"a.json", "[{\"targets\": [], \"targets\": []}]", "it is no JSON"},
        {"a.yml", "- targets: ['http://x/', '']\n  labels: {x: ä😀/}\n- targets: []\n", NULL},
        {"a.yml", "- targets: [a:1]\n  labels: [x]\n", "a.yml:2:11: here is a list"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_bump arena;
        ifm_error err = {0};
        const config_target_group *groups = NULL;
        size_t count = 0;
        ifm_bump_init(&arena, 1 << 20);
        bool ok = config_target_groups_parse(rows[i].text, strlen(rows[i].text), rows[i].source, &arena,
                                             &groups, &count, &err);
        CHECK_INT(ok, rows[i].want == NULL);
        if (ok) {
            CHECK_INT(count, 2);
            CHECK_INT(groups[0].target_count, 2);
            CHECK_TEXT(groups[0].labels.items[0].value.data, "ä😀/");
            CHECK_TEXT(groups[0].source, rows[i].source);
        } else {
            CHECK_CONTAINS(err.message, rows[i].want);
        }
        ifm_bump_deinit(&arena);
    }
    check_end();
}

/* What we accept Prometheus accepts, but for keys that Debian's is too old for. */
static void promtool_agrees(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "global: {scrape_interval: 10s}\n",
        "global: {scrape_interval: 5s, scrape_timeout: 6s}\n",
        "scrape_configs: [{job_name: a, static_configs: [{targets: [x:1], labels: {a: b}}]}]\n",
        "scrape_configs: [{job_name: a}, {job_name: a}]\n",
        "scrape_configs: [{}]\n",
        "scrape_configs: [null]\n",
        "scrape_configs: [{job_name: a, static_configs: [{targets: ['http://x:1']}]}]\n",
        "scrape_configs: [{job_name: a, static_configs: [{targets: ['http://x:1']}], relabel_configs: "
        "[{source_labels: [__address__], target_label: __param_target}, {target_label: __address__, "
        "replacement: 'b:1'}]}]\n",
        "scrape_configs: [{job_name: a, params: {x: [y]}, basic_auth: {username: a, password: b}}]\n",
        "scrape_configs: [{job_name: a, basic_auth: {username: a}, bearer_token: b}]\n",
        "scrape_configs: [{job_name: a, relabel_configs: [{action: hashmod, target_label: b}]}]\n",
        "scrape_configs: [{job_name: a, relabel_configs: [{source_labels: [b], action: keep, regex: "
        "'('}]}]\n",
        "scrape_configs: [{job_name: a, relabel_configs: [{regex: b, action: labeldrop}]}]\n",
        "scrape_configs: [{job_name: a, relabel_configs: [{regex: b, action: labeldrop, target_label: "
        "c}]}]\n",
        "scrape_configs: [{job_name: a, relabel_configs: [{action: lowercase, source_labels: [a]}]}]\n",
        "scrape_configs: [{job_name: a, scrape_timeout: 2h}]\n",
        "scrape_configs: [{job_name: a, body_size_limit: 1MB}]\n",
        "scrape_configs: [{job_name: a, body_size_limit: 1}]\n",
        "scrape_configs: [{job_name: a, sample_limit: x}]\n",
        "scrape_configs: [{job_name: a, file_sd_configs: [{files: [x.txt]}]}]\n",
        "scrape_configs: [{job_name: a, http_sd_configs: [{url: 'http://x'}]}]\n",
        "scrape_configs: [{job_name: a, http_sd_configs: [{}]}]\n",
        "unknown: 1\n",
        "global: {a: 1}\n",
        "remote_write: [{url: 'http://x', headers: {X-A: b}}]\n",
        "remote_write: [{}]\n",
        "alerting: {alertmanagers: [{static_configs: [{targets: [x:1]}], timeout: 5s}]}\n",
        "global: {external_labels: {'': x}}\n",
        "scrape_configs: [&a {job_name: x, scrape_interval: 7s}, {<<: *a, job_name: y}]\n",
    };
    char path[128], command[256];
    if (system("promtool --version > /dev/null 2>&1") != 0) {
        print_message("skipped: promtool is not installed\n");
        skip();
    }
    snprintf(path, sizeof path, "%s/agree.yml", scratch);
    snprintf(command, sizeof command, "promtool check config %s > /dev/null 2>&1", path);
    for (size_t i = 0; i < IFM_COUNT_OF(texts); i++) {
        ifm_error err = {0};
        FILE *file = fopen(path, "w");
        fputs(texts[i], file);
        fclose(file);
        const config_file *config = config_load(path, &err);
        bool theirs = system(command) == 0;
        if (theirs != (config != NULL)) {
            print_message("%s", texts[i]);
        }
        CHECK_INT(config != NULL, theirs);
        config_release(config);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_is_read),
        cmocka_unit_test(config_expands_the_environment),
        cmocka_unit_test(config_has_defaults),
        cmocka_unit_test(config_prints_itself),
        cmocka_unit_test(urls_are_printed_without_passwords),
        cmocka_unit_test(config_says_what_is_wrong_and_where),
        cmocka_unit_test(config_takes_anchors_and_merges),
        cmocka_unit_test(config_survives_many_laughs),
        cmocka_unit_test(config_has_limits),
        cmocka_unit_test(config_files_are_limited),
        cmocka_unit_test(config_is_loaded_from_a_file),
        cmocka_unit_test(config_survives_failing_allocations),
        cmocka_unit_test(groups_are_read),
        cmocka_unit_test(promtool_agrees),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
