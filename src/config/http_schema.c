/* SPDX-License-Identifier: Apache-2.0
 *
 * How servers are asked: authentication, TLS, proxies. Prometheus's HTTPClientConfig.
 */
#include "config/schemas.h"

#include <stdio.h>
#include <strings.h>

#define AT(member) .offset = offsetof(http_options, member)

static const config_field basic_fields[] = {
    {.name = "username", .kind = CONFIG_KIND_TEXT, AT(user)},
    {.name = "username_file", .kind = CONFIG_KIND_PATH, AT(user_file)},
    {.name = "username_ref", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "password", .kind = CONFIG_KIND_SECRET, AT(password)},
    {.name = "password_file", .kind = CONFIG_KIND_PATH, AT(password_file)},
    {.name = "password_ref", .kind = CONFIG_KIND_UNSUPPORTED},
    {0}};

static bool both(config_reader *reader, const config_node *node, const char *a, const char *b, ifm_error *err)
{
    const config_node *second = config_node_get(node, b);
    return config_node_get(node, a) == NULL || second == NULL ||
           config_fail(reader, second, err, "\"%s\" and \"%s\" exclude each other", a, b);
}

static bool check_basic(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    http_options *options = base;
    if (options->user == NULL && options->user_file == NULL) {
        options->user = ifm_bump_copy(reader->arena, "", 0); /* it is basic authentication all the same */
        if (options->user == NULL) {
            return config_arena_failed(reader, err);
        }
    }
    return both(reader, node, "username", "username_file", err) &&
           both(reader, node, "password", "password_file", err);
}

static const config_schema basic_schema = {
    .what = "\"basic_auth\"", .fields = basic_fields, .check = check_basic};

static bool check_authorization(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    http_options *options = base;
    if (options->authorization_type != NULL && strcasecmp(options->authorization_type, "basic") == 0) {
        return config_fail(reader, config_node_get(node, "type"), err,
                           "the type of \"authorization\" cannot be \"basic\"; hint: use \"basic_auth\"");
    }
    if (options->authorization == NULL && options->authorization_file == NULL) {
        options->authorization = ifm_bump_copy(reader->arena, "", 0);
        if (options->authorization == NULL) {
            return config_arena_failed(reader, err);
        }
    }
    return both(reader, node, "credentials", "credentials_file", err);
}

static const config_field authorization_fields[] = {
    {.name = "type", .kind = CONFIG_KIND_TEXT, AT(authorization_type)},
    {.name = "credentials", .kind = CONFIG_KIND_SECRET, AT(authorization)},
    {.name = "credentials_file", .kind = CONFIG_KIND_PATH, AT(authorization_file)},
    {.name = "credentials_ref", .kind = CONFIG_KIND_UNSUPPORTED},
    {0}};

static const config_schema authorization_schema = {
    .what = "\"authorization\"", .fields = authorization_fields, .check = check_authorization};

static bool check_tls(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    const http_options *options = base;
    bool cert = options->cert != NULL || options->cert_file != NULL;
    bool key = options->key != NULL || options->key_file != NULL;
    if (!both(reader, node, "ca", "ca_file", err) || !both(reader, node, "cert", "cert_file", err) ||
        !both(reader, node, "key", "key_file", err)) {
        return false;
    }
    if (cert != key) {
        return config_fail(reader, node, err, "\"tls_config\" has a %s without a %s",
                           cert ? "certificate" : "key", cert ? "key" : "certificate");
    }
    if (options->tls_min_version != NULL && options->tls_max_version != NULL &&
        strcmp(options->tls_min_version, options->tls_max_version) > 0) {
        return config_fail(reader, config_node_get(node, "max_version"), err,
                           "\"max_version\" is below \"min_version\"");
    }
    return true;
}

static const char versions[] = "TLS10 TLS11 TLS12 TLS13";

static const config_field tls_fields[] = {
    {.name = "ca", .kind = CONFIG_KIND_TEXT, AT(ca)},
    {.name = "cert", .kind = CONFIG_KIND_TEXT, AT(cert)},
    {.name = "key", .kind = CONFIG_KIND_SECRET, AT(key)},
    {.name = "ca_file", .kind = CONFIG_KIND_PATH, AT(ca_file)},
    {.name = "cert_file", .kind = CONFIG_KIND_PATH, AT(cert_file)},
    {.name = "key_file", .kind = CONFIG_KIND_PATH, AT(key_file)},
    {.name = "ca_ref", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "cert_ref", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "key_ref", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "server_name", .kind = CONFIG_KIND_TEXT, AT(server_name)},
    {.name = "insecure_skip_verify", .kind = CONFIG_KIND_BOOL, AT(insecure_skip_verify)},
    {.name = "min_version", .kind = CONFIG_KIND_TEXT, AT(tls_min_version), .choices = versions},
    {.name = "max_version", .kind = CONFIG_KIND_TEXT, AT(tls_max_version), .choices = versions},
    {0}};

const config_schema config_tls_schema = {.what = "\"tls_config\"", .fields = tls_fields, .check = check_tls};

/* Those that are the client's own business. */
static bool header_is_free(const char *name)
{
    static const char *const taken[] = {"Authorization",
                                        "Host",
                                        "Content-Encoding",
                                        "Content-Length",
                                        "Content-Type",
                                        "User-Agent",
                                        "Connection",
                                        "Keep-Alive",
                                        "Proxy-Authenticate",
                                        "Proxy-Authorization",
                                        "Www-Authenticate",
                                        "Accept-Encoding",
                                        "X-Prometheus-Remote-Write-Version",
                                        "X-Prometheus-Remote-Read-Version",
                                        "X-Prometheus-Scrape-Timeout-Seconds"};
    for (size_t i = 0; i < IFM_COUNT_OF(taken); i++) {
        if (strcasecmp(name, taken[i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool header_name_valid(const char *name)
{
    return name[0] != '\0' && name[strcspn(name, " \t\r\n:\"(),/;<=>?@[\\]{}")] == '\0';
}

static bool header_add(config_reader *reader, const char *const **headers, size_t *count, const char *name,
                       model_text value, ifm_error *err)
{
    size_t size = strlen(name) + 2 + value.size;
    const char **longer = ifm_bump_alloc_array(reader->arena, *count + 2, sizeof *longer);
    char *line = ifm_bump_alloc(reader->arena, size + 1);
    if (longer == NULL || line == NULL) {
        return config_arena_failed(reader, err);
    }
    snprintf(line, size + 1, "%s: %s", name, value.data);
    if (*count > 0) {
        memcpy(longer, *headers, *count * sizeof *longer);
    }
    longer[(*count)++] = line;
    *headers = longer;
    return true;
}

static bool read_header_values(config_reader *reader, const config_node *node, const char *name,
                               const char *const **headers, size_t *count, ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_MAPPING, err)) {
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        const char *kind = node->pairs[i].key->text.data;
        const model_text *values;
        size_t value_count;
        if (strcmp(kind, "values") != 0 && strcmp(kind, "secrets") != 0) {
            return config_fail(reader, node->pairs[i].key, err, "%s \"%.60s\" %s",
                               strcmp(kind, "files") == 0 ? "the key" : "there is no key", kind,
                               strcmp(kind, "files") == 0 ? "of Prometheus is not supported here"
                                                          : "in a header of \"http_headers\"");
        }
        if (!config_read_texts(reader, node->pairs[i].value, &values, &value_count, err)) {
            return false;
        }
        for (size_t j = 0; j < value_count; j++) {
            if (!header_add(reader, headers, count, name, values[j], err)) {
                return false;
            }
        }
    }
    return true;
}

static size_t header_count(const char *const *headers)
{
    size_t count = 0;
    while (headers != NULL && headers[count] != NULL) {
        count++;
    }
    return count;
}

/* Both {NAME: {values: [..], secrets: [..]}} and remote_write's {NAME: VALUE}. */
static bool read_headers(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    const char *const **headers = at;
    size_t count = header_count(*headers);
    if (!config_want(reader, node, CONFIG_MAPPING, err)) {
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        const config_node *key = node->pairs[i].key, *value = node->pairs[i].value;
        if (!header_name_valid(key->text.data) || !header_is_free(key->text.data)) {
            return config_fail(reader, key, err, "the header \"%s\" %s", key->text.data,
                               header_name_valid(key->text.data) ? "cannot be set here"
                                                                 : "is no name of a header");
        }
        bool ok = value->kind == CONFIG_SCALAR
                      ? header_add(reader, headers, &count, key->text.data, value->text, err)
                      : read_header_values(reader, value, key->text.data, headers, &count, err);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static void print_headers(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    const char *const *headers = *(const char *const *const *)at;
    size_t count = header_count(headers);
    if (count > 0) {
        config_print_name(field->name, indent, out);
    }
    for (size_t i = 0; i < count; i++) {
        model_text name = {headers[i], strcspn(headers[i], ":")};
        config_print_indent(indent + 2, out);
        config_print_text(name, out);
        ifm_buf_append_text(out, ":\n");
        config_print_indent(indent + 4, out);
        ifm_buf_append_text(out, "secrets: [<secret>");
        for (; i + 1 < count && strncmp(headers[i + 1], headers[i], name.size + 1) == 0; i++) {
            ifm_buf_append_text(out, ", <secret>");
        }
        ifm_buf_append_text(out, "]\n");
    }
}

static bool check_bearer(config_reader *reader, const config_node *node, ifm_error *err)
{
    static const char *const bearers[] = {"bearer_token", "bearer_token_file"};
    if (!both(reader, node, "bearer_token", "bearer_token_file", err)) {
        return false;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(bearers); i++) {
        if (!both(reader, node, bearers[i], "basic_auth", err) ||
            !both(reader, node, bearers[i], "authorization", err)) {
            return false;
        }
    }
    return true;
}

static bool check_http(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    http_options *options = base;
    if (options->authorization_type == NULL &&
        (options->authorization != NULL || options->authorization_file != NULL)) {
        options->authorization_type = ifm_bump_copy(reader->arena, "Bearer", 6);
        if (options->authorization_type == NULL) {
            return config_arena_failed(reader, err);
        }
    }
    if (!check_bearer(reader, node, err) || !both(reader, node, "basic_auth", "authorization", err)) {
        return false;
    }
    if (options->proxy_from_environment && (options->proxy_url != NULL || options->no_proxy != NULL)) {
        return config_fail(reader, config_node_get(node, "proxy_from_environment"), err,
                           "\"proxy_from_environment\" excludes \"proxy_url\" and \"no_proxy\"");
    }
    if (options->no_proxy != NULL && options->proxy_url == NULL) {
        return config_fail(reader, config_node_get(node, "no_proxy"), err,
                           "\"no_proxy\" has no use without \"proxy_url\"");
    }
    return true;
}

/* "bearer_token" is the older form of "authorization", as which it is printed. */
static const config_field http_fields[] = {
    {.name = "basic_auth", .kind = CONFIG_KIND_SECTION, .schema = &basic_schema},
    {.name = "authorization", .kind = CONFIG_KIND_SECTION, .schema = &authorization_schema},
    {.name = "bearer_token", .kind = CONFIG_KIND_SECRET, AT(authorization), .hidden = true},
    {.name = "bearer_token_file", .kind = CONFIG_KIND_PATH, AT(authorization_file), .hidden = true},
    {.name = "oauth2", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "tls_config", .kind = CONFIG_KIND_SECTION, .schema = &config_tls_schema},
    {.name = "follow_redirects", .kind = CONFIG_KIND_NOT_BOOL, AT(no_redirects), .shown = true},
    {.name = "enable_http2", .kind = CONFIG_KIND_NOT_BOOL, AT(no_http2), .shown = true},
    {.name = "proxy_url", .kind = CONFIG_KIND_URL, AT(proxy_url)},
    {.name = "no_proxy", .kind = CONFIG_KIND_TEXT, AT(no_proxy)},
    {.name = "proxy_from_environment", .kind = CONFIG_KIND_BOOL, AT(proxy_from_environment)},
    {.name = "proxy_connect_header", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "http_headers",
     .kind = CONFIG_KIND_CUSTOM,
     AT(headers),
     .read = read_headers,
     .print = print_headers},
    {0}};

const config_schema config_http_schema = {.what = "HTTP client", .fields = http_fields, .check = check_http};

bool config_read_remote_headers(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    return read_headers(reader, node, at, err);
}
