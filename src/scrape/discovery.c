/* SPDX-License-Identifier: Apache-2.0 */
#include "scrape/discovery.h"

#include <glob.h>
#include <inferometer/registry.h>
#include <stdio.h>
#include <strings.h>

static void groups_deinit(scrape_groups *groups)
{
    ifm_bump_deinit(&groups->arena);
    groups->items = NULL;
    groups->count = 0;
}

/* Parses `text` and adds a label that says where it is from: `source`, which may be shown to anybody. On
 * false *groups is what it was. */
static bool groups_parse(scrape_groups *groups, model_text text, const char *source, const char *label,
                         ifm_error *err)
{
    scrape_groups made = {.count = 0};
    const config_target_group *items;
    ifm_bump_init(&made.arena, SCRAPE_DISCOVERY_ARENA_MAX);
    bool ok = config_target_groups_parse(text.data, text.size, source, &made.arena, &items, &made.count, err);
    config_target_group *copies = ok ? ifm_bump_alloc_array(&made.arena, made.count, sizeof *copies) : NULL;
    for (size_t i = 0; i < made.count && copies != NULL; i++) {
        const char *name = ifm_bump_copy(&made.arena, source, strlen(source));
        copies[i] = items[i];
        if (name != NULL) {
            copies[i].labels =
                model_labels_with(items[i].labels, model_text_of(label), model_text_of(name), &made.arena);
        }
    }
    if (!ok || !ifm_bump_check(&made.arena, err)) {
        groups_deinit(&made);
        return false;
    }
    made.items = copies;
    groups_deinit(groups);
    *groups = made;
    return true;
}

/* ---- Files ---- */

static scrape_sd_file *find_file(const scrape_discovery *discovery, const char *path)
{
    for (size_t i = 0; i < discovery->file_count; i++) {
        if (strcmp(discovery->files[i].path, path) == 0) {
            return &discovery->files[i];
        }
    }
    return NULL;
}

static scrape_sd_file *add_file(scrape_discovery *discovery, const char *path, ifm_error *err)
{
    enum { CAPACITY_MIN = 4 };
    if (discovery->file_count == SCRAPE_DISCOVERY_FILES_MAX) {
        ifm_error_set(err, IFM_LIMIT, "there are more than %d files", SCRAPE_DISCOVERY_FILES_MAX);
        return NULL;
    }
    if (discovery->file_count == discovery->file_capacity) {
        size_t capacity = discovery->file_capacity == 0 ? CAPACITY_MIN : discovery->file_capacity * 2;
        scrape_sd_file *files = ifm_realloc(discovery->files, capacity, sizeof *files);
        if (files == NULL) {
            ifm_error_nomem(err);
            return NULL;
        }
        discovery->files = files;
        discovery->file_capacity = capacity;
    }
    char *copy = ifm_copy_text(path);
    if (copy == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    scrape_sd_file *file = &discovery->files[discovery->file_count++];
    *file = (scrape_sd_file){.path = copy};
    ifm_bump_init(&file->groups.arena, SCRAPE_DISCOVERY_ARENA_MAX);
    return file;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* A file that is replaced is another inode; one that is written in place has another time. */
static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

static bool read_groups(scrape_sd_file *file, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, SCRAPE_DISCOVERY_BYTES_MAX);
    bool ok = ifm_os_read_file(file->path, &text, err) &&
              groups_parse(&file->groups, (model_text){text.data == NULL ? "" : text.data, text.size},
                           file->path, "__meta_filepath", err);
    ifm_buf_deinit(&text);
    return ok;
}

/* Reads the file if it is not what it was. *changed is set when its groups are others now. */
static bool look_at(scrape_discovery *discovery, const char *path, bool *changed, ifm_error *err)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        return true; /* it went between two calls; or nobody's business */
    }
    scrape_sd_file *file = find_file(discovery, path);
    bool known = file != NULL;
    if (!known) {
        file = add_file(discovery, path, err);
    }
    if (file == NULL) {
        return false;
    }
    file->found = true;
    if (known && same_file(&file->status, &status)) {
        return true;
    }
    file->status = status;
    ifm_error failure;
    file->refused = !read_groups(file, &failure);
    if (!file->refused) {
        *changed = true;
    } else {
        ifm_log(IFM_LOG_WARNING,
                "could not read targets of job \"%s\" from \"%s\": %s; what it said before holds",
                discovery->config->job_name, path, failure.message);
    }
    return true;
}

static bool look_for(scrape_discovery *discovery, const char *pattern, bool *changed, ifm_error *err)
{
    glob_t found = {.gl_pathc = 0};
    int result = glob(pattern, 0, NULL, &found);
    bool ok = result == 0 || result == GLOB_NOMATCH || result == GLOB_ABORTED || ifm_error_nomem(err);
    for (size_t i = 0; ok && i < found.gl_pathc; i++) {
        ok = look_at(discovery, found.gl_pathv[i], changed, err);
    }
    globfree(&found);
    return ok;
}

static bool has_file_sds(const config_scrape *config)
{
    return config->file_sd_count > 0;
}

/* Looks at all files. On false what was not looked at is what it was. */
static bool look(scrape_discovery *discovery, bool *changed, ifm_error *err)
{
    const config_scrape *config = discovery->config;
    for (size_t i = 0; i < discovery->file_count; i++) {
        discovery->files[i].found = false;
    }
    for (size_t i = 0; i < config->file_sd_count; i++) {
        for (const char *const *pattern = config->file_sds[i].files; *pattern != NULL; pattern++) {
            if (!look_for(discovery, *pattern, changed, err)) {
                return false;
            }
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < discovery->file_count; i++) {
        scrape_sd_file *file = &discovery->files[i];
        if (file->found) {
            discovery->files[kept++] = *file;
        } else {
            *changed = true;
            groups_deinit(&file->groups);
            ifm_free(file->path);
        }
    }
    discovery->file_count = kept;
    return true;
}

static void wait_for_files(scrape_discovery *discovery)
{
    int64_t wait_ms = SCRAPE_DISCOVERY_POLL_MS;
    for (size_t i = 0; i < discovery->config->file_sd_count; i++) {
        int64_t refresh_ms = discovery->config->file_sds[i].refresh_ms;
        wait_ms = refresh_ms > 0 && refresh_ms < wait_ms ? refresh_ms : wait_ms;
    }
    scrape_timers_set(&discovery->manager->timers, &discovery->files_timer,
                      scrape_timers_after(discovery->manager->clock->monotonic_ns(), wait_ms));
}

static void files_due(void *context)
{
    scrape_discovery *discovery = context;
    bool changed = false;
    ifm_error err;
    if (!look(discovery, &changed, &err)) {
        ifm_log(IFM_LOG_WARNING, "could not look for targets of job \"%s\": %s", discovery->config->job_name,
                err.message);
    }
    *discovery->sync_due = *discovery->sync_due || changed;
    discovery->manager->sync_due = discovery->manager->sync_due || changed;
    wait_for_files(discovery);
}

/* ---- HTTP ---- */

static void wait_for_http(scrape_sd_http *http, int64_t wait_ms)
{
    scrape_manager *manager = http->discovery->manager;
    scrape_timers_set(&manager->timers, &http->timer,
                      scrape_timers_after(manager->clock->monotonic_ns(), wait_ms));
}

static bool http_answer(scrape_sd_http *http, const http_response *response, ifm_error *err)
{
    enum { OK = 200 };
    static const char json[] = "application/json";
    if (response->status != OK) {
        char status[64];
        scrape_status_text(response->status, status, sizeof status);
        return ifm_error_set(err, IFM_INVALID, "server returned HTTP status %s", status);
    }
    if (strncasecmp(response->content_type, json, sizeof json - 1) != 0) {
        return ifm_error_set(err, IFM_INVALID, "unsupported content type \"%.100s\"", response->content_type);
    }
    int scheme;
    const char *rest = http_url_without_user(http->config->url, &scheme);
    ifm_buf source;
    ifm_buf_init(&source, strlen(http->config->url) + 1);
    ifm_buf_printf(&source, "%.*s%s", scheme, http->config->url, rest);
    ifm_buf_append_char(&source, '\0');
    bool ok = ifm_buf_check(&source, err) &&
              groups_parse(&http->groups,
                           (model_text){http->body.data == NULL ? "" : http->body.data, http->body.size},
                           source.data, "__meta_url", err);
    ifm_buf_deinit(&source);
    return ok;
}

static void http_over(scrape_sd_http *http, bool ok, const ifm_error *err)
{
    scrape_discovery *discovery = http->discovery;
    if (ok) {
        *discovery->sync_due = true;
        discovery->manager->sync_due = true;
    } else if (!http->warned) {
        int scheme;
        ifm_log(IFM_LOG_WARNING,
                "could not read targets of job \"%s\" from \"%s\": %s; what it said before holds",
                discovery->config->job_name, http_url_without_user(http->config->url, &scheme), err->message);
    }
    http->warned = !ok;
    http->request = 0;
    ifm_buf_deinit(&http->body);
    wait_for_http(http, http->config->refresh_ms);
}

static void http_done(void *context, const http_response *response, const ifm_error *err)
{
    scrape_sd_http *http = context;
    ifm_error failure;
    bool ok = err == NULL && http_answer(http, response, &failure);
    http_over(http, ok, err == NULL ? &failure : err);
}

static void http_due(void *context)
{
    scrape_sd_http *http = context;
    ifm_error err;
    ifm_buf_init(&http->body, SCRAPE_DISCOVERY_BYTES_MAX);
    http_request request = {.url = http->config->url,
                            .headers = http->headers,
                            .options = &http->config->http,
                            .timeout_ms = SCRAPE_DISCOVERY_TIMEOUT_MS,
                            .body_max = SCRAPE_DISCOVERY_BYTES_MAX,
                            .out = &http->body,
                            .done = http_done,
                            .context = http};
    http->request = http_client_start(http->discovery->manager->client, &request, &err);
    if (http->request == 0) {
        http_over(http, false, &err);
    }
}

static const scrape_sd_http *find_http(const scrape_discovery *discovery, const char *url)
{
    for (size_t i = 0; discovery != NULL && i < discovery->config->http_sd_count; i++) {
        if (strcmp(discovery->https[i].config->url, url) == 0) {
            return &discovery->https[i];
        }
    }
    return NULL;
}

/* Whose groups a file of a new discovery has: its own, or those of the same file of before (never NULL). */
static scrape_sd_file *file_of(scrape_sd_file *own, const scrape_discovery *old)
{
    bool borrows = own->refused && own->groups.items == NULL && old != NULL;
    scrape_sd_file *before = borrows ? find_file(old, own->path) : NULL;
    return before == NULL ? own : before;
}

const scrape_groups *scrape_discovery_file_groups(const scrape_discovery *discovery, size_t index,
                                                  const scrape_discovery *old)
{
    return &file_of(&discovery->files[index], old)->groups;
}

const scrape_groups *scrape_discovery_http_groups(const scrape_discovery *discovery, size_t index,
                                                  const scrape_discovery *old)
{
    const scrape_sd_http *own = &discovery->https[index];
    const scrape_sd_http *before = own->groups.items != NULL ? NULL : find_http(old, own->config->url);
    return before == NULL ? &own->groups : &before->groups;
}

/* ---- Life ---- */

static bool reserve_timer(scrape_discovery *discovery, ifm_error *err)
{
    bool ok = scrape_timers_reserve(&discovery->manager->timers, err);
    discovery->timers_reserved += ok;
    return ok;
}

static bool init_https(scrape_discovery *discovery, ifm_error *err)
{
    const config_scrape *config = discovery->config;
    discovery->https = ifm_alloc_zero(config->http_sd_count + 1, sizeof *discovery->https);
    if (discovery->https == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < config->http_sd_count; i++) {
        scrape_sd_http *http = &discovery->https[i];
        char seconds[IFM_NUMBER_PLAIN_SIZE];
        size_t size = ifm_number_write_plain(seconds, (double)config->http_sds[i].refresh_ms / 1000);
        *http = (scrape_sd_http){.discovery = discovery,
                                 .config = &config->http_sds[i],
                                 .timer = {.fire = http_due, .context = http}};
        ifm_bump_init(&http->groups.arena, SCRAPE_DISCOVERY_ARENA_MAX);
        snprintf(http->refresh_header, sizeof http->refresh_header,
                 "X-Prometheus-Refresh-Interval-Seconds: %.*s", (int)size, seconds);
        http->headers[0] = "Accept: application/json";
        http->headers[1] = http->refresh_header;
        if (!reserve_timer(discovery, err)) {
            return false;
        }
    }
    return true;
}

bool scrape_discovery_init(scrape_discovery *discovery, scrape_manager *manager, const config_scrape *config,
                           bool *sync_due, ifm_error *err)
{
    bool changed;
    *discovery = (scrape_discovery){.manager = manager,
                                    .config = config,
                                    .sync_due = sync_due,
                                    .files_timer = {.fire = files_due, .context = discovery}};
    if (!reserve_timer(discovery, err) || !init_https(discovery, err) || !look(discovery, &changed, err)) {
        scrape_discovery_deinit(discovery);
        return false;
    }
    return true;
}

void scrape_discovery_deinit(scrape_discovery *discovery)
{
    scrape_manager *manager = discovery->manager;
    for (size_t i = 0; i < discovery->file_count; i++) {
        groups_deinit(&discovery->files[i].groups);
        ifm_free(discovery->files[i].path);
    }
    ifm_free(discovery->files);
    for (size_t i = 0; discovery->https != NULL && i < discovery->config->http_sd_count; i++) {
        scrape_sd_http *http = &discovery->https[i];
        http_client_cancel(manager->client, http->request);
        ifm_buf_deinit(&http->body);
        groups_deinit(&http->groups);
        scrape_timers_unset(&manager->timers, &http->timer);
    }
    ifm_free(discovery->https);
    if (discovery->timers_reserved > 0) {
        scrape_timers_unset(&manager->timers, &discovery->files_timer);
        manager->timers.reserved -= discovery->timers_reserved;
    }
    *discovery = (scrape_discovery){.manager = manager};
}

static void take_groups(scrape_groups *to, scrape_groups *from)
{
    groups_deinit(to);
    *to = *from;
    *from = (scrape_groups){.count = 0};
}

void scrape_discovery_start(scrape_discovery *discovery, scrape_discovery *old)
{
    for (size_t i = 0; i < discovery->file_count; i++) {
        scrape_sd_file *from = file_of(&discovery->files[i], old);
        if (from != &discovery->files[i]) {
            take_groups(&discovery->files[i].groups, &from->groups);
        }
    }
    if (has_file_sds(discovery->config)) {
        wait_for_files(discovery);
    }
    for (size_t i = 0; i < discovery->config->http_sd_count; i++) {
        scrape_sd_http *http = &discovery->https[i];
        for (size_t j = 0; old != NULL && j < old->config->http_sd_count; j++) {
            scrape_sd_http *before = &old->https[j];
            if (strcmp(before->config->url, http->config->url) == 0 && before->groups.items != NULL) {
                take_groups(&http->groups, &before->groups);
            }
        }
        wait_for_http(http, 0);
    }
}
