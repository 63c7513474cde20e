/* SPDX-License-Identifier: Apache-2.0
 *
 * $NAME and ${NAME} in the values of external labels, as Go's os.Expand() takes them; "$$" is one "$". A
 * variable that is not set is empty.
 *
 * Thread-safety: none may change the environment meanwhile.
 */
#ifndef CONFIG_ENVIRONMENT_H
#define CONFIG_ENVIRONMENT_H

#include "model/model.h"

bool config_environment_expand(model_text text, ifm_bump *arena, model_text *out, ifm_error *err);

#endif
