/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines of a monitor's log.
 */
#include "cmd/monitor_log.h"

#include "check.h"

static const char *line_of(bool json, ifm_log_level level, const char *message)
{
    static char line[4096];
    const monitor_log log = {.level = IFM_LOG_INFO, .json = json};
    size_t size = monitor_log_line(&log, 1700000000007, level, message, line, sizeof line - 1);
    line[size] = '\0';
    return line;
}

static void lines_are_logfmt_or_json(void **state)
{
    (void)state;
    CHECK_TEXT(line_of(false, IFM_LOG_INFO, "ready"),
               "time=2023-11-14T22:13:20.007Z level=INFO msg=\"ready\"");
    CHECK_TEXT(line_of(false, IFM_LOG_WARNING, "a \"b\"\n\\"),
               "time=2023-11-14T22:13:20.007Z level=WARN msg=\"a \\\"b\\\"\\u000a\\\\\"");
    CHECK_TEXT(line_of(true, IFM_LOG_ERROR, "could not"),
               "{\"time\":\"2023-11-14T22:13:20.007Z\",\"level\":\"ERROR\",\"msg\":\"could not\"}");
    CHECK_TEXT(line_of(true, IFM_LOG_ERROR, "\xff"),
               "{\"time\":\"2023-11-14T22:13:20.007Z\",\"level\":\"ERROR\",\"msg\":\"\xef\xbf\xbd\"}");
    check_end();
}

static void line_is_cut_where_it_has_no_room(void **state)
{
    (void)state;
    char line[16];
    const monitor_log log = {.level = IFM_LOG_INFO};
    CHECK_INT(monitor_log_line(&log, 0, IFM_LOG_INFO, "more than that", line, sizeof line), sizeof line);
    CHECK(memcmp(line, "time=1970-01-01T", sizeof line) == 0);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_logfmt_or_json),
        cmocka_unit_test(line_is_cut_where_it_has_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
