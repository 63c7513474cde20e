/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/endpoint_answer.h"

#include "base/base.h"

#include <stdbool.h>

static struct MHD_Response *response_make(const ifm_answer *answer)
{
    if (answer->ownership == IFM_ANSWER_BORROWS) {
        return MHD_create_response_from_buffer(answer->size, answer->body, MHD_RESPMEM_PERSISTENT);
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(answer->size, answer->body, ifm_free);
    if (response == NULL) {
        ifm_free(answer->body);
    }
    return response;
}

static bool response_add_headers(struct MHD_Response *response, const ifm_answer *answer)
{
    static const ifm_answer_header always[] = {{"Cache-Control", "no-store"},
                                               {"X-Content-Type-Options", "nosniff"}};
    for (size_t i = 0; i < IFM_COUNT_OF(always); i++) {
        if (MHD_add_response_header(response, always[i].name, always[i].value) != MHD_YES) {
            return false;
        }
    }
    for (size_t i = 0; i < IFM_ANSWER_HEADERS_MAX && answer->headers[i].name != NULL; i++) {
        if (MHD_add_response_header(response, answer->headers[i].name, answer->headers[i].value) != MHD_YES) {
            return false;
        }
    }
    return true;
}

enum MHD_Result ifm_answer_queue(struct MHD_Connection *connection, const ifm_answer *answer)
{
    struct MHD_Response *response = response_make(answer);
    if (response == NULL) {
        return MHD_NO;
    }
    enum MHD_Result result = MHD_NO;
    if (response_add_headers(response, answer)) {
        result = MHD_queue_response(connection, answer->status, response);
    }
    MHD_destroy_response(response); /* the connection holds its own reference */
    return result;
}
