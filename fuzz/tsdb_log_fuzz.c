/* SPDX-License-Identifier: Apache-2.0
 *
 * Payloads of the log whose checksum is right, but nothing else has to be: each of two bytes for its size and
 * then itself. The head must hold its invariants whatever they say.
 */
#include "scratch.h"

#include "tsdb/log_impl.h"
#include "tsdb/tsdb_impl.h"

#include <inferometer/registry.h>
#include <stdlib.h>

enum { STORE_RUNS = 512 /* inputs for one store, which grows by what they define */ };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static tsdb *open_store(void)
{
    tsdb *db = NULL;
    ifm_error err;
    if (!tsdb_open(&(tsdb_options){.folder = fuzz_scratch_folder(), .no_threads = true}, &db, &err)) {
        abort();
    }
    db->replaying = true;
    return db;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tsdb *db;
    static int runs;
    ifm_error err;
    bool lost;
    if (db == NULL) {
        db = open_store();
    }
    log_replayer *replayer = log_replayer_new(db, &err);
    if (replayer == NULL) {
        abort();
    }
    while (size >= 2) {
        size_t payload = (size_t)data[0] | (size_t)data[1] << 8;
        data += 2;
        size -= 2;
        payload = payload > size ? size : payload;
        if (!log_replayer_batch(replayer, data, payload, &lost, &err)) {
            abort();
        }
        data += payload;
        size -= payload;
    }
    log_replayer_free(replayer);
    if (!tsdb_head_check(db)) {
        abort();
    }
    if (++runs % STORE_RUNS == 0) {
        tsdb_close(db);
        db = NULL;
    }
    return 0;
}
