/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages and columns of blocks with a checksum that fits: whatever they hold, they decode or are refused. What
 * was decoded is packed again, and must come back bit for bit.
 */
#include "tsdb/column.h"
#include "tsdb/page.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void pack_again(tsdb_page_decoder *decoder, const tsdb_page *page)
{
    ifm_error err;
    ifm_buf out;
    ifm_buf_init(&out, TSDB_PAGE_BYTES_MAX);
    tsdb_page_encoder *encoder = tsdb_page_encoder_new(1, &err);
    expect(encoder != NULL);
    expect(tsdb_page_encode(encoder, page->chunks, page->count, &out, &err));
    tsdb_page *again = tsdb_page_decode(decoder, (const uint8_t *)out.data, out.size, &err);
    expect(again != NULL && again->count == page->count);
    for (size_t i = 0; i < page->count; i++) {
        expect(again->chunks[i].count == page->chunks[i].count);
        expect(memcmp(again->chunks[i].values, page->chunks[i].values,
                      page->chunks[i].count * sizeof(double)) == 0);
    }
    tsdb_page_free(again);
    tsdb_page_encoder_free(encoder);
    ifm_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ifm_error err;
    uint8_t *bytes = malloc(size + 8);
    if (bytes == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(bytes + 8, data, size);
    }
    bytes_store_u64((char *)bytes, tsdb_checksum(bytes + 8, size));
    tsdb_page_decoder *decoder = tsdb_page_decoder_new(&err);
    expect(decoder != NULL);
    tsdb_page *page = tsdb_page_decode(decoder, bytes, size + 8, &err);
    if (page != NULL && page->count > 0 && page->bytes < 1024 * 1024) {
        pack_again(decoder, page);
    }
    tsdb_page_free(page);
    int64_t times_ms[100];
    for (size_t count = 1; count <= 100; count *= 10) {
        if (tsdb_column_decode(bytes, size + 8, count, times_ms, &err)) {
            expect(count == 1 || times_ms[0] < times_ms[count - 1]);
        }
    }
    tsdb_page_decoder_free(decoder);
    free(bytes);
    return 0;
}
