/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of the files: each comes back, and a cursor that missed something gives nothing more.
 */
#include "tsdb/bytes.h"

#include "check.h"

static bytes_cursor cursor_of(const ifm_buf *buf)
{
    return (bytes_cursor){(const uint8_t *)buf->data, (const uint8_t *)buf->data + buf->size, false};
}

static void numbers_come_back(void **state)
{
    static const uint64_t numbers[] = {0, 1, 127, 128, 16383, 16384, UINT64_C(1) << 63, UINT64_MAX};
    static const size_t sizes[] = {1, 1, 1, 2, 2, 3, 10, 10};
    (void)state;
    ifm_buf out;
    ifm_buf_init(&out, 1024);
    for (size_t i = 0; i < IFM_COUNT_OF(numbers); i++) {
        size_t before = out.size;
        bytes_put_varint(&out, numbers[i]);
        CHECK_INT(out.size - before, sizes[i]);
        bytes_put_signed(&out, (int64_t)numbers[i]);
        bytes_put_u64(&out, numbers[i]);
    }
    bytes_cursor in = cursor_of(&out);
    for (size_t i = 0; i < IFM_COUNT_OF(numbers); i++) {
        CHECK(bytes_get_varint(&in) == numbers[i]);
        CHECK(bytes_get_signed(&in) == (int64_t)numbers[i]);
        CHECK(bytes_get_u64(&in) == numbers[i]);
    }
    CHECK(!in.failed && in.at == in.end);
    ifm_buf_deinit(&out);
    check_end();
}

static void cursors_that_failed_give_no_bytes(void **state)
{
    static const uint8_t bytes[] = {'a', 'b', 'c', 0x80};
    (void)state;
    bytes_cursor in = {bytes, bytes + sizeof bytes, false};
    CHECK(bytes_get_bytes(&in, 2) == bytes);
    CHECK(bytes_get_bytes(&in, 3) == NULL && in.failed);
    CHECK(bytes_get_bytes(&in, 1) == NULL); /* it would be there, but not be what it is taken for */
    in = (bytes_cursor){bytes + 3, bytes + sizeof bytes, false};
    CHECK(bytes_get_varint(&in) == 0 && in.failed); /* no last byte */
    in = (bytes_cursor){bytes, bytes + sizeof bytes, false};
    CHECK(bytes_get_u64(&in) == 0 && in.failed);
    in = (bytes_cursor){bytes, bytes + sizeof bytes, false};
    CHECK(bytes_get_below(&in, 'a') == 0 && in.failed);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back),
        cmocka_unit_test(cursors_that_failed_give_no_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
