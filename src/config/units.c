/* SPDX-License-Identifier: Apache-2.0
 *
 * Durations and sizes as Prometheus writes them.
 */
#include "config/config.h"

#include <math.h>

static const struct unit {
    const char *name;
    int64_t ms;
    bool exact; /* printed only when nothing is left: 90d reads better than 12w6d */
} units[] = {{"y", 365 * (int64_t)86400000, true},
             {"w", 7 * 86400000, true},
             {"d", 86400000, false},
             {"h", 3600000, false},
             {"m", 60000, false},
             {"s", 1000, false},
             {"ms", 1, false}};

/* Nanoseconds have to fit in 63 bits, as in Go. */
static const int64_t duration_ms_max = INT64_MAX / 1000000;

static bool read_whole(model_text text, size_t *at, int64_t *out)
{
    size_t from = *at;
    *out = 0;
    for (; *at < text.size && text.data[*at] >= '0' && text.data[*at] <= '9'; (*at)++) {
        if (*out > duration_ms_max) {
            return false;
        }
        *out = *out * 10 + (text.data[*at] - '0');
    }
    return *at > from;
}

static size_t name_size(model_text text, size_t at)
{
    size_t size = 0;
    while (at + size < text.size && ((text.data[at + size] >= 'a' && text.data[at + size] <= 'z') ||
                                     (text.data[at + size] >= 'A' && text.data[at + size] <= 'Z'))) {
        size++;
    }
    return size;
}

bool config_duration(model_text text, int64_t *out_ms)
{
    if (text.size == 1 && text.data[0] == '0') {
        *out_ms = 0;
        return true;
    }
    int64_t sum = 0;
    size_t next = 0, at = 0;
    while (at < text.size) {
        int64_t count;
        if (!read_whole(text, &at, &count)) {
            return false;
        }
        const model_text name = {text.data + at, name_size(text, at)};
        while (next < IFM_COUNT_OF(units) && !model_text_equal(name, model_text_of(units[next].name))) {
            next++; /* units come in this order, each once */
        }
        if (next == IFM_COUNT_OF(units) || count > (duration_ms_max - sum) / units[next].ms) {
            return false;
        }
        sum += count * units[next++].ms;
        at += name.size;
    }
    if (text.size > 0) {
        *out_ms = sum;
    }
    return text.size > 0;
}

void config_duration_print(int64_t ms, ifm_buf *out)
{
    if (ms <= 0) {
        ifm_buf_append_text(out, "0s");
        return;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(units); i++) {
        if (ms >= units[i].ms && (!units[i].exact || ms % units[i].ms == 0)) {
            ifm_buf_printf(out, "%lld%s", (long long)(ms / units[i].ms), units[i].name);
            ms %= units[i].ms;
        }
    }
}

/* "KB" and "KiB" are both 1024 bytes. */
static bool unit_bytes(model_text name, double *out)
{
    static const char letters[] = "KMGTPE";
    if (name.size == 1 && name.data[0] == 'B') {
        *out = 1;
        return true;
    }
    bool shape = (name.size == 2 && name.data[1] == 'B') ||
                 (name.size == 3 && name.data[1] == 'i' && name.data[2] == 'B');
    const char *letter = shape ? strchr(letters, name.data[0]) : NULL;
    if (letter == NULL || *letter == '\0') {
        return false;
    }
    *out = ldexp(1, 10 * (int)(letter - letters + 1));
    return true;
}

bool config_size(model_text text, uint64_t *out)
{
    if (text.size == 1 && text.data[0] == '0') {
        *out = 0;
        return true;
    }
    double sum = 0;
    for (size_t at = 0; at < text.size;) {
        size_t size = 0;
        double count, bytes;
        while (at + size < text.size && (text.data[at + size] == '.' ||
                                         (text.data[at + size] >= '0' && text.data[at + size] <= '9'))) {
            size++;
        }
        if (size == 0 || !ifm_number_read(text.data + at, size, &count)) {
            return false;
        }
        at += size;
        const model_text name = {text.data + at, name_size(text, at)};
        if (!unit_bytes(name, &bytes)) {
            return false;
        }
        sum += count * bytes;
        at += name.size;
    }
    if (text.size == 0 || sum >= 0x1p63) {
        return false;
    }
    *out = (uint64_t)sum;
    return true;
}
