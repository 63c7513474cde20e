/* SPDX-License-Identifier: Apache-2.0
 *
 * toTime and toDuration: values of Go's time.Time, in UTC, and time.Duration, with the methods of theirs that
 * texts want. Format() knows the layouts of Go: "2006-01-02 15:04".
 */
#include "rules/template_impl.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#define SECOND_NS INT64_C(1000000000)

typedef struct parts {
    int64_t year, month, day, hour, minute, second, ns;
    int64_t weekday; /* 0: Sunday */
    int64_t yearday; /* from 1 */
} parts;

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};

static parts parts_of(int64_t ns)
{
    struct tm at = {.tm_mday = 1};
    int64_t rest = ns % SECOND_NS;
    time_t seconds = (time_t)(ns / SECOND_NS - (rest < 0));
    gmtime_r(&seconds, &at); /* knows all years that 64 bits of nanoseconds reach */
    return (parts){.year = at.tm_year + INT64_C(1900),
                   .month = at.tm_mon + 1,
                   .day = at.tm_mday,
                   .hour = at.tm_hour,
                   .minute = at.tm_min,
                   .second = at.tm_sec,
                   .ns = rest + (rest < 0 ? SECOND_NS : 0),
                   .weekday = at.tm_wday,
                   .yearday = at.tm_yday + 1};
}

/* ---- Format ---- */

/* ".5" without the zeros at its end, nothing for none. */
static void append_fraction(int64_t ns, size_t digits, bool keeps_zeros, char sign, ifm_buf *out)
{
    char text[16];
    snprintf(text, sizeof text, "%09lld", (long long)ns);
    for (; !keeps_zeros && digits > 0 && text[digits - 1] == '0'; digits--) {
    }
    if (digits > 0) {
        ifm_buf_append_char(out, sign);
        ifm_buf_append(out, text, digits);
    }
}

void template_time_print(int64_t ns, ifm_buf *out)
{
    parts at = parts_of(ns);
    ifm_buf_printf(out, "%04lld-%02lld-%02lld %02lld:%02lld:%02lld", (long long)at.year, (long long)at.month,
                   (long long)at.day, (long long)at.hour, (long long)at.minute, (long long)at.second);
    append_fraction(at.ns, 9, false, '.', out);
    ifm_buf_append_text(out, " +0000 UTC");
}

/* ".000", ",999": the size, 0 for none. */
static size_t fraction_size(model_text layout)
{
    size_t size = 1;
    if (layout.size < 2 || (layout.data[0] != '.' && layout.data[0] != ',') ||
        (layout.data[1] != '0' && layout.data[1] != '9')) {
        return 0;
    }
    for (; size < layout.size && layout.data[size] == layout.data[1]; size++) {
    }
    bool digit = size < layout.size && layout.data[size] >= '0' && layout.data[size] <= '9';
    return digit || size > 10 ? 0 : size;
}

/* In the order in which Go looks for them where one is the beginning of another. */
static const struct layout_word {
    const char *text;
    const char *format; /* of the number, NULL: a text */
} layout_words[] = {
    {"January", NULL},    {"Jan", NULL},    {"Monday", NULL},  {"Mon", NULL},    {"MST", NULL},
    {"2006", "%04lld"},   {"01", "%02lld"}, {"002", "%03lld"}, {"02", "%02lld"}, {"03", "%02lld"},
    {"04", "%02lld"},     {"05", "%02lld"}, {"06", "%02lld"},  {"15", "%02lld"}, {"1", "%lld"},
    {"_2006", "_%04lld"}, {"__2", "%3lld"}, {"_2", "%2lld"},   {"2", "%lld"},    {"3", "%lld"},
    {"4", "%lld"},        {"5", "%lld"},    {"PM", NULL},      {"pm", NULL},     {"-07:00:00", NULL},
    {"-070000", NULL},    {"-07:00", NULL}, {"-0700", NULL},   {"-07", NULL},    {"Z07:00:00", NULL},
    {"Z070000", NULL},    {"Z07:00", NULL}, {"Z0700", NULL},   {"Z07", NULL},
};

static int64_t layout_number(const char *word, const parts *at)
{
    int64_t half = at->hour % 12 == 0 ? 12 : at->hour % 12;
    const struct {
        const char *word;
        int64_t value;
    } numbers[] = {{"2006", at->year},    {"_2006", at->year},  {"01", at->month},  {"1", at->month},
                   {"002", at->yearday},  {"__2", at->yearday}, {"02", at->day},    {"_2", at->day},
                   {"2", at->day},        {"03", half},         {"3", half},        {"15", at->hour},
                   {"04", at->minute},    {"4", at->minute},    {"05", at->second}, {"5", at->second},
                   {"06", at->year % 100}};
    for (size_t i = 0; i < IFM_COUNT_OF(numbers); i++) {
        if (strcmp(numbers[i].word, word) == 0) {
            return numbers[i].value;
        }
    }
    return 0;
}

/* The zone is UTC always. */
static void append_layout_text(const char *word, const parts *at, ifm_buf *out)
{
    if (word[0] == 'J') {
        ifm_buf_append(out, months[at->month - 1], word[3] == '\0' ? 3 : strlen(months[at->month - 1]));
    } else if (strcmp(word, "MST") == 0) {
        ifm_buf_append_text(out, "UTC");
    } else if (word[0] == 'M') {
        const char *day = weekdays[at->weekday];
        ifm_buf_append(out, day, word[3] == '\0' ? 3 : strlen(day));
    } else if (word[0] == 'Z') {
        ifm_buf_append_char(out, 'Z');
    } else if (word[0] == '-') {
        ifm_buf_append_char(out, '+');
        for (const char *c = word + 1; *c != '\0'; c++) {
            ifm_buf_append_char(out, *c == '7' ? '0' : *c);
        }
    } else {
        ifm_buf_append_text(out, word[0] == 'P'   ? (at->hour >= 12 ? "PM" : "AM")
                                 : at->hour >= 12 ? "pm"
                                                  : "am");
    }
}

static const struct layout_word *layout_word_at(model_text layout)
{
    for (size_t i = 0; i < IFM_COUNT_OF(layout_words); i++) {
        const char *text = layout_words[i].text;
        size_t size = strlen(text);
        bool here = layout.size >= size && memcmp(layout.data, text, size) == 0;
        /* "Janet" is no month. */
        bool longer = here && size == 3 && (text[0] == 'J' || (text[0] == 'M' && text[1] == 'o')) &&
                      layout.size > 3 && layout.data[3] >= 'a' && layout.data[3] <= 'z';
        if (here && !longer) {
            return &layout_words[i];
        }
    }
    return NULL;
}

static void format_time(const parts *at, model_text layout, ifm_buf *out)
{
    while (layout.size > 0 && out->failed == IFM_OK) {
        const struct layout_word *word = layout_word_at(layout);
        size_t size = word == NULL ? fraction_size(layout) : strlen(word->text);
        if (word == NULL && size > 0) {
            append_fraction(at->ns, size - 1, layout.data[1] == '0', layout.data[0], out);
        } else if (word == NULL) {
            size = 1;
            ifm_buf_append_char(out, layout.data[0]);
        } else if (word->format == NULL) {
            append_layout_text(word->text, at, out);
        } else {
            char number[32];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* of the table above */
            snprintf(number, sizeof number, word->format, (long long)layout_number(word->text, at));
#pragma GCC diagnostic pop
            ifm_buf_append_text(out, number);
        }
        layout = (model_text){layout.data + size, layout.size - size};
    }
}

/* ---- Durations ---- */

/* "1.5ms" */
static void append_small(uint64_t ns, ifm_buf *out)
{
    static const struct {
        uint64_t ns;
        const char *name;
        int digits;
    } units[] = {{1000000, "ms", 6}, {1000, "\xC2\xB5s", 3}, {1, "ns", 0}};
    for (size_t i = 0; i < IFM_COUNT_OF(units); i++) {
        if (ns < units[i].ns) {
            continue;
        }
        char rest[16];
        int size =
            snprintf(rest, sizeof rest, "%0*llu", units[i].digits, (unsigned long long)(ns % units[i].ns));
        for (; size > 0 && rest[size - 1] == '0'; size--) {
        }
        ifm_buf_printf(out, "%llu%s%.*s%s", (unsigned long long)(ns / units[i].ns), size > 0 ? "." : "", size,
                       rest, units[i].name);
        return;
    }
    ifm_buf_append_text(out, "0s");
}

void template_duration_print(int64_t ns, ifm_buf *out)
{
    uint64_t size = ns < 0 ? (uint64_t)0 - (uint64_t)ns : (uint64_t)ns;
    ifm_buf_append_text(out, ns < 0 ? "-" : "");
    if (size < (uint64_t)SECOND_NS) {
        append_small(size, out);
        return;
    }
    unsigned long long seconds = size / (uint64_t)SECOND_NS;
    if (seconds >= 3600) {
        ifm_buf_printf(out, "%lluh", seconds / 3600);
    }
    if (seconds >= 60) {
        ifm_buf_printf(out, "%llum", seconds / 60 % 60);
    }
    ifm_buf_printf(out, "%llu", seconds % 60);
    append_fraction((int64_t)(size % (uint64_t)SECOND_NS), 9, false, '.', out);
    ifm_buf_append_char(out, 's');
}

/* ---- Functions ---- */

/* Nanoseconds; of a time that has a clock's milliseconds, as in Prometheus. */
static bool read_ns(template_run *run, const template_value *value, const char *what, int64_t *out)
{
    double number;
    if (!template_to_float(run, value, &number)) {
        return false;
    }
    double ns = number * 1e9;
    if (!(ns < 0x1p63 && ns >= -0x1p63)) {
        return template_run_fail(run, "%g seconds are no %s: it has to be within 292 years", number, what);
    }
    *out = (int64_t)ns;
    return true;
}

bool template_to_time(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    int64_t ns = 0;
    (void)count;
    bool ok = read_ns(run, &arguments[0], "time since 1970", &ns);
    *out = (template_value){.kind = TEMPLATE_TIME, .whole = ns / 1000000 * 1000000};
    return ok;
}

bool template_to_duration(template_run *run, const template_value *arguments, size_t count,
                          template_value *out)
{
    int64_t ns = 0;
    (void)count;
    bool ok = read_ns(run, &arguments[0], "duration", &ns);
    *out = (template_value){.kind = TEMPLATE_DURATION, .whole = ns};
    return ok;
}

/* ---- Methods ---- */

static template_value whole(int64_t value)
{
    return (template_value){.kind = TEMPLATE_INT, .whole = value};
}

static template_value named(const char *name, int64_t number)
{
    return (template_value){.kind = TEMPLATE_NAMED, .named = {name, number}};
}

static int64_t floor_to(int64_t ns, int64_t unit)
{
    return ns / unit - (ns % unit < 0);
}

/* Those without arguments. */
static bool time_member(int64_t ns, model_text name, template_value *out)
{
    const parts at = parts_of(ns);
    const struct {
        const char *name;
        template_value value;
    } members[] = {
        {"Year", whole(at.year)},
        {"Month", named(months[at.month - 1], at.month)},
        {"Day", whole(at.day)},
        {"Hour", whole(at.hour)},
        {"Minute", whole(at.minute)},
        {"Second", whole(at.second)},
        {"Nanosecond", whole(at.ns)},
        {"Weekday", named(weekdays[at.weekday], at.weekday)},
        {"YearDay", whole(at.yearday)},
        {"Unix", whole(floor_to(ns, SECOND_NS))},
        {"UnixMilli", whole(floor_to(ns, 1000000))},
        {"UnixMicro", whole(floor_to(ns, 1000))},
        {"UnixNano", whole(ns)},
        {"UTC", {.kind = TEMPLATE_TIME, .whole = ns}},
        {"IsZero", {.kind = TEMPLATE_BOOL}}, /* the year 1 is out of reach */
    };
    for (size_t i = 0; i < IFM_COUNT_OF(members); i++) {
        if (model_text_equal(name, model_text_of(members[i].name))) {
            *out = members[i].value;
            return true;
        }
    }
    return false;
}

static bool duration_member(int64_t ns, model_text name, template_value *out)
{
    const struct {
        const char *name;
        template_value value;
    } members[] = {
        {"Hours", {.kind = TEMPLATE_FLOAT, .number = (double)ns / 3600e9}},
        {"Minutes", {.kind = TEMPLATE_FLOAT, .number = (double)ns / 60e9}},
        {"Seconds", {.kind = TEMPLATE_FLOAT, .number = (double)ns / 1e9}},
        {"Milliseconds", whole(ns / 1000000)},
        {"Microseconds", whole(ns / 1000)},
        {"Nanoseconds", whole(ns)},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(members); i++) {
        if (model_text_equal(name, model_text_of(members[i].name))) {
            *out = members[i].value;
            return true;
        }
    }
    return false;
}

static bool method_text(template_run *run, const template_value *of, const model_text *layout,
                        template_value *out)
{
    ifm_buf text;
    ifm_buf_init(&text, RULES_TEMPLATE_BYTES_MAX);
    if (layout != NULL) {
        const parts at = parts_of(of->whole);
        format_time(&at, *layout, &text);
    } else if (!template_print(run, of, &text)) {
        ifm_buf_deinit(&text);
        return false;
    }
    return template_take_text(run, &text, out);
}

bool template_method(template_run *run, const template_value *of, model_text name,
                     const template_value *arguments, size_t count, template_value *out)
{
    bool is_time = of->kind == TEMPLATE_TIME;
    bool formats = is_time && model_text_equal(name, model_text_of("Format"));
    if (formats && count == 1 && arguments[0].kind == TEMPLATE_TEXT) {
        return method_text(run, of, &arguments[0].text, out);
    }
    if (formats) {
        return template_run_fail(run, ".Format wants a layout; hint: .Format \"2006-01-02 15:04\"");
    }
    if (count > 0) {
        return template_run_fail(run, ".%.*s of a %s takes no arguments",
                                 name.size < 60 ? (int)name.size : 60, name.data,
                                 template_kind_name(of->kind));
    }
    if (model_text_equal(name, model_text_of("String"))) {
        return method_text(run, of, NULL, out);
    }
    return (is_time ? time_member(of->whole, name, out) : duration_member(of->whole, name, out)) ||
           template_run_fail(run, "there is no .%.*s of a %s here", name.size < 60 ? (int)name.size : 60,
                             name.data, template_kind_name(of->kind));
}
