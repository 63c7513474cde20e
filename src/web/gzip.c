/* SPDX-License-Identifier: Apache-2.0 */
#include "web/gzip.h"

#define ZLIB_CONST /* next_in is only read */
#include <zlib.h>

enum {
    GZIP_LEVEL = 1, /* the others save little of the wire for a lot of processor: endpoint_scrape.c */
    GZIP_WINDOW_BITS = 15 + 16, /* the largest window; 16 asks for the gzip format */
    GZIP_MEMORY_LEVEL = 8,
    GZIP_OUT_BYTES = 65536,
    GZIP_IN_BYTES = 1 << 30 /* avail_in has 32 bits */
};

/* Compresses until the input that was given is used up. */
static bool gzip_run(z_stream *stream, int flush, ifm_buf *out)
{
    int status = Z_OK;
    do {
        char *to = ifm_buf_reserve(out, GZIP_OUT_BYTES);
        if (to == NULL) {
            return false;
        }
        stream->next_out = (Bytef *)to;
        stream->avail_out = GZIP_OUT_BYTES;
        status = deflate(stream, flush);
        out->size += GZIP_OUT_BYTES - stream->avail_out;
    } while (status == Z_OK && (stream->avail_out == 0 || flush == Z_FINISH));
    return flush == Z_FINISH ? status == Z_STREAM_END : status == Z_OK || status == Z_BUF_ERROR;
}

bool web_gzip(const char *bytes, size_t size, ifm_buf *out)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return false;
    }
    bool ok = true;
    size_t at = 0;
    while (ok && at < size) {
        size_t part = size - at < GZIP_IN_BYTES ? size - at : GZIP_IN_BYTES;
        stream.next_in = (const Bytef *)bytes + at;
        stream.avail_in = (uInt)part;
        at += part;
        ok = gzip_run(&stream, at == size ? Z_FINISH : Z_NO_FLUSH, out);
    }
    deflateEnd(&stream);
    return ok;
}

void web_gunzip(const char *bytes, size_t size, ifm_buf *out)
{
    z_stream stream = {.next_in = (const Bytef *)bytes, .avail_in = (uInt)size};
    if (inflateInit2(&stream, GZIP_WINDOW_BITS) != Z_OK) {
        out->failed = IFM_NOMEM;
        return;
    }
    int status = Z_OK;
    while (status == Z_OK) {
        char *to = ifm_buf_reserve(out, GZIP_OUT_BYTES);
        if (to == NULL) {
            break;
        }
        stream.next_out = (Bytef *)to;
        stream.avail_out = GZIP_OUT_BYTES;
        status = inflate(&stream, Z_NO_FLUSH);
        out->size += GZIP_OUT_BYTES - stream.avail_out;
    }
    inflateEnd(&stream);
    if (status == Z_MEM_ERROR) {
        out->failed = IFM_NOMEM;
    }
}
