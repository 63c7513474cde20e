/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 28, HELP_WIDTH = 96 };

/* Prints `text` from column `indent` on, wrapped between words. */
static void print_wrapped(const char *text, int indent, int column)
{
    while (*text != '\0') {
        int size = (int)strcspn(text, " \n");
        if (column > indent && column + 1 + size > HELP_WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", size, text);
        column += size;
        text += size;
        if (*text == '\n') {
            printf("\n%*s", indent, "");
            column = indent;
        }
        text += *text != '\0';
    }
    putchar('\n');
}

static void print_option(const char *name, char letter, const char *argument, const char *help)
{
    char also[8] = "";
    if (letter != 0) {
        snprintf(also, sizeof also, "-%c, ", letter);
    }
    int column =
        printf("  %s--%s%s%s", also, name, argument != NULL ? "=" : "", argument != NULL ? argument : "");
    if (column >= HELP_COLUMN) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", HELP_COLUMN - column, "");
    print_wrapped(help, HELP_COLUMN, HELP_COLUMN);
}

void cmd_print_help(const cmd_command *command)
{
    printf("usage: inferometer %s [OPTION]...%s%s\n", command->name, command->arguments[0] != '\0' ? " " : "",
           command->arguments);
    print_wrapped(command->summary, 0, 0);
    putchar('\n');
    if (command->description[0] != '\0') {
        print_wrapped(command->description, 0, 0);
        putchar('\n');
    }
    for (const cmd_option *at = command->options; at->name != NULL; at++) {
        char letter = '\0';
        if (at->id == command->letter_id) {
            letter = command->letter;
        }
        print_option(at->name, letter, at->argument, at->help);
    }
    print_option("help", 0, NULL, "This text.");
}

void cmd_print_overview(void)
{
    puts("usage: inferometer COMMAND [OPTION]...\n"
         "Monitoring for neural-inference pipelines.\n");
    for (const cmd_command *const *at = cmd_commands; *at != NULL; at++) {
        printf("  %-24s %s\n", (*at)->name, (*at)->summary);
    }
    printf("  %-24s %s\n  %-24s %s\n", "help COMMAND", "What a command does, and its options.", "version",
           "The version of this program.");
    puts("\nEnds with 0, with 1 when something could not be done, with 64 when the command line is wrong.");
}
