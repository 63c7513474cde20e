/* SPDX-License-Identifier: Apache-2.0
 *
 * Any Accept and Accept-Encoding header is answered, by one of the content types there are.
 */
#include "base/base.h"
#include "exposition/negotiate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *header = ifm_copy_bytes(data, size); /* of exact size, so that reading past the end is seen */
    ifm_negotiated out;
    if (header == NULL) {
        return 0;
    }
    ifm_negotiate_format(header, &out);
    ifm_negotiate_gzip(header);
    if (out.escaping == IFM_ESCAPING_ALLOW_UTF8 && out.format == IFM_FORMAT_TEXT) {
        abort();
    }
    if (strncmp(out.content_type, "text/plain; ", 12) != 0 &&
        strncmp(out.content_type, "application/", 12) != 0) {
        abort();
    }
    if (strlen(out.content_type) + 1 >= sizeof out.content_type) {
        abort(); /* cut */
    }
    ifm_free(header);
    return 0;
}
