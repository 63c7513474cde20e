/* SPDX-License-Identifier: Apache-2.0
 *
 * The provisioning files, checked more strictly than Grafana does: what it logs and then starts without is an
 * error here, since a test wants to know.
 */
#ifndef IFM_STAND_IN_PROVISIONING_H
#define IFM_STAND_IN_PROVISIONING_H

#include "stand_in_settings.h"

typedef struct data_source {
    char uid[SETTING_BYTES];
    char name[SETTING_BYTES];
    char url[SETTING_BYTES];
    char interval[SETTING_BYTES]; /* jsonData.timeInterval, "" when it is not there */
} data_source;

/* Ends the program with a sentence unless FOLDER/datasources and FOLDER/dashboards have a file each that
 * Grafana would take, and every provider's folder has dashboards with uid and title. Prints them. */
void provisioning_check(const char *folder);

/* Finds a data source; reads the files again. Returns false when there is none of that uid. */
bool provisioning_data_source(const char *folder, const char *uid, data_source *found);

/* Ends the program unless the file is a dashboard. */
void provisioning_check_dashboard(const char *path);

#endif
