/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "cmd/command.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { OPTIONS_MAX = 40, HELP_ID = 0, FIRST_ID = 256 /* getopt's '?' and ':' are below */ };

static int usage(const cmd_command *command, const char *format, const char *text)
{
    fprintf(stderr, "inferometer %s: ", command->name);
    fprintf(stderr, format, text);
    fprintf(stderr, "; hint: inferometer %s --help lists all options\n", command->name);
    return CMD_USAGE;
}

/* The table for getopt_long(); its values are FIRST_ID + the index of the option, --help is the last. */
static void long_options(const cmd_command *command, struct option *out)
{
    size_t count = 0;
    for (const cmd_option *at = command->options; at->name != NULL && count < OPTIONS_MAX - 2; at++) {
        out[count] = (struct option){at->name, at->argument != NULL ? required_argument : no_argument, NULL,
                                     FIRST_ID + (int)count};
        count++;
    }
    out[count] = (struct option){"help", no_argument, NULL, HELP_ID};
    out[count + 1] = (struct option){NULL, 0, NULL, 0};
}

static const cmd_option *find_option(const cmd_command *command, int found)
{
    if (found >= FIRST_ID) {
        return &command->options[found - FIRST_ID];
    }
    const cmd_option *at = command->options; /* the letter's, which is one of them */
    while (at->id != command->letter_id) {
        at++;
    }
    return at;
}

static bool is_choice(const char *choices, const char *text)
{
    size_t size = strlen(text);
    for (const char *at = choices; *at != '\0'; at += strcspn(at, " "), at += strspn(at, " ")) {
        if (strcspn(at, " ") == size && strncmp(at, text, size) == 0) {
            return true;
        }
    }
    return false;
}

static int take(const cmd_command *command, const cmd_option *option, const char *value, void *settings)
{
    ifm_error err;
    if (option->choices != NULL && !is_choice(option->choices, value)) {
        fprintf(stderr, "inferometer %s: --%s=\"%s\" cannot be used; accepted: %s\n", command->name,
                option->name, value, option->choices);
        return CMD_USAGE;
    }
    if (!command->take(settings, option->id, value, &err)) {
        fprintf(stderr, "inferometer %s: --%s%s%s: %s\n", command->name, option->name,
                value != NULL ? "=" : "", value != NULL ? value : "", err.message);
        return CMD_USAGE;
    }
    return CMD_OK;
}

/* From here on the signals that ask us to end are read from a descriptor, not delivered: nothing has to be
 * async-signal-safe, and whatever is under way can be taken back. */
static int signals_open(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    struct sigaction hangup;
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) { /* nohup */
        sigaddset(&set, SIGHUP);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run_parsed(const cmd_command *command, int count, char **arguments, void *settings)
{
    if (count < command->arguments_min) {
        return usage(command, "it needs %s", command->arguments);
    }
    if (command->arguments_max >= 0 && count > command->arguments_max) {
        return usage(command, "\"%s\" is one argument too many", arguments[command->arguments_max]);
    }
    cmd_call call = {
        .command = command, .argument_count = count, .arguments = arguments, .cancel_fd = signals_open()};
    int status = command->run(&call, settings);
    close(call.cancel_fd);
    return status;
}

static int parse_and_run(const cmd_command *command, int count, char **arguments, void *settings)
{
    struct option options[OPTIONS_MAX];
    const char letters[] = {':', command->letter, ':', '\0'}; /* without a letter it ends after the first */
    long_options(command, options);
    opterr = 0;
    optind = 0;
    /* getopt begins with the second word; ours has no name of the program before it. */
    int found;
    while ((found = getopt_long(count + 1, arguments - 1, letters, options, NULL)) != -1) {
        const char *word = (arguments - 1)[optind - 1];
        if (found == HELP_ID) {
            cmd_print_help(command);
            return CMD_OK;
        }
        if (found == ':') {
            return usage(command, "%s needs a value", word);
        }
        if (found == '?') {
            char letter[] = {'-', (char)optopt, '\0'}; /* of several in a word, or 0 for a long one */
            return usage(command, "\"%s\" is no option", optopt > 0 && optopt < FIRST_ID ? letter : word);
        }
        int status = take(command, find_option(command, found), optarg, settings);
        if (status != CMD_OK) {
            return status;
        }
    }
    return run_parsed(command, count + 1 - optind, arguments - 1 + optind, settings);
}

int cmd_run(const cmd_command *command, int count, char **arguments)
{
    void *settings = ifm_alloc_zero(1, command->settings_size + 1);
    if (settings == NULL) {
        fprintf(stderr, "inferometer: out of memory\n");
        return CMD_TROUBLE;
    }
    int status = parse_and_run(command, count, arguments, settings);
    ifm_free(settings);
    return status;
}

int cmd_fail(const ifm_error *err)
{
    fprintf(stderr, "inferometer: %s\n", err->message);
    return CMD_TROUBLE;
}
