/* SPDX-License-Identifier: Apache-2.0
 *
 * Text 0.0.4 from outside.
 */
#include "parser_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_parse_both(IFM_PARSE_TEXT, (const char *)data, size);
    return 0;
}
