/* SPDX-License-Identifier: Apache-2.0
 *
 * stack reset-password: Grafana takes the password of its environment only when its data is new;
 * afterwards its own command line changes it. The stored password changes after Grafana's, so that it is
 * never one that Grafana does not know; but it is prepared before, so that Grafana's is never one that nobody
 * knows. With --expose Prometheus's follows it, and so does that of Grafana's data source.
 */
#include "stack/files.h"
#include "stack/limits.h"
#include "stack/password.h"
#include "stack/services_native.h"
#include "stack/stack.h"
#include "stack/text.h"
#include "stack/verify.h"

#include <stdio.h>
#include <string.h>

static bool check_result(const ifm_os_command_result *result, ifm_error *err)
{
    if (result->status == 0) {
        return true;
    }
    char words[160];
    stack_text_copy(words, sizeof words, result->err[0] != '\0' ? result->err : result->out);
    return ifm_error_set(err, IFM_IO, "Grafana refused the new password: %.150s", words);
}

static bool reset_container(const stack_services *services, const char *password, ifm_error *err)
{
    static const char *const command[] = {
        "grafana", "cli", "admin", "reset-admin-password", "--password-from-stdin", NULL};
    stack_compose compose = stack_services_compose(services);
    ifm_os_command_result result;
    if (!stack_compose_exec(&compose, "grafana", command, password, &result, err)) {
        return false;
    }
    bool ok = check_result(&result, err);
    ifm_os_command_result_deinit(&result);
    return ok;
}

static bool reset(const stack_services *services, const stack_plan *plan, const char *password,
                  ifm_error *err)
{
    bool running;
    if (!services->record->grafana) {
        return ifm_error_set(err, IFM_NOT_FOUND, "this stack has no Grafana");
    }
    if (!stack_services_running(services, "grafana", &running, err)) {
        return false;
    }
    if (!running) {
        return ifm_error_set(err, IFM_STATE, "Grafana does not run; hint: inferometer stack up");
    }
    stack_tell(services->session, STACK_STEP, "telling Grafana");
    return services->record->engine == STACK_ENGINE_NATIVE
               ? stack_services_native_password(services, plan, password, err)
               : reset_container(services, password, err);
}

/* What was interrupted may have happened. */
static bool change(const stack_services *services, const stack_plan *plan, const char *password,
                   ifm_error *err)
{
    const stack_folder *folder = services->folder;
    if (!stack_password_prepare(folder, password, err)) {
        return false;
    }
    if (!reset(services, plan, password, err)) {
        if (err->code == IFM_CANCELED || err->code == IFM_TIMEOUT) {
            stack_tell(services->session, STACK_WARN,
                       "Grafana may have its new password all the same: then it is that in %s/%s",
                       folder->path, STACK_PASSWORD_PREPARED);
        } else {
            stack_password_withdraw(folder);
        }
        return false;
    }
    return stack_password_commit(folder, err) ||
           ifm_error_wrap(err, "Grafana has its new password, which is in " STACK_PASSWORD_PREPARED);
}

/* The data source logs in with the password. */
static void reload_source(const stack_services *services, const char *password)
{
    char url[STACK_URL_SIZE];
    ifm_error reason;
    stack_server grafana = stack_server_grafana(services->session, services->record, password, url);
    if (services->record->exposed && !stack_grafana_reload_sources(&grafana, &reason)) {
        stack_tell(services->session, STACK_WARN,
                   "Grafana still asks Prometheus with the old password: %s; hint: inferometer stack down, "
                   "then up",
                   reason.message);
    }
}

static bool reset_locked(const stack_session *session, stack_folder *folder, const char *password,
                         ifm_error *err)
{
    stack_record record;
    bool recorded;
    if (!stack_folder_record(folder, &record, &recorded, err)) {
        return false;
    }
    stack_services services = {.session = session, .folder = folder, .record = &record};
    stack_plan plan = {.record = &record, .folder = folder};
    bool ok =
        recorded || ifm_error_set(err, IFM_NOT_FOUND, "nothing was started; hint: inferometer stack up");
    ok = ok && change(&services, &plan, password, err) &&
         stack_files_write_web_config(&plan, password, NULL, err);
    if (ok) {
        reload_source(&services, password);
        stack_tell(session, STACK_DONE, "Grafana's admin has a new password, in %s/" STACK_PASSWORD_FILE,
                   folder->path);
    }
    stack_record_deinit(&record);
    return ok;
}

bool stack_reset_password(const stack_session *session, const char *password, ifm_error *err)
{
    char generated[STACK_PASSWORD_BYTES_MAX + 1];
    stack_folder folder;
    if (password == NULL) {
        if (!stack_password_generate(generated, sizeof generated, err)) {
            return false;
        }
        password = generated;
    }
    if (!stack_password_check(password, err) || !stack_folder_open(&folder, true, err)) {
        return false;
    }
    bool ok = stack_folder_lock(&folder, session, err) && reset_locked(session, &folder, password, err);
    stack_folder_close(&folder);
    return ok;
}
