/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands, each defined in the file that bears its name; listed in commands.c.
 */
#ifndef CMD_ALL_H
#define CMD_ALL_H

#include "cmd/command.h"

extern const cmd_command cmd_check_config;
extern const cmd_command cmd_check_dashboards;
extern const cmd_command cmd_check_rules;
extern const cmd_command cmd_check_web_config;
extern const cmd_command cmd_completions;
extern const cmd_command cmd_doctor;
extern const cmd_command cmd_man;
extern const cmd_command cmd_monitor;
extern const cmd_command cmd_monitor_status;
extern const cmd_command cmd_monitor_stop;
extern const cmd_command cmd_promql_format;
extern const cmd_command cmd_promql_parse;
extern const cmd_command cmd_query_instant;
extern const cmd_command cmd_query_labels;
extern const cmd_command cmd_query_range;
extern const cmd_command cmd_query_series;
extern const cmd_command cmd_stack_down;
extern const cmd_command cmd_stack_logs;
extern const cmd_command cmd_stack_reset_password;
extern const cmd_command cmd_stack_status;
extern const cmd_command cmd_stack_up;
extern const cmd_command cmd_test_promql;
extern const cmd_command cmd_top;
extern const cmd_command cmd_tsdb_analyze;
extern const cmd_command cmd_tsdb_dump;
extern const cmd_command cmd_tsdb_dump_openmetrics;
extern const cmd_command cmd_tsdb_import;
extern const cmd_command cmd_tsdb_list;

#endif
