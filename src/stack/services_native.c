/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/services_native.h"

#include "stack/native.h"
#include "stack/text.h"

#include <errno.h>
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { ARGUMENTS_MAX = 24, PATH_BYTES_MAX = 4096, CLI_MS = 60000 };

/* Texts for a process: arguments or environment, one after the other in one buffer. */
typedef struct text_list {
    ifm_buf text;
    size_t offsets[ARGUMENTS_MAX];
    size_t count;
    const char *items[ARGUMENTS_MAX + 1];
} text_list;

static void list_init(text_list *list)
{
    *list = (text_list){.count = 0};
    ifm_buf_init(&list->text, ARGUMENTS_MAX * 2 * PATH_BYTES_MAX);
}

static void list_add(text_list *list, const char *before, const char *text)
{
    if (list->count < ARGUMENTS_MAX) {
        list->offsets[list->count++] = list->text.size;
        ifm_buf_append_text(&list->text, before);
        ifm_buf_append_text(&list->text, text);
        ifm_buf_append_char(&list->text, '\0');
    }
}

static bool list_end(text_list *list, ifm_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        list->items[i] = list->text.data + list->offsets[i];
    }
    list->items[list->count] = NULL;
    return ifm_buf_check(&list->text, err);
}

static void list_flag(void *context, const char *flag)
{
    list_add(context, "", flag);
}

static void list_variable(void *context, const char *name, const char *value)
{
    char before[80];
    snprintf(before, sizeof before, "%.70s=", name);
    list_add(context, before, value);
}

static bool native_start(const stack_services *services, const char *service, text_list *arguments,
                         text_list *environment, ifm_error *err)
{
    stack_native native = {.folder = services->folder, .service = service};
    return list_end(arguments, err) && list_end(environment, err) &&
           stack_native_start(&native, arguments->items, environment->items, err);
}

static bool native_start_prometheus(const stack_services *services, const stack_plan *plan, ifm_error *err)
{
    char *program = ifm_os_program_find("prometheus");
    if (program == NULL) {
        return ifm_error_set(err, IFM_NOT_FOUND, "the program \"prometheus\" is not on PATH");
    }
    text_list arguments, environment;
    list_init(&arguments);
    list_init(&environment);
    list_add(&arguments, "", program);
    stack_render_prometheus_flags(plan, list_flag, &arguments);
    bool ok = native_start(services, "prometheus", &arguments, &environment, err);
    ifm_buf_deinit(&arguments.text);
    ifm_buf_deinit(&environment.text);
    ifm_free(program);
    return ok;
}

/* Where Grafana's own files are: beside the program in its archive, or where packages put them. */
static void grafana_home(const char *program, char *out, size_t size)
{
    char copy[PATH_BYTES_MAX], here[PATH_BYTES_MAX + 64];
    struct stat status;
    snprintf(copy, sizeof copy, "%s", program);
    const char *folder = dirname(copy);
    static const char *const places[] = {"/..", "/../share/grafana"};
    for (size_t i = 0; i < IFM_COUNT_OF(places); i++) {
        snprintf(here, sizeof here, "%s%s/conf/defaults.ini", folder, places[i]);
        if (stat(here, &status) == 0) {
            snprintf(out, size, "%s%s", folder, places[i]);
            return;
        }
    }
    snprintf(out, size, "/usr/share/grafana");
}

/* The program and its first words: before Grafana 10 there are two programs, since then one with
 * subcommands. */
static bool grafana_program(text_list *arguments, const char *old, const char *word, ifm_error *err)
{
    char *program = ifm_os_program_find(old);
    bool one = program == NULL;
    program = one ? ifm_os_program_find("grafana") : program;
    if (program == NULL) {
        return ifm_error_set(err, IFM_NOT_FOUND, "the program \"%s\" is not on PATH", old);
    }
    char home[PATH_BYTES_MAX + 64];
    grafana_home(program, home, sizeof home);
    list_add(arguments, "", program);
    if (one) {
        list_add(arguments, "", word);
    }
    list_add(arguments, "--homepath=", home);
    ifm_free(program);
    return true;
}

static bool native_start_grafana(const stack_services *services, const stack_plan *plan, ifm_error *err)
{
    text_list arguments, environment;
    list_init(&arguments);
    list_init(&environment);
    stack_render_grafana_environment(plan, list_variable, &environment);
    bool ok = grafana_program(&arguments, "grafana-server", "server", err) &&
              native_start(services, "grafana", &arguments, &environment, err);
    ifm_buf_deinit(&arguments.text);
    ifm_buf_deinit(&environment.text);
    return ok;
}

static bool native_ensure(const stack_services *services, const stack_plan *plan, const char *service,
                          bool anew, ifm_error *err)
{
    bool grafana = strcmp(service, "grafana") == 0;
    stack_native native = {.folder = services->folder, .service = service};
    bool running;
    if (!stack_services_running(services, service, &running, err)) {
        return false;
    }
    if (running && (!anew || !stack_native_stop(&native, services->session, err))) {
        return !anew;
    }
    return grafana ? native_start_grafana(services, plan, err) : native_start_prometheus(services, plan, err);
}

bool stack_services_native_start(const stack_services *services, const stack_plan *plan,
                                 const stack_files_change *change, ifm_error *err)
{
    return native_ensure(services, plan, "prometheus", false, err) &&
           (!services->record->grafana || native_ensure(services, plan, "grafana", change->grafana, err));
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

bool stack_services_native_remove(const stack_services *services, ifm_error *err)
{
    static const char *const folders[] = {"native/prometheus-data", "native/grafana-data"};
    bool ok = true;
    for (size_t i = 0; ok && i < IFM_COUNT_OF(folders); i++) {
        char *path = ifm_os_path_join(services->folder->path, folders[i], err);
        ok = path != NULL;
        if (ok && nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT) {
            ok = ifm_error_errno(err, IFM_IO, errno, "could not remove \"%.150s\"", path);
        }
        ifm_free(path);
    }
    return ok;
}

bool stack_services_native_password(const stack_services *services, const stack_plan *plan,
                                    const char *password, ifm_error *err)
{
    text_list arguments, environment;
    list_init(&arguments);
    list_init(&environment);
    stack_render_grafana_environment(plan, list_variable, &environment);
    bool ok = grafana_program(&arguments, "grafana-cli", "cli", err);
    list_flag(&arguments, "admin");
    list_flag(&arguments, "reset-admin-password");
    list_flag(&arguments,
              "--password-from-stdin"); /* an argument could be read by every user of this machine */
    ok = ok && list_end(&arguments, err) && list_end(&environment, err);
    const ifm_os_command command = {
        .arguments = arguments.items,
        .environment = environment.items,
        .input = password,
        .timeout_ns = stack_time_left_ns(services->session, CLI_MS),
        .cancel_fd = services->session->cancel_fd,
    };
    ifm_os_command_result result = {0};
    const stack_system *system = services->session->system;
    ok = ok && system->run(system->context, &command, &result, err);
    if (ok && result.status != 0) {
        char words[160];
        stack_text_copy(words, sizeof words, result.err[0] != '\0' ? result.err : result.out);
        ok = ifm_error_set(err, IFM_IO, "Grafana refused the new password: %.150s", words);
    }
    ifm_os_command_result_deinit(&result);
    ifm_buf_deinit(&arguments.text);
    ifm_buf_deinit(&environment.text);
    return ok;
}
