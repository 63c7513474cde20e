/* SPDX-License-Identifier: Apache-2.0
 *
 * L1 is the invariant of model/labels.h.
 */
#include "check.h"
#include "model/model.h"
#include "torture.h"

enum { LABELS_MAX = 8, MEMORY_MAX = 1024 * 1024 };

typedef struct fixture {
    ifm_bump arena;
    model_label items[LABELS_MAX];
} fixture;

static int setup(void **state)
{
    static fixture f;
    ifm_bump_init(&f.arena, MEMORY_MAX);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    ifm_bump_deinit(&((fixture *)*state)->arena);
    return 0;
}

/* "a=1 b=2": a set of its own memory; labels and values without spaces. */
static model_labels labels_of(ifm_bump *arena, const char *text)
{
    model_label *items = ifm_bump_alloc_array(arena, LABELS_MAX, sizeof *items);
    size_t count = 0;
    while (items != NULL && *text != '\0') {
        const char *equal = strchr(text, '=');
        const char *end = strchrnul(equal, ' ');
        items[count].name = (model_text){text, (size_t)(equal - text)};
        items[count++].value = (model_text){equal + 1, (size_t)(end - equal - 1)};
        text = *end == '\0' ? end : end + 1;
    }
    model_labels out = {NULL, 0};
    ifm_error err;
    assert_true(model_labels_make(items, count, &out, &err));
    return out;
}

/* The printed set, in the arena. */
static const char *printed(ifm_bump *arena, model_labels labels)
{
    ifm_buf buf;
    ifm_buf_init(&buf, MEMORY_MAX);
    model_labels_print(labels, &buf);
    const char *out = ifm_bump_copy(arena, buf.data, buf.size);
    ifm_buf_deinit(&buf);
    return out;
}

static void text_is_ordered_bytewise(void **state)
{
    (void)state;
    static const struct row {
        const char *a, *b;
        int want;
    } rows[] = {
        {"", "", 0},    {"", "a", -1},    {"a", "a", 0},  {"a", "ab", -1},
        {"b", "ab", 1}, {"\xff", "a", 1}, {"B", "a", -1},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int got = model_text_compare(model_text_of(rows[i].a), model_text_of(rows[i].b));
        CHECK_INT((got > 0) - (got < 0), rows[i].want);
        CHECK(model_text_equal(model_text_of(rows[i].a), model_text_of(rows[i].b)) == (rows[i].want == 0));
    }
    CHECK(model_text_equal((model_text){NULL, 0}, model_text_of("")));
    check_end();
}

static void make_sorts_drops_empty_values_and_refuses_twins(void **state)
{
    fixture *f = *state;
    CHECK_TEXT(printed(&f->arena, labels_of(&f->arena, "b=2 a=1 c= __name__=up")),
               "{__name__=\"up\", a=\"1\", b=\"2\"}"); /* L1 */
    CHECK_TEXT(printed(&f->arena, labels_of(&f->arena, "")), "{}");
    model_labels out = {NULL, 7};
    ifm_error err;
    f->items[0] = (model_label){model_text_of("a"), model_text_of("1")};
    f->items[1] = (model_label){model_text_of("b"), model_text_of("1")};
    f->items[2] = (model_label){model_text_of("a"), model_text_of("")};
    CHECK(!model_labels_make(f->items, 3, &out, &err));
    CHECK_INT(err.code, IFM_INVALID);
    CHECK_TEXT(err.message, "label \"a\" occurs twice");
    CHECK_INT(out.count, 7);
    check_end();
}

static void get_finds_values(void **state)
{
    fixture *f = *state;
    model_labels labels = labels_of(&f->arena, "a=1 bb=22");
    CHECK(model_text_equal(model_labels_get(labels, model_text_of("bb")), model_text_of("22")));
    CHECK_INT(model_labels_get(labels, model_text_of("b")).size, 0);
    check_end();
}

static void compare_goes_name_by_name(void **state)
{
    fixture *f = *state;
    static const struct row {
        const char *a, *b;
        int want;
    } rows[] = {
        {"", "", 0},        {"", "a=1", -1},       {"a=1", "a=1", 0},      {"a=1", "a=2", -1},
        {"a=2", "b=1", -1}, {"a=1 b=1", "a=1", 1}, {"a=1 b=1", "a=2", -1}, {"a=1 c=1", "a=1 b=2", 1},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        model_labels a = labels_of(&f->arena, rows[i].a);
        model_labels b = labels_of(&f->arena, rows[i].b);
        int got = model_labels_compare(a, b);
        int back = model_labels_compare(b, a);
        CHECK_INT((got > 0) - (got < 0), rows[i].want);
        CHECK_INT((back > 0) - (back < 0), -rows[i].want);
        CHECK(model_labels_equal(a, b) == (rows[i].want == 0));
        CHECK((model_labels_hash(a) == model_labels_hash(b)) == (rows[i].want == 0));
    }
    check_end();
}

/* XXH64 with seed 0 of the bytes that the comment shows, computed by xxhsum. */
static void hash_is_of_the_encoding_with_sizes(void **state)
{
    fixture *f = *state;
    CHECK(model_labels_hash(labels_of(&f->arena, "")) == UINT64_C(0xef46db3751d8e999));
    CHECK(model_labels_hash(labels_of(&f->arena, "a=b")) == UINT64_C(0xe1d7c42746d86b11)); /* 01 'a' 01 'b' */
    char value[300];
    memset(value, 'x', sizeof value);
    f->items[0] = (model_label){model_text_of("a"), {value, sizeof value}};
    CHECK(model_labels_hash((model_labels){f->items, 1}) ==
          UINT64_C(0x7334729f4d20ea0b)); /* 01 'a' ff 2c 01 00 'x'.. */
    check_end();
}

static void with_adds_replaces_and_removes(void **state)
{
    fixture *f = *state;
    static const struct row {
        const char *labels, *name, *value, *want;
    } rows[] = {
        {"", "a", "1", "{a=\"1\"}"},
        {"", "a", "", "{}"},
        {"b=2", "a", "1", "{a=\"1\", b=\"2\"}"},
        {"b=2", "c", "3", "{b=\"2\", c=\"3\"}"},
        {"a=1 b=2", "a", "9", "{a=\"9\", b=\"2\"}"},
        {"a=1 b=2", "a", "", "{b=\"2\"}"},
        {"a=1 b=2", "c", "", "{a=\"1\", b=\"2\"}"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        model_labels got =
            model_labels_with(labels_of(&f->arena, rows[i].labels), model_text_of(rows[i].name),
                              model_text_of(rows[i].value), &f->arena);
        CHECK_TEXT(printed(&f->arena, got), rows[i].want);
    }
    check_end();
}

static void keep_and_drop_choose(void **state)
{
    fixture *f = *state;
    const model_text names[] = {model_text_of("b"), model_text_of("zz"), model_text_of("a")};
    model_labels labels = labels_of(&f->arena, "__name__=up __type__=gauge __unit__=s a=1 b=2 c=3");
    CHECK_TEXT(printed(&f->arena, model_labels_keep(labels, names, 3, &f->arena)), "{a=\"1\", b=\"2\"}");
    CHECK_TEXT(printed(&f->arena, model_labels_keep(labels, NULL, 0, &f->arena)), "{}");
    CHECK_TEXT(printed(&f->arena, model_labels_drop(labels, names, 3, &f->arena)),
               "{__type__=\"gauge\", __unit__=\"s\", c=\"3\"}");
    CHECK_TEXT(printed(&f->arena, model_labels_without_metadata(labels, &f->arena)),
               "{a=\"1\", b=\"2\", c=\"3\"}");
    CHECK(!model_label_is_metadata(model_text_of("__named_")) &&
          !model_label_is_metadata(model_text_of("a")));
    check_end();
}

static void copy_shares_nothing(void **state)
{
    fixture *f = *state;
    char name[] = "a", value[] = "1";
    model_label item = {{name, 1}, {value, 1}};
    model_labels copy = model_labels_copy((model_labels){&item, 1}, &f->arena);
    name[0] = value[0] = 'x';
    item.name.size = 0;
    CHECK_TEXT(printed(&f->arena, copy), "{a=\"1\"}");
    check_end();
}

static void print_quotes_as_go_does(void **state)
{
    fixture *f = *state;
    static const char value[] = "\"\\\n\t\x01\x7f\xff\xc3\xa4\xe2\x80\xa8\xf3\xa0\x80\x81";
    f->items[0] = (model_label){model_text_of("a.b"), {value, sizeof value - 1}};
    f->items[1] = (model_label){model_text_of("9"), model_text_of("")};
    CHECK_TEXT(printed(&f->arena, (model_labels){f->items, 2}),
               "{\"a.b\"=\"\\\"\\\\\\n\\t\\x01\\x7f\\xff\xc3\xa4\\u2028\\U000e0001\", \"9\"=\"\"}");
    check_end();
}

static bool build_sets(void *context, ifm_error *err)
{
    (void)context;
    ifm_bump arena;
    ifm_bump_init(&arena, MEMORY_MAX);
    model_label items[] = {{model_text_of("b"), model_text_of("2")},
                           {model_text_of("a"), model_text_of("1")}};
    model_labels labels;
    bool ok = model_labels_make(items, 2, &labels, err);
    model_text a = model_text_of("a");
    labels = model_labels_copy(labels, &arena);
    ifm_bump_alloc(&arena, 5000); /* so that each needs a block of its own */
    labels = model_labels_with(labels, model_text_of("c"), model_text_of("3"), &arena);
    ifm_bump_alloc(&arena, 15000);
    labels = model_labels_keep(labels, &a, 1, &arena);
    ok = ok && ifm_bump_check(&arena, err);
    CHECK(!ok || labels.count == 1);
    ifm_bump_deinit(&arena);
    return ok;
}

static void sets_survive_failed_allocations(void **state)
{
    (void)state;
    CHECK(torture_allocations(build_sets, NULL, TORTURE_MUST_FAIL) >= 3);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_ordered_bytewise),
        cmocka_unit_test_setup_teardown(make_sorts_drops_empty_values_and_refuses_twins, setup, teardown),
        cmocka_unit_test_setup_teardown(get_finds_values, setup, teardown),
        cmocka_unit_test_setup_teardown(compare_goes_name_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(hash_is_of_the_encoding_with_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(with_adds_replaces_and_removes, setup, teardown),
        cmocka_unit_test_setup_teardown(keep_and_drop_choose, setup, teardown),
        cmocka_unit_test_setup_teardown(copy_shares_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(print_quotes_as_go_does, setup, teardown),
        cmocka_unit_test(sets_survive_failed_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
