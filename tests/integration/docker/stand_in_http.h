/* SPDX-License-Identifier: Apache-2.0
 *
 * As much HTTP as the stand-in needs: one connection after the other, one request on each; waiting ends.
 */
#ifndef IFM_STAND_IN_HTTP_H
#define IFM_STAND_IN_HTTP_H

#include "stand_in_settings.h"

enum {
    HTTP_HEAD_BYTES = 8 << 10, /* a browser on localhost sends the cookies of every program there */
    HTTP_WAIT_SECONDS = 5      /* for each send and receive; a test that waits longer has failed anyway */
};

typedef struct http_request {
    char head[HTTP_HEAD_BYTES];
    const char *method;              /* into head; "" when there was no request */
    char *path;                      /* into head, without the query */
    char credentials[SETTING_BYTES]; /* USER:PASSWORD of basic authentication, "" without */
} http_request;

/* Listens on a numeric address; "" is every one, port "0" is any. Prints where. Ends the program when it
 * cannot. */
int http_listen(const char *address, const char *port);

/* Waits for a connection and reads the request. Returns the connection, -1 when there was none. */
int http_accept(int listener, http_request *request);

/* Answers with text of this type ("application/json") and closes the connection. */
void http_answer(int connection, int status, const char *type, const char *text);
void http_redirect(int connection, const char *place);

/* GETs http://HOST[:PORT][/PATH] + path and reads the answer, head and all. Returns its status, or 0 with the
 * reason in answer. */
int http_get(const char *url, const char *path, char *answer, size_t size);

#endif
