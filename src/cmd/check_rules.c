/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer check rules [FILE...]: reads files of rules as the monitor does, and looks for rules that are
 * there twice.
 */
#include "cmd/check_rules.h"
#include "base/base.h"
#include "cmd/all.h"
#include "os/os.h"
#include "rules/rules.h"

#include <stdio.h>
#include <string.h>

enum { FILE_BYTES_MAX = 16 << 20, REPORT_BYTES_MAX = 64 << 20 };

typedef enum check_option { CHECK_LINT, CHECK_LINT_FATAL } check_option;

typedef struct check_settings {
    bool no_lint, fatal;
} check_settings;

static bool check_take(void *settings, int id, const char *value, ifm_error *err)
{
    check_settings *check = settings;
    (void)err;
    if (id == CHECK_LINT) {
        check->no_lint = strcmp(value, "none") == 0;
    } else {
        check->fatal = true;
    }
    return true;
}

static void print_duplicates(const rules_file_report *report, const char *path)
{
    printf(
        "  WARNING: %zu rule%s there already, with the same name and labels: which of them is recorded last "
        "depends on chance\n",
        report->duplicate_count, report->duplicate_count == 1 ? " is" : "s are");
    for (size_t i = 0; i < report->duplicate_count; i++) {
        const rules_duplicate *duplicate = &report->duplicates[i];
        ifm_buf labels;
        ifm_buf_init(&labels, REPORT_BYTES_MAX);
        model_labels_print(duplicate->labels, &labels);
        printf("    %s:%u:%u: %s%.*s\n", path, duplicate->place.line, duplicate->place.column,
               duplicate->name, (int)labels.size, labels.data == NULL ? "" : labels.data);
        ifm_buf_deinit(&labels);
    }
}

static bool read_text(const char *path, ifm_buf *out, ifm_error *err)
{
    ifm_buf_init(out, FILE_BYTES_MAX);
    return ifm_os_read_file(strcmp(path, "-") == 0 ? "/dev/stdin" : path, out, err);
}

cmd_rules_verdict cmd_check_rules_file(const char *path, bool lint)
{
    ifm_error err;
    ifm_buf text;
    ifm_bump arena;
    rules_file_report report = {.groups = 0};
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    printf("Checking %s\n", name);
    ifm_bump_init(&arena, REPORT_BYTES_MAX);
    bool ok =
        read_text(path, &text, &err) &&
        rules_check((model_text){text.data == NULL ? "" : text.data, text.size}, name, &arena, &report, &err);
    bool warns = ok && lint && report.duplicate_count > 0;
    if (!ok) {
        printf("  FAILED: %s\n", err.message);
    } else if (warns) {
        print_duplicates(&report, name);
    } else {
        printf("  SUCCESS: %zu rules found\n", report.rules);
    }
    ifm_bump_deinit(&arena);
    ifm_buf_deinit(&text);
    return ok ? warns ? CMD_RULES_WARNED : CMD_RULES_FINE : CMD_RULES_FAILED;
}

static int check_run(const cmd_call *call, void *settings)
{
    const check_settings *check = settings;
    bool failed = false, warned = false;
    int count = call->argument_count > 0 ? call->argument_count : 1;
    for (int i = 0; i < count; i++) {
        const char *path = call->argument_count > 0 ? call->arguments[i] : "-";
        cmd_rules_verdict verdict = cmd_check_rules_file(path, !check->no_lint);
        failed = failed || verdict == CMD_RULES_FAILED;
        warned = warned || verdict == CMD_RULES_WARNED;
    }
    return failed ? CMD_TROUBLE : warned && check->fatal ? CMD_LINT : CMD_OK;
}

static const cmd_option check_options[] = {
    {CHECK_LINT, "lint", "WHAT", "all duplicate-rules none",
     "What is looked for beside errors [duplicate-rules]."},
    {CHECK_LINT_FATAL, "lint-fatal", NULL, NULL, "End with 3 when something of that was found."},
    {0}};

const cmd_command cmd_check_rules = {
    .name = "check rules",
    .arguments = "[FILE...]",
    .summary = "Checks files of recording and alerting rules.",
    .description =
        "Each FILE is read as the monitor reads it, in Prometheus's format: its keys, expressions and "
        "templates. Without a FILE, or with \"-\", it is the standard input.\n"
        "Ends with 0 when all is well, with 1 when there are errors. Rules that are there twice are a "
        "warning; with --lint-fatal it ends with 3 then.",
    .options = check_options,
    .take = check_take,
    .settings_size = sizeof(check_settings),
    .run = check_run,
    .arguments_min = 0,
    .arguments_max = -1,
};
