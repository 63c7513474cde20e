/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of series, of names and of values, over several sources.
 */
#include "tsdb/listing.h"

#include "check.h"
#include "fake_source.h"
#include "torture.h"

#include <inferometer/registry.h>

enum { ARENA_MAX = 1 << 20 };

/* clang-format off */
#define RUNS(time) {{.times = {time}}}
static const fake_series older[] = {
    {"a", RUNS(1), "x"}, {"b", RUNS(2), NULL}, {"c", RUNS(3), "y"}, {.name = NULL}};
static const fake_series newer[] = {
    {"a", RUNS(11), "x"}, {"a", RUNS(12), "z"}, {"d", RUNS(13), NULL}, {.name = NULL}};
/* clang-format on */

static fake_source sources[2];
static tsdb_source *list[] = {&sources[0].base, &sources[1].base};
static const tsdb_view view = {list, 2};

static int setup(void **state)
{
    (void)state;
    fake_init(&sources[0], older);
    fake_init(&sources[1], newer);
    return 0;
}

static model_matcher equals(const char *name, const char *value)
{
    return (model_matcher){.name = model_text_of(name), .value = model_text_of(value)};
}

static const tsdb_selection everything = {.start_ms = INT64_MIN, .end_ms = INT64_MAX};

/* Lists as texts in static storage; "" without an item. */
static ifm_buf out;

static const char *printed(void)
{
    ifm_buf_append_char(&out, '\0');
    return out.data;
}

static const char *series(const tsdb_selection *selection)
{
    ifm_bump arena;
    ifm_error err;
    const model_labels *found = NULL;
    size_t count = 0;
    ifm_bump_init(&arena, ARENA_MAX);
    ifm_buf_deinit(&out);
    ifm_buf_init(&out, ARENA_MAX);
    CHECK(tsdb_view_series(&view, selection, &arena, &found, &count, &err));
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(&out, i == 0 ? "" : " ");
        model_labels_print(found[i], &out);
    }
    ifm_bump_deinit(&arena);
    return printed();
}

/* `name` NULL: names. */
static const char *texts(const char *name, const tsdb_selection *selection)
{
    ifm_bump arena;
    ifm_error err;
    const model_text *found = NULL;
    size_t count = 0;
    ifm_bump_init(&arena, ARENA_MAX);
    ifm_buf_deinit(&out);
    ifm_buf_init(&out, ARENA_MAX);
    CHECK(name == NULL
              ? tsdb_view_label_names(&view, selection, &arena, &found, &count, &err)
              : tsdb_view_label_values(&view, model_text_of(name), selection, &arena, &found, &count, &err));
    for (size_t i = 0; i < count; i++) {
        ifm_buf_printf(&out, "%s%.*s", i == 0 ? "" : " ", (int)found[i].size, found[i].data);
    }
    ifm_bump_deinit(&arena);
    return printed();
}

static void series_are_listed_once(void **state)
{
    model_matcher a[] = {equals(MODEL_NAME_LABEL, "a")};
    model_matcher x[] = {equals("job", "x")};
    model_matcher c[] = {equals(MODEL_NAME_LABEL, "c"), equals("job", "y")};
    const model_matcher *sets[] = {x, c, a};
    const size_t sizes[] = {1, 2, 1};
    tsdb_selection selection = everything;
    (void)state;
    CHECK_TEXT(series(&selection), "{__name__=\"a\", job=\"x\"} {__name__=\"a\", job=\"z\"} {__name__=\"b\"} "
                                   "{__name__=\"c\", job=\"y\"} {__name__=\"d\"}");
    selection.sets = sets;
    selection.set_sizes = sizes;
    selection.set_count = 3;
    CHECK_TEXT(series(&selection), "{__name__=\"a\", job=\"x\"} {__name__=\"a\", job=\"z\"} "
                                   "{__name__=\"c\", job=\"y\"}");
    selection.set_count = 1;
    CHECK_TEXT(series(&selection), "{__name__=\"a\", job=\"x\"}");
    check_end();
}

static void names_and_values_are_listed_once(void **state)
{
    model_matcher a[] = {equals(MODEL_NAME_LABEL, "a")};
    model_matcher b[] = {equals(MODEL_NAME_LABEL, "b")};
    const model_matcher *sets[] = {b, a};
    const size_t sizes[] = {1, 1};
    tsdb_selection selection = everything;
    (void)state;
    CHECK_TEXT(texts(NULL, &selection), "__name__ job");
    CHECK_TEXT(texts("job", &selection), "x y z");
    CHECK_TEXT(texts(MODEL_NAME_LABEL, &selection), "a b c d");
    CHECK_TEXT(texts("none", &selection), "");
    selection.sets = sets;
    selection.set_sizes = sizes;
    selection.set_count = 2;
    CHECK_TEXT(texts(NULL, &selection), "__name__ job");
    CHECK_TEXT(texts("job", &selection), "x z");
    selection.set_count = 1;
    CHECK_TEXT(texts(NULL, &selection), "__name__");
    CHECK_TEXT(texts("job", &selection), "");
    check_end();
}

static void lists_leave_out_sources_outside_of_the_range(void **state)
{
    tsdb_selection selection = {.start_ms = 4, .end_ms = 11};
    (void)state;
    CHECK_TEXT(series(&selection),
               "{__name__=\"a\", job=\"x\"} {__name__=\"a\", job=\"z\"} {__name__=\"d\"}");
    CHECK_TEXT(texts("job", &selection), "x z");
    selection.end_ms = 10;
    CHECK_TEXT(series(&selection), "");
    CHECK_TEXT(texts(NULL, &selection), "");
    check_end();
}

static void a_limit_leaves_one_more(void **state)
{
    tsdb_selection selection = everything;
    (void)state;
    selection.limit = 1;
    CHECK_TEXT(series(&selection), "{__name__=\"a\", job=\"x\"} {__name__=\"a\", job=\"z\"}");
    CHECK_TEXT(texts("job", &selection), "x y");
    selection.limit = 2;
    CHECK_TEXT(texts("job", &selection), "x y z");
    selection.limit = 3;
    CHECK_TEXT(texts("job", &selection), "x y z");
    check_end();
}

static void what_does_not_fit_is_an_error(void **state)
{
    ifm_bump arena;
    ifm_error err;
    const model_labels *found = NULL;
    const model_text *names = NULL;
    size_t count = 0;
    (void)state;
    ifm_bump_init(&arena, 8000);
    ifm_bump_alloc(&arena, 7000);
    CHECK(!tsdb_view_series(&view, &everything, &arena, &found, &count, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK(!tsdb_view_label_names(&view, &everything, &arena, &names, &count, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    ifm_bump_deinit(&arena);
    check_end();
}

static bool list_once(void *context, ifm_error *err)
{
    ifm_bump arena;
    model_matcher a[] = {equals(MODEL_NAME_LABEL, "a")};
    const model_matcher *sets[] = {a, a};
    const size_t sizes[] = {1, 1};
    tsdb_selection selection = everything;
    const model_labels *found = NULL;
    const model_text *names = NULL;
    size_t count = 0;
    (void)context;
    selection.sets = sets;
    selection.set_sizes = sizes;
    selection.set_count = 2;
    ifm_bump_init(&arena, ARENA_MAX);
    bool ok = tsdb_view_series(&view, &selection, &arena, &found, &count, err) &&
              tsdb_view_label_names(&view, &selection, &arena, &names, &count, err) &&
              tsdb_view_label_values(&view, model_text_of("job"), &everything, &arena, &names, &count, err);
    ifm_bump_deinit(&arena);
    return ok;
}

static void lists_survive_without_memory(void **state)
{
    (void)state;
    CHECK(torture_allocations(list_once, NULL, TORTURE_MUST_FAIL) >= 4);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_are_listed_once),
        cmocka_unit_test(names_and_values_are_listed_once),
        cmocka_unit_test(lists_leave_out_sources_outside_of_the_range),
        cmocka_unit_test(a_limit_leaves_one_more),
        cmocka_unit_test(what_does_not_fit_is_an_error),
        cmocka_unit_test(lists_survive_without_memory),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
