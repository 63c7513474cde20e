/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text is parsed or refused; a tree lies within its text, and what is printed of it, on one line or over
 * several, parses back and is printed the same.
 */
#include "promql/promql.h"

#include <stdlib.h>

enum { FUZZ_MEMORY_MAX = 64 * 1024 * 1024, FUZZ_TEXT_MAX = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

typedef struct tree {
    size_t size;    /* of the text */
    bool printable; /* as exactly as the fixpoint needs */
} tree;

static bool visit(void *context, const promql_node *node, const promql_node *parent)
{
    tree *tree = context;
    require(node->start < node->end && node->end <= tree->size);
    require(node->height >= 1 && node->height <= PROMQL_DEPTH_MAX);
    require(parent == NULL || node->height < parent->height);
    require((node->type == PROMQL_TYPE_NONE) == (node->kind == PROMQL_DURATION));
    promql_feature(node);
    /* Past 2^53 milliseconds a double does not hold the timestamp: it may read back as its neighbour. */
    const promql_shift *shift = node->kind == PROMQL_VECTOR     ? &node->vector.shift
                                : node->kind == PROMQL_SUBQUERY ? &node->subquery.shift
                                                                : NULL;
    if (shift != NULL && (shift->at_ms > INT64_C(1) << 53 || shift->at_ms < -(INT64_C(1) << 53))) {
        tree->printable = false;
    }
    return true;
}

/* NULL when the text is refused. */
static const promql_node *parse(ifm_bump *arena, const char *text, size_t size, bool *printable)
{
    ifm_error err = {.code = IFM_OK};
    const promql_node *root = promql_parse(text, size, arena, &err);
    require((root == NULL) == (err.code != IFM_OK));
    if (root == NULL) {
        require(err.offset <= size && strlen(err.message) > 0);
        require(ifm_utf8_valid(err.message, strlen(err.message)));
        return NULL;
    }
    tree tree = {size, true};
    promql_visit(root, visit, &tree);
    *printable = tree.printable;
    return root;
}

typedef void print(const promql_node *root, ifm_buf *out);

/* What `write` makes of the tree is read as the tree that was printed as `line`. */
static void check_print(ifm_bump *arena, const promql_node *root, print *write, const ifm_buf *line)
{
    bool printable;
    ifm_buf text;
    ifm_buf again;
    ifm_buf_init(&text, FUZZ_TEXT_MAX);
    ifm_buf_init(&again, FUZZ_TEXT_MAX);
    write(root, &text);
    require(text.failed == IFM_OK);
    if (text.size <= PROMQL_TEXT_SIZE_MAX) {
        root = parse(arena, text.data, text.size, &printable);
        require(root != NULL);
        promql_print(root, &again);
        require(again.size == line->size && memcmp(again.data, line->data, line->size) == 0);
    }
    ifm_buf_deinit(&again);
    ifm_buf_deinit(&text);
}

static void check_json(const promql_node *root)
{
    ifm_buf json;
    ifm_buf_init(&json, FUZZ_TEXT_MAX);
    promql_print_json(root, &json);
    require(json.failed == IFM_OK && json.data[0] == '{' && json.data[json.size - 1] == '}');
    require(ifm_utf8_valid(json.data, json.size));
    ifm_buf_deinit(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool printable = true;
    ifm_bump arena;
    ifm_buf line;
    ifm_bump_init(&arena, FUZZ_MEMORY_MAX);
    ifm_buf_init(&line, FUZZ_TEXT_MAX);
    const promql_node *root = parse(&arena, (const char *)data, size, &printable);
    if (root != NULL) {
        promql_print(root, &line);
        require(line.failed == IFM_OK);
        check_json(root);
    }
    if (root != NULL && printable) {
        check_print(&arena, root, promql_print, &line);
        check_print(&arena, root, promql_print_pretty, &line);
    }
    ifm_buf_deinit(&line);
    ifm_bump_deinit(&arena);
    return 0;
}
