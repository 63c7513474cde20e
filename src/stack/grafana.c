/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/grafana.h"

#include "stack/text.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 512 };

static bool refuse_status(const stack_server *server, const stack_response *response, ifm_error *err)
{
    char complaint[STACK_GRAFANA_TEXT_SIZE];
    stack_api_complaint(response, complaint, sizeof complaint);
    return ifm_error_set(err, response->status == 503 ? IFM_BUSY : IFM_INVALID,
                         "%s at %s answers with HTTP status %d%s%s", server->name, server->url,
                         response->status, complaint[0] == '\0' ? "" : ": ", complaint);
}

/* The body of an answer as JSON. */
static json_t *body_of(const stack_server *server, const stack_response *response, ifm_error *err)
{
    json_t *body = stack_api_parse(response->body == NULL ? "" : response->body, err);
    if (body == NULL) {
        ifm_error_wrap(err, "%s at %s gives an answer that cannot be read", server->name, server->url);
    }
    return body;
}

bool stack_grafana_health(const stack_server *server, int64_t *date_ms, ifm_error *err)
{
    stack_response response;
    if (!stack_api_ask(server, "/api/health", NULL, &response, err)) {
        return false;
    }
    *date_ms = response.date_ms;
    bool ok;
    if (response.status == 200) {
        json_t *body = body_of(server, &response, err);
        const char *database = stack_api_text(body, "database");
        ok = body != NULL &&
             (strcmp(database, "ok") == 0 ||
              ifm_error_set(err, IFM_INVALID, "what answers at %s is not Grafana, or its database is down",
                            server->url));
        json_decref(body);
    } else {
        ok = refuse_status(server, &response, err);
    }
    stack_response_deinit(&response);
    return ok;
}

bool stack_grafana_login(const stack_server *server, bool *accepted, ifm_error *err)
{
    stack_response response;
    if (!stack_api_ask(server, "/api/org", NULL, &response, err)) {
        return false;
    }
    bool ok = response.status == 200 || response.status == 401;
    if (ok) {
        *accepted = response.status == 200;
    } else {
        refuse_status(server, &response, err);
    }
    stack_response_deinit(&response);
    return ok;
}

bool stack_grafana_reload_sources(const stack_server *server, ifm_error *err)
{
    stack_response response;
    if (!stack_api_ask(server, "/api/admin/provisioning/datasources/reload", "", &response, err)) {
        return false;
    }
    bool ok = response.status == 200 || refuse_status(server, &response, err);
    stack_response_deinit(&response);
    return ok;
}

/* Names and uids of ours are plain; anything else would need escaping in a path. */
static bool is_plain(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return *text != '\0' && text[strspn(text, plain)] == '\0';
}

static bool path_make(char *out, const char *before, const char *text, const char *after, ifm_error *err)
{
    if (!is_plain(text) || strlen(text) > PATH_BYTES / 2) {
        return ifm_error_set(err, IFM_INVALID, "\"%.60s\" cannot be the name of a data source of ours", text);
    }
    snprintf(out, PATH_BYTES, "%s%s%s", before, text, after);
    return true;
}

static void source_read(const json_t *from, stack_grafana_source *out)
{
    const json_t *more = json_object_get(from, "jsonData");
    stack_text_copy(out->uid, sizeof out->uid, stack_api_text(from, "uid"));
    stack_text_copy(out->name, sizeof out->name, stack_api_text(from, "name"));
    stack_text_copy(out->type, sizeof out->type, stack_api_text(from, "type"));
    stack_text_copy(out->url, sizeof out->url, stack_api_text(from, "url"));
    stack_text_copy(out->time_interval, sizeof out->time_interval, stack_api_text(more, "timeInterval"));
}

static bool source_ask(const stack_server *server, const char *path, bool *found, stack_grafana_source *out,
                       ifm_error *err)
{
    stack_response response;
    if (!stack_api_ask(server, path, NULL, &response, err)) {
        return false;
    }
    bool ok = true;
    if (response.status == 200) {
        json_t *body = body_of(server, &response, err);
        ok = body != NULL;
        if (ok) {
            *found = true;
            source_read(body, out);
        }
        json_decref(body);
    } else if (response.status == 404) {
        *found = false;
    } else {
        ok = refuse_status(server, &response, err);
    }
    stack_response_deinit(&response);
    return ok;
}

bool stack_grafana_source_by_uid(const stack_server *server, const char *uid, bool *found,
                                 stack_grafana_source *out, ifm_error *err)
{
    char path[PATH_BYTES];
    return path_make(path, "/api/datasources/uid/", uid, "", err) &&
           source_ask(server, path, found, out, err);
}

bool stack_grafana_source_by_name(const stack_server *server, const char *name, bool *found,
                                  stack_grafana_source *out, ifm_error *err)
{
    char path[PATH_BYTES];
    return path_make(path, "/api/datasources/name/", name, "", err) &&
           source_ask(server, path, found, out, err);
}

/* {"status":"OK","message":"..."}; a data source that is not healthy comes with status 400 or 500. */
bool stack_grafana_source_health(const stack_server *server, const char *uid, bool *healthy, char *message,
                                 ifm_error *err)
{
    char path[PATH_BYTES];
    stack_response response;
    if (!path_make(path, "/api/datasources/uid/", uid, "/health", err) ||
        !stack_api_ask(server, path, NULL, &response, err)) {
        return false;
    }
    bool ok = true;
    json_t *body = stack_api_parse(response.body == NULL ? "" : response.body, err);
    const char *status = stack_api_text(body, "status");
    if (response.status == 401 || response.status == 403) {
        ok = refuse_status(server, &response, err);
    } else if (strcmp(status, "OK") == 0 && response.status == 200) {
        *healthy = true;
        stack_text_copy(message, STACK_GRAFANA_TEXT_SIZE, stack_api_text(body, "message"));
    } else if (body != NULL && (status[0] != '\0' || stack_api_text(body, "message")[0] != '\0')) {
        *healthy = false;
        stack_text_copy(message, STACK_GRAFANA_TEXT_SIZE, stack_api_text(body, "message"));
    } else {
        ok = refuse_status(server, &response, err);
    }
    json_decref(body);
    stack_response_deinit(&response);
    return ok;
}
