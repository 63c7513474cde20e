/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer doctor: why the stack does not work.
 */
#include "cmd/all.h"

#include "base/base.h"
#include "stack/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_JSON, OPTION_CHECK };

typedef struct doctor_settings {
    bool json;
    const char *check;
} doctor_settings;

/* How a run goes. */
typedef struct doctor_run {
    bool json;
    bool colour;
    size_t lines;
    size_t counts[STACK_DOCTOR_FAILED + 1];
    ifm_buf text; /* of one result */
} doctor_run;

enum { RESULT_BYTES_MAX = 16384 };

static const char *const status_names[] = {"ok", "skipped", "warning", "failed"};

/* --- One result ----------------------------------------------------------------------------------- */

static void report_json(doctor_run *run, const stack_doctor_result *result)
{
    const char *const pairs[][2] = {{"id", result->id},
                                    {"title", result->title},
                                    {"status", status_names[result->status]},
                                    {"cause", result->cause},
                                    {"fix", result->fix}};
    ifm_buf_clear(&run->text);
    ifm_buf_append_text(&run->text, run->lines == 0 ? "[\n  {" : ",\n  {");
    for (size_t i = 0; i < IFM_COUNT_OF(pairs); i++) {
        ifm_buf_printf(&run->text, "%s\"%s\": ", i == 0 ? "" : ", ", pairs[i][0]);
        ifm_buf_append_json(&run->text, pairs[i][1]);
    }
    ifm_buf_append_char(&run->text, '}');
    printf("%.*s", (int)run->text.size, run->text.data != NULL ? run->text.data : "");
}

static void report_line(doctor_run *run, const stack_doctor_result *result)
{
    static const char *const words[] = {"ok", "skipped", "warning", "FAILED"};
    static const char *const colours[] = {"\033[32m", "\033[2m", "\033[33m", "\033[1;31m"};
    const char *on = run->colour ? colours[result->status] : "", *off = run->colour ? "\033[0m" : "";
    printf("%-3s  %s%-7s%s  %s\n", result->id, on, words[result->status], off, result->cause);
    if (result->fix[0] != '\0') {
        printf("              %s: %s\n", result->status == STACK_DOCTOR_OK ? "run" : "fix", result->fix);
    }
}

static void report(void *context, const stack_doctor_result *result)
{
    doctor_run *run = context;
    if (run->json) {
        report_json(run, result);
    } else {
        report_line(run, result);
    }
    fflush(stdout); /* the next check may take seconds */
    run->lines++;
    run->counts[result->status]++;
}

/* --- The command ---------------------------------------------------------------------------------- */

static void print_end(const doctor_run *run, const char *choice)
{
    if (run->json) {
        puts(run->lines == 0 ? "[]" : "\n]");
        return;
    }
    if (choice[0] != '\0') {
        printf("\n%s\n", choice);
    }
    size_t failed = run->counts[STACK_DOCTOR_FAILED], warnings = run->counts[STACK_DOCTOR_WARNING];
    if (failed == 0 && warnings == 0) {
        printf("\nnothing is wrong");
    } else {
        printf("\n%zu failed, %zu warning%s", failed, warnings, warnings == 1 ? "" : "s");
    }
    printf(" (%zu ok, %zu skipped)\n", run->counts[STACK_DOCTOR_OK], run->counts[STACK_DOCTOR_SKIPPED]);
}

static bool wants_colour(void)
{
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static int doctor_main(const cmd_call *call, void *settings)
{
    const doctor_settings *given = settings;
    char choice[STACK_DOCTOR_TEXT_SIZE] = "";
    ifm_error err;
    doctor_run run = {.json = given->json, .colour = !given->json && wants_colour()};
    ifm_buf_init(&run.text, RESULT_BYTES_MAX);
    const stack_doctor doctor = {
        .check = given->check, .cancel_fd = call->cancel_fd, .report = report, .context = &run};
    bool ok = stack_doctor_run_here(&doctor, choice, &err);
    ifm_buf_deinit(&run.text);
    if (!ok) {
        int status = cmd_fail(&err);
        return err.code == IFM_CANCELED ? CMD_INTERRUPTED : status;
    }
    print_end(&run, choice);
    return run.counts[STACK_DOCTOR_FAILED] > 0    ? CMD_TROUBLE
           : run.counts[STACK_DOCTOR_WARNING] > 0 ? CMD_WARNINGS
                                                  : CMD_OK;
}

static bool doctor_take(void *settings, int id, const char *value, ifm_error *err)
{
    doctor_settings *out = settings;
    if (id == OPTION_JSON) {
        out->json = true;
        return true;
    }
    out->check = value;
    return stack_doctor_has_check(value) ||
           ifm_error_set(err, IFM_INVALID, "there is no check \"%.40s\"; hint: they are D1 to D%d", value,
                         STACK_DOCTOR_COUNT);
}

static const cmd_option doctor_options[] = {
    {OPTION_JSON, "json", NULL, NULL, "Prints an array of {id, title, status, cause, fix}."},
    {OPTION_CHECK, "check", "D1..D20", NULL, "Makes this check only [all]."},
    {0},
};

const cmd_command cmd_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "Says why the stack does not work, and what to do.",
    .description =
        "Makes twenty checks of the container engine, ports, files, targets, Grafana and clocks, each with "
        "one line "
        "of cause and one command that mends it. Changes nothing.\n"
        "Ends with 0 when nothing is wrong, 1 when something is broken, 2 when there are only warnings.",
    .options = doctor_options,
    .take = doctor_take,
    .settings_size = sizeof(doctor_settings),
    .run = doctor_main,
};
