/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of /proc/net/tcp, of which the columns used here have names:
 *
 *     sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt  uid timeout inode
 *     0:  0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0      12345
 *
 * Addresses are the bytes in memory, printed as words of 32 bits in the order of this machine; the port is
 * a plain number. State 0A is LISTEN.
 */
#include "os/port_owner.h"

#include "base/base.h"
#include "os/os.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    STATE_LISTEN = 0x0A,
    TABLE_BYTES_MAX = 16 << 20, /* 100,000 sockets; the table of a busier host is not searched */
    PATH_BYTES = 256
};

/* An IPv4 address is kept as the IPv6 address that maps it: one form to compare. */
typedef struct endpoint_place {
    uint32_t words[4];
    uint16_t port;
} endpoint_place;

typedef struct listener {
    endpoint_place place;
    unsigned user;
    uint64_t inode;
} listener;

static const uint32_t mapped_word = 0xFFFF; /* ::ffff:a.b.c.d, third word, in network order */

static endpoint_place place_of(const struct sockaddr *address)
{
    endpoint_place place = {0};
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
        memcpy(place.words, &in6->sin6_addr, sizeof place.words);
        place.port = ntohs(in6->sin6_port);
        return place;
    }
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
    place.words[2] = htonl(mapped_word);
    place.words[3] = in->sin_addr.s_addr;
    place.port = ntohs(in->sin_port);
    return place;
}

static bool place_is_ipv4(const endpoint_place *place)
{
    return place->words[0] == 0 && place->words[1] == 0 && place->words[2] == htonl(mapped_word);
}

/* Whether `a` stands for every address, `b` among them: "::" for all, "0.0.0.0" for those of IPv4. */
static bool place_covers(const endpoint_place *a, const endpoint_place *b)
{
    static const uint32_t any[4];
    if (memcmp(a->words, any, sizeof any) == 0) {
        return true;
    }
    return place_is_ipv4(a) && a->words[3] == 0 && place_is_ipv4(b);
}

/* Whether a socket at one place keeps another from listening at the other. */
static bool place_conflicts(const endpoint_place *a, const endpoint_place *b)
{
    return a->port == b->port &&
           (memcmp(a->words, b->words, sizeof a->words) == 0 || place_covers(a, b) || place_covers(b, a));
}

/* Reads "0100007F:1F40", or four words for IPv6. */
static bool place_parse(const char *text, endpoint_place *out)
{
    *out = (endpoint_place){0};
    uint32_t *words = out->words;
    if (strcspn(text, ":") == 8) {
        words[2] = htonl(mapped_word);
        return sscanf(text, "%8" SCNx32 ":%4" SCNx16, &words[3], &out->port) == 2;
    }
    return sscanf(text, "%8" SCNx32 "%8" SCNx32 "%8" SCNx32 "%8" SCNx32 ":%4" SCNx16, &words[0], &words[1],
                  &words[2], &words[3], &out->port) == 5;
}

static bool listener_parse(const char *line, listener *out)
{
    char local[64];
    unsigned state = 0;
    int fields =
        sscanf(line, " %*s %63s %*s %x %*s %*s %*s %u %*s %" SCNu64, local, &state, &out->user, &out->inode);
    return fields == 4 && state == STATE_LISTEN && place_parse(local, &out->place);
}

/* Looks through one table, "net/tcp" or "net/tcp6". */
static bool table_find(const char *proc, const char *table, const endpoint_place *wanted, listener *out)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", proc, table);
    ifm_buf text;
    ifm_buf_init(&text, TABLE_BYTES_MAX);
    ifm_error ignored; /* a machine without IPv6 has no tcp6 */
    bool found = false;
    if (ifm_os_read_file(path, &text, &ignored)) {
        ifm_buf_append_char(&text, '\0');
    }
    if (text.size > 0 && text.data[text.size - 1] == '\0') {
        char *rest = text.data;
        for (char *line = strsep(&rest, "\n"); line != NULL && !found; line = strsep(&rest, "\n")) {
            found = listener_parse(line, out) && place_conflicts(&out->place, wanted);
        }
    }
    ifm_buf_deinit(&text);
    return found;
}

/* Whether one of the files that process `pid` has open is the socket. */
static bool process_has_socket(const char *proc, pid_t pid, const char *socket_name)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%d/fd", proc, (int)pid);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return false;
    }
    bool found = false;
    for (struct dirent *entry = readdir(folder); entry != NULL && !found; entry = readdir(folder)) {
        char target[64];
        ssize_t size = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        if (size > 0) {
            target[size] = '\0';
            found = strcmp(target, socket_name) == 0;
        }
    }
    closedir(folder);
    return found;
}

static pid_t process_find(const char *proc, uint64_t inode)
{
    char socket_name[64];
    snprintf(socket_name, sizeof socket_name, "socket:[%" PRIu64 "]", inode);
    DIR *folder = opendir(proc);
    if (folder == NULL) {
        return 0;
    }
    pid_t found = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL && found == 0; entry = readdir(folder)) {
        pid_t pid;
        if (sscanf(entry->d_name, "%d", &pid) == 1 && process_has_socket(proc, pid, socket_name)) {
            found = pid;
        }
    }
    closedir(folder);
    return found;
}

/* A process chooses its name freely: what could confuse a terminal or a log line becomes '?'. */
static void process_name(const char *proc, pid_t pid, char *out, size_t size)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%d/comm", proc, (int)pid);
    ifm_buf text;
    ifm_buf_init(&text, TABLE_BYTES_MAX);
    ifm_error ignored;
    size_t length = 0;
    if (ifm_os_read_file(path, &text, &ignored)) {
        while (length < text.size && length < size - 1 && text.data[length] != '\n') {
            unsigned char c = (unsigned char)text.data[length];
            out[length++] = (char)(c >= ' ' && c < 0x7F && c != '"' ? c : '?');
        }
    }
    out[length] = '\0';
    ifm_buf_deinit(&text);
}

bool ifm_os_port_owner_find(const char *proc, const struct sockaddr *address, ifm_os_port_owner *out)
{
    endpoint_place wanted = place_of(address);
    listener holder;
    if (!table_find(proc, "net/tcp", &wanted, &holder) && !table_find(proc, "net/tcp6", &wanted, &holder)) {
        return false;
    }
    *out = (ifm_os_port_owner){.pid = process_find(proc, holder.inode), .user = holder.user};
    if (out->pid != 0) {
        process_name(proc, out->pid, out->name, sizeof out->name);
    }
    return true;
}
