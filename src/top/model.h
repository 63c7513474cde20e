/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: what is known of the pipelines, as the last answers said it. Fetched by fetch.c, filled
 * in by answer.c, drawn by the views.
 *
 * Thread-safety: one thread.
 * M1  texts are valid UTF-8, and may hold any character: what is shown of them goes through screen.c.
 * M2  what no answer told is NaN, or -1 for times.
 */
#ifndef TOP_MODEL_H
#define TOP_MODEL_H

#include "top/limits.h"
#include "top/plot.h"

/* What is asked of the server, each by itself. */
typedef enum top_ask {
    TOP_ASK_TARGETS,
    TOP_ASK_ALERTS,
    TOP_ASK_NAMES,  /* which names durations have */
    TOP_ASK_PLACES, /* which pipelines run where */
    TOP_ASK_OUTCOMES,
    TOP_ASK_P50,
    TOP_ASK_P95,
    TOP_ASK_P99,
    TOP_ASK_IN_FLIGHT,
    TOP_ASK_QUEUE,
    TOP_ASK_IN_TIME,
    TOP_ASK_REQUESTS_LINE,
    TOP_ASK_P95_LINE,
    TOP_ASK_STAGE_NAMES, /* from here on of the opened pipeline; this one of the DeepSparse naming alone */
    TOP_ASK_STAGE_TIME,
    TOP_ASK_STAGE_RATE,
    TOP_ASK_STAGE_P95,
    TOP_ASK_TOKENS, /* of generative models: per second, and how they come */
    TOP_ASK_FIRST_TOKEN,
    TOP_ASK_PER_TOKEN,
    TOP_ASK_LINE_P50,
    TOP_ASK_LINE_P95,
    TOP_ASK_LINE_P99,
    TOP_ASK_LINE_OUTCOMES,
    TOP_ASK_HEAT,
    TOP_ASK_COUNT
} top_ask;

typedef enum top_value {
    TOP_VALUE_REQUESTS, /* per second, as the next */
    TOP_VALUE_FAILURES,
    TOP_VALUE_P50,
    TOP_VALUE_P95,
    TOP_VALUE_P99,
    TOP_VALUE_IN_FLIGHT,
    TOP_VALUE_QUEUE,   /* 95th percentile of the time in the queue */
    TOP_VALUE_IN_TIME, /* share of those within the objective */
    TOP_VALUE_COUNT
} top_value;

typedef enum top_line { TOP_LINE_REQUESTS, TOP_LINE_P95, TOP_LINE_COUNT } top_line;

typedef struct top_pipeline {
    char name[TOP_NAME_SIZE];
    bool is_known;  /* by the last list of places */
    bool is_named;  /* durations under Inferometer's names were seen */
    bool is_legacy; /* only under DeepSparse's */
    double values[TOP_VALUE_COUNT];
    double lines[TOP_LINE_COUNT][TOP_SPARK_POINTS];
} top_pipeline;

typedef enum top_state_up { TOP_GONE = -1, TOP_DOWN = 0, TOP_UP = 1 } top_state_up;

/* A pipeline in a process that is scraped. */
typedef struct top_place {
    char pipeline[TOP_NAME_SIZE], job[TOP_NAME_SIZE], instance[TOP_NAME_SIZE];
    top_state_up state;
} top_place;

typedef struct top_target {
    char job[TOP_NAME_SIZE], instance[TOP_NAME_SIZE];
    char error[TOP_TEXT_SIZE];
    char health[16]; /* "up", "down", "unknown" */
    int64_t last_scrape_ms, interval_ms;
    double duration_s;
} top_target;

typedef struct top_alert {
    char name[TOP_NAME_SIZE], pipeline[TOP_NAME_SIZE];
    char labels[TOP_TEXT_SIZE]; /* but the name: "pipeline=y job=x" */
    char summary[TOP_TEXT_SIZE];
    char state[16]; /* "firing", "pending" */
    int64_t since_ms;
    double value;
} top_alert;

typedef struct top_stage {
    char name[TOP_NAME_SIZE];
    double time; /* seconds per second that are spent in it */
    double rate; /* how often it is run, per second */
    double p95;
} top_stage;

enum { TOP_PERCENTILES = 3, TOP_OUTCOMES = 3 };

/* Where the points of a line are in time. */
typedef struct top_frame {
    int64_t start_ms, step_ms;
    int count; /* 0: there is no answer yet */
} top_frame;

/* The opened pipeline. */
typedef struct top_detail {
    char pipeline[TOP_NAME_SIZE];                    /* "": none */
    char stage_names[TOP_STAGES_MAX][TOP_NAME_SIZE]; /* of the DeepSparse naming */
    int stage_name_count;
    top_stage stages[TOP_STAGES_MAX];
    int stage_count;
    double tokens_in, tokens_out;          /* per second */
    double first_token_p95, per_token_p95; /* seconds */
    top_frame percentile_frames[TOP_PERCENTILES];
    double percentiles[TOP_PERCENTILES][TOP_POINTS_MAX];
    top_frame outcome_frame;
    double outcomes[TOP_OUTCOMES][TOP_POINTS_MAX]; /* success, failure, cancelled */
    top_frame heat_frame;
    top_heat_cell *heat;
    size_t heat_count, heat_capacity;
} top_detail;

typedef struct top_model {
    top_pipeline *pipelines;
    size_t pipeline_count;
    top_place *places;
    size_t place_count;
    top_target *targets;
    size_t target_count;
    top_alert *alerts;
    size_t alert_count;
    size_t pipelines_left_out, targets_left_out, alerts_left_out; /* beyond the limits */
    top_frame frames[TOP_LINE_COUNT];
    top_detail detail;
    bool has_native; /* durations are (also) stored as native histograms */
    bool answered[TOP_ASK_COUNT];
    char complaints[TOP_ASK_COUNT][IFM_ERROR_MESSAGE_SIZE]; /* why the server refused it; "": it did not */
    int64_t window_ms;                                      /* of rates and percentiles; at least a minute */
    int64_t shortest_ms;                                    /* of those in lines: four scrapes */
    int64_t interval_ms;                                    /* of these scrapes; 0: not known */
    int64_t answered_at_ms;  /* the server's clock, as it said it last; -1: it did not */
    int64_t skew_ms;         /* what the server's clock is ahead of ours */
    int64_t last_answer_ms;  /* wall time; -1: none yet */
    int64_t silent_since_ms; /* -1: it answers */
    char silent_why[IFM_ERROR_MESSAGE_SIZE];
    int64_t waiting_since_ms; /* the oldest question without an answer; -1: none */
} top_model;

/* In place of an outcome: requests per second while few samples are there. */
#define TOP_SLOPE "slope"

enum { TOP_WINDOW_MS = 60000, TOP_SHORTEST_MS = 20000 };

void top_model_init(top_model *model);
void top_model_deinit(top_model *model);

/* NULL when there is none. */
top_pipeline *top_model_find(const top_model *model, const char *name);
/* Finds or adds it; NULL when there are too many, or no memory. */
top_pipeline *top_model_add(top_model *model, const char *name);
/* Removes what the last list of places did not have. */
void top_model_forget(top_model *model);

/* Empties what is known of the opened pipeline when it is another one. */
void top_model_open(top_model *model, const char *pipeline);

/* How many of the places of a pipeline are up, and how many there are; *gone: those without a target. */
void top_model_places(const top_model *model, const char *pipeline, int *up, int *all, int *gone);

/* Takes the window of rates from how often those targets are scraped that have pipelines. */
void top_model_set_window(top_model *model);

/* A copy, cut at the end of a character. */
void top_copy(char *out, size_t size, const char *text);

/* The pipeline's part of a name of the DeepSparse naming. */
void top_legacy_name(char out[TOP_NAME_SIZE], const char *pipeline);

#endif
