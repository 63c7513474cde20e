/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "metrics/registry.h"

#include <inferometer/registry.h>

bool ifm_registry_expose(ifm_registry *registry, const ifm_expose_options *options, char **out, size_t *size,
                         ifm_error *err)
{
    static const ifm_expose_options standard = {.format = IFM_FORMAT_TEXT};
    const ifm_expose_options *chosen = options == NULL ? &standard : options;
    registry = ifm_registry_or_default(registry);
    if (registry == NULL) {
        return ifm_error_nomem(err);
    }
    ifm_buf buf;
    ifm_buf_init(&buf, IFM_EXPOSE_BYTES_MAX);
    ifm_encoder *encoder = ifm_encoder_new(
        &(ifm_encoder_options){
            .format = chosen->format,
            .escaping = chosen->escaping,
            .names = chosen->names,
            .name_count = chosen->names == NULL ? 0 : chosen->name_count,
        },
        &buf, err);
    char *document = NULL;
    size_t length = 0;
    if (encoder != NULL && ifm_registry_gather(registry, encoder, err) && ifm_encoder_finish(encoder, err)) {
        document = ifm_buf_take(&buf, &length, err);
    }
    ifm_encoder_free(encoder);
    ifm_buf_deinit(&buf);
    if (document == NULL) {
        return false;
    }
    *out = document;
    *size = length;
    return true;
}
