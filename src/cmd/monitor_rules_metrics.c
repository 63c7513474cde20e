/* SPDX-License-Identifier: Apache-2.0
 *
 * What the monitor tells of its rules, under Prometheus's names: by group, which is called "FILE;NAME".
 */
#include "cmd/monitor.h"

#include <inferometer/collector.h>

enum { RULES_ARENA_BYTES_MAX = 64 << 20, LABEL_SIZE_MAX = 8192 };

typedef struct listing {
    const rules_group *groups;
    const char **labels;
    size_t count;
} listing;

typedef struct family {
    const char *name, *help;
    ifm_collected_type type;
    double (*value)(const rules_group *group);
} family;

static double evaluations_of(const rules_group *group)
{
    return (double)group->evaluations;
}

static double failures_of(const rules_group *group)
{
    return (double)group->failures;
}

static double iterations_of(const rules_group *group)
{
    return (double)group->iterations;
}

static double missed_of(const rules_group *group)
{
    return (double)group->missed;
}

static double interval_of(const rules_group *group)
{
    return group->interval_s;
}

static double rules_of(const rules_group *group)
{
    return (double)group->rule_count;
}

static double duration_of(const rules_group *group)
{
    return group->evaluation_s;
}

static double rule_durations_of(const rules_group *group)
{
    return group->last_rules_s;
}

static double restore_of(const rules_group *group)
{
    return group->restore_s;
}

static double timestamp_of(const rules_group *group)
{
    return group->last_timestamp_s;
}

static double samples_of(const rules_group *group)
{
    return (double)group->last_samples;
}

#define NAME(rest) "prometheus_rule_" rest

static const family families[] = {
    {NAME("evaluations"), "Rules that were evaluated.", IFM_COLLECTED_COUNTER, evaluations_of},
    {NAME("evaluation_failures"), "Those that failed.", IFM_COLLECTED_COUNTER, failures_of},
    {NAME("group_iterations"), "Evaluations of the group that were due.", IFM_COLLECTED_COUNTER,
     iterations_of},
    {NAME("group_iterations_missed"), "Those that were left out, because the one before took too long.",
     IFM_COLLECTED_COUNTER, missed_of},
    {NAME("group_interval_seconds"), "How often the group is evaluated.", IFM_COLLECTED_GAUGE, interval_of},
    {NAME("group_rules"), "Rules of the group.", IFM_COLLECTED_GAUGE, rules_of},
    {NAME("group_last_duration_seconds"), "How long the last evaluation took.", IFM_COLLECTED_GAUGE,
     duration_of},
    {NAME("group_last_rule_duration_sum_seconds"), "How long its rules took, together.", IFM_COLLECTED_GAUGE,
     rule_durations_of},
    {NAME("group_last_restore_duration_seconds"), "How long restoring the state of alerts took.",
     IFM_COLLECTED_GAUGE, restore_of},
    {NAME("group_last_evaluation_timestamp_seconds"), "The time that was evaluated last.",
     IFM_COLLECTED_GAUGE, timestamp_of},
    {NAME("group_last_evaluation_samples"), "Samples that came out of it.", IFM_COLLECTED_GAUGE, samples_of}};

static void collect_family(const family *of, const listing *groups, ifm_collection *out)
{
    static const char *const label = "rule_group";
    const ifm_collected_family described = {
        .name = of->name, .help = of->help, .type = of->type, .label_names = &label, .label_count = 1};
    if (!ifm_collect_family(out, &described)) {
        return;
    }
    for (size_t i = 0; i < groups->count; i++) {
        ifm_collect_sample(out, &groups->labels[i], of->value(&groups->groups[i]));
    }
}

static bool label_groups(listing *groups, ifm_bump *arena, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, LABEL_SIZE_MAX);
    groups->labels = ifm_bump_alloc_array(arena, groups->count, sizeof *groups->labels);
    for (size_t i = 0; groups->labels != NULL && i < groups->count; i++) {
        ifm_buf_clear(&text);
        ifm_buf_printf(&text, "%s;%s", groups->groups[i].file, groups->groups[i].name);
        groups->labels[i] = ifm_bump_copy(arena, text.failed == IFM_OK ? text.data : "",
                                          text.failed == IFM_OK ? text.size : 0);
    }
    ifm_buf_deinit(&text);
    return ifm_bump_check(arena, err);
}

/* Prometheus has them as summaries, of which the collector knows nothing: their sums and counts. */
static void collect_stats(rules_manager *rules, ifm_collection *out)
{
    rules_stats stats;
    rules_stats_now(rules, &stats);
    const struct {
        const char *name, *help;
        double value;
    } values[] = {
        {NAME("evaluation_duration_seconds_sum"), "How long evaluating rules took.", stats.evaluation_s},
        {NAME("evaluation_duration_seconds_count"), "Rules that were evaluated.", (double)stats.evaluations},
        {NAME("group_duration_seconds_sum"), "How long evaluating groups took.", stats.iteration_s},
        {NAME("group_duration_seconds_count"), "Groups that were evaluated.", (double)stats.iterations}};
    for (size_t i = 0; i < IFM_COUNT_OF(values); i++) {
        const ifm_collected_family described = {
            .name = values[i].name, .help = values[i].help, .type = IFM_COLLECTED_UNKNOWN};
        if (ifm_collect_family(out, &described)) {
            ifm_collect_sample(out, NULL, values[i].value);
        }
    }
}

static bool collect(void *context, ifm_collection *out, ifm_error *err)
{
    const struct monitor *monitor = context;
    listing groups = {NULL, NULL, 0};
    ifm_bump arena;
    ifm_bump_init(&arena, RULES_ARENA_BYTES_MAX);
    bool ok = rules_groups_list(monitor->rules, false, &arena, &groups.groups, &groups.count, err) &&
              label_groups(&groups, &arena, err);
    for (size_t i = 0; ok && i < IFM_COUNT_OF(families); i++) {
        collect_family(&families[i], &groups, out);
    }
    ifm_bump_deinit(&arena);
    collect_stats(monitor->rules, out);
    return ok;
}

bool monitor_rules_metrics_register(struct monitor *monitor, ifm_error *err)
{
    const ifm_collector_options options = {.name = "rules", .collect = collect, .context = monitor};
    return ifm_collector_register(monitor->registry, &options, err);
}
