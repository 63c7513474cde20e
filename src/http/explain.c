/* SPDX-License-Identifier: Apache-2.0
 *
 * What went wrong with a request, in our words where libcurl's are for programmers.
 */
#include "http/limits.h"
#include "http/request.h"

#include <stdio.h>
#include <string.h>

/* Where it goes to, without what may be a secret: the user, the path. */
static void place_of(const http_transfer *transfer, char *out, size_t size)
{
    CURLU *url = curl_url();
    char *host = NULL, *port = NULL;
    if (url != NULL && curl_url_set(url, CURLUPART_URL, transfer->request.url, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
        snprintf(out, size, "%.80s:%s", host, port);
    } else {
        snprintf(out, size, "the server");
    }
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
}

/* A sentence in the middle of ours begins in lower case; what is an abbreviation stays. */
static void lower_first(char *text)
{
    if (text[0] >= 'A' && text[0] <= 'Z' && (text[1] == ' ' || (text[1] >= 'a' && text[1] <= 'z'))) {
        text[0] = (char)(text[0] + ('a' - 'A'));
    }
}

static void explain_connect(const http_transfer *transfer, const char *place, const char *complaint,
                            ifm_error *err)
{
    long number = 0;
    char text[128], reason[sizeof text];
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    if (number == 0) {
        ifm_error_set(err, IFM_IO, "could not connect to %s: %s", place, complaint);
        return;
    }
    snprintf(reason, sizeof reason, "%s", strerror_r((int)number, text, sizeof text));
    lower_first(reason);
    ifm_error_set(err, IFM_IO, "could not connect to %s: %s", place, reason);
}

static void explain_timeout(const http_transfer *transfer, const char *place, ifm_error *err)
{
    curl_off_t looked_up = 0, connected = 0, tls = 0, began = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_NAMELOOKUP_TIME_T, &looked_up);
    curl_easy_getinfo(transfer->easy, CURLINFO_CONNECT_TIME_T, &connected);
    curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &tls);
    curl_easy_getinfo(transfer->easy, CURLINFO_STARTTRANSFER_TIME_T, &began);
    /* From the end: of a connection that is used again only the last two are known. */
    const char *what = began != 0       ? "the answer was not complete"
                       : tls != 0       ? "no answer began"
                       : connected != 0 ? "the connection was not secured"
                       : looked_up != 0 ? "the connection was not made"
                                        : "its name was not found";
    ifm_error_set(err, IFM_TIMEOUT, "%s did not answer within %g s: %s in time", place,
                  (double)transfer->request.timeout_ms / 1000, what);
}

static void explain_stop(const http_transfer *transfer, const char *place, ifm_error *err)
{
    if (transfer->stopped == IFM_NOMEM) {
        ifm_error_nomem(err);
    } else if (transfer->head_bytes > HTTP_HEAD_BYTES_MAX) {
        ifm_error_set(err, IFM_LIMIT, "the head of the answer of %s has more than %d bytes", place,
                      HTTP_HEAD_BYTES_MAX);
    } else {
        ifm_error_set(err, IFM_LIMIT, "the answer of %s has more than %zu bytes", place,
                      transfer->request.body_max);
    }
}

void http_transfer_explain(const http_transfer *transfer, CURLcode code, ifm_error *err)
{
    char place[128], complaint[CURL_ERROR_SIZE];
    place_of(transfer, place, sizeof place);
    /* What is quoted with an "@" is a proxy or a place to be sent to, with the password that stands in it. */
    bool is_told = transfer->complaint[0] != '\0' && strchr(transfer->complaint, '@') == NULL;
    snprintf(complaint, sizeof complaint, "%s", is_told ? transfer->complaint : curl_easy_strerror(code));
    lower_first(complaint);
    switch (code) {
    case CURLE_WRITE_ERROR: /* also of a body that cannot be decompressed: then nobody stopped it */
        if (transfer->stopped != IFM_OK) {
            explain_stop(transfer, place, err);
            return;
        }
        break;
    case CURLE_FILESIZE_EXCEEDED:
        explain_stop(transfer, place, err);
        return;
    case CURLE_OPERATION_TIMEDOUT:
        explain_timeout(transfer, place, err);
        return;
    case CURLE_COULDNT_CONNECT:
        explain_connect(transfer, place, complaint, err);
        return;
    case CURLE_OUT_OF_MEMORY:
        ifm_error_nomem(err);
        return;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_URL_MALFORMAT:
        ifm_error_set(err, IFM_INVALID, "what %s answers is not understood: %s", place, complaint);
        return;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
        ifm_error_set(err, IFM_IO, "%s ended the answer too early: %s", place, complaint);
        return;
    default:
        break;
    }
    ifm_error_set(err, IFM_IO, "could not ask %s: %s", place, complaint);
}
