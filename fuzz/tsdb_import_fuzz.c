/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an OpenMetrics text that is imported: what is taken is in order, each sample once.
 */
#include "tsdb/import.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static bool go_on(void *context, size_t bytes)
{
    return bytes <= *(size_t *)context;
}

/* I1 of import.h. */
static void check(const tsdb_import_data *data)
{
    uint64_t samples = 0;
    for (size_t i = 0; i < data->count; i++) {
        const tsdb_import_series *series = data->series[i];
        require(series->count > 0);
        require(i == 0 || model_labels_compare(data->series[i - 1]->labels, series->labels) < 0);
        for (size_t j = 1; j < series->count; j++) {
            require(series->times_ms[j - 1] < series->times_ms[j]);
        }
        samples += series->count;
    }
    require(samples <= data->samples);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ifm_error err;
    tsdb_import_data import;
    const tsdb_import_options options = {.progress = go_on, .context = &size};
    tsdb_import_init(&import);
    if (tsdb_import_parse(&import, &options, (const char *)data, size, &err) &&
        tsdb_import_sort(&import, &err)) {
        check(&import);
    }
    tsdb_import_deinit(&import);
    return 0;
}
