/* SPDX-License-Identifier: Apache-2.0
 *
 * stack down.
 */
#include "stack/services.h"
#include "stack/stack.h"

/* Without a record containers cannot be found; processes can. */
static bool stop_without_record(const stack_session *session, const stack_folder *folder, bool *any,
                                ifm_error *err)
{
    bool ok = stack_services_stop_unrecorded(session, folder, any, err);
    if (ok && *any) {
        stack_tell(session, STACK_DONE, "what ran without a record is stopped; its data stays");
    }
    return ok;
}

static bool stop(const stack_session *session, stack_folder *folder, bool volumes, ifm_error *err)
{
    stack_record record;
    bool recorded;
    bool any = false;
    ifm_error ignored; /* the first is what can be mended */
    if (!stack_folder_record(folder, &record, &recorded, err)) {
        (void)stop_without_record(session, folder, &any, &ignored);
        return ifm_error_wrap(err, "could not see what to stop");
    }
    if (!recorded) {
        bool stopped = stop_without_record(session, folder, &any, err);
        if (stopped && !any) {
            stack_tell(session, STACK_DONE, "nothing was started");
        }
        return stopped;
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
