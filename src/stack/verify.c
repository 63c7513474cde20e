/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/verify.h"

#include "stack/limits.h"
#include "stack/native.h"
#include "stack/ports.h"
#include "stack/render.h"
#include "stack/text.h"
#include "stack/urls.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

enum {
    DISCOVERY_MS =
        7000,       /* Prometheus takes in what it discovered every five seconds (discovery/manager.go) */
    SCRAPES = 2,    /* that a target may need: the first comes at a random moment of the interval */
    LAST_WORDS = 20 /* lines of a log in which the reason is looked for */
};

static stack_server server(const stack_session *session, const char *name, const char *url,
                           const char *password)
{
    return (stack_server){
        .system = session->system,
        .name = name,
        .url = url,
        .user = password != NULL ? "admin" : NULL,
        .password = password,
        .timeout_ns = stack_time_left_ns(session, STACK_HTTP_MS),
        .cancel_fd = session->cancel_fd,
    };
}

stack_server stack_server_prometheus(const stack_session *session, const stack_record *record,
                                     const char *password, char *url)
{
    stack_url_prometheus(record, url);
    return server(session, "Prometheus", url, record->exposed ? password : NULL);
}

stack_server stack_server_grafana(const stack_session *session, const stack_record *record,
                                  const char *password, char *url)
{
    stack_url_grafana(record, url);
    return server(session, "Grafana", url, password);
}

/* --- Ready ---------------------------------------------------------------------------------------- */

/* Where in a line of a log the reason begins: Prometheus and Grafana write time, place and level before
 * it. */
static const char *reason_in(const char *line, int length, int *size)
{
    static const char *const keys[] = {" err=", " error=", " msg="};
    for (size_t i = 0; i < IFM_COUNT_OF(keys); i++) {
        const char *at = strstr(line, keys[i]);
        if (at != NULL && at < line + length) {
            at += strlen(keys[i]);
            *size = (int)(line + length - at);
            return at;
        }
    }
    *size = length;
    return line;
}

/* The line of a log that is likeliest to be the reason: the last that speaks of an error, else the last. */
static void last_words(const char *log, char *out, size_t size)
{
    static const char *const signs[] = {"err=",  "error=",       "level=error", "panic",
                                        "fatal", "not writable", "denied"};
    out[0] = '\0';
    bool found = false;
    for (const char *line = log; *line != '\0';) {
        int length = (int)strcspn(line, "\n");
        bool sign = false;
        for (size_t i = 0; i < IFM_COUNT_OF(signs) && !sign; i++) {
            const char *at = strcasestr(line, signs[i]);
            sign = at != NULL && at < line + length;
        }
        if (length > 0 && (sign || !found)) {
            int words;
            const char *reason = reason_in(line, length, &words);
            stack_text_format(out, size, "%.*s", words, reason);
            found = found || sign;
        }
        line += length + (line[length] == '\n');
    }
}

/* False with what it said last when a service is not running any more. */
static bool check_alive(const stack_services *services, const char *service, ifm_error *err)
{
    char state[STACK_STATE_SIZE], words[512] = "";
    char *log = NULL;
    if (!stack_services_state(services, service, state, err)) {
        return false;
    }
    if (strcmp(state, "running") == 0 || strcmp(state, "created") == 0) {
        return true;
    }
    ifm_error ignored; /* without its last words, then */
    if (stack_services_log(services, service, LAST_WORDS, &log, &ignored)) {
        last_words(log, words, sizeof words);
        ifm_free(log);
    }
    stack_tell(services->session, STACK_WARN, "%s: %s", service,
               words[0] != '\0' ? words : "its log is empty");
    /* Somebody took the port after it was found free: another will do. */
    bool taken = strcasestr(words, "address already in use") != NULL;
    return ifm_error_set(err, taken ? IFM_BUSY : IFM_IO,
                         "%s did not stay up (%s); its last words: %s; hint: inferometer stack logs", service,
                         state[0] != '\0' ? state : "it ended", words);
}

/* Of two users who start at once one may take the port that both found free: whoever answers there then is
 * not ours, and must not get our password. A container's process cannot be seen by everybody, but Prometheus
 * tells the title that it was started with. Grafana comes after it, and its container must still run then. */
static bool check_ours(const stack_services *services, const char *service, const stack_server *server,
                       ifm_error *err)
{
    char title[STACK_URL_SIZE], found[STACK_URL_SIZE];
    if (services->record->engine == STACK_ENGINE_NATIVE) {
        return true; /* check_port() knows better */
    }
    if (strcmp(service, "grafana") == 0) {
        return check_alive(services, service, err);
    }
    stack_render_title(services->record, title);
    if (!stack_prometheus_flag(server, "web.page-title", found, sizeof found, err)) {
        return false;
    }
    return strcmp(title, found) == 0 ||
           ifm_error_set(err, IFM_EXISTS, "port %d is in use by another Prometheus, \"%.60s\"",
                         services->record->prometheus_port, found);
}

/* The same for processes of our own, whose ports can be seen. */
static bool check_port(const stack_services *services, const char *service, ifm_error *err)
{
    const stack_record *record = services->record;
    stack_native native = {.folder = services->folder, .service = service};
    int port = strcmp(service, "grafana") == 0 ? record->grafana_port : record->prometheus_port;
    pid_t pid;
    if (record->engine != STACK_ENGINE_NATIVE) {
        return true;
    }
    if (!stack_native_pid(&native, &pid, err)) {
        return false;
    }
    if (pid == 0) {
        return ifm_error_set(err, IFM_IO, "%s ended", service);
    }
    if (stack_port_is_of_others(record->address, port, pid)) {
        char owner[128];
        stack_port_owner(record->address, port, owner, sizeof owner);
        return ifm_error_set(err, IFM_BUSY, "port %d is in use by %s", port, owner);
    }
    return true;
}

typedef bool is_ready(const stack_server *server, int64_t *date_ms, ifm_error *err);

static bool wait_ready(const stack_services *services, const char *service, const stack_server *server,
                       is_ready *ready, ifm_error *err)
{
    stack_tell(services->session, STACK_STEP, "waiting for %s", server->name);
    for (;;) {
        int64_t date_ms;
        ifm_error reason;
        if (check_port(services, service, &reason) && ready(server, &date_ms, &reason) &&
            check_port(services, service, &reason) && check_ours(services, service, server, &reason)) {
            stack_tell(services->session, STACK_DONE, "%s is ready: %s", server->name, server->url);
            return true;
        }
        stack_tell(services->session, STACK_DETAIL, "%s", reason.message);
        if (reason.code == IFM_EXISTS) {
            *err = reason;
            err->code = IFM_BUSY; /* another port will do */
            return false;
        }
        if (!check_alive(services, service, err)) {
            return false;
        }
        if (!stack_wait(services->session, STACK_LOOK_MS, err)) {
            return ifm_error_wrap(err, "waiting for %s at %s", server->name, server->url);
        }
    }
}

bool stack_verify_ready(const stack_services *services, const char *password, ifm_error *err)
{
    char url[STACK_URL_SIZE];
    stack_server prometheus = stack_server_prometheus(services->session, services->record, password, url);
    if (!wait_ready(services, "prometheus", &prometheus, stack_prometheus_ready, err)) {
        return false;
    }
    if (!services->record->grafana) {
        stack_tell(services->session, STACK_WARN,
                   "grafana-server is not installed: Prometheus runs alone; the dashboards are in "
                   "%s/grafana/dashboards",
                   services->folder->path);
        return true;
    }
    stack_server grafana = stack_server_grafana(services->session, services->record, password, url);
    return wait_ready(services, "grafana", &grafana, stack_grafana_health, err);
}

/* On a bridge Grafana finds Prometheus by a name, which podman without a plugin for names does not know. */
static void verify_source(const stack_services *services, const stack_server *grafana)
{
    char message[STACK_GRAFANA_TEXT_SIZE] = "it does not answer in time";
    bool healthy = false;
    ifm_error err;
    bool answered = stack_grafana_source_health(grafana, STACK_DATASOURCE_UID, &healthy, message, &err);
    if (healthy || (!answered && err.code != IFM_TIMEOUT)) {
        return;
    }
    bool podman =
        services->record->engine == STACK_ENGINE_PODMAN && services->record->network == STACK_NETWORK_BRIDGE;
    stack_tell(services->session, STACK_WARN, "Grafana does not reach Prometheus: %s; hint: %s", message,
               podman ? "inferometer stack up --network=host  # or install podman's plugin for names: "
                        "aardvark-dns or dnsname"
                      : "inferometer doctor");
}

void stack_verify_grafana(const stack_services *services, const char *password)
{
    char url[STACK_URL_SIZE];
    bool accepted;
    ifm_error ignored; /* only a clear no is worth a word */
    stack_server grafana = stack_server_grafana(services->session, services->record, password, url);
    if (!services->record->grafana || password == NULL ||
        !stack_grafana_login(&grafana, &accepted, &ignored)) {
        return;
    }
    if (accepted) {
        verify_source(services, &grafana);
    } else {
        stack_tell(services->session, STACK_WARN,
                   "Grafana's data has another admin password, of an earlier time; hint: inferometer stack "
                   "reset-password gives it a new one (--password-file=FILE: yours)");
    }
}

/* --- Targets -------------------------------------------------------------------------------------- */

/* How many loggers are registered: so many targets have to come. */
static size_t registered(const stack_folder *folder)
{
    size_t count = 0;
    DIR *entries = opendir(folder->targets);
    for (struct dirent *entry = entries != NULL ? readdir(entries) : NULL; entry != NULL;
         entry = readdir(entries)) {
        size_t size = strlen(entry->d_name);
        count += entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
    }
    if (entries != NULL) {
        closedir(entries);
    }
    return count;
}

typedef struct target_counts {
    size_t all, up;
} target_counts;

static target_counts count_targets(const stack_targets *targets)
{
    target_counts counts = {.all = 0};
    for (size_t i = 0; i < targets->count; i++) {
        if (strcmp(targets->items[i].job, STACK_JOB) == 0) {
            counts.all++;
            counts.up += strcmp(targets->items[i].health, "up") == 0;
        }
    }
    return counts;
}

static void tell_down(const stack_services *services, const stack_targets *targets, const stack_reach *reach,
                      stack_result *result)
{
    for (size_t i = 0; i < targets->count; i++) {
        const stack_target *target = &targets->items[i];
        if (strcmp(target->job, STACK_JOB) != 0 || strcmp(target->health, "up") == 0) {
            continue;
        }
        char cause[STACK_SENTENCE_SIZE], fix[STACK_SENTENCE_SIZE], text[sizeof result->complaint];
        if (target->last_error[0] == '\0') {
            snprintf(cause, sizeof cause, "it was not scraped yet");
            fix[0] = '\0';
        } else {
            stack_explain_target_error(target->last_error, target->scrape_url, reach, cause, fix);
        }
        stack_text_format(text, sizeof text, "target %s is down: %s%s%s", target->instance, cause,
                          fix[0] != '\0' ? "; hint: " : "", fix);
        stack_tell(services->session, STACK_WARN, "%s", text);
        if (result->targets_down++ == 0) {
            snprintf(result->complaint, sizeof result->complaint, "%s", text);
        }
    }
}

/* Waits until nothing is left to hope for. A busy machine may leave a question without an answer. */
static bool wait_targets(const stack_services *services, const stack_server *server, stack_targets *out,
                         ifm_error *err)
{
    int64_t patience_ms = DISCOVERY_MS + (int64_t)SCRAPES * services->record->scrape_interval_s * 1000;
    int64_t end_ns = ifm_os_monotonic_ns() + patience_ms * 1000000;
    size_t given = stack_files_static_targets(services->folder);
    for (;;) {
        bool over = ifm_os_monotonic_ns() > end_ns;
        if (stack_prometheus_targets(server, out, err)) {
            target_counts counts = count_targets(out);
            size_t expected = registered(services->folder) + given;
            if ((counts.up == counts.all && counts.all >= expected) || over) {
                return true;
            }
            stack_tell(services->session, STACK_DETAIL, "%zu of %zu up", counts.up,
                       counts.all > expected ? counts.all : expected);
            stack_targets_deinit(out);
        } else if (over || err->code == IFM_CANCELED || err->code == IFM_NOMEM) {
            return false;
        }
        if (!stack_wait(services->session, STACK_LOOK_MS, err)) {
            return false;
        }
    }
}

bool stack_verify_targets(const stack_services *services, const char *password, const stack_reach *reach,
                          stack_result *result, ifm_error *err)
{
    char url[STACK_URL_SIZE];
    stack_server prometheus = stack_server_prometheus(services->session, services->record, password, url);
    stack_targets targets = {0};
    stack_tell(services->session, STACK_STEP, "waiting for the targets");
    if (!wait_targets(services, &prometheus, &targets, err)) {
        return ifm_error_wrap(err, "could not see whether the targets are up");
    }
    target_counts counts = count_targets(&targets);
    result->targets_up = counts.up;
    if (counts.up > 0) {
        stack_tell(services->session, STACK_DONE, "%zu target%s up", counts.up,
                   counts.up == 1 ? " is" : "s are");
    } else if (counts.all == 0) {
        stack_tell(services->session, STACK_DONE,
                   "no pipeline is running: a program that opens a logger appears by itself");
    }
    tell_down(services, &targets, reach, result);
    stack_targets_deinit(&targets);
    return true;
}
