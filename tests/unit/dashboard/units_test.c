/* SPDX-License-Identifier: Apache-2.0 */
#include "dashboard/units.h"

#include "check.h"

static const struct {
    const char *unit;
    bool known;
} rows[] = {
    {"", true},
    {"none", true},
    {"short", true},
    {"string", true},
    {"locale", true},
    {"sci", true},
    {"percent", true},
    {"percentunit", true},
    {"ns", true},
    {"\xC2\xB5s", true},
    {"ms", true},
    {"s", true},
    {"m", true},
    {"h", true},
    {"d", true},
    {"dtdurations", true},
    {"dtdurationms", true},
    {"clocks", true},
    {"dateTimeAsIso", true},
    {"dateTimeFromNow", true},
    {"bits", true},
    {"bytes", true},
    {"decbytes", true},
    {"kbytes", true},
    {"mbytes", true},
    {"gbytes", true},
    {"decmbytes", true},
    {"Bps", true},
    {"binBps", true},
    {"bps", true},
    {"cps", true},
    {"ops", true},
    {"reqps", true},
    {"rps", true},
    {"wps", true},
    {"iops", true},
    {"opm", true},
    {"cpm", true},
    {"hertz", true},
    {"celsius", true},
    {"watt", true},
    {"joule", true},
    {"bool", true},
    {"bool_yes_no", true},
    {"bool_on_off", true},
    {"zflops", true},
    {"count:tok/s", true},
    {"suffix:cores", true},
    {"prefix:x", true},
    {"time:YYYY", true},
    {"si:mF", true},
    {"currency:EUR", true},
    {"bool:on/off", true},
    {"suffix:", false},
    {"sufix:x", false},
    {":x", false},
    {"seconds", false},
    {"S", false},
    {"sec", false},
    {"\xCE\xBCs", false},
    {"tokens", false},
};

static void unit_is_known_or_described(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!check_report(dashboard_unit_is_known(rows[i].unit) == rows[i].known, __FILE__, __LINE__)) {
            fprintf(stderr, "\"%s\" is not %d\n", rows[i].unit, rows[i].known);
        }
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unit_is_known_or_described)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
