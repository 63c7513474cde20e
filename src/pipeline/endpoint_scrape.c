/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/endpoint_scrape.h"

#include "base/base.h"

#define ZLIB_CONST /* next_in is only read */
#include <zlib.h>

/* The level, by 105,000 samples, 9.9 MB, on one processor of a virtual machine (Debian 12, zlib 1.2.13):
 *
 *     level   1      3      6      9
 *     ms     37     46    106    358
 *     KB    903    838    751    669
 *
 * What the higher levels save of the wire is not worth the program's processor. */
enum {
    GZIP_LEVEL = 1,
    GZIP_WINDOW_BITS = 15 + 16, /* the largest window; 16 asks for the gzip format */
    GZIP_MEMORY_LEVEL = 8,      /* 9 was slower and saved nothing */
    GZIP_CHUNK_BYTES = 65536
};

/* Compresses all of `in` into `out`; false when memory is out. */
static bool gzip_all(const char *in, size_t size, ifm_buf *out)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return false;
    }
    stream.next_in = (const Bytef *)in;
    stream.avail_in = (uInt)size;
    int status = Z_OK;
    while (status == Z_OK) {
        char *to = ifm_buf_reserve(out, GZIP_CHUNK_BYTES);
        if (to == NULL) {
            break;
        }
        stream.next_out = (Bytef *)to;
        stream.avail_out = GZIP_CHUNK_BYTES;
        status = deflate(&stream, Z_FINISH);
        out->size += GZIP_CHUNK_BYTES - stream.avail_out;
    }
    deflateEnd(&stream);
    return status == Z_STREAM_END;
}

static void scrape_gzip(ifm_scrape *scrape)
{
    ifm_buf packed;
    ifm_buf_init(&packed, SIZE_MAX);
    ifm_error ignored; /* without memory the document goes out as it is */
    size_t size;
    char *body =
        gzip_all(scrape->body, scrape->size, &packed) ? ifm_buf_take(&packed, &size, &ignored) : NULL;
    ifm_buf_deinit(&packed);
    if (body != NULL) {
        ifm_free(scrape->body);
        scrape->body = body;
        scrape->size = size;
        scrape->gzipped = true;
    }
}

void ifm_scrape_run(ifm_scrape *scrape)
{
    scrape->body = NULL;
    if (!ifm_registry_expose(scrape->registry, &scrape->options, &scrape->body, &scrape->size,
                             &scrape->err)) {
        ifm_log(IFM_LOG_WARNING, "could not answer a scrape: %s", scrape->err.message);
        return;
    }
    if (scrape->gzip_wanted) {
        scrape_gzip(scrape);
    }
}
