/* SPDX-License-Identifier: Apache-2.0
 *
 * What the encoder does when memory or room runs out, and how often it asks for memory.
 */
#include "exposition/encoder.h"

#include "torture.h"
#include "unit/exposition/encoder_fixture.h"

static void write_native(ifm_encoder *encoder)
{
    static const uint64_t counts[] = {1, 0, 0, 0, 2};
    static const ifm_text names[] = {TEXT("t")};
    static const ifm_text values[] = {TEXT("1")};
    static const ifm_exemplar_view exemplar = {names, values, 1, 1, 1000};
    static const ifm_native_point native = {.schema = 3,
                                            .positive = {5, 5, counts},
                                            .negative = {0, 1, counts},
                                            .exemplars = &exemplar,
                                            .exemplar_count = 1};
    const ifm_family_head head = {TEXT("n"), TEXT("H"), {NULL, 0}, IFM_TYPE_HISTOGRAM, NULL, 0};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_histogram(encoder, &(ifm_point){0},
                          &(ifm_histogram_point){.count = 4, .sum = 1.5, .native = &native});
    ifm_encoder_family_end(encoder);
}

static bool encode_all(void *context, ifm_error *err)
{
    ifm_buf out;
    ifm_buf_init(&out, 1 << 24);
    ifm_encoder *encoder = ifm_encoder_new(context, &out, err);
    bool done = encoder != NULL;
    if (done) {
        fixture_all(encoder);
        write_native(encoder);
        done = ifm_encoder_finish(encoder, err);
        ifm_encoder_free(encoder);
    }
    ifm_buf_deinit(&out);
    return done;
}

static void every_failed_allocation_is_told_at_the_end(void **state)
{
    (void)state;
    for (int format = IFM_FORMAT_TEXT; format <= IFM_FORMAT_PROTOBUF; format++) {
        ifm_encoder_options options = {.format = (ifm_format)format, .escaping = IFM_ESCAPING_VALUES};
        CHECK(torture_allocations(encode_all, &options, TORTURE_MUST_FAIL) >= 5);
    }
    check_end();
}

/* With less room than the document needs, by any number of bytes, it fails and leaves nothing behind. */
static void every_limit_is_told_at_the_end(void **state)
{
    (void)state;
    for (int format = IFM_FORMAT_TEXT; format <= IFM_FORMAT_PROTOBUF; format++) {
        const ifm_encoder_options options = {.format = (ifm_format)format};
        size_t whole;
        ifm_free(fixture_bytes(&options, fixture_all, &whole));
        for (size_t max = 1; max < whole; max++) {
            ifm_buf out;
            ifm_error err = {0};
            ifm_buf_init(&out, max);
            ifm_encoder *encoder = ifm_encoder_new(&options, &out, &err);
            assert_non_null(encoder);
            fixture_all(encoder);
            CHECK(!ifm_encoder_finish(encoder, &err));
            CHECK_INT(err.code, IFM_LIMIT);
            ifm_encoder_free(encoder);
            ifm_buf_deinit(&out);
        }
    }
    check_end();
}

enum { POINTS = 1000 };

static void write_points(ifm_encoder *encoder, size_t count)
{
    static const ifm_text names[] = {TEXT("a.b"), TEXT("b")};
    static const double bounds[] = {0.1, 1};
    static const uint64_t buckets[] = {1, 2, 3};
    static const ifm_exemplar_view exemplar = {names, names, 1, 0.5, 1000};
    static const ifm_exemplar_view *const exemplars[] = {NULL, &exemplar, NULL};
    const ifm_family_head head = {TEXT("h"), TEXT("H"), {NULL, 0}, IFM_TYPE_HISTOGRAM, names, 2};
    ifm_encoder_family_begin(encoder, &head);
    for (size_t i = 0; i < count; i++) {
        ifm_encoder_histogram(encoder, &(ifm_point){.label_values = names, .created_ms = 1},
                              &(ifm_histogram_point){true, bounds, buckets, 2, 6, 1, exemplars, NULL});
    }
    ifm_encoder_family_end(encoder);
}

static size_t allocations_of(ifm_format format, size_t points)
{
    ifm_buf out;
    ifm_error err;
    ifm_buf_init(&out, 1 << 24);
    assert_non_null(ifm_buf_reserve(&out, 1 << 22)); /* the growth of the document is not counted */
    size_t before = torture_allocation_count();
    ifm_encoder *encoder = ifm_encoder_new(&(ifm_encoder_options){.format = format}, &out, &err);
    assert_non_null(encoder);
    write_points(encoder, points);
    CHECK(ifm_encoder_finish(encoder, &err));
    ifm_encoder_free(encoder);
    size_t count = torture_allocation_count() - before;
    ifm_buf_deinit(&out);
    return count;
}

static void points_after_the_first_allocate_nothing(void **state)
{
    (void)state;
    for (int format = IFM_FORMAT_TEXT; format <= IFM_FORMAT_PROTOBUF; format++) {
        CHECK_INT(allocations_of((ifm_format)format, POINTS), allocations_of((ifm_format)format, 1));
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_told_at_the_end),
        cmocka_unit_test(every_limit_is_told_at_the_end),
        cmocka_unit_test(points_after_the_first_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
