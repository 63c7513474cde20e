/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a file of rules: what is refused has a sentence, what is taken has no more duplicates than
 * rules.
 */
#include "rules/rules.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ifm_error err = {.code = IFM_OK};
    ifm_bump arena;
    rules_file_report report;
    const model_text text = {(const char *)data, size};
    ifm_bump_init(&arena, 64 << 20);
    bool ok = rules_check(text, "a.yml", &arena, &report, &err);
    if (ok ? report.duplicate_count > report.rules : err.code == IFM_OK || err.message[0] == '\0') {
        abort();
    }
    ifm_bump_deinit(&arena);
    return 0;
}
