/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer man: the manual page, made from the table of commands.
 */
#include "cmd/all.h"

#include <inferometer/registry.h>
#include <stdio.h>

/* roff takes a leading '.' or "'" for a request, and '\' for an escape; '-' would become a hyphen. */
static void print_roff(const char *text)
{
    bool line_begins = true;
    for (; *text != '\0'; text++) {
        if (line_begins && (*text == '.' || *text == '\'')) {
            fputs("\\&", stdout);
        }
        if (*text == '\\') {
            fputs("\\e", stdout);
        } else if (*text == '-') {
            fputs("\\-", stdout);
        } else if (*text == '\n') {
            fputs("\n.br\n", stdout);
        } else {
            putchar(*text);
        }
        line_begins = *text == '\n';
    }
    putchar('\n');
}

static void print_option(const cmd_command *command, const cmd_option *option)
{
    puts(".TP");
    fputs(".B ", stdout);
    if (command->letter != 0 && option->id == command->letter_id) {
        printf("\\-%c\\fR, \\fB", command->letter);
    }
    fputs("\\-\\-", stdout);
    for (const char *at = option->name; *at != '\0'; at++) {
        printf(*at == '-' ? "\\-" : "%c", *at);
    }
    if (option->argument != NULL) {
        printf("=\\fI%s\\fR", option->argument);
    }
    putchar('\n');
    print_roff(option->help);
}

static void print_command(const cmd_command *command)
{
    printf(".SS inferometer %s [OPTION]... %s\n", command->name, command->arguments);
    print_roff(command->summary);
    if (command->description[0] != '\0') {
        puts(".PP");
        print_roff(command->description);
    }
    for (const cmd_option *option = command->options; option->name != NULL; option++) {
        print_option(command, option);
    }
}

static int man_run(const cmd_call *call, void *settings)
{
    (void)call;
    (void)settings;
    printf(".TH INFEROMETER 1 \"\" \"inferometer %s\" \"User Commands\"\n", ifm_version());
    puts(".SH NAME\ninferometer \\- monitoring for neural\\-inference pipelines\n"
         ".SH SYNOPSIS\n.B inferometer\n.I COMMAND\n[\\fIOPTION\\fR]...\n"
         ".SH DESCRIPTION\nWatches programs that are instrumented with libinferometer and answers queries "
         "about\n"
         "them, or starts Prometheus and Grafana, set up for it, says why they do not work where they do "
         "not,\n"
         "and checks dashboards.\n"
         ".SH COMMANDS");
    for (const cmd_command *const *at = cmd_commands; *at != NULL; at++) {
        print_command(*at);
    }
    puts(".SH EXIT STATUS\n0 when all is well, 1 when something could not be done, 64 when the command line "
         "is "
         "wrong,\n130 when it was interrupted. doctor ends with 2 when it only has warnings.\n"
         ".SH ENVIRONMENT\n.TP\n.B XDG_STATE_HOME\nWhere state is kept, below inferometer/; "
         "~/.local/state without it.\n"
         ".TP\n.B DOCKER_HOST, DOCKER_CONTEXT\nAs docker takes them.\n"
         ".TP\n.B NO_COLOR\nWhen it is set, nothing is coloured.");
    return CMD_OK;
}

static const cmd_option man_options[] = {{0}};

const cmd_command cmd_man = {
    .name = "man",
    .arguments = "",
    .summary = "Prints the manual page: inferometer man | man -l -",
    .description = "",
    .options = man_options,
    .run = man_run,
};
