/* SPDX-License-Identifier: Apache-2.0
 *
 * What the encoder writes, the strict parser reads, and finds in it what went in.
 */
#include "exposition/encoder.h"
#include "exposition/parser.h"

#include "unit/exposition/encoder_fixture.h"

static const ifm_text hostile[] = {
    TEXT("a"),    TEXT("a.b"),          TEXT("a_b"),   TEXT("\""),   TEXT("\\"),
    TEXT("a\nb"), TEXT("\xe6\xb8\xa9"), TEXT("{}=,#"), TEXT(" \t "), TEXT("__name__x"),
    TEXT("9"),    TEXT("\\n\"} 1 # {"),
};

/* Gauges whose name, labels, values and help are hostile: all of them in every place. */
static void write_hostile(ifm_encoder *encoder)
{
    for (size_t i = 0; i < IFM_COUNT_OF(hostile); i++) {
        char name[32];
        int size = snprintf(name, sizeof name, "m%zu%.*s", i, (int)hostile[i].size, hostile[i].data);
        ifm_family_head head = {.help = hostile[i], .type = IFM_TYPE_GAUGE, .label_names = hostile};
        head.name = (ifm_text){name, (size_t)size};
        head.label_count = IFM_COUNT_OF(hostile);
        fixture_gauge(encoder, &head, hostile, (double)i);
    }
}

static void check_hostile_sample(const ifm_entry *entry, size_t number)
{
    CHECK_DOUBLE(entry->value, (double)number);
    assert_int_equal(entry->label_count, IFM_COUNT_OF(hostile));
    for (size_t i = 0; i < IFM_COUNT_OF(hostile); i++) {
        assert_int_equal(entry->labels[i].value.size, hostile[i].size);
        assert_memory_equal(entry->labels[i].value.data, hostile[i].data, hostile[i].size);
    }
}

/* Reads a whole document; returns the number of its samples, 0 when it was refused. */
static size_t parse(const ifm_encoder_options *options, fixture_function *write, bool compare)
{
    bool openmetrics = options->format == IFM_FORMAT_OPENMETRICS;
    size_t size;
    size_t samples = 0;
    ifm_error err;
    ifm_entry entry;
    char *text = fixture_bytes(options, write, &size);
    ifm_parser *parser =
        ifm_parser_new(openmetrics ? IFM_PARSE_OPENMETRICS : IFM_PARSE_TEXT, IFM_PARSE_STRICT, &err);
    assert_non_null(parser);
    ifm_parser_start(parser, text, size);
    bool read = ifm_parser_next(parser, &entry, &err);
    while (read && entry.kind != IFM_ENTRY_END) {
        if (entry.kind == IFM_ENTRY_SAMPLE) {
            if (compare) {
                check_hostile_sample(&entry, samples);
            }
            samples++;
        }
        read = ifm_parser_next(parser, &entry, &err);
    }
    if (!read) {
        fprintf(stderr, "format %d, escaping %d: %s in\n%s", (int)options->format, (int)options->escaping,
                err.message, text);
    }
    CHECK(read);
    ifm_parser_free(parser);
    ifm_free(text);
    return read ? samples : 0;
}

static void strict_parser_reads_every_document(void **state)
{
    (void)state;
    for (int format = IFM_FORMAT_TEXT; format <= IFM_FORMAT_OPENMETRICS; format++) {
        for (int escaping = IFM_ESCAPING_UNDERSCORES; escaping <= IFM_ESCAPING_ALLOW_UTF8; escaping++) {
            const ifm_encoder_options options = {.format = (ifm_format)format,
                                                 .escaping = (ifm_escaping)escaping};
            CHECK_INT(parse(&options, write_hostile, true), IFM_COUNT_OF(hostile));
            CHECK_INT(parse(&options, fixture_all, false), format == IFM_FORMAT_OPENMETRICS ? 23 : 20);
        }
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strict_parser_reads_every_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
