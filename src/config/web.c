/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of --web.config.file, in the format of Prometheus's exporter toolkit.
 */
#include "config/limits.h"
#include "config/reader.h"
#include "os/os.h"

#include <strings.h>

typedef struct loaded_web {
    config_web web; /* first: a config_web * is one of this */
    ifm_bump arena;
} loaded_web;

static const config_web web_defaults = {
    .client_auth_type = "NoClientCert", .min_version = "TLS12", .max_version = "TLS13"};

#define KEY(key, type, member) .name = key, .kind = CONFIG_KIND_##type, .offset = offsetof(config_web, member)

/* What is not served is refused, lest somebody believes that it is. */
static bool check_version(config_reader *reader, const config_node *node, const char *key,
                          const char *version, ifm_error *err)
{
    return strcmp(version, "TLS12") >= 0 ||
           config_fail(reader, config_node_get(node, key), err,
                       "\"%s\" cannot be %s: versions of TLS before 1.2 are broken, and not served; hint: "
                       "TLS12 or TLS13",
                       key, version);
}

static bool check_tls(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    const config_web *web = base;
    if (web->cert_file == NULL || web->key_file == NULL) {
        return config_fail(reader, node, err, "\"tls_server_config\" wants \"%s\"",
                           web->cert_file == NULL ? "cert_file" : "key_file");
    }
    bool verifies = strstr(web->client_auth_type, "Verify") != NULL;
    if (verifies && web->client_ca_file == NULL) {
        return config_fail(reader, config_node_get(node, "client_auth_type"), err,
                           "\"%s\" wants a \"client_ca_file\"", web->client_auth_type);
    }
    if (web->client_ca_file != NULL && strcmp(web->client_auth_type, "NoClientCert") == 0) {
        return config_fail(reader, config_node_get(node, "client_ca_file"), err,
                           "\"client_ca_file\" has no use without a \"client_auth_type\"");
    }
    return check_version(reader, node, "min_version", web->min_version, err) &&
           check_version(reader, node, "max_version", web->max_version, err) &&
           (strcmp(web->min_version, web->max_version) <= 0 ||
            config_fail(reader, config_node_get(node, "min_version"), err,
                        "\"min_version\" is above \"max_version\""));
}

static const char versions[] = "TLS10 TLS11 TLS12 TLS13";
static const char auth_types[] = "NoClientCert RequestClientCert RequireAnyClientCert "
                                 "VerifyClientCertIfGiven RequireAndVerifyClientCert";

static const config_field tls_fields[] = {
    {KEY("cert_file", PATH, cert_file)},
    {KEY("key_file", PATH, key_file)},
    {KEY("client_ca_file", PATH, client_ca_file)},
    {KEY("client_auth_type", TEXT, client_auth_type), .choices = auth_types},
    {KEY("min_version", TEXT, min_version), .choices = versions},
    {KEY("max_version", TEXT, max_version), .choices = versions},
    {.name = "cert", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "key", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "client_ca", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "client_allowed_sans", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "cipher_suites", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "prefer_server_cipher_suites", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "curve_preferences", .kind = CONFIG_KIND_UNSUPPORTED},
    {0}};

static const config_schema tls_schema = {
    .what = "\"tls_server_config\"", .fields = tls_fields, .check = check_tls};

/* Those that the exporter toolkit lets be set, and the values that they may have. */
static bool header_fits(const char *name, const char *value)
{
    static const struct {
        const char *name, *values[3];
    } known[] = {{"Strict-Transport-Security", {NULL}},
                 {"X-Content-Type-Options", {"nosniff", NULL}},
                 {"X-Frame-Options", {"deny", "sameorigin", NULL}},
                 {"X-XSS-Protection", {NULL}},
                 {"Content-Security-Policy", {NULL}}};
    for (size_t i = 0; i < IFM_COUNT_OF(known); i++) {
        if (strcmp(name, known[i].name) == 0) {
            bool ok = known[i].values[0] == NULL || value[0] == '\0';
            for (size_t j = 0; known[i].values[j] != NULL && !ok; j++) {
                ok = strcasecmp(value, known[i].values[j]) == 0;
            }
            return ok && value[strcspn(value, "\r\n")] == '\0';
        }
    }
    return false;
}

static bool read_headers(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    config_web *web = at;
    if (!config_want(reader, node, CONFIG_MAPPING, err)) {
        return false;
    }
    model_label *headers = ifm_bump_alloc_array(reader->arena, node->count, sizeof *headers);
    if (headers == NULL) {
        return config_arena_failed(reader, err);
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!config_read_text(reader, node->pairs[i].key, &headers[i].name, err) ||
            !config_read_text(reader, node->pairs[i].value, &headers[i].value, err)) {
            return false;
        }
        if (!header_fits(headers[i].name.data, headers[i].value.data)) {
            return config_fail(reader, node->pairs[i].key, err,
                               "the header \"%s\" cannot be set here, or not to this value",
                               headers[i].name.data);
        }
    }
    web->headers = headers;
    web->header_count = node->count;
    return true;
}

static const config_field http_fields[] = {
    {KEY("http2", NOT_BOOL, no_http2)},
    {.name = "headers", .kind = CONFIG_KIND_CUSTOM, .read = read_headers},
    {0}};

static const config_schema http_schema = {.what = "\"http_server_config\"", .fields = http_fields};

/* "$2y$10$" and 53 characters. */
static bool is_bcrypt(const char *hash)
{
    static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return strlen(hash) == 60 && hash[0] == '$' && hash[1] == '2' && strchr("aby", hash[2]) != NULL &&
           hash[3] == '$' && strspn(hash + 4, "0123456789") == 2 && hash[6] == '$' &&
           strspn(hash + 7, digits) == 53;
}

static bool read_users(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    config_web *web = at;
    if (!config_want(reader, node, CONFIG_MAPPING, err)) {
        return false;
    }
    config_web_user *users = ifm_bump_alloc_array(reader->arena, node->count, sizeof *users);
    if (users == NULL) {
        return config_arena_failed(reader, err);
    }
    for (size_t i = 0; i < node->count; i++) {
        model_text name, hash;
        const config_node *key = node->pairs[i].key;
        if (!config_read_text(reader, key, &name, err) ||
            !config_read_text(reader, node->pairs[i].value, &hash, err)) {
            return false;
        }
        if (name.size == 0 || memchr(name.data, ':', name.size) != NULL) {
            return config_fail(reader, key, err, "\"%s\" is no name of a user", name.data);
        }
        if (!is_bcrypt(hash.data)) { /* which is a secret, and not said */
            return config_fail(reader, node->pairs[i].value, err,
                               "the password of user \"%s\" is no hash of bcrypt; hint: make one with: "
                               "htpasswd -nBC 10 \"\"",
                               name.data);
        }
        users[i] = (config_web_user){name.data, hash.data};
    }
    web->users = users;
    web->user_count = node->count;
    return true;
}

static const config_field web_fields[] = {
    {.name = "tls_server_config", .kind = CONFIG_KIND_SECTION, .schema = &tls_schema},
    {.name = "http_server_config", .kind = CONFIG_KIND_SECTION, .schema = &http_schema},
    {.name = "basic_auth_users", .kind = CONFIG_KIND_CUSTOM, .read = read_users},
    {.name = "rate_limit", .kind = CONFIG_KIND_UNSUPPORTED},
    {0}};

static const config_schema web_schema = {.what = "web configuration", .fields = web_fields};

static bool web_parse(loaded_web *loaded, model_text text, const char *path, ifm_error *err)
{
    ifm_bump nodes;
    const config_node *node = NULL;
    config_reader reader = {.name = path, .arena = &loaded->arena};
    const char *slash = strrchr(path, '/');
    if (slash != NULL) {
        reader.directory = ifm_bump_copy(&loaded->arena, path, slash == path ? 1 : (size_t)(slash - path));
        if (reader.directory == NULL) {
            return ifm_bump_check(&loaded->arena, err);
        }
    }
    ifm_bump_init(&nodes, CONFIG_ARENA_BYTES_MAX);
    bool ok = config_node_parse_yaml(text, path, &nodes, &node, err) &&
              (node == NULL || config_read(&reader, &web_schema, node, &loaded->web, err));
    ifm_bump_deinit(&nodes);
    return ok;
}

const config_web *config_web_load(const char *path, ifm_error *err)
{
    loaded_web *loaded = ifm_alloc_zero(1, sizeof *loaded);
    if (loaded == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    loaded->web = web_defaults;
    ifm_bump_init(&loaded->arena, CONFIG_ARENA_BYTES_MAX);
    ifm_buf text;
    ifm_buf_init(&text, CONFIG_FILE_BYTES_MAX);
    bool ok = ifm_os_read_file(path, &text, err) &&
              web_parse(loaded, (model_text){text.data == NULL ? "" : text.data, text.size}, path, err);
    ifm_buf_deinit(&text);
    if (!ok) {
        config_web_free(&loaded->web);
        return NULL;
    }
    return &loaded->web;
}

void config_web_free(const config_web *web)
{
    loaded_web *loaded = (loaded_web *)(uintptr_t)web;
    if (loaded != NULL) {
        ifm_bump_deinit(&loaded->arena);
        ifm_free(loaded);
    }
}
