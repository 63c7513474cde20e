/* SPDX-License-Identifier: Apache-2.0 */
#include "promqltest/run.h"

#include "promqltest/eval.h"
#include "promqltest/text.h"

/* The next line (L1); false at the end of the file. */
static bool next_line(promqltest_run_state *run, model_text *out)
{
    if (run->at == run->end) {
        return false;
    }
    const char *feed = memchr(run->at, '\n', (size_t)(run->end - run->at));
    const char *end = feed == NULL ? run->end : feed;
    *out = promqltest_trim((model_text){run->at, (size_t)(end - run->at)});
    if (out->size > 0 && out->data[0] == '#') {
        out->size = 0; /* L1 */
    }
    run->at = feed == NULL ? run->end : feed + 1;
    run->line++;
    return true;
}

bool promqltest_next_of_command(promqltest_run_state *run, model_text *out)
{
    const char *at = run->at;
    size_t line = run->line;
    if (next_line(run, out) && out->size > 0) {
        return true;
    }
    run->at = at;
    run->line = line;
    return false;
}

static void fail(promqltest_run_state *run, size_t line, const char *text, size_t size)
{
    run->counts->failed++;
    if (run->options->failed != NULL) {
        run->options->failed(run->options->context, line, text, size);
    }
}

/* What is wrong with a command ends neither the file nor the run; what follows up to an empty line belongs
 * to it. */
static bool command_failed(promqltest_run_state *run, size_t line, const ifm_error *err)
{
    model_text rest;
    if (err->code == IFM_NOMEM || err->code == IFM_CANCELED || err->code == IFM_TIMEOUT) {
        return false;
    }
    fail(run, line, err->message, strlen(err->message));
    while (promqltest_next_of_command(run, &rest)) {
    }
    return true;
}

static bool choose_storage(promqltest_run_state *run, ifm_error *err)
{
    const promqltest_options *options = run->options;
    storage *memory = promqltest_memory_storage(run->memory);
    if (run->queried == NULL) {
        run->queried = options->store == NULL ? memory : options->store(options->context, memory, err);
    }
    return run->queried != NULL;
}

static bool run_load(promqltest_run_state *run, model_text rest, bool with_nhcb, ifm_error *err)
{
    run->queried = NULL;
    return promqltest_load(run, rest, with_nhcb, err) || command_failed(run, run->line, err);
}

static bool run_eval(promqltest_run_state *run, model_text first, model_text rest, ifm_error *err)
{
    size_t line = run->line;
    promqltest_eval eval;
    if (!promqltest_eval_read(run, first, rest, &eval, err)) {
        promqltest_eval_free(&eval);
        return command_failed(run, run->line, err);
    }
    ifm_buf why;
    ifm_buf_init(&why, PROMQLTEST_FAILURE_BYTES_MAX);
    bool ok = choose_storage(run, err) && promqltest_eval_run(run, &eval, &why, err);
    if (ok && why.failed == IFM_NOMEM) {
        ok = ifm_error_nomem(err);
    } else if (ok && why.size > 0) {
        fail(run, line, why.data, why.size); /* cut at the limit of the buffer */
    } else if (ok) {
        run->counts->passed++;
    }
    ifm_buf_deinit(&why);
    promqltest_eval_free(&eval);
    return ok;
}

static void to_lower(char *out, size_t size, model_text word)
{
    size_t i = 0;
    for (; i < word.size && i + 1 < size; i++) {
        char c = word.data[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    out[i] = '\0';
}

/* One command; its first word may be in any case. */
static bool run_command(promqltest_run_state *run, model_text line, ifm_error *err)
{
    enum { WORD_SIZE = 24 };
    static const char *const evals[] = {"eval", "eval_fail", "eval_warn", "eval_info", "eval_ordered"};
    char word[WORD_SIZE];
    model_text rest = line;
    to_lower(word, sizeof word, promqltest_cut_word(&rest));
    if (strcmp(word, "clear") == 0) {
        promqltest_memory_clear(run->memory);
        run->queried = NULL;
        return true;
    }
    if (strcmp(word, "load") == 0 || strcmp(word, "load_with_nhcb") == 0) {
        return run_load(run, rest, strcmp(word, "load") != 0, err);
    }
    for (size_t i = 0; i < IFM_COUNT_OF(evals); i++) {
        if (strcmp(word, evals[i]) == 0) {
            return run_eval(run, model_text_of(word), rest, err);
        }
    }
    ifm_error_set(err, IFM_INVALID, "\"%s\" is no command; hint: load, load_with_nhcb, clear or eval", word);
    return command_failed(run, run->line, err);
}

static bool interrupted(const promqltest_options *options, ifm_error *err)
{
    ifm_code code = options->interrupted == NULL ? IFM_OK : options->interrupted(options->context);
    if (code != IFM_OK) {
        ifm_error_set(err, code, "the tests were interrupted");
    }
    return code != IFM_OK;
}

bool promqltest_run(const promqltest_options *options, const char *text, size_t size,
                    promqltest_counts *counts, ifm_error *err)
{
    size_t storage_max = options->bytes_max == 0 ? PROMQLTEST_STORAGE_BYTES_MAX : options->bytes_max;
    size_t command_max = options->bytes_max == 0 ? PROMQLTEST_COMMAND_BYTES_MAX : options->bytes_max;
    promqltest_run_state run = {.options = options, .counts = counts, .at = text, .end = text + size};
    run.memory = promqltest_memory_new(options->chunk_samples, storage_max, err);
    bool ok = run.memory != NULL;
    model_text line;
    while (ok && next_line(&run, &line)) {
        if (line.size == 0) {
            continue;
        }
        ifm_bump_init(&run.arena, command_max);
        ok = !interrupted(options, err) && run_command(&run, line, err);
        ifm_bump_deinit(&run.arena);
    }
    promqltest_memory_free(run.memory);
    return ok;
}
