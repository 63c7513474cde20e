/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of a block, unpacked: whatever it holds, it is loaded or refused, and what was loaded can be
 * looked up in.
 */
#include "tsdb/block_index.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const tsdb_block_index *index)
{
    ifm_error err = {.code = IFM_OK};
    ifm_bump arena;
    const tsdb_source_series *found;
    size_t count = 0;
    ifm_bump_init(&arena, 64 * 1024 * 1024);
    model_matcher matchers[] = {
        {model_text_of("__name__"), model_text_of("a"), MODEL_EQUAL, NULL},
        {model_text_of("b"), model_text_of(""), MODEL_NOT_EQUAL, NULL},
    };
    for (size_t i = 0; i <= 2; i++) {
        if (!tsdb_block_index_select(index, matchers, i, &arena, &found, &count, &err)) {
            break;
        }
        for (size_t j = 0; j < count; j++) {
            uint32_t position = index->positions[found[j].handle];
            const tsdb_block_batch *batch = tsdb_block_index_batch(index, position);
            if (batch->first_page + batch->page_count > index->page_count) {
                abort();
            }
        }
    }
    ifm_bump_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ifm_error err;
    tsdb_block_index index;
    char *bytes = ifm_copy_bytes(data, size);
    if (bytes != NULL && tsdb_block_index_load(bytes, size, &index, &err)) {
        look_up(&index);
        tsdb_block_index_deinit(&index);
    }
    return 0;
}
