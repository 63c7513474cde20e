/* SPDX-License-Identifier: Apache-2.0
 *
 * Any name becomes legal by any escaping scheme, and a text document of any names, help and values has
 * exactly the lines it should have: nothing breaks out of its quotes.
 */
#include "exposition/encoder.h"
#include "exposition/names.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_escape(const char *name, size_t size, ifm_escaping escaping, ifm_name_kind kind)
{
    ifm_buf out;
    ifm_buf_init(&out, 8 * size + 16);
    ifm_name_escape(&out, name, size, escaping, kind);
    if (out.failed != IFM_OK || (size > 0 && !ifm_name_is_legacy(out.data, out.size, kind))) {
        abort();
    }
    ifm_buf_deinit(&out);
}

/* Four parts of the input: name, label name, value, help. */
static void check_document(const char *text, size_t size, ifm_format format, ifm_escaping escaping)
{
    size_t quarter = size / 4;
    const ifm_text label = {text + quarter, quarter};
    const ifm_text value = {text + 2 * quarter, quarter};
    const ifm_text help = {text + 3 * quarter, size - 3 * quarter};
    const ifm_family_head head = {{text, quarter}, help, {NULL, 0}, IFM_TYPE_COUNTER, &label, 1};
    ifm_buf out;
    ifm_error err;
    ifm_buf_init(&out, 64 * size + 4096);
    ifm_encoder *encoder =
        ifm_encoder_new(&(ifm_encoder_options){.format = format, .escaping = escaping}, &out, &err);
    if (encoder == NULL) {
        abort();
    }
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_counter(encoder, &(ifm_point){.label_values = &value}, 1, NULL);
    ifm_encoder_family_end(encoder);
    if (!ifm_encoder_finish(encoder, &err)) {
        abort();
    }
    size_t lines = 0;
    for (size_t i = 0; i < out.size; i++) {
        lines += out.data[i] == '\n';
    }
    size_t want = 2 + (help.size > 0) + (format == IFM_FORMAT_OPENMETRICS);
    if (format != IFM_FORMAT_PROTOBUF && lines != want) {
        abort();
    }
    ifm_encoder_free(encoder);
    ifm_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    for (int escaping = IFM_ESCAPING_UNDERSCORES; escaping < IFM_ESCAPING_ALLOW_UTF8; escaping++) {
        check_escape(text, size, (ifm_escaping)escaping, IFM_NAME_METRIC);
        check_escape(text, size, (ifm_escaping)escaping, IFM_NAME_LABEL);
    }
    ifm_name_is_valid(text, size);
    if (size >= 4) {
        for (int format = IFM_FORMAT_TEXT; format <= IFM_FORMAT_PROTOBUF; format++) {
            for (int escaping = IFM_ESCAPING_UNDERSCORES; escaping <= IFM_ESCAPING_ALLOW_UTF8; escaping++) {
                check_document(text, size, (ifm_format)format, (ifm_escaping)escaping);
            }
        }
    }
    return 0;
}
