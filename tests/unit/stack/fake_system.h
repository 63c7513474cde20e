/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine that answers with what was recorded: commands from a table, files below a folder of the test's
 * own.
 */
#ifndef IFM_TESTS_FAKE_SYSTEM_H
#define IFM_TESTS_FAKE_SYSTEM_H

#include "check.h"
#include "stack/system.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FAKE_LOG_MAX = 1 << 20, FAKE_PATH_SIZE = 256 };

/* What a command answers. `words` is the command line, joined by blanks; with "*" at its end only the
 * beginning counts. A row that was used `times` times (0: any number) is passed over for a later one. */
typedef struct fake_answer {
    const char *words;
    int status;
    const char *out, *err; /* NULL: "" */
    ifm_code code;         /* not IFM_OK: the command could not be run */
    int times;
} fake_answer;

#define ANSWER(words, status, out, err)                                                                      \
    {                                                                                                        \
        words, status, out, err, IFM_OK, 0                                                                   \
    }
#define ONCE(words, status, out, err)                                                                        \
    {                                                                                                        \
        words, status, out, err, IFM_OK, 1                                                                   \
    }
#define CANNOT(words, code)                                                                                  \
    {                                                                                                        \
        words, 0, NULL, NULL, code, 0                                                                        \
    }
#define OK(words, out) ANSWER(words, 0, out, NULL)
#define END            ANSWER(NULL, 0, NULL, NULL)

/* The first row that fits answers; none: the program is not installed. */
typedef struct fake_system {
    const fake_answer *answers;     /* ends with a row without words */
    const char *const *environment; /* "NAME=VALUE", ends with NULL; NULL: empty */
    int used[64];
    int64_t wall_ms, wall_step_ms; /* the clock, and what every look at it adds */
    int64_t timeout_ns;            /* of the last command */
    ifm_buf log;                   /* every command line, ended by "\n" */
    ifm_buf inputs;
    char directory[FAKE_PATH_SIZE]; /* where the last command ran; "" for no certain place */
    bool inherit;                   /* whether the last command wrote where we do */
    char root[FAKE_PATH_SIZE];
    bool lonely; /* it has no address but loopback */
    stack_system system;
} fake_system;

static inline bool fake_fits(const char *row, const char *line)
{
    size_t size = strlen(row);
    return size > 0 && row[size - 1] == '*' ? strncmp(row, line, size - 1) == 0 : strcmp(row, line) == 0;
}

/* Hands each line to the command's progress, as the real one does. */
static inline void fake_progress(const ifm_os_command *command, const char *text)
{
    char line[512];
    while (text != NULL && *text != '\0' && command->progress != NULL) {
        size_t size = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)size, text);
        command->progress(command->context, line);
        text += size + (text[size] == '\n' ? 1 : 0);
    }
}

static inline const fake_answer *fake_find(fake_system *fake, const char *line)
{
    for (size_t i = 0; fake->answers[i].words != NULL; i++) {
        const fake_answer *row = &fake->answers[i];
        if (fake_fits(row->words, line) && (row->times == 0 || fake->used[i] < row->times)) {
            fake->used[i]++;
            return row;
        }
    }
    return NULL;
}

static inline bool fake_run(void *context, const ifm_os_command *command, ifm_os_command_result *result,
                            ifm_error *err)
{
    fake_system *fake = context;
    char line[2048] = "";
    size_t size = 0;
    for (const char *const *word = command->arguments; *word != NULL; word++) {
        size += (size_t)snprintf(line + size, sizeof line - size, "%s%s", size == 0 ? "" : " ", *word);
        assert_true(size < sizeof line);
    }
    ifm_buf_printf(&fake->log, "%s\n", line);
    ifm_buf_append_text(&fake->inputs, command->input == NULL ? "" : command->input);
    fake->timeout_ns = command->timeout_ns;
    fake->inherit = command->inherit;
    snprintf(fake->directory, sizeof fake->directory, "%s",
             command->directory == NULL ? "" : command->directory);
    *result = (ifm_os_command_result){0};
    const fake_answer *answer = fake_find(fake, line);
    if (answer == NULL) {
        return ifm_error_set(err, IFM_NOT_FOUND, "the program \"%s\" is not installed",
                             command->arguments[0]);
    }
    if (answer->code != IFM_OK) {
        return ifm_error_set(err, answer->code, "\"%s\" %s", command->arguments[0],
                             answer->code == IFM_TIMEOUT ? "did not end within 5 s" : "was interrupted");
    }
    fake_progress(command, answer->out);
    fake_progress(command, answer->err);
    result->status = answer->status;
    result->out = ifm_copy_text(answer->out == NULL ? "" : answer->out);
    result->err = ifm_copy_text(answer->err == NULL ? "" : answer->err);
    if (result->out == NULL || result->err == NULL) {
        ifm_os_command_result_deinit(result);
        return ifm_error_nomem(err);
    }
    return true;
}

static inline const char *fake_environment(void *context, const char *name)
{
    const fake_system *fake = context;
    size_t size = strlen(name);
    for (const char *const *at = fake->environment; at != NULL && *at != NULL; at++) {
        if (strncmp(*at, name, size) == 0 && (*at)[size] == '=') {
            return *at + size + 1;
        }
    }
    return NULL;
}

static inline int64_t fake_wall_ms(void *context)
{
    fake_system *fake = context;
    fake->wall_ms += fake->wall_step_ms;
    return fake->wall_ms;
}

static inline bool fake_address(void *context, char out[static STACK_ADDRESS_SIZE])
{
    const fake_system *fake = context;
    snprintf(out, STACK_ADDRESS_SIZE, "198.51.100.7");
    return !fake->lonely;
}

static inline void fake_init(fake_system *fake, const fake_answer *answers, const char *const *environment)
{
    *fake = (fake_system){.answers = answers, .environment = environment, .wall_ms = INT64_C(1700000000000)};
    ifm_buf_init(&fake->log, FAKE_LOG_MAX);
    ifm_buf_init(&fake->inputs, FAKE_LOG_MAX);
    snprintf(fake->root, sizeof fake->root, "/tmp/inferometer-fake-XXXXXX");
    assert_non_null(mkdtemp(fake->root));
    fake->system = (stack_system){.context = fake,
                                  .run = fake_run,
                                  .environment = fake_environment,
                                  .wall_ms = fake_wall_ms,
                                  .address = fake_address,
                                  .root = fake->root};
}

/* What was run, as one text; valid until the next command. */
static inline const char *fake_log(fake_system *fake)
{
    ifm_buf_append_char(&fake->log, '\0');
    fake->log.size--;
    return fake->log.data;
}

/* Makes a file, and the folders above it, below the root. */
static inline void fake_file(fake_system *fake, const char *path, const char *text)
{
    char full[2 * FAKE_PATH_SIZE];
    snprintf(full, sizeof full, "%s%s", fake->root, path);
    for (char *slash = strchr(full + strlen(fake->root) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(full, 0755);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* The user and groups that the code under test takes us for. */
static inline void fake_user(fake_system *fake, unsigned user, unsigned group, const char *groups)
{
    char text[256];
    snprintf(text, sizeof text, "Name:\ttest\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nGroups:\t%s\n",
             user, user, user, user, group, group, group, group, groups);
    fake_file(fake, "/proc/self/status", text);
}

static inline void fake_deinit(fake_system *fake)
{
    char command[FAKE_PATH_SIZE + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", fake->root);
    assert_int_equal(system(command), 0);
    ifm_buf_deinit(&fake->log);
    ifm_buf_deinit(&fake->inputs);
}

#endif
