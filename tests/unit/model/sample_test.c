/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model.h"

#include "check.h"

static void values_differ_by_their_size(void **state)
{
    (void)state;
    const double stale = model_from_bits(MODEL_STALE_BITS);
    const struct {
        double a, b;
        bool want;
        const char *why;
    } rows[] = {
        {1, 1 + 0.9e-6, true, "less than a millionth of the sum"},
        {1, 1 + 3e-6, false, "more than a millionth of the sum"},
        {-1, 1, false, "the sign counts"},
        {0, 1e-300, false, "next to 0 the size is that of the smallest normal number"},
        {0, -0.0, true, "the two zeros"},
        {0x1p-1074, 0x1p-1073, true, "below the smallest normal number its size stands for theirs"},
        {1.7e308, 1.7e308, true, "the sum is past the largest number"},
        {1.7e308, 1.1e308, false, "the sum is past the largest number, the difference is not small"},
        {INFINITY, INFINITY, true, "infinity is itself"},
        {INFINITY, -INFINITY, false, "and not the other one"},
        {INFINITY, 1, false, "nor a number"},
        {NAN, NAN, true, "NaN is like NaN"},
        {NAN, 0, false, "NaN is no number"},
        {stale, stale, true, "a staleness marker is like another"},
        {stale, NAN, false, "a staleness marker is not NaN"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool forward = model_almost_equal(rows[i].a, rows[i].b, 1e-6);
        bool back = model_almost_equal(rows[i].b, rows[i].a, 1e-6);
        if (!check_report(forward == rows[i].want && back == forward, __FILE__, __LINE__)) {
            fprintf(stderr, "    %g, %g: %s\n", rows[i].a, rows[i].b, rows[i].why);
        }
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_differ_by_their_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
