/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands "tsdb ..." share: a store that is read, whoever has it open, and what a long run says.
 *
 * Thread-safety: one thread.
 */
#ifndef CMD_TSDB_H
#define CMD_TSDB_H

#include "cmd/command.h"
#include "tsdb/tsdb.h"

#define CMD_TSDB_FOLDER "data" /* as Prometheus has it */

/* ---- What a long run says: on a terminal, on stderr, after two seconds ---- */

typedef struct cmd_tsdb_progress {
    const cmd_call *call;
    int64_t began_ns, shown_ns;
    bool terminal, open;
} cmd_tsdb_progress;

void cmd_tsdb_progress_init(cmd_tsdb_progress *progress, const cmd_call *call);
/* "WHAT: 12 of 100". False when the user wants to stop. */
bool cmd_tsdb_progress_at(cmd_tsdb_progress *progress, const char *what, uint64_t done, uint64_t total);
/* Takes the line back. */
void cmd_tsdb_progress_end(cmd_tsdb_progress *progress);

/* ---- Series of a store ---- */

enum { CMD_TSDB_MATCHES_MAX = 64 /* more --match are no command line any more */ };

/* What the options say. */
typedef struct cmd_tsdb_settings {
    const char *matches[CMD_TSDB_MATCHES_MAX];
    size_t match_count;
    bool has_min, has_max;
    int64_t min_ms, max_ms;
} cmd_tsdb_settings;

bool cmd_tsdb_take_match(cmd_tsdb_settings *settings, const char *value, ifm_error *err);
/* Milliseconds since 1970. */
bool cmd_tsdb_take_time(const char *value, int64_t *out, bool *given, ifm_error *err);

/* Called for each series, sorted by labels; `samples` are those of the range. */
typedef bool cmd_tsdb_visitor(void *context, model_labels labels, const storage_samples *samples,
                              ifm_error *err);

/* Reads what the settings select. Errors: also IFM_CANCELED. */
bool cmd_tsdb_visit(tsdb *db, const cmd_call *call, const cmd_tsdb_settings *settings,
                    cmd_tsdb_visitor *visit, void *context, ifm_error *err);

/* The store in the first argument, or in CMD_TSDB_FOLDER, for reading. */
tsdb_copy *cmd_tsdb_open(const cmd_call *call, ifm_error *err);

/* Whether nothing of what was read so far is damaged; otherwise IFM_INVALID. */
bool cmd_tsdb_is_whole(tsdb *db, ifm_error *err);

/* What the program ends with: says what went wrong, if it did. */
int cmd_tsdb_end(bool ok, const ifm_error *err);

/* The line above a list of blocks, when it is the first one; a line of it. */
void cmd_tsdb_print_block_head(bool first);
void cmd_tsdb_print_block(const tsdb_block_info *info);

/* "2023-11-14T22:13:20.000Z"; "13h 20m". A size for any of them: */
enum { CMD_TSDB_TEXT_SIZE = 48 };
void cmd_tsdb_print_time(int64_t time_ms, char out[CMD_TSDB_TEXT_SIZE]);
void cmd_tsdb_print_duration(int64_t ms, char out[CMD_TSDB_TEXT_SIZE]);
void cmd_tsdb_print_bytes(uint64_t bytes, char out[CMD_TSDB_TEXT_SIZE]); /* "12.3 MiB" */

#endif
