/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers from outside: what is read, is what strtod() reads where both know the form; what is written,
 * reads back as the same double.
 */
#include "base/base.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef size_t write_function(char *out, double value);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static bool same(double left, double right)
{
    return (isnan(left) && isnan(right)) || memcmp(&left, &right, sizeof left) == 0;
}

static void write_and_read(double value)
{
    static write_function *const functions[] = {ifm_number_write, ifm_number_write_g,
                                                ifm_number_write_canonical, ifm_number_write_plain};
    for (size_t i = 0; i < IFM_COUNT_OF(functions); i++) {
        char text[IFM_NUMBER_PLAIN_SIZE];
        double read = 0;
        size_t length = functions[i](text, value);
        require(length <= (functions[i] == ifm_number_write_plain ? IFM_NUMBER_PLAIN_SIZE : IFM_NUMBER_SIZE));
        require(ifm_number_read(text, length, &read) && same(read, value));
    }
}

/* Whether strtod() knows the form too: it reads more than we do (hexadecimal without an exponent). */
static bool read_by_strtod(const uint8_t *data, size_t size, double *out)
{
    char *copy = ifm_copy_bytes(data, size);
    char *end = NULL;
    require(copy != NULL);
    *out = strtod(copy, &end);
    bool whole = size > 0 && end == copy + size;
    ifm_free(copy);
    return whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double value = 77, want = 0;
    bool in_range = ifm_number_read((const char *)data, size, &value);
    bool is_number = in_range || value != 77;
    if (is_number) {
        require(read_by_strtod(data, size, &want) && same(value, want));
        write_and_read(value);
    }
    if (size >= sizeof value) {
        memcpy(&value, data, sizeof value);
        write_and_read(value);
    }
    return 0;
}
