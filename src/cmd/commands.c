/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

#include "cmd/all.h"

const cmd_command *const cmd_commands[] = {
    /* One a line, in the order of --help. */
    /* clang-format off */
    &cmd_monitor_status, /* before the one whose name begins theirs */
    &cmd_monitor_stop,
    &cmd_monitor,
    &cmd_top,
    &cmd_query_instant,
    &cmd_query_range,
    &cmd_query_series,
    &cmd_query_labels,
    &cmd_stack_up,
    &cmd_stack_down,
    &cmd_stack_status,
    &cmd_stack_logs,
    &cmd_stack_reset_password,
    &cmd_doctor,
    &cmd_check_config,
    &cmd_check_rules,
    &cmd_check_web_config,
    &cmd_check_dashboards,
    &cmd_promql_format,
    &cmd_promql_parse,
    &cmd_test_promql,
    &cmd_tsdb_analyze,
    &cmd_tsdb_list,
    &cmd_tsdb_dump,
    &cmd_tsdb_dump_openmetrics,
    &cmd_tsdb_import,
    &cmd_man,
    &cmd_completions,
    NULL,
    /* clang-format on */
};
