/* SPDX-License-Identifier: Apache-2.0
 *
 * stack down.
 */
#include "stack/services.h"
#include "stack/stack.h"

static bool stop(const stack_session *session, stack_folder *folder, bool volumes, ifm_error *err)
{
    stack_record record;
    bool recorded;
    if (!stack_folder_record(folder, &record, &recorded, err)) {
        return ifm_error_wrap(err, "could not see what to stop");
    }
    if (!recorded) {
        stack_tell(session, STACK_DONE, "nothing was started");
        return true;
    }
    stack_services services = {.session = session, .folder = folder, .record = &record};
    stack_tell(session, STACK_STEP, "stopping");
    /* The record stays: it says where the data is. Without data there is nothing left to say. */
    bool ok = stack_services_stop(&services, volumes, err) && (!volumes || stack_folder_forget(folder, err));
    if (ok) {
        stack_tell(session, STACK_DONE, "%s stopped; the data %s",
                   record.grafana ? "Prometheus and Grafana are" : "Prometheus is",
                   volumes ? "is removed" : "stays");
    }
    stack_record_deinit(&record);
    return ok || ifm_error_wrap(err, "could not stop the stack");
}

bool stack_down(const stack_session *session, bool volumes, ifm_error *err)
{
    stack_folder folder;
    if (!stack_folder_open(&folder, true, err)) {
        return false;
    }
    bool ok = stack_folder_lock(&folder, session, err) && stop(session, &folder, volumes, err);
    stack_folder_close(&folder);
    return ok;
}
