/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/natural.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes digits, or anything but digits, off the front of *text. */
static model_text take_chunk(model_text *text)
{
    size_t size = 1;
    while (size < text->size && is_digit(text->data[size]) == is_digit(text->data[0])) {
        size++;
    }
    model_text chunk = {text->data, size};
    text->data += size;
    text->size -= size;
    return chunk;
}

/* False when it is no number that 63 bits hold: then it is compared as text. */
static bool read_chunk(model_text chunk, int64_t *out)
{
    int64_t number = 0;
    for (size_t i = 0; i < chunk.size; i++) {
        int digit = chunk.data[i] - '0';
        if (!is_digit(chunk.data[i]) || number > (INT64_MAX - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *out = number;
    return true;
}

bool promql_natural_precedes(model_text a, model_text b)
{
    while (a.size > 0 && b.size > 0) {
        model_text left = take_chunk(&a);
        model_text right = take_chunk(&b);
        int64_t left_number = 0;
        int64_t right_number = 0;
        bool numbers = read_chunk(left, &left_number) && read_chunk(right, &right_number);
        if (numbers && left_number != right_number) {
            return left_number < right_number;
        }
        if (!numbers && !model_text_equal(left, right)) {
            return model_text_compare(left, right) < 0;
        }
        if (a.size == 0) {
            return true;
        }
    }
    return false;
}
