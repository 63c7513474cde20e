/* SPDX-License-Identifier: Apache-2.0
 *
 * OpenMetrics from outside: the parser, and the check of whole documents, which accepts only what the
 * parser does.
 */
#include "exposition/parser_check.h"
#include "parser_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ifm_error err;
    bool parsed = fuzz_parse_both(IFM_PARSE_OPENMETRICS, (const char *)data, size);
    bool checked = ifm_openmetrics_check_text((const char *)data, size, &err);
    fuzz_require(parsed || !checked);
    fuzz_require(checked || (err.offset <= size && ifm_utf8_valid(err.message, strlen(err.message))));
    return 0;
}
