/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer: one program with subcommands. Wiring only: each subcommand has a file of its own, and the
 * work is done in the layers below.
 */
#include "cmd/command.h"

#include <fcntl.h>
#include <inferometer/registry.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How many words of the command line a command's name takes; 0 when it is not this command. */
static int name_words(const cmd_command *command, int count, char **words)
{
    const char *name = command->name;
    for (int i = 0; i < count; i++) {
        size_t size = strcspn(name, " ");
        if (strlen(words[i]) != size || strncmp(words[i], name, size) != 0) {
            return 0;
        }
        if (name[size] == '\0') {
            return i + 1;
        }
        name += size + 1;
    }
    return 0;
}

static const cmd_command *find_command(int count, char **words, int *used)
{
    for (const cmd_command *const *at = cmd_commands; *at != NULL; at++) {
        *used = name_words(*at, count, words);
        if (*used > 0) {
            return *at;
        }
    }
    return NULL;
}

static bool is_help(const char *word)
{
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* "inferometer stack": the commands that begin so. */
static bool print_group(const char *word, FILE *to)
{
    size_t size = strlen(word);
    bool any = false;
    for (const cmd_command *const *at = cmd_commands; *at != NULL; at++) {
        if (strncmp((*at)->name, word, size) == 0 && (*at)->name[size] == ' ') {
            if (!any) {
                fprintf(to,
                        to == stdout ? "usage: inferometer %s COMMAND [OPTION]...\n\n"
                                     : "inferometer: \"%s\" needs one more word:\n",
                        word);
            }
            any = true;
            fprintf(to, "  inferometer %-22s %s\n", (*at)->name, (*at)->summary);
        }
    }
    return any;
}

static int complain(int count, char **words, bool help)
{
    bool asked = help || (count == 2 && is_help(words[1])); /* "inferometer stack --help" */
    if (count == 1 + (asked && !help) && print_group(words[0], asked ? stdout : stderr)) {
        return asked ? CMD_OK : CMD_USAGE;
    }
    fprintf(stderr, "inferometer: there is no command \"%s%s%s\"; hint: inferometer --help lists all\n",
            words[0], count > 1 && words[1][0] != '-' ? " " : "",
            count > 1 && words[1][0] != '-' ? words[1] : "");
    return CMD_USAGE;
}

/* What is opened must not get the number of a standard descriptor that came closed: our messages would go
 * into it. Reading and writing them go on to fail. */
static void standard_descriptors_take(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY); /* gets the lowest number, `fd` */
        }
    }
}

static int run(int count, char **words)
{
    if (count == 0) {
        cmd_print_overview();
        return CMD_USAGE;
    }
    if (strcmp(words[0], "--version") == 0 || strcmp(words[0], "version") == 0) {
        printf("inferometer %s\n", ifm_version());
        return CMD_OK;
    }
    bool help = is_help(words[0]);
    if (help && count == 1) {
        cmd_print_overview();
        return CMD_OK;
    }
    int used;
    const cmd_command *command = find_command(count - help, words + help, &used);
    if (command == NULL) {
        return complain(count - help, words + help, help);
    }
    if (help) {
        cmd_print_help(command);
        return CMD_OK;
    }
    return cmd_run(command, count - used, words + used);
}

/* What did not fit into the buffer may have failed before, and left nothing for the last flush. */
static int flush(int status)
{
    bool flushed = fflush(stdout) == 0;
    if ((flushed && !ferror(stdout)) || status != CMD_OK) {
        return status;
    }
    if (flushed) {
        fputs("inferometer: could not write all to the standard output\n", stderr);
    } else {
        perror("inferometer: could not write to the standard output");
    }
    return CMD_TROUBLE;
}

int main(int argc, char **argv)
{
    standard_descriptors_take();
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is a failed write, not a death without a word */
    signal(SIGCHLD, SIG_DFL); /* where it came ignored, nobody hears what a program ended with */
    return flush(run(argc - 1, argv + 1));
}
