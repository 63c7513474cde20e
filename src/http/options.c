/* SPDX-License-Identifier: Apache-2.0 */
#include "http/limits.h"
#include "http/request.h"
#include "os/os.h"

#include <stdio.h>

static const http_options no_options;

/* A head line must not become two. */
static bool line_is_one(const char *line)
{
    for (const unsigned char *at = (const unsigned char *)line; *at != '\0'; at++) {
        if ((*at < 0x20 && *at != '\t') || *at == 0x7F) {
            return false;
        }
    }
    return true;
}

bool http_transfer_add_header(http_transfer *transfer, const char *line, ifm_error *err)
{
    if (!line_is_one(line)) {
        return ifm_error_set(err, IFM_INVALID,
                             "a value for the head of a request has a control character, "
                             "such as the end of a line");
    }
    struct curl_slist *longer = curl_slist_append(transfer->headers, line);
    if (longer == NULL) {
        return ifm_error_nomem(err);
    }
    transfer->headers = longer;
    return true;
}

/* The contents of a file without white space around them. */
static bool read_secret(const char *path, ifm_buf *out, ifm_error *err)
{
    ifm_buf_clear(out);
    if (!ifm_os_read_file(path, out, err)) {
        return false;
    }
    size_t from = 0, end = out->size;
    while (from < end && memchr(" \t\r\n", out->data[from], 4) != NULL) {
        from++;
    }
    while (end > from && memchr(" \t\r\n", out->data[end - 1], 4) != NULL) {
        end--;
    }
    if (end > from) {
        memmove(out->data, out->data + from, end - from);
    }
    out->size = end - from;
    if (memchr(out->data == NULL ? "" : out->data, '\0', out->size) != NULL) {
        return ifm_error_set(err, IFM_INVALID, "\"%s\" has a NUL, so it is no secret for HTTP", path);
    }
    ifm_buf_append_char(out, '\0');
    return ifm_buf_check(out, err);
}

/* One of the two, or NULL. */
static bool secret_of(const char *text, const char *path, ifm_buf *room, const char **out, ifm_error *err)
{
    *out = text;
    if (path != NULL) {
        if (!read_secret(path, room, err)) {
            return false;
        }
        *out = room->data;
    }
    return true;
}

static bool set_text(CURL *easy, CURLoption option, const char *text, ifm_error *err)
{
    switch (curl_easy_setopt(easy, option, text)) {
    case CURLE_OK:
        return true;
    case CURLE_OUT_OF_MEMORY:
        return ifm_error_nomem(err);
    default:
        return ifm_error_set(err, IFM_UNSUPPORTED,
                             "the libcurl that is installed has not what the "
                             "configuration asks for");
    }
}

static bool set_basic_auth(CURL *easy, const http_options *options, ifm_buf *room, ifm_error *err)
{
    const char *user, *password;
    if (!secret_of(options->user, options->user_file, room, &user, err) ||
        !set_text(easy, CURLOPT_USERNAME, user == NULL ? "" : user, err) ||
        !secret_of(options->password, options->password_file, room, &password, err) ||
        !set_text(easy, CURLOPT_PASSWORD, password == NULL ? "" : password, err)) {
        return false;
    }
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    return true;
}

static bool set_authorization(http_transfer *transfer, const http_options *options, ifm_buf *room,
                              ifm_error *err)
{
    const char *credentials;
    if (!secret_of(options->authorization, options->authorization_file, room, &credentials, err)) {
        return false;
    }
    ifm_buf line;
    ifm_buf_init(&line, HTTP_SECRET_BYTES_MAX + 1024);
    ifm_buf_printf(&line, "Authorization: %s %s",
                   options->authorization_type == NULL ? "Bearer" : options->authorization_type,
                   credentials == NULL ? "" : credentials);
    ifm_buf_append_char(&line, '\0');
    bool ok = ifm_buf_check(&line, err) && http_transfer_add_header(transfer, line.data, err);
    ifm_buf_deinit(&line);
    return ok;
}

static bool set_auth(http_transfer *transfer, const http_options *options, ifm_error *err)
{
    ifm_buf room;
    ifm_buf_init(&room, HTTP_SECRET_BYTES_MAX + 1); /* and its end */
    bool ok = true;
    if (options->user != NULL || options->user_file != NULL || options->password != NULL ||
        options->password_file != NULL) {
        ok = set_basic_auth(transfer->easy, options, &room, err);
    } else if (options->authorization != NULL || options->authorization_file != NULL) {
        ok = set_authorization(transfer, options, &room, err);
    }
    ifm_buf_deinit(&room);
    return ok;
}

static bool set_pem(CURL *easy, CURLoption option, const char *text, const char *path, http_pems *pems,
                    ifm_error *err)
{
    char made[HTTP_PEM_PATH_SIZE];
    if (text != NULL) {
        return http_pems_path(pems, text, made, err) && set_text(easy, option, made, err);
    }
    return path == NULL || set_text(easy, option, path, err);
}

static long version_of(const char *name)
{
    static const char *const names[] = {"TLS10", "TLS11", "TLS12", "TLS13"};
    for (long i = 0; name != NULL && i < (long)IFM_COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            return CURL_SSLVERSION_TLSv1_0 + i;
        }
    }
    return CURL_SSLVERSION_DEFAULT;
}

static bool set_tls(CURL *easy, const http_options *options, http_pems *pems, ifm_error *err)
{
    long newest = version_of(options->tls_max_version);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, version_of(options->tls_min_version) | newest << 16);
    if (options->insecure_skip_verify) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (options->ca != NULL || options->ca_file != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* these and no others */
    }
    return set_pem(easy, CURLOPT_CAINFO, options->ca, options->ca_file, pems, err) &&
           set_pem(easy, CURLOPT_SSLCERT, options->cert, options->cert_file, pems, err) &&
           set_pem(easy, CURLOPT_SSLKEY, options->key, options->key_file, pems, err);
}

static bool set_proxy(CURL *easy, const http_options *options, ifm_error *err)
{
    if (options->proxy_url == NULL && options->proxy_from_environment) {
        return true; /* libcurl's default */
    }
    return set_text(easy, CURLOPT_PROXY, options->proxy_url == NULL ? "" : options->proxy_url, err) &&
           set_text(easy, CURLOPT_NOPROXY, options->no_proxy == NULL ? "" : options->no_proxy, err);
}

typedef struct url_parts { /* of libcurl's allocator */
    CURLU *url;
    char *scheme, *host, *port;
} url_parts;

static void url_parts_deinit(url_parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->port);
    curl_url_cleanup(parts->url);
}

enum { SHOWN_SCHEME_MAX = 20 };

static bool url_parse(const char *url, url_parts *out, ifm_error *err)
{
    int scheme;
    const char *rest = http_url_without_user(url, &scheme);
    if (strlen(url) > HTTP_URL_BYTES_MAX) {
        return ifm_error_set(err, IFM_INVALID, "\"%.*s%.60s...\" is no URL: it has more than %d bytes",
                             scheme < SHOWN_SCHEME_MAX ? scheme : SHOWN_SCHEME_MAX, url, rest,
                             HTTP_URL_BYTES_MAX);
    }
    out->url = curl_url();
    if (out->url == NULL) {
        return ifm_error_nomem(err);
    }
    CURLUcode code = curl_url_set(out->url, CURLUPART_URL, url, 0);
    if (code != CURLUE_OK && code != CURLUE_OUT_OF_MEMORY) {
        return ifm_error_set(err, IFM_INVALID, "\"%.*s%s\" is no URL", scheme, url, rest);
    }
    if (code != CURLUE_OK || curl_url_get(out->url, CURLUPART_SCHEME, &out->scheme, 0) != CURLUE_OK) {
        return ifm_error_nomem(err);
    }
    if (strcmp(out->scheme, "http") != 0 && strcmp(out->scheme, "https") != 0) {
        return ifm_error_set(err, IFM_INVALID, "\"%.*s%s\" is no URL of http or https", scheme, url, rest);
    }
    if (curl_url_get(out->url, CURLUPART_HOST, &out->host, 0) != CURLUE_OK ||
        curl_url_get(out->url, CURLUPART_PORT, &out->port, CURLU_DEFAULT_PORT) != CURLUE_OK) {
        return ifm_error_nomem(err);
    }
    return true;
}

/* libcurl verifies the name that it was told to connect to: it is told the other name, with the right place
 * beside it, and the server is asked for the right host. */
static bool set_server_name(http_transfer *transfer, url_parts *parts, const char *name, ifm_error *err)
{
    char line[1024];
    if (snprintf(line, sizeof line, "Host: %s:%s", parts->host, parts->port) >= (int)sizeof line) {
        return ifm_error_set(err, IFM_INVALID, "the name \"%.60s...\" of a host is too long", parts->host);
    }
    bool ok = http_transfer_add_header(transfer, line, err);
    if (!ok || snprintf(line, sizeof line, "%s:%s:%s:%s", name, parts->port, parts->host, parts->port) >=
                   (int)sizeof line) {
        return ok ? ifm_error_set(err, IFM_INVALID, "server_name \"%.60s...\" is too long", name) : false;
    }
    char *url = NULL;
    transfer->connect_to = curl_slist_append(NULL, line);
    ok = transfer->connect_to != NULL && curl_url_set(parts->url, CURLUPART_HOST, name, 0) == CURLUE_OK &&
         curl_url_get(parts->url, CURLUPART_URL, &url, 0) == CURLUE_OK;
    ok = ok ? set_text(transfer->easy, CURLOPT_URL, url, err)
            : ifm_error_set(err, IFM_INVALID, "server_name \"%s\" is no name of a host", name);
    curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_TO, transfer->connect_to);
    curl_free(url);
    return ok;
}

static bool set_url(http_transfer *transfer, const http_options *options, ifm_error *err)
{
    url_parts parts = {0};
    bool ok = url_parse(transfer->request.url, &parts, err);
    if (ok && options->server_name != NULL && strcmp(parts.scheme, "https") == 0) {
        ok = set_server_name(transfer, &parts, options->server_name, err);
    } else if (ok) {
        ok = set_text(transfer->easy, CURLOPT_URL, transfer->request.url, err);
    }
    url_parts_deinit(&parts);
    return ok;
}

bool http_transfer_set_options(http_transfer *transfer, http_pems *pems, ifm_error *err)
{
    const http_options *options = transfer->request.options == NULL ? &no_options : transfer->request.options;
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, options->no_redirects ? 0L : 1L);
    /* A question that became a GET without its form would be refused as empty. */
    curl_easy_setopt(easy, CURLOPT_POSTREDIR, (long)(CURL_REDIR_POST_301 | CURL_REDIR_POST_302));
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     (long)(options->no_http2 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    return set_url(transfer, options, err) && set_tls(easy, options, pems, err) &&
           set_proxy(easy, options, err) && set_auth(transfer, options, err);
}
