/* SPDX-License-Identifier: Apache-2.0
 *
 * The doctor for the stack of this user: what was started is read from its folder.
 */
#include "stack/doctor.h"

#include "stack/doctor_impl.h"
#include "stack/password.h"

/* A file that cannot be read is like none: D14 says it. */
static bool read_password(const stack_folder *folder, char **out, ifm_error *err)
{
    ifm_error why = {.code = IFM_OK};
    stack_password_read(folder, out, &why);
    if (why.code == IFM_NOMEM) {
        *err = why;
    }
    return why.code != IFM_NOMEM;
}

/* A record that cannot be read is a finding (D7), not an end. */
static bool read_record(const stack_folder *folder, stack_record *out, bool *there, ifm_error *why,
                        ifm_error *err)
{
    *why = (ifm_error){.code = IFM_OK};
    if (!stack_folder_record(folder, out, there, why)) {
        *there = false;
    }
    if (why->code == IFM_NOMEM) {
        *err = *why;
    }
    return why->code != IFM_NOMEM;
}

bool stack_doctor_run_here(const stack_doctor *doctor, char *choice, ifm_error *err)
{
    stack_folder folder;
    stack_record record;
    ifm_error record_error;
    char *password = NULL;
    bool there;
    if (!stack_folder_open(&folder, false, err)) {
        return false;
    }
    bool ok = read_record(&folder, &record, &there, &record_error, err);
    if (ok) {
        stack_doctor full = *doctor;
        full.system = &stack_system_real;
        full.folder = &folder;
        full.record = there ? &record : NULL;
        full.record_error = record_error.code == IFM_OK ? NULL : record_error.message;
        ok = read_password(&folder, &password, err);
        full.password = password;
        ok = ok && stack_doctor_run(&full, choice, err);
        ifm_free(password);
        if (there) {
            stack_record_deinit(&record);
        }
    }
    stack_folder_close(&folder);
    return ok;
}
