/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a template of an alert: what is taken becomes a text or fails with a sentence, in bounded
 * steps; what is refused has a sentence.
 */
#include "rules/limits.h"
#include "rules/template.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const model_label items[] = {{{"a", 1}, {"1:2", 3}}, {{"b", 1}, {"x\xc3\xa4y", 4}}};
static const rules_sample samples[] = {{{items, 2}, 1.5}, {{items, 1}, -3e9}};

static bool query(void *context, model_text expr, ifm_bump *arena, rules_vector *out, ifm_error *err)
{
    static const rules_sample *const all[] = {&samples[0], &samples[1]};
    (void)context;
    (void)arena;
    *out = (rules_vector){all, expr.size % 3};
    return expr.size < 8 || ifm_error_set(err, IFM_INVALID, "no");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ifm_error err = {.code = IFM_OK};
    ifm_bump arena;
    ifm_buf out;
    ifm_bump_init(&arena, 16 << 20);
    ifm_buf_init(&out, 1 << 16);
    const rules_template_data given = {.labels = {items, 2},
                                       .value = 12345.678,
                                       .external_labels = {items, 1},
                                       .external_url = "http://h/p",
                                       .time_ms = 1500,
                                       .query = query};
    const model_text text = {(const char *)data, size};
    const rules_template *template = rules_template_parse(text, &arena, &err);
    bool ok = template != NULL && rules_template_expand(template, &given, &out, &err);
    if (!ok && (err.code == IFM_OK || err.message[0] == '\0')) {
        abort();
    }
    ifm_buf_deinit(&out);
    ifm_bump_deinit(&arena);
    return 0;
}
