/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/self.h"

#include "base/base.h"
#include "metrics/collector.h"
#include "metrics/gather.h"

#include <string.h>

#define TEXT(literal)                                                                                        \
    {                                                                                                        \
        literal, sizeof(literal) - 1                                                                         \
    }

static const ifm_text label_reason[] = {TEXT("reason")};
static const ifm_text label_collector[] = {TEXT("collector")};

static const ifm_family_head self_dropped = {
    .name = TEXT("inferometer_dropped_updates"),
    .help = TEXT(
        "Updates that changed nothing: their series was removed, a counter was to go down, the gauge is not "
        "of that kind, or there was no cell for the thread."),
    .type = IFM_TYPE_COUNTER,
    .label_names = label_reason,
    .label_count = 1,
};
static const ifm_family_head self_overflow = {
    .name = TEXT("inferometer_overflow_updates"),
    .help = TEXT("Updates that went to an overflow series, because a series limit was reached."),
    .type = IFM_TYPE_COUNTER,
};
static const ifm_family_head self_skipped = {
    .name = TEXT("inferometer_skipped_series"),
    .help = TEXT("Histograms and summaries left out of a scrape, because a thread stood still while it was "
                 "updating them."),
    .type = IFM_TYPE_COUNTER,
};
static const ifm_family_head self_duration = {
    .name = TEXT("inferometer_collector_duration_seconds"),
    .help = TEXT("Time that a custom collector took in this scrape."),
    .unit = TEXT("seconds"),
    .type = IFM_TYPE_GAUGE,
    .label_names = label_collector,
    .label_count = 1,
};
static const ifm_family_head self_failures = {
    .name = TEXT("inferometer_collector_failures"),
    .help = TEXT("Scrapes in which a custom collector failed or emitted something that had to be left out."),
    .type = IFM_TYPE_COUNTER,
    .label_names = label_collector,
    .label_count = 1,
};

bool ifm_self_has_sample(const char *name)
{
    static const ifm_family_head *const heads[] = {&self_dropped, &self_overflow, &self_skipped,
                                                   &self_duration, &self_failures};
    for (size_t i = 0; i < IFM_COUNT_OF(heads); i++) {
        size_t size = heads[i]->name.size;
        if (strncmp(name, heads[i]->name.data, size) == 0 &&
            (name[size] == '\0' || strcmp(name + size, "_total") == 0 ||
             strcmp(name + size, "_created") == 0)) {
            return true;
        }
    }
    return false;
}

static void write_number(struct ifm_gather *gather, const ifm_family_head *head, _Atomic uint64_t *number)
{
    if (ifm_encoder_wants(gather->encoder, head)) {
        ifm_encoder_family_begin(gather->encoder, head);
        ifm_encoder_counter(gather->encoder, &(ifm_point){0},
                            (double)atomic_load_explicit(number, memory_order_relaxed), NULL);
        ifm_encoder_family_end(gather->encoder);
    }
}

static void write_dropped(struct ifm_gather *gather)
{
    static const ifm_text reasons[IFM_DROP_REASONS] = {
        [IFM_DROP_REMOVED] = TEXT("removed"),
        [IFM_DROP_NEGATIVE] = TEXT("negative"),
        [IFM_DROP_KIND] = TEXT("kind"),
        [IFM_DROP_CELLS] = TEXT("cells"),
    };
    if (!ifm_encoder_wants(gather->encoder, &self_dropped)) {
        return;
    }
    ifm_encoder_family_begin(gather->encoder, &self_dropped);
    for (size_t i = 0; i < IFM_DROP_REASONS; i++) {
        uint64_t count = atomic_load_explicit(&gather->registry->dropped[i], memory_order_relaxed);
        ifm_encoder_counter(gather->encoder, &(ifm_point){.label_values = &reasons[i]}, (double)count, NULL);
    }
    ifm_encoder_family_end(gather->encoder);
}

static void write_collectors(struct ifm_gather *gather, const ifm_family_head *head)
{
    ifm_registry *registry = gather->registry;
    if (!ifm_encoder_wants(gather->encoder, head)) {
        return;
    }
    pthread_mutex_lock(&registry->lock); /* the list; numbers are under gather_lock, which is held */
    if (registry->collector_count > 0) {
        ifm_encoder_family_begin(gather->encoder, head);
        for (size_t i = 0; i < registry->collector_count; i++) {
            const struct ifm_collector *collector = registry->collectors[i];
            ifm_text name = {collector->name, strlen(collector->name)};
            ifm_point point = {.label_values = &name};
            if (head == &self_failures) {
                ifm_encoder_counter(gather->encoder, &point, (double)collector->failures, NULL);
            } else {
                ifm_encoder_gauge(gather->encoder, &point, collector->duration_seconds);
            }
        }
        ifm_encoder_family_end(gather->encoder);
    }
    pthread_mutex_unlock(&registry->lock);
}

void ifm_self_write(struct ifm_gather *gather)
{
    write_collectors(gather, &self_duration);
    write_collectors(gather, &self_failures);
    write_dropped(gather);
    write_number(gather, &self_overflow, &gather->registry->overflow_updates);
    write_number(gather, &self_skipped, &gather->registry->skipped_series);
}
