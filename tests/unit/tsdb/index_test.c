/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of the head: which series match, their order, names and values, what there is most of.
 */
#include "tsdb/index.h"

#include "check.h"

static tsdb_index *index_new(void)
{
    ifm_error err;
    tsdb_index *index = tsdb_index_new(&err);
    assert_non_null(index);
    return index;
}

/* Adds {__name__=NAME, host=HOST}; an empty text: without the label. */
static uint32_t add(tsdb_index *index, const char *name, const char *host)
{
    ifm_error err;
    uint32_t id = INDEX_NONE;
    model_label items[2];
    size_t count = 0;
    items[count++] = (model_label){model_text_of("__name__"), model_text_of(name)};
    if (host[0] != '\0') {
        items[count++] = (model_label){model_text_of("host"), model_text_of(host)};
    }
    model_labels labels = {items, count};
    assert_true(tsdb_index_add(index, labels, tsdb_index_hash(labels), &id, &err));
    CHECK_INT(tsdb_index_find(index, labels, tsdb_index_hash(labels)), id);
    return id;
}

static void matchers_select_as_in_prometheus(void **state)
{
    static const struct {
        const char *name;
        model_match match;
        const char *value, *want; /* numbers of series */
    } rows[] = {
        {"__name__", MODEL_EQUAL, "a", "0 1 2 "},
        {"__name__", MODEL_EQUAL, "none", ""},
        {"__name__", MODEL_NOT_EQUAL, "a", "3 "},
        {"host", MODEL_EQUAL, "x", "0 3 "},
        {"host", MODEL_EQUAL, "", "2 "},
        {"host", MODEL_NOT_EQUAL, "", "0 1 3 "},
        {"host", MODEL_NOT_EQUAL, "x", "1 2 "},
        {"host", MODEL_REGEX, "x|y", "0 1 3 "},
        {"host", MODEL_REGEX, ".*", "0 1 2 3 "},
        {"host", MODEL_REGEX, "x?", "0 2 3 "},
        {"host", MODEL_NOT_REGEX, "x.*", "1 2 "},
        {"host", MODEL_NOT_REGEX, "x?", "1 "},
        {"none", MODEL_EQUAL, "", "0 1 2 3 "},
        {"none", MODEL_EQUAL, "x", ""},
        {"none", MODEL_NOT_REGEX, ".+", "0 1 2 3 "},
    };
    tsdb_index *index = index_new();
    (void)state;
    add(index, "a", "x");
    add(index, "a", "y");
    add(index, "a", "");
    add(index, "b", "x");
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err;
        ifm_bump arena;
        ifm_buf got;
        uint32_t *ids, *scratch;
        size_t count;
        model_matcher matcher = {.name = model_text_of(rows[i].name),
                                 .value = model_text_of(rows[i].value),
                                 .match = rows[i].match};
        if (rows[i].match == MODEL_REGEX || rows[i].match == MODEL_NOT_REGEX) {
            matcher.regex = model_regex_new(matcher.value, &err);
        }
        ifm_bump_init(&arena, 1 << 20);
        ifm_buf_init(&got, 1 << 10);
        CHECK(tsdb_index_select(index, &matcher, 1, &arena, &ids, &count, &err));
        scratch = ifm_bump_alloc_array(&arena, count, sizeof *scratch);
        tsdb_index_sort(index, ids, scratch, count);
        /* By labels: a without host, a{x}, a{y}, b{x}; the table is by number. */
        for (uint32_t id = 0; id < 4; id++) {
            for (size_t k = 0; k < count; k++) {
                if (ids[k] == id) {
                    ifm_buf_printf(&got, "%u ", id);
                }
            }
        }
        for (size_t k = 1; k < count; k++) {
            CHECK(tsdb_index_compare(index, ids[k - 1], ids[k]) < 0);
        }
        ifm_buf_append_char(&got, '\0');
        CHECK_TEXT(got.data, rows[i].want);
        model_regex_free(matcher.regex);
        ifm_buf_deinit(&got);
        ifm_bump_deinit(&arena);
    }
    tsdb_index_release(index);
    check_end();
}

static void many_series_keep_their_postings(void **state)
{
    enum { SERIES = 5000 };
    tsdb_index *index = index_new();
    ifm_error err;
    ifm_bump arena;
    tsdb_cardinality found;
    const model_text *texts;
    uint32_t *ids;
    size_t count;
    char host[16];
    (void)state;
    for (int i = 0; i < SERIES; i++) {
        snprintf(host, sizeof host, "h%d", i);
        add(index, i % 5 == 0 ? "few" : "many", host);
    }
    CHECK(tsdb_index_check(index));
    ifm_bump_init(&arena, 1 << 24);
    model_matcher matcher = {.name = model_text_of("__name__"), .value = model_text_of("many")};
    CHECK(tsdb_index_select(index, &matcher, 1, &arena, &ids, &count, &err));
    CHECK_INT(count, SERIES / 5 * 4);
    for (size_t i = 1; i < count; i++) {
        CHECK(ids[i - 1] < ids[i]);
    }
    CHECK(tsdb_index_names(index, &arena, &texts, &count, &err));
    CHECK_INT(count, 2);
    CHECK(tsdb_index_values(index, model_text_of("host"), &arena, &texts, &count, &err));
    CHECK_INT(count, SERIES);
    CHECK(tsdb_index_values(index, model_text_of("nothing"), &arena, &texts, &count, &err));
    CHECK_INT(count, 0);
    CHECK(tsdb_index_cardinality(index, 1, &arena, &found, &err));
    CHECK_INT(found.series_by_metric_count, 1);
    CHECK_INT(found.series_by_metric[0].count, SERIES / 5 * 4);
    CHECK_INT(found.values_by_label[0].count, SERIES);
    CHECK_INT(found.series_by_pair[0].count, SERIES / 5 * 4);
    CHECK_INT(found.series_by_pair[0].name.size, sizeof "__name__=many" - 1);
    ifm_bump_deinit(&arena);
    tsdb_index_release(index);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matchers_select_as_in_prometheus),
        cmocka_unit_test(many_series_keep_their_postings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
