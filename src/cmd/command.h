/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of subcommands, from which --help, the man page and the completions of shells are made: what
 * is not in the table is not there, and what is there is explained.
 *
 * Thread-safety: one thread.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>

/* What the program ends with. promtool and doctor mean something by 2, so a wrong command line is 64, as
 * sysexits.h has it. */
enum {
    CMD_OK = 0,
    CMD_TROUBLE = 1,
    CMD_WARNINGS = 2,
    CMD_LINT = 3, /* of a check that found nothing but warnings, as promtool has it */
    CMD_USAGE = 64,
    CMD_INTERRUPTED = 130 /* 128 + SIGINT, as shells say it */
};

typedef struct cmd_option {
    int id;               /* of the command's own; unique in it */
    const char *name;     /* "prometheus-port" */
    const char *argument; /* "PORT"; NULL: a switch */
    const char *choices;  /* "auto docker podman native"; NULL: any text */
    const char *help;     /* one sentence, with the default in brackets */
} cmd_option;

typedef struct cmd_command cmd_command;

/* What one run was given. */
typedef struct cmd_call {
    const cmd_command *command;
    int argument_count; /* what is left after the options */
    char **arguments;
    int cancel_fd; /* readable once SIGINT, SIGTERM or SIGHUP came: these are blocked */
} cmd_call;

struct cmd_command {
    const char *name;          /* "stack up" */
    const char *arguments;     /* "FILE..."; "" for none */
    const char *summary;       /* one line */
    const char *description;   /* paragraphs, each a line */
    const cmd_option *options; /* ends with a zeroed one; --help is in every command */
    /* Takes an option's value (NULL for a switch) into `settings`; false with `err` when it is no use. */
    bool (*take)(void *settings, int id, const char *value, ifm_error *err);
    size_t settings_size;                             /* zeroed before the first take() */
    int (*run)(const cmd_call *call, void *settings); /* returns what the program ends with */
    int arguments_min, arguments_max;                 /* max -1: any number */
    char letter;                                      /* "-o" is the option letter_id; 0: none */
    int letter_id;
};

/* All commands; ends with NULL. */
extern const cmd_command *const cmd_commands[];

/* Parses the options of `command` in arguments[0..count) and runs it. */
int cmd_run(const cmd_command *command, int count, char **arguments);

/* Prints "inferometer: SENTENCE" on stderr; always CMD_TROUBLE. */
int cmd_fail(const ifm_error *err);

void cmd_print_help(const cmd_command *command);
void cmd_print_overview(void);

#endif
