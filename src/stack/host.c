/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/host.h"

#include <stdio.h>
#include <string.h>

enum {
    FILE_BYTES_MAX = 1 << 20, /* /etc/group of a large site */
    USER_UNKNOWN = -1
};

/* --- Files ----------------------------------------------------------------------------------------- */

static bool host_path(const stack_system *system, const char *path, char out[static STACK_HOST_PATH_SIZE])
{
    int length = snprintf(out, STACK_HOST_PATH_SIZE, "%s%s", system->root, path);
    return length > 0 && length < STACK_HOST_PATH_SIZE;
}

bool stack_host_stat(const stack_system *system, const char *path, struct stat *out)
{
    char full[STACK_HOST_PATH_SIZE];
    return host_path(system, path, full) && stat(full, out) == 0;
}

bool stack_host_has(const stack_system *system, const char *path)
{
    struct stat ignored;
    return stack_host_stat(system, path, &ignored);
}

bool stack_host_has_systemd(const stack_system *system)
{
    return stack_host_has(system, "/run/systemd/system");
}

/* The file's text, terminated; "" in place of one that cannot be read. False when memory is out. */
static bool host_read(const stack_system *system, const char *path, ifm_buf *out)
{
    char full[STACK_HOST_PATH_SIZE];
    ifm_buf_init(out, FILE_BYTES_MAX);
    ifm_error ignored; /* a machine may do without the file */
    if (!host_path(system, path, full) || !ifm_os_read_file(full, out, &ignored)) {
        ifm_buf_clear(out);
    }
    ifm_buf_append_char(out, '\0');
    return out->failed == IFM_OK;
}

/* NULL at the end. */
static const char *next_line(const char *text)
{
    const char *end = strchr(text, '\n');
    return end == NULL ? NULL : end + 1;
}

/* What follows `key` at the beginning of a line; NULL without such a line. */
static const char *line_value(const char *text, const char *key)
{
    size_t size = strlen(key);
    for (; text != NULL; text = next_line(text)) {
        if (strncmp(text, key, size) == 0) {
            return text + size;
        }
    }
    return NULL;
}

/* --- The distribution ------------------------------------------------------------------------------- */

/* Whether the value of a line of os-release, quoted or not, has `word` among its words. */
static bool has_word(const char *value, const char *word)
{
    if (value == NULL) {
        return false;
    }
    size_t end = strcspn(value, "\n");
    size_t size = strlen(word);
    for (size_t at = 0; at < end;) {
        at += strspn(value + at, " \"'");
        size_t length = strcspn(value + at, " \"'\n");
        if (length == size && memcmp(value + at, word, size) == 0) {
            return true;
        }
        at += length > 0 ? length : 1;
    }
    return false;
}

stack_packager stack_host_packager(const stack_system *system)
{
    static const struct {
        const char *word;
        stack_packager packager;
    } rows[] = {
        /* In this order: Ubuntu is like Debian, and Red Hat like Fedora. */
        {"ubuntu", STACK_PACKAGER_UBUNTU}, {"debian", STACK_PACKAGER_DEBIAN}, {"rhel", STACK_PACKAGER_REDHAT},
        {"centos", STACK_PACKAGER_REDHAT}, {"fedora", STACK_PACKAGER_FEDORA}, {"suse", STACK_PACKAGER_SUSE},
        {"arch", STACK_PACKAGER_ARCH},     {"alpine", STACK_PACKAGER_ALPINE},
    };
    ifm_buf text;
    stack_packager packager = STACK_PACKAGER_NONE;
    if (host_read(system, "/etc/os-release", &text)) {
        const char *id = line_value(text.data, "ID=");
        const char *like = line_value(text.data, "ID_LIKE=");
        for (size_t i = 0; packager == STACK_PACKAGER_NONE && i < IFM_COUNT_OF(rows); i++) {
            if (has_word(id, rows[i].word) || has_word(like, rows[i].word)) {
                packager = rows[i].packager;
            }
        }
    }
    ifm_buf_deinit(&text);
    return packager;
}

/* --- Who we are ------------------------------------------------------------------------------------ */

/* Lines of /proc/self/status: "Uid:\treal\teffective\tsaved\tfile". */
unsigned stack_host_user(const stack_system *system)
{
    ifm_buf text;
    unsigned user = (unsigned)USER_UNKNOWN;
    if (host_read(system, "/proc/self/status", &text)) {
        const char *value = line_value(text.data, "Uid:");
        if (value == NULL || sscanf(value, "%*u %u", &user) != 1) {
            user = (unsigned)USER_UNKNOWN;
        }
    }
    ifm_buf_deinit(&text);
    return user;
}

/* "Gid:\treal\teffective..." and "Groups:\t4 24 27 ". */
bool stack_host_is_in_group(const stack_system *system, unsigned group)
{
    ifm_buf text;
    bool found = false;
    if (host_read(system, "/proc/self/status", &text)) {
        unsigned number;
        const char *value = line_value(text.data, "Gid:");
        found = value != NULL && sscanf(value, "%*u %u", &number) == 1 && number == group;
        value = line_value(text.data, "Groups:");
        int length = 0;
        size_t left = value == NULL ? 0 : strcspn(value, "\n");
        while (!found && left > 0 && sscanf(value, " %u%n", &number, &length) == 1 &&
               (size_t)length <= left) {
            found = number == group;
            value += length;
            left -= (size_t)length;
        }
    }
    ifm_buf_deinit(&text);
    return found;
}

/* A name that is safe in a command line. */
static bool is_plain_name(const char *name)
{
    size_t size = strlen(name);
    return size > 0 && size < STACK_HOST_NAME_SIZE && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@+") == size;
}

const char *stack_host_user_name(const stack_system *system, char out[static STACK_HOST_NAME_SIZE])
{
    static const char *const variables[] = {"USER", "LOGNAME"};
    for (size_t i = 0; i < IFM_COUNT_OF(variables); i++) {
        const char *name = system->environment(system->context, variables[i]);
        if (name != NULL && is_plain_name(name)) {
            snprintf(out, STACK_HOST_NAME_SIZE, "%s", name);
            return out;
        }
    }
    snprintf(out, STACK_HOST_NAME_SIZE, "$USER");
    return out;
}

/* Whether `user` is in the list "a,b,c" that ends the line. */
static bool is_member(const char *members, const char *user)
{
    size_t size = strlen(user);
    while (*members != '\0' && *members != '\n') {
        size_t length = strcspn(members, ",\n");
        if (length == size && memcmp(members, user, size) == 0) {
            return true;
        }
        members += length + (members[length] == ',' ? 1 : 0);
    }
    return false;
}

/* The members of the group if that is the line of it, "docker:x:999:alice,bob", else NULL. */
static const char *group_line(const char *line, unsigned group)
{
    const char *at = line;
    for (int field = 0; field < 2; field++) { /* the password may be empty */
        at += strcspn(at, ":\n");
        if (*at != ':') {
            return NULL;
        }
        at++;
    }
    unsigned number;
    int length = 0;
    return sscanf(at, "%u:%n", &number, &length) == 1 && length > 0 && number == group ? at + length : NULL;
}

void stack_host_group(const stack_system *system, unsigned group, const char *user,
                      char name[static STACK_HOST_NAME_SIZE], bool *listed)
{
    *name = '\0';
    *listed = false;
    ifm_buf text;
    const char *line = host_read(system, "/etc/group", &text) ? text.data : NULL;
    for (; line != NULL && *name == '\0'; line = next_line(line)) {
        const char *members = group_line(line, group);
        if (members != NULL) {
            snprintf(name, STACK_HOST_NAME_SIZE, "%.*s", (int)strcspn(line, ":"), line);
            *listed = is_member(members, user);
        }
    }
    if (!is_plain_name(name)) {
        *name = '\0';
    }
    ifm_buf_deinit(&text);
}

const char *stack_host_sudo(const stack_system *system)
{
    return stack_host_user(system) == 0 ? "" : "sudo ";
}
