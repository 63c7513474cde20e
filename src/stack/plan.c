/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/plan.h"

#include "stack/images.h"
#include "stack/limits.h"
#include "stack/password.h"
#include "stack/ports.h"
#include "stack/targets.h"

#define XXH_INLINE_ALL
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static bool is_address(const char *text)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* Before anything is stopped or pulled, not when they are written. */
static bool check_targets(const stack_options *options, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, STACK_FILE_BYTES_MAX);
    bool ok = stack_targets_render(options->targets, options->target_count, &text, err);
    ifm_buf_deinit(&text);
    return ok;
}

bool stack_options_check(const stack_options *options, ifm_error *err)
{
    if (options->expose != NULL && !is_address(options->expose)) {
        return ifm_error_set(
            err, IFM_INVALID,
            "\"%.80s\" is no address; hint: 0.0.0.0 is every network that this machine is in",
            options->expose);
    }
    if (options->expose != NULL && options->password == NULL) {
        return ifm_error_set(err, IFM_INVALID,
                             "--expose would let everybody on the network in; hint: give a password with "
                             "--password-file=FILE");
    }
    if (options->prometheus_port != 0 && options->prometheus_port == options->grafana_port) {
        return ifm_error_set(err, IFM_INVALID, "Prometheus and Grafana cannot both have port %d",
                             options->grafana_port);
    }
    return (options->targets == NULL || check_targets(options, err)) &&
           (options->password == NULL || stack_password_check(options->password, err));
}

/* --- The engine ----------------------------------------------------------------------------------- */

static stack_network network_of(const stack_engine_info *info, stack_network wish)
{
    return wish != STACK_NETWORK_AUTO ? wish : stack_engine_network(info);
}

static void tell_engine(const stack_session *session, const stack_engine_info *info, stack_network wish,
                        const char *others)
{
    char tool[96] = "";
    if (info->tool != STACK_TOOL_NONE) {
        snprintf(tool, sizeof tool, ", with %s %s", stack_tool_name(info->tool), info->tool_version);
    }
    const char *network = info->engine == STACK_ENGINE_NATIVE            ? ""
                          : network_of(info, wish) == STACK_NETWORK_HOST ? ", in this machine's network"
                                                                         : ", in a network of its own";
    stack_tell(session, STACK_DONE, "engine: %s %s%s%s%s%s%s%s",
               info->engine == STACK_ENGINE_NATIVE ? "native, Prometheus" : stack_engine_name(info->engine),
               info->server_version, info->rootless ? " (rootless)" : "", tool, network,
               others[0] != '\0' ? " (" : "", others, others[0] != '\0' ? ")" : "");
}

/* Docker's socket that may not be opened and the like are told as they are; that a program is not
 * installed is expected of one or two of the three. */
static void note_reason(const stack_engine_info *info, char *reasons, size_t size)
{
    size_t length = strlen(reasons);
    bool missing = info->fault == STACK_FAULT_NOT_INSTALLED;
    snprintf(reasons + length, size - length, "%s%s: %s", length > 0 ? "; " : "",
             stack_engine_name(info->engine), missing ? "not installed" : info->cause);
}

bool stack_choose_engine(const stack_session *session, const stack_options *options, unsigned skip,
                         stack_engine_info *out, ifm_error *err)
{
    stack_engine wish = options->engine;
    char reasons[3 * STACK_SENTENCE_SIZE] = "";
    char fix[STACK_SENTENCE_SIZE] = "";
    bool any = wish == STACK_ENGINE_AUTO;
    for (stack_engine engine = any ? STACK_ENGINE_DOCKER : wish; engine <= STACK_ENGINE_NATIVE; engine++) {
        if ((skip & 1U << engine) == 0) {
            stack_tell(session, STACK_STEP, "asking %s", stack_engine_name(engine));
            stack_engine_probe(session->system, engine, session->cancel_fd, out);
            bool left_out = (skip & 1U << out->engine) != 0; /* a docker that is podman's */
            if (out->fault == STACK_FAULT_NONE && !left_out) {
                tell_engine(session, out, options->network, reasons);
                return true;
            }
            if (!left_out) {
                note_reason(out, reasons, sizeof reasons);
            }
            if (fix[0] == '\0' && (!any || out->fault != STACK_FAULT_NOT_INSTALLED)) {
                snprintf(fix, sizeof fix, "%s", out->fix);
            }
        }
        if (!stack_wait(session, 0, err)) {
            return false;
        }
        if (!any) {
            break;
        }
    }
    if (any) {
        stack_tell(session, STACK_WARN, "no engine: %s", reasons);
        return ifm_error_set(err, IFM_NOT_FOUND,
                             "neither Docker, Podman nor a Prometheus on PATH can be used; hint: %s",
                             fix[0] != '\0' ? fix : "inferometer doctor says what each of them lacks");
    }
    return ifm_error_set(err, IFM_NOT_FOUND, "%s; hint: %s", out->cause, out->fix);
}

/* --- The record ----------------------------------------------------------------------------------- */

/* A service that runs already keeps its port, unless another was asked for: also on another address or with
 * another engine, for which it is stopped before. */
static bool choose_port(const stack_session *session, const stack_port_wish *wish, int port_before, bool runs,
                        int *out, ifm_error *err)
{
    if (runs && port_before != 0 && (!wish->given || wish->port == port_before)) {
        *out = port_before;
        return true;
    }
    return stack_port_choose(session, wish, out, err);
}

static bool choose_ports(const stack_session *session, const stack_options *options,
                         const stack_before *before, stack_record *record, ifm_error *err)
{
    stack_port_wish prometheus = {
        .what = "Prometheus",
        .option = "--prometheus-port",
        .address = record->address,
        .given = options->prometheus_port != 0,
        .port = options->prometheus_port != 0 ? options->prometheus_port : STACK_PROMETHEUS_PORT,
        .avoid = options->grafana_port,
    };
    stack_port_wish grafana = {
        .what = "Grafana",
        .option = "--grafana-port",
        .address = record->address,
        .given = options->grafana_port != 0,
        .port = options->grafana_port != 0 ? options->grafana_port : STACK_GRAFANA_PORT,
    };
    if (!choose_port(session, &prometheus, before->record.prometheus_port, before->prometheus_runs,
                     &record->prometheus_port, err)) {
        return false;
    }
    grafana.avoid = record->prometheus_port;
    return !record->grafana || choose_port(session, &grafana, before->record.grafana_port,
                                           before->grafana_runs, &record->grafana_port, err);
}

static bool copy(char **out, const char *text, ifm_error *err)
{
    *out = ifm_copy_text(text);
    return *out != NULL || ifm_error_nomem(err);
}

static bool choose_image(const stack_record *record, const char *given, const char *ours, char **out,
                         ifm_error *err)
{
    char name[STACK_IMAGE_SIZE];
    return stack_image_name(record->engine, given != NULL ? given : ours, name, err) && copy(out, name, err);
}

static bool choose_images(const stack_options *options, stack_record *record, ifm_error *err)
{
    return record->engine == STACK_ENGINE_NATIVE ||
           (choose_image(record, options->prometheus_image, STACK_PROMETHEUS_IMAGE, &record->prometheus_image,
                         err) &&
            choose_image(record, options->grafana_image, STACK_GRAFANA_IMAGE, &record->grafana_image, err));
}

/* Containers and volumes of two users, or of two state folders, must not be one another's. */
static bool choose_project(const stack_folder *folder, stack_record *record, ifm_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "inferometer-%08" PRIx32,
             (uint32_t)XXH64(folder->path, strlen(folder->path), 0));
    return copy(&record->project, name, err);
}

static bool has_native_grafana(void)
{
    char *program = ifm_os_program_find("grafana-server");
    program = program == NULL ? ifm_os_program_find("grafana") : program;
    ifm_free(program);
    return program != NULL;
}

/* Prometheus takes the path of file_sd for a pattern, docker-compose 1.29 a colon for the end of a path. */
static bool check_folder(const stack_folder *folder, stack_engine engine, ifm_error *err)
{
    const char *signs = engine == STACK_ENGINE_NATIVE ? "*?[\\" : ":";
    const char *at = strpbrk(folder->path, signs);
    return at == NULL ||
           ifm_error_set(err, IFM_INVALID,
                         "%s cannot use the folder \"%.100s\": it has a \"%c\" in its name; hint: set "
                         "XDG_STATE_HOME to another",
                         engine == STACK_ENGINE_NATIVE ? "Prometheus" : stack_engine_name(engine),
                         folder->path, *at);
}

bool stack_make_record(const stack_session *session, const stack_options *options,
                       const stack_engine_info *engine, const stack_folder *folder,
                       const stack_before *before, stack_record *out, ifm_error *err)
{
    *out = (stack_record){0};
    if (!check_folder(folder, engine->engine, err)) {
        return false;
    }
    if (engine->engine == STACK_ENGINE_DOCKER && engine->rootless && options->network == STACK_NETWORK_HOST) {
        return ifm_error_set(
            err, IFM_UNSUPPORTED,
            "rootless Docker cannot give containers this machine's network, but its own only; "
            "hint: leave out --network=host, or use --engine=native");
    }
    *out = (stack_record){
        .engine = engine->engine,
        .tool = engine->tool,
        .network = network_of(engine, options->network),
        .rootless = engine->rootless,
        .desktop = engine->desktop,
        .exposed = options->expose != NULL,
        .grafana = engine->engine != STACK_ENGINE_NATIVE || has_native_grafana(),
        .scrape_interval_s =
            options->scrape_interval_s != 0 ? options->scrape_interval_s : STACK_SCRAPE_INTERVAL_S,
    };
    bool ok = copy(&out->address, options->expose != NULL ? options->expose : "127.0.0.1", err) &&
              choose_project(folder, out, err) && choose_images(options, out, err) &&
              choose_ports(session, options, before, out, err);
    if (!ok) {
        stack_record_deinit(out);
    }
    return ok;
}
