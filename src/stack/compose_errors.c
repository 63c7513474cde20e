/* SPDX-License-Identifier: Apache-2.0
 *
 * What engines and compose tools say when something fails, and what it means. The table is searched from its
 * top, so what is special stands before what is general.
 */
#include "stack/compose_impl.h"
#include "stack/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    WHAT_SIZE = 96,
    LINE_SIZE = 1024, /* Docker's line names endpoint and container before the port */
    SENTENCE_SIZE = 240
};

typedef struct fault_row {
    const char *said;     /* is in the output, whatever the case */
    const char *said_too; /* so is this; NULL: nothing */
    ifm_code code;
    const char *sentence; /* "%s" is the port */
} fault_row;

static const fault_row rows[] = {
    {"port is already allocated", NULL, IFM_BUSY,
     "port %s is in use; hint: choose another, or end what has it"},
    {"address already in use", NULL, IFM_BUSY, "port %s is in use; hint: choose another, or end what has it"},
    {"no space left on device", NULL, IFM_IO,
     "the disk of the engine is full; hint: docker system df and docker system prune"},
    {"'ContainerConfig'", NULL, IFM_UNSUPPORTED,
     "docker-compose 1.29 does not understand this Docker engine; hint: install its plugin docker compose"},
    {"URL scheme http+docker", NULL, IFM_UNSUPPORTED,
     "docker-compose 1.29 does not work with this version of its library requests; hint: install the plugin "
     "docker compose"},
    {"No module named 'distutils'", NULL, IFM_UNSUPPORTED,
     "docker-compose 1.29 does not work with this version of Python; hint: install the plugin docker "
     "compose"},
    {"permission denied", "docker.sock", IFM_IO,
     "this user may not use the Docker engine; hint: inferometer doctor says what to do"},
    {"permission denied", "Docker daemon socket", IFM_IO,
     "this user may not use the Docker engine; hint: inferometer doctor says what to do"},
    {"Cannot connect to the Docker daemon", NULL, IFM_IO,
     "the Docker engine is not running; hint: inferometer doctor says how to start it"},
    {"Couldn't connect to Docker daemon", NULL, IFM_IO,
     "the Docker engine is not running; hint: inferometer doctor says how to start it"},
    {"invalid IP address in add-host", NULL, IFM_UNSUPPORTED,
     "this engine has no \"host-gateway\", by which a container finds its machine; hint: use the host's "
     "network"},
    {"host containers internal IP address is empty", NULL, IFM_UNSUPPORTED,
     "this engine has no \"host-gateway\", by which a container finds its machine; hint: use the host's "
     "network"},
    {"when user namespaces are enabled", NULL, IFM_UNSUPPORTED,
     "this engine remaps user ids and gives no container the host's network; hint: use the bridge network"},
    {"Mounts denied", NULL, IFM_IO,
     "Docker Desktop may not see the folder; hint: add it in Settings, Resources, File sharing"},
    {"is not shared from the host", NULL, IFM_IO,
     "Docker Desktop may not see the folder; hint: add it in Settings, Resources, File sharing"},
    {"bind source path does not exist", NULL, IFM_IO,
     "the engine does not see a folder that is mounted; hint: Docker from a snap sees no hidden folders"},
    {"error while creating mount source path", NULL, IFM_IO,
     "the engine does not see a folder that is mounted; hint: Docker from a snap sees no hidden folders"},
    {"statfs ", "no such file or directory", IFM_IO,
     "the engine does not see a folder that is mounted; hint: Docker from a snap sees no hidden folders"},
    {"is already in use by container", NULL, IFM_EXISTS,
     "a container of the same name is there that is not of this stack; hint: docker ps --all shows it"},
    {"has active endpoints", NULL, IFM_BUSY,
     "another container uses the stack's network; hint: docker ps --all shows it"},
    {"volume is in use", NULL, IFM_BUSY, "another container uses the data; hint: docker ps --all shows it"},
    {"toomanyrequests", NULL, IFM_LIMIT,
     "the registry allows this address no more downloads for now; hint: wait an hour, or docker login"},
    {"no matching manifest for", NULL, IFM_UNSUPPORTED, "the image does not exist for this processor"},
    {"no image found in manifest list for", NULL, IFM_UNSUPPORTED,
     "the image does not exist for this processor"},
    {"manifest unknown", NULL, IFM_NOT_FOUND, "the registry has no such version of the image"},
    {"manifest for ", "not found", IFM_NOT_FOUND, "the registry has no such version of the image"},
    {"pull access denied", NULL, IFM_NOT_FOUND,
     "the registry has no such image, or shows it to its members only; hint: check the name, or docker "
     "login"},
    {"requested access to the resource is denied", NULL, IFM_NOT_FOUND,
     "the registry has no such image, or shows it to its members only; hint: check the name, or podman "
     "login"},
    {"unqualified-search registries", NULL, IFM_INVALID,
     "podman does not know which registry has the image; hint: put docker.io/ before its name"},
    {"no such image", NULL, IFM_NOT_FOUND, "an image is not on this machine; hint: pull or load it first"},
    {"image not known", NULL, IFM_NOT_FOUND, "an image is not on this machine; hint: pull or load it first"},
    {"Temporary failure in name resolution", NULL, IFM_IO,
     "the registry's name cannot be resolved; hint: check the network, or load the image from a file and use "
     "--offline"},
    {"no such host", NULL, IFM_IO,
     "the registry's name cannot be resolved; hint: check the network, or load the image from a file and use "
     "--offline"},
    {"server misbehaving", NULL, IFM_IO,
     "the registry's name cannot be resolved; hint: check the network, or load the image from a file and use "
     "--offline"},
    {"network is unreachable", NULL, IFM_IO,
     "there is no way to the registry; hint: check network and proxy"},
    {"no route to host", NULL, IFM_IO, "there is no way to the registry; hint: check network and proxy"},
    {"dial tcp", "connection refused", IFM_IO,
     "there is no way to the registry; hint: check network and proxy"},
    {"i/o timeout", NULL, IFM_IO, "the registry did not answer in time; hint: check network and proxy"},
    {"TLS handshake timeout", NULL, IFM_IO,
     "the registry did not answer in time; hint: check network and proxy"},
    {"Client.Timeout exceeded", NULL, IFM_IO,
     "the registry did not answer in time; hint: check network and proxy"},
    {"x509: ", NULL, IFM_IO,
     "the registry's certificate is not trusted; hint: a proxy that opens TLS must be known to the engine"},
    {"network ", " not found", IFM_NOT_FOUND,
     "a network of the containers is gone; hint: inferometer stack down, then up"},
};

/* The port in the line that complains, as in "Bind for 127.0.0.1:9090 failed": the digits after the last
 * colon that has any. "of the stack" when there is none. */
static const char *port_in(const char *line, char out[static 16])
{
    snprintf(out, 16, "of the stack");
    for (const char *at = strchr(line, ':'); at != NULL; at = strchr(at + 1, ':')) {
        size_t size = strspn(at + 1, "0123456789");
        if (size >= 2 && size <= 5) { /* with one digit it is the column of something */
            snprintf(out, 16, "%.*s", (int)size, at + 1);
        }
    }
    return out;
}

/* Whether the text is in one of the streams, and the line that has it. */
static bool is_said(const ifm_os_command_result *result, const char *part, char line[static LINE_SIZE])
{
    return stack_output_line_with(result->err, part, line, LINE_SIZE) != NULL ||
           stack_output_line_with(result->out, part, line, LINE_SIZE) != NULL;
}

/* podman-compose goes on after what failed, and podman then complains of what is not there. */
static void own_line(const ifm_os_command_result *result, char line[static LINE_SIZE])
{
    for (const char *text = result->err; text != NULL;) {
        if (strncmp(text, "Error: ", 7) == 0) {
            stack_output_line_with(text, "Error: ", line, LINE_SIZE);
            if (strstr(line, "no such volume") == NULL && strstr(line, "no such container") == NULL) {
                return;
            }
        }
        const char *end = strchr(text, '\n');
        text = end == NULL ? NULL : end + 1;
    }
    if (stack_output_last_line(result->err, line, LINE_SIZE)[0] == '\0') {
        stack_output_last_line(result->out, line, LINE_SIZE);
    }
}

bool stack_compose_fail(const ifm_os_command_result *result, ifm_error *err, const char *format, ...)
{
    char what[WHAT_SIZE], line[LINE_SIZE], port[16], sentence[SENTENCE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fault_row *row = &rows[i];
        if ((row->said_too == NULL || is_said(result, row->said_too, line)) &&
            is_said(result, row->said, line)) {
            const char *hole = strstr(row->sentence, "%s");
            size_t before = hole == NULL ? strlen(row->sentence) : (size_t)(hole - row->sentence);
            snprintf(sentence, sizeof sentence, "%.*s%s%s", (int)before, row->sentence,
                     hole == NULL ? "" : port_in(line, port), hole == NULL ? "" : hole + 2);
            return ifm_error_set(err, row->code, "could not %s: %s", what, sentence);
        }
    }
    own_line(result, line);
    if (line[0] == '\0') {
        snprintf(line, sizeof line, "it ended with status %d and said nothing", result->status);
    }
    return ifm_error_set(err, IFM_IO, "could not %s: %s", what, line);
}
