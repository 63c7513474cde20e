/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer promql format QUERY, inferometer promql parse QUERY: an expression laid out, and its tree.
 */
#include "promql/promql.h"
#include "base/base.h"
#include "cmd/all.h"
#include "os/os.h"

#include <stdio.h>
#include <string.h>

/* A tree has some 200 bytes for each byte of the text at worst; 1 MiB of "a+a+.." comes to 150 MiB. */
enum { TREE_BYTES_MAX = 1 << 28, OUTPUT_BYTES_MAX = 1 << 29 };

static bool read_query(const char *argument, ifm_buf *out, ifm_error *err)
{
    if (strcmp(argument, "-") == 0) {
        return ifm_os_read_file("/dev/stdin", out, err);
    }
    ifm_buf_append_text(out, argument);
    return ifm_buf_check(out, err);
}

typedef void write_tree(const promql_node *root, ifm_buf *out);

static bool print_query(const char *argument, write_tree *write, ifm_error *err)
{
    ifm_buf text;
    ifm_buf out;
    ifm_bump arena;
    ifm_buf_init(&text, PROMQL_TEXT_SIZE_MAX + 1);
    ifm_buf_init(&out, OUTPUT_BYTES_MAX);
    ifm_bump_init(&arena, TREE_BYTES_MAX);
    bool ok = read_query(argument, &text, err);
    const promql_node *root =
        ok ? promql_parse(text.data == NULL ? "" : text.data, text.size, &arena, err) : NULL;
    if (root != NULL) {
        write(root, &out);
        ifm_buf_append_char(&out, '\n');
    }
    ok = root != NULL && ifm_buf_check(&out, err);
    if (ok) {
        fwrite(out.data, 1, out.size, stdout);
    }
    ifm_bump_deinit(&arena);
    ifm_buf_deinit(&out);
    ifm_buf_deinit(&text);
    return ok;
}

static int format_run(const cmd_call *call, void *settings)
{
    ifm_error err;
    (void)settings;
    return print_query(call->arguments[0], promql_print_pretty, &err) ? CMD_OK : cmd_fail(&err);
}

static int parse_run(const cmd_call *call, void *settings)
{
    ifm_error err;
    (void)settings;
    return print_query(call->arguments[0], promql_print_json, &err) ? CMD_OK : cmd_fail(&err);
}

static const cmd_option no_options[] = {{0}};

const cmd_command cmd_promql_format = {
    .name = "promql format",
    .arguments = "QUERY",
    .summary = "Lays out a PromQL expression as Prometheus does.",
    .description = "QUERY is one expression; \"-\" is the standard input. Behind \"--\" it may begin with a "
                   "sign. What is longer than 100 characters is split "
                   "over lines, with two spaces for each level; comments are lost.\n"
                   "Ends with 1, and says where, when it is no expression.",
    .options = no_options,
    .run = format_run,
    .arguments_min = 1,
    .arguments_max = 1,
};

const cmd_command cmd_promql_parse = {
    .name = "promql parse",
    .arguments = "QUERY",
    .summary = "Prints the tree of a PromQL expression as JSON.",
    .description = "QUERY is one expression; \"-\" is the standard input. Behind \"--\" it may begin with a "
                   "sign. The JSON is that of Prometheus's API "
                   "parse_query, without what the API puts around it.\n"
                   "Ends with 1, and says where, when it is no expression.",
    .options = no_options,
    .run = parse_run,
    .arguments_min = 1,
    .arguments_max = 1,
};
