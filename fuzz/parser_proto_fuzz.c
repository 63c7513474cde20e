/* SPDX-License-Identifier: Apache-2.0
 *
 * Protobuf from outside, with each treatment of native histograms: entries keep what parser_proto.h promises.
 */
#include "parser_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_buckets(const ifm_proto_buckets *buckets)
{
    uint64_t length = 0;
    double sum = 0;
    for (size_t i = 0; i < buckets->span_count; i++) {
        fuzz_require(i == 0 || buckets->spans[i].offset > 0);
        fuzz_require(buckets->spans[i].length > 0);
        length += buckets->spans[i].length;
    }
    for (size_t i = 0; i < buckets->count; i++) {
        sum += buckets->counts[i]; /* reads them all */
    }
    fuzz_require(length == buckets->count && (sum >= 0 || sum < 0 || sum != sum));
}

static void check_exemplars(ifm_proto_parser *parser, ifm_error *err)
{
    ifm_parsed_exemplar exemplar;
    while (ifm_proto_parser_exemplar(parser, &exemplar, err) && exemplar.present) {
        fuzz_require(exemplar.time.present);
        fuzz_labels(exemplar.labels, exemplar.label_count);
    }
}

static void parse(ifm_proto_parser *parser, const uint8_t *data, size_t size)
{
    ifm_error err = {.code = IFM_OK};
    ifm_proto_entry entry = {.base = {.kind = IFM_ENTRY_COMMENT}};
    ifm_proto_parser_start(parser, data, size);
    while (err.code == IFM_OK && entry.base.kind != IFM_ENTRY_END) {
        bool ok = ifm_proto_parser_next(parser, &entry, &err);
        fuzz_require(ok == (err.code == IFM_OK));
        if (!ok) {
            break;
        }
        fuzz_require(entry.base.kind == IFM_ENTRY_END || entry.base.line >= 1);
        fuzz_require(entry.base.offset <= size);
        if (entry.base.kind != IFM_ENTRY_END) {
            fuzz_text(entry.base.name);
            fuzz_text(entry.base.text);
            fuzz_labels(entry.base.labels, entry.base.label_count);
            fuzz_labels(entry.base.exemplar.labels, entry.base.exemplar.label_count);
        }
        if (entry.native != NULL) {
            check_buckets(&entry.native->positive);
            check_buckets(&entry.native->negative);
            check_exemplars(parser, &err);
        }
    }
    fuzz_require(err.code == IFM_OK ||
                 (err.offset <= size && ifm_utf8_valid(err.message, strlen(err.message))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ifm_error err;
    ifm_proto_parser *parser = ifm_proto_parser_new(IFM_PROTO_NATIVE, &err);
    fuzz_require(parser != NULL);
    for (int histograms = IFM_PROTO_NATIVE; histograms <= IFM_PROTO_CLASSIC; histograms++) {
        ifm_proto_parser_set_histograms(parser, (ifm_proto_histograms)histograms);
        parse(parser, data, size);
    }
    ifm_proto_parser_free(parser);
    return 0;
}
