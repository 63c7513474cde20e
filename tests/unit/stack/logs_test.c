/* SPDX-License-Identifier: Apache-2.0
 *
 * stack logs of processes of ours: their ends, and what is added.
 */
#include "stack/stack.h"

#include "check.h"
#include "scratch.h"
#include "stack/folder.h"
#include "stack/session.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static stack_folder folder;
static stack_record record = {.engine = STACK_ENGINE_NATIVE,
                              .network = STACK_NETWORK_HOST,
                              .project = (char[]){"p"},
                              .address = (char[]){"127.0.0.1"},
                              .scrape_interval_s = 5,
                              .grafana = true};

static int open_folder(void **state)
{
    ifm_error err;
    return scratch_make(state) == 0 && stack_folder_open(&folder, true, &err) &&
                   stack_folder_make(&folder, "native/logs", &err) &&
                   stack_folder_save(&folder, &record, &err)
               ? 0
               : -1;
}

static int close_folder(void **state)
{
    stack_folder_close(&folder);
    return scratch_remove(state);
}

static const char *path_of(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/native/logs/%s.log", folder.path, name);
    return path;
}

static void add_line(const char *name, const char *line)
{
    FILE *file = fopen(path_of(name), "a");
    assert_non_null(file);
    fprintf(file, "%s\n", line);
    fclose(file);
}

/* Runs stack_logs() in a child whose output goes to a file; returns its number, and the descriptor that ends
 * it. */
static pid_t show(const char *service, bool following, int *end)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        ifm_error err;
        const stack_session session = {.cancel_fd = ends[0]};
        close(ends[1]);
        bool ok = freopen(path_of("output"), "w", stdout) != NULL &&
                  stack_logs(&session, service, 1, following, &err);
        fflush(stdout);
        _exit(ok ? 0 : 1);
    }
    close(ends[0]);
    *end = ends[1];
    return pid;
}

/* What it has printed, once that ends so. */
static const char *printed(const char *last)
{
    static char text[4096];
    const stack_session session = {.cancel_fd = -1};
    for (int i = 0; i < 1000; i++) {
        FILE *file = fopen(path_of("output"), "r");
        size_t size = file == NULL ? 0 : fread(text, 1, sizeof text - 1, file);
        text[size] = '\0';
        if (file != NULL) {
            fclose(file);
        }
        if (size >= strlen(last) && strcmp(text + size - strlen(last), last) == 0) {
            break;
        }
        ifm_error err;
        CHECK(stack_wait(&session, 10, &err));
    }
    return text;
}

static void logs_of_both_are_followed_and_begin_anew(void **state)
{
    (void)state;
    int end, status = -1;
    add_line("prometheus", "p1");
    add_line("prometheus", "p2");
    add_line("grafana", "g1");
    pid_t pid = show(NULL, true, &end);
    CHECK_TEXT(printed("g1\n"), "==> prometheus <==\np2\n==> grafana <==\ng1\n");
    add_line("grafana", "g2");
    printed("g2\n");
    add_line("prometheus", "p3");
    CHECK_TEXT(printed("p3\n"),
               "==> prometheus <==\np2\n==> grafana <==\ng1\ng2\n\n==> prometheus <==\np3\n");
    unlink(path_of("prometheus"));
    add_line("prometheus", "anew");
    CHECK_CONTAINS(printed("anew\n"), "p3\nanew\n");
    close(end);
    CHECK_INT(waitpid(pid, &status, 0), pid);
    CHECK_INT(status, 0);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_of_both_are_followed_and_begin_anew),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
