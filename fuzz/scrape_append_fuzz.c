/* SPDX-License-Identifier: Apache-2.0
 *
 * An answer of a target, twice: the second time every line is known, and must come to the same. The store
 * tells whether the numbers are the same to the last bit, since it refuses another value at the same time.
 * The first byte chooses the format.
 */
#include "scratch.h"

#include "scrape/append.h"

#include <inferometer/registry.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct fuzz_target {
    tsdb *db;
    tsdb_group *group;
    scrape_scratch scratch;
    scrape_target target;
    model_label shown[2];
    config_scrape config;
} fuzz_target;

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

static fuzz_target *open_once(void)
{
    static fuzz_target made;
    ifm_error err;
    if (made.db != NULL) {
        return &made;
    }
    tsdb_options options = {.folder = fuzz_scratch_folder(), .no_threads = true, .series_max = 100000};
    made.shown[0] = (model_label){model_text_of("instance"), model_text_of("i")};
    made.shown[1] = (model_label){model_text_of("job"), model_text_of("j")};
    made.target.shown = (model_labels){made.shown, 2};
    made.config = (config_scrape){.job_name = "j",
                                  .honor_timestamps = true,
                                  .scrape_native_histograms = true,
                                  .scrape_classic_histograms = true};
    must(tsdb_open(&options, &made.db, &err));
    made.group = tsdb_group_new(made.db, &err);
    must(made.group != NULL && scrape_scratch_init(&made.scratch, &err));
    return &made;
}

static bool append(fuzz_target *on, tsdb_batch *batch, scrape_cache *cache, scrape_format format,
                   const char *body, size_t size, scrape_counts *counts)
{
    ifm_error err;
    scrape_appender to = {.config = &on->config,
                          .target = &on->target,
                          .cache = cache,
                          .scratch = &on->scratch,
                          .batch = batch,
                          .time_ms = 1000000,
                          .time_ms_max = 2000000};
    scrape_cache_begin(cache, &on->scratch.cache);
    bool ok = scrape_append(&to, format, body, size, &err);
    if (ok) {
        scrape_cache_commit(cache, &on->scratch.cache);
    } else {
        scrape_cache_abandon(cache);
    }
    *counts = to.counts;
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const scrape_format formats[] = {SCRAPE_FORMAT_TEXT, SCRAPE_FORMAT_OPENMETRICS,
                                            SCRAPE_FORMAT_PROTOBUF};
    fuzz_target *on = open_once();
    scrape_cache cache = {.entries = NULL};
    scrape_counts first;
    scrape_counts second;
    ifm_error err;
    if (size == 0) {
        return 0;
    }
    scrape_format format = formats[data[0] % IFM_COUNT_OF(formats)];
    char *body = ifm_copy_bytes(data + 1, size - 1); /* terminated */
    tsdb_batch *batch = tsdb_batch_begin(on->db, on->group, 1000000, &err);
    must(body != NULL && batch != NULL);
    if (append(on, batch, &cache, format, body, size - 1, &first)) {
        must(append(on, batch, &cache, format, body, size - 1, &second));
        must(second.total == first.total && second.added == first.added && second.series_added == 0);
        bool own_times = first.out_of_order + second.out_of_order + second.out_of_bounds > 0;
        must(own_times || second.duplicates == first.duplicates);
    }
    tsdb_batch_rollback(batch);
    scrape_cache_deinit(&cache);
    ifm_free(body);
    return 0;
}
