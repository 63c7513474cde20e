/* SPDX-License-Identifier: Apache-2.0
 *
 * The users of --web.config.file. Of each the last right credentials are remembered (os/auth.h), so that a
 * password costs its hash once.
 *
 * Thread-safety: any thread.
 */
#ifndef IFM_WEB_USERS_H
#define IFM_WEB_USERS_H

#include "config/config.h"

typedef struct web_users web_users;

/* NULL with err->code IFM_OK: there are none. Errors: IFM_INVALID, IFM_IO, IFM_NOMEM. */
web_users *web_users_new(const config_web *web, ifm_error *err);
void web_users_free(web_users *users); /* NULL is accepted */

typedef enum web_admission { WEB_ADMITTED, WEB_REFUSED, WEB_TOO_MANY } web_admission;

/* Whether the value of Authorization (NULL: none) is right. Slow for credentials that are new; then one after
 * another, so that guessing passwords costs one processor and not all. WEB_TOO_MANY: too many wait. */
web_admission web_users_check(web_users *users, const char *authorization);

#endif
