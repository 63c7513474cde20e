/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/base.h"
#include "promql/value.h"

static const char *const of_the_engine[] = {
    "absent", "absent_over_time", "end",  "info", "range",     "scalar",
    "start",  "start_timestamp",  "step", "time", "timestamp", "vector"};

static bool is_of_the_engine(const char *name)
{
    for (size_t i = 0; i < IFM_COUNT_OF(of_the_engine); i++) {
        if (strcmp(of_the_engine[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void every_function_has_code_of_its_kind(void **state)
{
    (void)state;
    size_t count = 0;
    for (const promql_function *f; (f = promql_function_at(count)) != NULL; count++) {
        const promql_function_code *code = promql_function_code_find(f->name);
        int failures = check_failures;
        CHECK((code == NULL) == is_of_the_engine(f->name));
        if (code != NULL) {
            bool range = false;
            for (size_t i = 0; i < f->type_count; i++) {
                range = range || f->types[i] == PROMQL_TYPE_MATRIX;
            }
            CHECK_TEXT(code->name, f->name);
            CHECK((code->range != NULL) == range);
            CHECK((code->instant != NULL) == !range);
            CHECK(code->sweep == NULL || range);
        }
        if (check_failures > failures) {
            fprintf(stderr, "    %s\n", f->name);
        }
    }
    CHECK_INT(count, 90);
    CHECK(promql_function_code_find("nothing") == NULL);
    CHECK(promql_function_code_find("") == NULL);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_has_code_of_its_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
