/* SPDX-License-Identifier: Apache-2.0
 *
 * Grafana dashboards, for the user interface: those that the program carries, and the files of a folder of
 * the user's (--dashboards.path), which are looked at when they are asked for, so that a changed one is there
 * at once; what has not changed is not parsed again (dashboards.h). A file whose uid is that of a built-in
 * one takes its place.
 */
#include "assets/assets.h"
#include "web/impl.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char built_in[] = "dashboards/";

typedef struct dashboard {
    json_t *json;
    char uid[WEB_DASHBOARD_UID_SIZE];
} dashboard;

/* The document itself, also where it stands as the "dashboard" of an API's answer. A new reference. */
static json_t *dashboard_unwrap(json_t *root)
{
    json_t *inner = json_object_get(root, "dashboard");
    json_t *found = json_is_object(inner) ? inner : root;
    json_incref(found);
    json_decref(root);
    return found;
}

static bool dashboard_parse(const char *bytes, size_t size, const char *name, dashboard *out, ifm_error *err)
{
    json_error_t why;
    json_t *root = json_loadb(bytes, size, 0, &why);
    if (!json_is_object(root)) {
        json_decref(root);
        return ifm_error_set(err, IFM_INVALID, "it is no JSON object%s%s", root == NULL ? ": " : "",
                             root == NULL ? why.text : "");
    }
    out->json = dashboard_unwrap(root);
    const char *uid = json_string_value(json_object_get(out->json, "uid"));
    size_t stem =
        strcspn(name, "."); /* a file without a uid, or with none for a path, is known by its name */
    if (uid != NULL && uid[0] != '\0' && strchr(uid, '/') == NULL) {
        snprintf(out->uid, sizeof out->uid, "%s", uid);
    } else {
        snprintf(out->uid, sizeof out->uid, "%.*s", (int)(stem < 100 ? stem : 100), name);
    }
    return true;
}

/* A pipe would keep us waiting for whoever writes into it. */
static bool stat_file(const char *path, struct stat *out, ifm_error *err)
{
    if (stat(path, out) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not open \"%s\"", path);
    }
    return S_ISREG(out->st_mode) || ifm_error_set(err, IFM_INVALID, "it is no regular file");
}

static bool dashboard_load(const char *path, const char *name, dashboard *out, ifm_error *err)
{
    ifm_buf bytes;
    ifm_buf_init(&bytes, WEB_DASHBOARD_BYTES_MAX);
    bool ok = ifm_os_read_file(path, &bytes, err) && dashboard_parse(bytes.data, bytes.size, name, out, err);
    ifm_buf_deinit(&bytes);
    return ok;
}

static const char *text_member(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text == NULL ? "" : text;
}

static void append_member(ifm_buf *out, const char *name, const char *text)
{
    ifm_buf_printf(out, ",\"%s\":", name);
    web_json_string(out, text);
}

/* What the list says of it. `file` NULL: it is built in. */
static void append_item(ifm_buf *out, const dashboard *item, const char *file)
{
    ifm_buf_append_text(out, "{\"uid\":");
    web_json_string(out, item->uid);
    append_member(out, "title", text_member(item->json, "title"));
    append_member(out, "description", text_member(item->json, "description"));
    append_member(out, "source", file == NULL ? "built-in" : "file");
    if (file != NULL) {
        append_member(out, "file", file);
    }
    ifm_buf_append_text(out, ",\"tags\":[");
    const json_t *tags = json_object_get(item->json, "tags");
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const char *tag = json_string_value(json_array_get(tags, i));
        ifm_buf_append_text(out, i > 0 ? "," : "");
        web_json_string(out, tag == NULL ? "" : tag);
    }
    ifm_buf_append_text(out, "]}");
}

static bool describe(web_request *request, const dashboard *parsed, const char *file, web_dashboard *out,
                     ifm_error *err)
{
    ifm_buf item;
    ifm_buf_init(&item, WEB_DASHBOARD_BYTES_MAX);
    append_item(&item, parsed, file);
    bool ok = ifm_buf_check(&item, err);
    *out = (web_dashboard){.item = ok ? ifm_bump_copy(&request->arena, item.data, item.size) : NULL};
    memcpy(out->uid, parsed->uid, sizeof out->uid);
    ifm_buf_deinit(&item);
    return ok && (out->item != NULL || ifm_error_nomem(err));
}

/* Of errors only those of the text are kept: whether it can be read may be otherwise the next time. */
static bool parse_file(web_request *request, const char *path, const char *name, web_dashboard *out,
                       ifm_error *err)
{
    struct stat before, after;
    dashboard parsed = {.json = NULL};
    if (!stat_file(path, &before, err)) {
        return false;
    }
    web_dashboards *known = &request->server->known_dashboards;
    if (web_dashboards_find(known, name, &before, &request->arena, out)) {
        return out->wrong == NULL || ifm_error_set(err, IFM_INVALID, "%s", out->wrong);
    }
    int64_t read_ms = request->server->clock.wall_ms();
    bool ok = dashboard_load(path, name, &parsed, err) && describe(request, &parsed, name, out, err);
    json_decref(parsed.json);
    if (!ok) {
        *out = (web_dashboard){.wrong = err->message};
    }
    if ((ok || err->code == IFM_INVALID) && stat(path, &after) == 0) {
        web_dashboards_put(known, name, &before, &after, read_ms, out);
    }
    return ok;
}

/* ---- The folder ---- */

typedef struct folder_names {
    char *names[WEB_DASHBOARDS_MAX];
    size_t count;
    size_t left_out; /* beyond the limit */
} folder_names;

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_dashboard_file(const char *name)
{
    size_t size = strlen(name);
    return name[0] != '.' && size > 5 && strcmp(name + size - 5, ".json") == 0;
}

/* The names of the dashboards in `path`, sorted. They live as long as the request. */
static bool folder_list(web_request *request, const char *path, folder_names *out, ifm_error *err)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return ifm_error_set(err, IFM_IO, "could not open the folder \"%s\" of --dashboards.path: %s", path,
                             strerror(errno));
    }
    bool ok = true;
    for (const struct dirent *entry = readdir(folder); ok && entry != NULL; entry = readdir(folder)) {
        if (!is_dashboard_file(entry->d_name)) {
            continue;
        }
        if (out->count == WEB_DASHBOARDS_MAX) {
            out->left_out++;
            continue;
        }
        out->names[out->count] = ifm_bump_copy(&request->arena, entry->d_name, strlen(entry->d_name));
        ok = out->names[out->count] != NULL || ifm_error_nomem(err);
        out->count += ok;
    }
    closedir(folder);
    qsort(out->names, out->count, sizeof *out->names, by_text);
    return ok;
}

/* Warns on what the folder has that cannot be shown; the rest is. */
static void answer_warn(web_request *request, const char *text)
{
    const char *copy = ifm_bump_copy(&request->arena, text, strlen(text));
    if (copy != NULL) {
        web_answer_warn(request, copy);
    }
}

/* ---- All of them ---- */

/* Whether to go on. `name` is that of the file in the folder, or of the asset. */
typedef bool dashboard_visit(void *context, const web_dashboard *item, const char *name, bool is_file);

static bool visit_file(web_request *request, const char *name, dashboard_visit *visit, void *context)
{
    ifm_error err = {.code = IFM_OK};
    web_dashboard item;
    bool goes_on = true;
    char *path = ifm_os_path_join(request->server->options.dashboards, name, &err);
    if (path != NULL && parse_file(request, path, name, &item, &err)) {
        goes_on = visit(context, &item, name, true);
    } else {
        ifm_error_wrap(&err, "could not read the dashboard \"%s\"", name);
        answer_warn(request, err.message);
    }
    ifm_free(path);
    return goes_on;
}

static bool visit_folder(web_request *request, dashboard_visit *visit, void *context)
{
    const char *path = request->server->options.dashboards;
    folder_names *names = ifm_bump_alloc(&request->arena, sizeof *names);
    ifm_error err;
    bool goes_on = true;
    if (path == NULL || names == NULL) {
        return true;
    }
    names->count = names->left_out = 0;
    if (!folder_list(request, path, names, &err)) {
        answer_warn(request, err.message);
        return true;
    }
    web_dashboards_keep(&request->server->known_dashboards, names->names, names->count);
    for (size_t i = 0; goes_on && i < names->count; i++) {
        goes_on = visit_file(request, names->names[i], visit, context);
    }
    if (names->left_out > 0) {
        char text[128];
        snprintf(text, sizeof text, "%zu files of --dashboards.path are left out: there are more than %d",
                 names->left_out, WEB_DASHBOARDS_MAX);
        answer_warn(request, text);
    }
    return goes_on;
}

static bool describe_built_in(web_request *request, const assets_file *file, web_dashboard *out)
{
    ifm_error ignored;
    dashboard parsed = {.json = NULL};
    web_dashboards *known = &request->server->known_dashboards;
    if (web_dashboards_find(known, file->path, NULL, &request->arena, out)) {
        return true;
    }
    bool ok = dashboard_parse(file->bytes, file->size, file->path + sizeof built_in - 1, &parsed, &ignored) &&
              describe(request, &parsed, NULL, out, &ignored);
    json_decref(parsed.json);
    if (ok) {
        web_dashboards_put(known, file->path, NULL, NULL, 0, out);
    }
    return ok;
}

static void visit_built_in(web_request *request, dashboard_visit *visit, void *context)
{
    web_dashboard item;
    bool goes_on = true;
    for (const assets_file *file = assets_next(built_in, NULL); goes_on && file != NULL;
         file = assets_next(built_in, file)) {
        goes_on = !describe_built_in(request, file, &item) || visit(context, &item, file->path, false);
    }
}

/* ---- The list ---- */

typedef struct list_context {
    ifm_buf *out;
    json_t *seen; /* the uids that are in it */
    size_t count;
} list_context;

static bool list_item(void *context, const web_dashboard *item, const char *name, bool is_file)
{
    list_context *list = context;
    (void)name;
    (void)is_file;
    if (json_object_get(list->seen, item->uid) == NULL) {
        ifm_buf_append_text(list->out, list->count++ == 0 ? "" : ",");
        ifm_buf_append_text(list->out, item->item);
        (void)json_object_set_new(list->seen, item->uid, json_true());
    }
    return true;
}

void web_api_dashboards(web_request *request)
{
    list_context list = {.out = web_answer_begin(request), .seen = json_object()};
    ifm_buf_append_char(list.out, '[');
    (void)visit_folder(request, list_item, &list);
    visit_built_in(request, list_item, &list);
    ifm_buf_append_char(list.out, ']');
    json_decref(list.seen);
    web_answer_end(request);
}

/* ---- One ---- */

typedef struct find_context {
    web_request *request;
    model_text uid;
    json_t *found; /* a reference */
} find_context;

/* Parses it now: what is known of it is no more than the list wants. */
static bool load_again(const find_context *find, const char *name, bool is_file, dashboard *out)
{
    ifm_error ignored;
    if (!is_file) {
        const assets_file *file = assets_find(name);
        return dashboard_parse(file->bytes, file->size, name + sizeof built_in - 1, out, &ignored);
    }
    struct stat about;
    char *path = ifm_os_path_join(find->request->server->options.dashboards, name, &ignored);
    bool ok = path != NULL && stat_file(path, &about, &ignored) && dashboard_load(path, name, out, &ignored);
    ifm_free(path);
    return ok;
}

static bool find_item(void *context, const web_dashboard *item, const char *name, bool is_file)
{
    find_context *find = context;
    dashboard parsed = {.json = NULL};
    if (!model_text_equal(find->uid, model_text_of(item->uid)) || !load_again(find, name, is_file, &parsed)) {
        return true;
    }
    if (model_text_equal(find->uid, model_text_of(parsed.uid))) { /* else it has changed in between */
        find->found = parsed.json;
        return false;
    }
    json_decref(parsed.json);
    return true;
}

static int append_dump(const char *bytes, size_t size, void *out)
{
    ifm_buf_append(out, bytes, size);
    return 0;
}

void web_api_dashboard(web_request *request)
{
    find_context find = {.request = request, .uid = request->name, .found = NULL};
    if (visit_folder(request, find_item, &find)) {
        visit_built_in(request, find_item, &find);
    }
    if (find.found == NULL) {
        web_answer_error(request, WEB_NOT_FOUND,
                         "there is no dashboard with the uid \"%.*s\"; hint: api/v1/inferometer/dashboards "
                         "lists them",
                         (int)(find.uid.size < 200 ? find.uid.size : 200), find.uid.data);
        return;
    }
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_text(out, "{\"dashboard\":");
    if (json_dump_callback(find.found, append_dump, out, JSON_COMPACT) != 0) {
        out->failed = IFM_NOMEM;
    }
    ifm_buf_append_char(out, '}');
    json_decref(find.found);
    web_answer_end(request);
}
