/* SPDX-License-Identifier: Apache-2.0
 *
 * stack up, from the first question to the last target. Every step can be done again: what is there
 * already stays, what differs is changed. stack.json is written before anything is started, so that
 * whatever moment we are killed at, the next call knows what may be running (U1).
 */
#include "stack/stack.h"

#include "stack/limits.h"
#include "stack/password.h"
#include "stack/plan.h"
#include "stack/text.h"
#include "stack/urls.h"
#include "stack/verify.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TAKE_BACK_S = 60, START_TRIES = 3 };

/* One call. */
typedef struct stack_start {
    const stack_session *session;
    const stack_options *options;
    stack_folder folder;
    stack_before before;
    stack_engine_info engine;
    stack_record record;
    char *password;
    stack_files_change change;
    bool may_run; /* something may have been started that is to be taken back on failure */
} stack_start;

static stack_services services_of(const stack_start *start, const stack_record *record)
{
    return (stack_services){.session = start->session, .folder = &start->folder, .record = record};
}

static stack_plan plan_of(const stack_start *start)
{
    return (stack_plan){.record = &start->record,
                        .folder = &start->folder,
                        .gateway = stack_engine_host_gateway(&start->engine)};
}

/* --- Before --------------------------------------------------------------------------------------- */

/* What an earlier call left. A stack.json that cannot be read is no reason to stop: it is written anew. */
static bool look_before(stack_start *start, ifm_error *err)
{
    ifm_error reason;
    if (!stack_folder_record(&start->folder, &start->before.record, &start->before.recorded, &reason)) {
        stack_tell(start->session, STACK_WARN, "%s", reason.message);
        start->before = (stack_before){.recorded = false};
    }
    if (!start->before.recorded) {
        bool any;
        bool ok = stack_services_stop_unrecorded(start->session, &start->folder, &any, err);
        if (ok && any) {
            stack_tell(start->session, STACK_DONE, "stopped what ran without a record; its data stays");
        }
        return ok;
    }
    stack_services services = services_of(start, &start->before.record);
    /* An engine that is not there any more runs nothing. */
    if (!stack_services_running(&services, "prometheus", &start->before.prometheus_runs, &reason) ||
        !stack_services_running(&services, "grafana", &start->before.grafana_runs, &reason)) {
        start->before.prometheus_runs = start->before.grafana_runs = false;
    }
    return stack_wait(start->session, 0, err);
}

/* Another engine than before: both would want the ports and the targets. */
static bool leave_other_engine(stack_start *start, ifm_error *err)
{
    const stack_record *before = &start->before.record;
    if (!start->before.recorded ||
        (before->engine == start->engine.engine && before->tool == start->engine.tool)) {
        return true;
    }
    if (start->before.prometheus_runs || start->before.grafana_runs) {
        stack_tell(start->session, STACK_STEP, "stopping what runs by %s", stack_engine_name(before->engine));
        stack_services services = services_of(start, before);
        if (!stack_services_stop(&services, false, err)) {
            return ifm_error_wrap(err, "could not change from %s", stack_engine_name(before->engine));
        }
        stack_tell(start->session, STACK_DONE, "stopped what ran by %s; its data stays",
                   stack_engine_name(before->engine));
    }
    start->before.prometheus_runs = start->before.grafana_runs = false;
    return true;
}

static bool choose_password(stack_start *start, ifm_error *err)
{
    char generated[STACK_PASSWORD_BYTES_MAX + 1];
    ifm_free(start->password); /* of an engine that was passed over */
    if (!stack_password_read(&start->folder, &start->password, err)) {
        return false;
    }
    const char *wanted = start->options->password;
    if (wanted == NULL && start->password == NULL) {
        if (!stack_password_generate(generated, sizeof generated, err)) {
            return false;
        }
        wanted = generated;
    }
    if (wanted != NULL) {
        ifm_free(start->password);
        start->password = ifm_copy_text(wanted);
        return start->password != NULL ? stack_password_store(&start->folder, wanted, err)
                                       : ifm_error_nomem(err);
    }
    return true;
}

static bool anything_runs(const stack_start *start)
{
    return start->before.prometheus_runs || start->before.grafana_runs;
}

/* The engine of what runs, unless another was asked for: one that works since then would begin without the
 * data, and what runs as it should is left alone. */
static bool choose_engine(stack_start *start, unsigned skip, ifm_error *err)
{
    stack_options options = *start->options;
    if (options.engine == STACK_ENGINE_AUTO && anything_runs(start)) {
        ifm_error reason; /* another may be found */
        options.engine = start->before.record.engine;
        if (stack_choose_engine(start->session, &options, 0, &start->engine, &reason)) {
            return true;
        }
    }
    return stack_choose_engine(start->session, start->options, skip, &start->engine, err);
}

/* Writes all files, up to the point where something is started. */
static bool prepare(stack_start *start, ifm_error *err)
{
    const stack_options *options = start->options;
    if (!leave_other_engine(start, err) || !choose_password(start, err)) {
        return false;
    }
    stack_plan plan = plan_of(start);
    return stack_files_write(&plan, options->targets, options->target_count,
                             start->record.exposed ? start->password : NULL, &start->change, err) &&
           stack_folder_save(&start->folder, &start->record, err); // U1
}

/* Chooses and gets the images, before anything that runs is touched. When the engine was ours to choose, one
 * that cannot get them is passed over. */
static bool choose_with_images(stack_start *start, ifm_error *err)
{
    ifm_error reason = {0};
    unsigned skip = 0;
    for (;;) {
        if (!choose_engine(start, skip, err)) {
            if (skip != 0 && err->code == IFM_NOT_FOUND) {
                *err = reason; /* that is what can be mended */
            }
            return false;
        }
        if (!stack_make_record(start->session, start->options, &start->engine, &start->folder, &start->before,
                               &start->record, err)) {
            return false;
        }
        stack_services services = services_of(start, &start->record);
        if (stack_services_fetch(&services, start->options->offline, err)) {
            return true;
        }
        bool over = err->code == IFM_CANCELED || err->code == IFM_TIMEOUT || err->code == IFM_NOMEM;
        bool stays = anything_runs(start) && start->before.record.engine == start->engine.engine;
        if (over || stays || start->options->engine != STACK_ENGINE_AUTO) {
            return false;
        }
        reason = *err;
        stack_tell(start->session, STACK_WARN, "%s", reason.message);
        skip |= 1U << start->engine.engine;
        stack_record_deinit(&start->record);
    }
}

/* --- Starting ------------------------------------------------------------------------------------- */

static bool reload(const stack_start *start, ifm_error *err)
{
    char url[STACK_URL_SIZE];
    stack_server prometheus = stack_server_prometheus(start->session, &start->record, start->password, url);
    stack_response response;
    if (!stack_api_ask(&prometheus, "/-/reload", "", &response, err)) {
        return ifm_error_wrap(err, "could not have Prometheus read its new configuration");
    }
    bool ok = response.status == 200;
    if (!ok) {
        char words[160];
        stack_text_copy(words, sizeof words, response.body);
        ifm_error_set(err, IFM_INVALID, "Prometheus refuses its new configuration: %s", words);
    }
    stack_response_deinit(&response);
    return ok;
}

static bool start_services(stack_start *start, ifm_error *err)
{
    stack_services services = services_of(start, &start->record);
    stack_plan plan = plan_of(start);
    bool both_run = start->before.prometheus_runs && (start->before.grafana_runs || !start->record.grafana);
    bool same = start->before.recorded && stack_record_same_services(&start->before.record, &start->record);
    if (start->record.engine == STACK_ENGINE_NATIVE && !same && anything_runs(start) &&
        !stack_services_stop(&services, false, err)) {
        return false; /* other flags: it has to start anew */
    }
    start->may_run = !both_run;
    stack_tell(start->session, STACK_STEP, both_run && same ? "looking after what runs" : "starting");
    return stack_services_start(&services, &plan, &start->change, err) &&
           stack_verify_ready(&services, start->password, err) &&
           (!start->before.prometheus_runs || !start->change.prometheus || reload(start, err));
}

/* Takes back what was started, with a time limit of its own: the session may be over. */
static void take_back(stack_start *start)
{
    stack_session session = *start->session;
    session.cancel_fd = -1;
    session.deadline_ns = ifm_os_monotonic_ns() + TAKE_BACK_S * INT64_C(1000000000);
    stack_services services = {.session = &session, .folder = &start->folder, .record = &start->record};
    ifm_error reason;
    stack_tell(&session, STACK_STEP, "taking back what was started");
    if (stack_services_stop(&services, false, &reason)) {
        stack_tell(&session, STACK_DONE, "what was started is stopped again");
    } else {
        stack_tell(&session, STACK_WARN, "could not stop it again: %s; hint: inferometer stack down",
                   reason.message);
    }
}

/* Between finding a port free and listening there, somebody else may take it: then with others. */
static bool start_on_free_ports(stack_start *start, ifm_error *err)
{
    for (int tries = 1;; tries++) {
        if (!choose_with_images(start, err) || !prepare(start, err)) {
            return false;
        }
        if (start_services(start, err)) {
            return true;
        }
        if (start->may_run) {
            take_back(start);
        }
        if (err->code != IFM_BUSY || tries == START_TRIES) {
            return false;
        }
        stack_tell(start->session, STACK_WARN, "somebody else took a port meanwhile: trying others");
        start->before.prometheus_runs = start->before.grafana_runs = false;
        stack_record_deinit(&start->record);
    }
}

/* --- All of it ------------------------------------------------------------------------------------ */

static void fill_result(const stack_start *start, stack_result *result)
{
    const stack_record *record = &start->record;
    stack_url_open(record, record->prometheus_port, result->prometheus_url);
    if (record->grafana) {
        stack_url_open(record, record->grafana_port, result->grafana_url);
    }
    snprintf(result->password_file, sizeof result->password_file, "%s/" STACK_PASSWORD_FILE,
             start->folder.path);
    const stack_system *system = start->session->system;
    char bytes[4096];
    struct passwd user, *found = NULL;
    bool known = getpwuid_r(getuid(), &user, bytes, sizeof bytes, &found) == 0 && found != NULL;
    stack_url_ssh(record, system->environment(system->context, "SSH_CONNECTION"),
                  known ? user.pw_name : "USER", result->ssh_command);
}

static bool start_all(stack_start *start, stack_result *result, ifm_error *err)
{
    if (!look_before(start, err) || !start_on_free_ports(start, err)) {
        return false;
    }
    stack_services services = services_of(start, &start->record);
    stack_verify_grafana(&services, start->password);
    fill_result(start, result);
    const stack_reach reach = {.network = start->record.network,
                               .engine = start->record.engine,
                               .rootless = start->engine.rootless,
                               .desktop = start->engine.desktop};
    bool ok = stack_verify_targets(&services, start->password, &reach, result, err);
    if (!ok && start->may_run) {
        take_back(start);
    }
    return ok;
}

bool stack_up(const stack_session *session, const stack_options *options, stack_result *result,
              ifm_error *err)
{
    *result = (stack_result){.targets_up = 0};
    stack_start start = {.session = session, .options = options};
    if (!stack_options_check(options, err) || !stack_folder_open(&start.folder, true, err)) {
        return false;
    }
    bool ok = stack_folder_lock(&start.folder, session, err);
    if (ok) {
        ifm_os_presence_sweep(start.folder.targets); /* loggers that were killed */
        ok = start_all(&start, result, err);
    }
    ifm_free(start.password);
    stack_record_deinit(&start.record);
    stack_record_deinit(&start.before.record);
    stack_folder_close(&start.folder);
    return ok;
}
