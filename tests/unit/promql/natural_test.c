/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "promql/natural.h"

static void texts_are_in_natural_order(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool precedes;
        const char *why;
    } rows[] = {
        {"a9", "a10", true, "numbers count by value"},
        {"a10", "a9", false, "both ways"},
        {"a", "b", true, "texts by their bytes"},
        {"B", "a", true, "bytes, not letters"},
        {"10", "9x", false, "a number before what follows it"},
        {"9", "9x", true, "the shorter one first"},
        {"9x", "9", false, "both ways"},
        {"a01", "a1", true, "zeros in front do not count, then both come first"},
        {"a1", "a01", true, "both ways"},
        {"1.2.10", "1.2.9", false, "versions"},
        {"1.2.9", "1.2.10", true, "versions, the other way round"},
        {"a1b2", "a1b10", true, "a later number"},
        {"x99999999999999999999", "x1", false, "too long for a number: by its bytes"},
        {"", "a", false, "an empty text precedes nothing"},
        {"a", "", false, "and nothing precedes it"},
        {"1", "a", true, "a digit's byte is the smaller"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        bool precedes = promql_natural_precedes(model_text_of(rows[i].a), model_text_of(rows[i].b));
        if (!check_report(precedes == rows[i].precedes, __FILE__, __LINE__)) {
            fprintf(stderr, "\"%s\" before \"%s\": %d (%s)\n", rows[i].a, rows[i].b, precedes, rows[i].why);
        }
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_in_natural_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
