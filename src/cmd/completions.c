/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer completions SHELL: what bash, zsh or fish needs to complete our command lines, made from
 * the table of commands. Names and options consist of letters, digits, '-' and '.' alone, so nothing has to
 * be quoted.
 */
#include "cmd/all.h"

#include <stdio.h>
#include <string.h>

/* Prints each first word, or each second word behind `first`, once. */
static void print_words(const char *first)
{
    const char *before = "";
    size_t before_size = 0;
    for (const cmd_command *const *at = cmd_commands; *at != NULL; at++) {
        const char *word = (*at)->name;
        if (first != NULL) {
            size_t size = strlen(first);
            if (strncmp(word, first, size) != 0 || word[size] != ' ') {
                continue;
            }
            word += size + 1;
        }
        size_t size = strcspn(word, " ");
        if (size != before_size || strncmp(word, before, size) != 0) {
            printf(" %.*s", (int)size, word);
        }
        before = word;
        before_size = size;
    }
}

static void print_options(const cmd_command *command)
{
    for (const cmd_option *option = command->options; option->name != NULL; option++) {
        printf(" --%s%s", option->name, option->argument != NULL ? "=" : "");
    }
    fputs(" --help", stdout);
}

/* A word is a choice of "--engine=": bash has split it at the "=". */
static void print_bash_choices(const cmd_command *command)
{
    for (const cmd_option *option = command->options; option->name != NULL; option++) {
        if (option->choices != NULL) {
            printf("    --%s) COMPREPLY=($(compgen -W \"%s\" -- \"$word\")); return ;;\n", option->name,
                   option->choices);
        }
    }
}

static void print_bash(void)
{
    fputs("# inferometer(1) completion for bash\n"
          "_inferometer() {\n"
          "  local word=${COMP_WORDS[COMP_CWORD]} first=${COMP_WORDS[1]:-} second=${COMP_WORDS[2]:-} before\n"
          "  before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "  if [ \"$word\" = = ]; then word=; elif [ \"$before\" = = ]; then "
          "before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"",
          stdout);
    print_words(NULL);
    fputs(" help version\" -- \"$word\")); return; fi\n  case \"$first $second \" in\n", stdout);
    for (const cmd_command *const *at = cmd_commands; *at != NULL; at++) {
        printf("  \"%s \"*)\n    case \"$before\" in\n", (*at)->name);
        print_bash_choices(*at);
        fputs("    esac\n    COMPREPLY=($(compgen -W \"", stdout);
        print_options(*at);
        print_words((*at)->name); /* "monitor" alone is a command, and begins others */
        fputs("\" -- \"$word\"))\n    [ \"${#COMPREPLY[@]}\" -gt 0 ] || COMPREPLY=($(compgen -f -- "
              "\"$word\"))\n"
              "    [[ ${COMPREPLY[0]:-} != *= ]] || compopt -o nospace ;;\n",
              stdout);
    }
    for (const cmd_command *const *at = cmd_commands; *at != NULL; at++) {
        size_t size = strcspn((*at)->name, " ");
        char first[32];
        if ((*at)->name[size] == '\0' ||
            (at > cmd_commands && strncmp(at[-1]->name, (*at)->name, size) == 0)) {
            continue;
        }
        snprintf(first, sizeof first, "%.*s", (int)size, (*at)->name);
        printf("  \"%s \"*) COMPREPLY=($(compgen -W \"", first);
        print_words(first);
        fputs("\" -- \"$word\")) ;;\n", stdout);
    }
    puts("  esac\n}\ncomplete -F _inferometer inferometer");
}

/* Without double quotes and brackets, which mean something to the shells. */
static void print_plain(const char *text)
{
    for (; *text != '\0' && *text != '\n'; text++) {
        if (strchr("'\"[]`$\\", *text) == NULL) {
            putchar(*text);
        }
    }
}

static void print_fish(void)
{
    puts("# inferometer(1) completion for fish\ncomplete -c inferometer -f -n '__fish_is_first_token' -a '");
    print_words(NULL);
    puts(" help version'");
    for (const cmd_command *const *at = cmd_commands; *at != NULL; at++) {
        size_t size = strcspn((*at)->name, " ");
        const char *second = (*at)->name + size;
        char condition[128];
        snprintf(condition, sizeof condition, "__fish_seen_subcommand_from %.*s%s%s", (int)size, (*at)->name,
                 *second != '\0' ? "; and __fish_seen_subcommand_from" : "", second);
        if (*second != '\0') {
            printf("complete -c inferometer -f -n '__fish_seen_subcommand_from %.*s' -a '%s' -d '", (int)size,
                   (*at)->name, second + 1);
            print_plain((*at)->summary);
            puts("'");
        }
        for (const cmd_option *option = (*at)->options; option->name != NULL; option++) {
            printf("complete -c inferometer -n '%s' -l %s%s -d '", condition, option->name,
                   option->argument != NULL ? " -r" : "");
            print_plain(option->help);
            putchar('\'');
            if (option->choices != NULL) {
                printf(" -f -a '%s'", option->choices);
            }
            putchar('\n');
        }
    }
}

/* zsh reads bash's completions. */
static void print_zsh(void)
{
    puts("#compdef inferometer\nautoload -U +X bashcompinit && bashcompinit");
    print_bash();
}

static int completions_run(const cmd_call *call, void *settings)
{
    (void)settings;
    const char *shell = call->arguments[0];
    if (strcmp(shell, "bash") == 0) {
        print_bash();
    } else if (strcmp(shell, "zsh") == 0) {
        print_zsh();
    } else if (strcmp(shell, "fish") == 0) {
        print_fish();
    } else {
        fprintf(stderr, "inferometer completions: \"%s\" is none of bash, zsh, fish\n", shell);
        return CMD_USAGE;
    }
    return CMD_OK;
}

static const cmd_option completions_options[] = {{0}};

const cmd_command cmd_completions = {
    .name = "completions",
    .arguments = "bash|zsh|fish",
    .summary = "Prints what a shell needs to complete command lines.",
    .description = "For bash: eval \"$(inferometer completions bash)\"",
    .options = completions_options,
    .run = completions_run,
    .arguments_min = 1,
    .arguments_max = 1,
};
