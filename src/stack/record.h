/* SPDX-License-Identifier: Apache-2.0
 *
 * stack.json: what was started, and how, for whoever has to look after it or stop it.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_RECORD_H
#define STACK_RECORD_H

#include "stack/engine.h"

/* The texts are owned by the record. */
typedef struct stack_record {
    stack_engine engine;
    stack_tool tool;
    stack_network network;
    char *project;          /* of compose: containers and volumes begin with it */
    char *prometheus_image; /* images: NULL with native */
    char *grafana_image;
    char *address; /* "127.0.0.1", or where --expose put it */
    int prometheus_port, grafana_port;
    int scrape_interval_s;
    bool grafana;           /* false: native, without grafana-server */
    bool rootless, desktop; /* the engine, when it was asked */
    bool exposed;           /* basic authentication: user admin, with Grafana's password */
} stack_record;

/* Reads stack.json's text. Errors: IFM_INVALID (with line and column, or the key), IFM_NOMEM; the library of
 * JSON takes some of its own failed allocations for a wrong character. */
bool stack_record_parse(const char *text, size_t size, stack_record *out, ifm_error *err);

/* Appends the text of stack.json. */
bool stack_record_print(const stack_record *record, ifm_buf *out, ifm_error *err);

void stack_record_deinit(stack_record *record);

/* Whether the same containers or processes serve both: everything but the scrape interval is equal. */
bool stack_record_same_services(const stack_record *a, const stack_record *b);

#endif
