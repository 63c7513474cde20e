/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/urls.h"

#include "stack/render.h"

#include <stdio.h>
#include <string.h>

/* What listens everywhere listens here too. */
static const char *local_address(const char *address)
{
    return strcmp(address, "0.0.0.0") == 0 ? "127.0.0.1" : strcmp(address, "::") == 0 ? "::1" : address;
}

static void url(const char *address, int port, const char *end, char *out)
{
    char place[STACK_URL_SIZE / 2];
    stack_render_host_port(place, sizeof place, address, port);
    snprintf(out, STACK_URL_SIZE, "http://%s%s", place, end);
}

void stack_url_prometheus(const stack_record *record, char *out)
{
    url(local_address(record->address), record->prometheus_port, "", out);
}

void stack_url_grafana(const stack_record *record, char *out)
{
    url(local_address(record->address), record->grafana_port, "", out);
}

void stack_url_open(const stack_record *record, int port, char *out)
{
    const char *local = local_address(record->address);
    bool loopback = strcmp(local, "127.0.0.1") == 0 || strcmp(local, "::1") == 0;
    url(loopback ? "localhost" : record->address, port, "/", out);
}

void stack_url_ssh(const stack_record *record, const char *ssh_connection, const char *user, char *out)
{
    /* CLIENT_ADDRESS CLIENT_PORT SERVER_ADDRESS SERVER_PORT */
    char host[128] = "";
    int port = 22;
    out[0] = '\0';
    if (ssh_connection == NULL || sscanf(ssh_connection, "%*s %*s %127s %d", host, &port) != 2) {
        return;
    }
    const char *to = local_address(record->address);
    const char *open = strchr(to, ':') != NULL ? "[" : "", *close = *open != '\0' ? "]" : "";
    char other_port[32] = "";
    if (port != 22) {
        snprintf(other_port, sizeof other_port, "-p %d ", port);
    }
    char grafana[160] = "";
    if (record->grafana) {
        snprintf(grafana, sizeof grafana, "-L %d:%s%.64s%s:%d ", record->grafana_port, open, to, close,
                 record->grafana_port);
    }
    snprintf(out, STACK_URL_SIZE, "ssh -N %s%s-L %d:%s%.64s%s:%d %.64s@%s", other_port, grafana,
             record->prometheus_port, open, to, close, record->prometheus_port, user, host);
}
