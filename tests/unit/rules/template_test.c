/* SPDX-License-Identifier: Apache-2.0
 *
 * Templates: what they become, as Prometheus 2.42 and Go have it; what is refused; and that nothing is lost
 * when memory runs out.
 */
#include "check.h"
#include "rules/template.h"
#include "torture.h"

#include <math.h>

#define TEXT(literal)                                                                                        \
    {                                                                                                        \
        literal, sizeof literal - 1                                                                          \
    }

static const model_label label_items[] = {{TEXT("instance"), TEXT("web-1.example.org:9100")},
                                          {TEXT("job"), TEXT("api")},
                                          {TEXT("path"), TEXT("/a b")}};
static const model_label external_items[] = {{TEXT("cluster"), TEXT("eu")}};
static const model_label other_items[] = {
    {TEXT("__value__"), TEXT("text")}, {TEXT("job"), TEXT("web")}, {TEXT("zone"), TEXT("a")}};

static const rules_sample first_sample = {{label_items + 1, 1}, 2};
static const rules_sample second_sample = {{other_items, 3}, 0.5};

/* "none", "two", "bad" */
static bool fake_query(void *context, model_text expr, ifm_bump *arena, rules_vector *out, ifm_error *err)
{
    (void)context;
    const rules_sample **items = ifm_bump_alloc_array(arena, 2, sizeof *items);
    if (items == NULL) {
        return ifm_bump_check(arena, err);
    }
    items[0] = &second_sample;
    items[1] = &first_sample;
    *out = (rules_vector){items, model_text_equal(expr, model_text_of("two")) ? 2 : 0};
    return !model_text_equal(expr, model_text_of("bad")) || ifm_error_set(err, IFM_INVALID, "it is bad");
}

static rules_template_data data_with(double value)
{
    return (rules_template_data){.labels = {label_items, 3},
                                 .value = value,
                                 .external_labels = {external_items, 1},
                                 .external_url = "http://host:9090/prefix",
                                 .time_ms = 1500,
                                 .query = fake_query};
}

/* What `text` becomes; an error in brackets. */
static const char *expanded(const char *text, double value)
{
    static char out[4096];
    ifm_error err = {.code = IFM_OK};
    ifm_bump arena;
    ifm_buf buf;
    ifm_bump_init(&arena, 1 << 20);
    ifm_buf_init(&buf, 4000);
    const rules_template_data data = data_with(value);
    const rules_template *template = rules_template_parse(model_text_of(text), &arena, &err);
    if (template == NULL) {
        snprintf(out, sizeof out, "[parse: %s]", err.message);
    } else if (!rules_template_expand(template, &data, &buf, &err)) {
        snprintf(out, sizeof out, "[%s]", err.message);
    } else {
        snprintf(out, sizeof out, "%.*s", (int)buf.size, buf.size == 0 ? "" : buf.data);
    }
    ifm_buf_deinit(&buf);
    ifm_bump_deinit(&arena);
    return out;
}

typedef struct row {
    const char *text;
    double value;
    const char *want;
} row;

static void check_rows(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *got = expanded(rows[i].text, rows[i].value);
        if (strcmp(got, rows[i].want) != 0) {
            fprintf(stderr, "%s with %g:\n", rows[i].text, rows[i].value);
        }
        CHECK_TEXT(got, rows[i].want);
    }
    check_end();
}

static void texts_and_data(void **state)
{
    static const row rows[] = {
        {"", 0, ""},
        {"plain } text {", 0, "plain } text {"},
        {"{{ $value }}", 0.1, "0.1"},
        {"{{ .Value }}", 1e21, "1e+21"},
        {"{{$value}}", 123456789, "1.23456789e+08"},
        {"{{ $value }}", INFINITY, "+Inf"},
        {"{{ $value }}", NAN, "NaN"},
        {"{{ $labels.job }}/{{ .Labels.instance }}", 0, "api/web-1.example.org:9100"},
        {"[{{ $labels.none }}]", 0, "[]"},
        {"{{ $labels }}", 0, "map[instance:web-1.example.org:9100 job:api path:/a b]"},
        {"{{ index $labels \"path\" }}", 0, "/a b"},
        {"{{ $externalLabels.cluster }} {{ .ExternalLabels.cluster }}", 0, "eu eu"},
        {"{{ $externalURL }} {{ externalURL }} {{ pathPrefix }}", 0,
         "http://host:9090/prefix http://host:9090/prefix /prefix"},
        {"{{ $.Labels.job }}", 0, "api"},
        {"a  {{- $value -}}  b", 1, "a1b"},
        {"a {{/* a comment */}} b {{- /* and */ -}} c", 0, "a  bc"},
        {"{{ \"q\\\"\\n\\x41\\u00e9\" }}{{ `raw\\n` }}{{ 'a' }}", 0, "q\"\nA\303\251raw\\n97"},
        {"{{ true }} {{ 5 }} {{ -1.5e3 }}", 0, "true 5 -1500"},
        {"{{ $x := 5 }}{{ $x }}{{ $x = 6 }}{{ $x }}", 0, "56"},
        {"{{ print 1 2 \"a\" 3 4 }}|{{ println 1 \"a\" }}", 0, "1 2a3 4|1 a\n"},
        {"{{ html \"<a href='x'>&\" }}", 0, "&lt;a href=&#39;x&#39;&gt;&amp;"},
        {"{{ len $labels }} {{ len \"abc\" }} {{ len (query \"two\") }}", 0, "3 3 2"},
        {"{{ now }}", 0, "1.5"},
    };
    (void)state;
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void numbers_for_people(void **state)
{
    static const row rows[] = {
        {"{{ humanize $value }}", 0, "0"},
        {"{{ humanize $value }}", 1234567, "1.235M"},
        {"{{ humanize $value }}", 999.94, "999.9"},
        {"{{ humanize $value }}", -0.00123, "-1.23m"},
        {"{{ humanize $value }}", 1e30, "1e+06Y"},
        {"{{ humanize $value }}", -INFINITY, "-Inf"},
        {"{{ humanize \"1000\" }}", 0, "1k"},
        {"{{ humanize 5 }}", 0, "5"},
        {"{{ $value | humanize1024 }}", 1048576, "1Mi"},
        {"{{ $value | humanize1024 }}", 1023, "1023"},
        {"{{ $value | humanize1024 }}", 0.5, "0.5"},
        {"{{ $value | humanizeDuration }}", 0, "0s"},
        {"{{ $value | humanizeDuration }}", 1, "1s"},
        {"{{ $value | humanizeDuration }}", 59.5, "59.5s"},
        {"{{ $value | humanizeDuration }}", 60, "1m 0s"},
        {"{{ $value | humanizeDuration }}", 3661, "1h 1m 1s"},
        {"{{ $value | humanizeDuration }}", -90061, "-1d 1h 1m 1s"},
        {"{{ $value | humanizeDuration }}", 0.0012, "1.2ms"},
        {"{{ $value | humanizeDuration }}", NAN, "NaN"},
        {"{{ $value | humanizePercentage }}", 0.12345, "12.35%"},
        {"{{ $value | humanizeTimestamp }}", 1435065584.128, "2015-06-23 13:19:44.128 +0000 UTC"},
        {"{{ $value | humanizeTimestamp }}", -1.5, "1969-12-31 23:59:58.5 +0000 UTC"},
        {"{{ $value | humanizeTimestamp }}", 951782400, "2000-02-29 00:00:00 +0000 UTC"},
        {"{{ humanizeDuration (parseDuration \"1h30m\") }}", 0, "1h 30m 0s"},
    };
    (void)state;
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void printf_is_go_s(void **state)
{
    static const row rows[] = {
        {"{{ printf \"%.2f|%8.3f|%-8.1f|%+d|%05d|%x|%q|%v|%s|%t|%%\" $value $value $value 5 42 255 "
         "\"a\\\"b\" "
         "$value \"s\" true }}",
         3.14159, "3.14|   3.142|3.1     |+5|00042|ff|\"a\\\"b\"|3.14159|s|true|%"},
        {"{{ printf \"%d\" $value }}", 1.5, "%!d(float64=1.5)"},
        {"{{ printf \"%d %d\" 1 }}", 0, "1 %!d(MISSING)"},
        {"{{ printf \"%d\" 1 2 }}", 0, "1%!(EXTRA int=2)"},
        {"{{ printf \"%\" }}", 0, "%!(NOVERB)"},
        {"{{ printf \"%s\" 5 }}", 0, "%!s(int=5)"},
        {"{{ printf \"%e %g %.3g\" $value $value $value }}", 123456.0, "1.234560e+05 123456 1.23e+05"},
        {"{{ printf \"%f\" $value }}", INFINITY, "+Inf"},
        {"{{ printf \"%6.2f%%\" $value }}", 12.345, " 12.35%"},
        {"{{ $value | printf \"%.1f of %s\" 2.0 }}", 1, "2.0 of %!s(float64=1)"},
        {"{{ printf \"%.2s|%5s|%-5s|\" \"abc\" \"d\" \"e\" }}", 0, "ab|    d|e    |"},
    };
    (void)state;
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void text_functions(void **state)
{
    static const row rows[] = {
        {"{{ title \"some words, don't shout\" }}", 0, "Some Words, Don't Shout"},
        {"{{ toUpper \"stra\303\237e \303\251\" }} {{ toLower \"ABC\" }}", 0, "STRA\303\237E \303\211 abc"},
        {"{{ match \"[0-9]+\" \"a1\" }} {{ match \"^[0-9]+$\" \"a1\" }}", 0, "true false"},
        {"{{ reReplaceAll \"(.*):(.*)\" \"$2-$1\" $labels.instance }}", 0, "9100-web-1.example.org"},
        {"{{ reReplaceAll \"a*\" \"x\" \"baac\" }}", 0, "xbxcx"},
        {"{{ reReplaceAll \"^a\" \"x\" \"aaa\" }}", 0, "xaa"},
        {"{{ reReplaceAll \".\" \"x\" \"a\\nb\" }}", 0, "x\nx"},
        {"{{ $labels.instance | stripPort | stripDomain }} {{ stripDomain \"10.0.0.1:80\" }}", 0,
         "web-1 10.0.0.1:80"},
        {"{{ stripDomain $labels.instance }}", 0, "web-1:9100"},
        {"{{ graphLink \"up == 0\" }}", 0, "/graph?g0.expr=up+%3D%3D+0&g0.tab=0"},
        {"{{ urlquery $labels.path }}{{ safeHtml \"<b>\" }}", 0, "%2Fa+b<b>"},
    };
    (void)state;
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void conditions_and_queries(void **state)
{
    static const row rows[] = {
        {"{{ if gt $value 1.0 }}high{{ else if eq $value 1.0 }}one{{ else }}low{{ end }}", 2, "high"},
        {"{{ if gt $value 1.0 }}high{{ else if eq $value 1.0 }}one{{ else }}low{{ end }}", 1, "one"},
        {"{{ if gt $value 1.0 }}high{{ else if eq $value 1.0 }}one{{ else }}low{{ end }}", 0, "low"},
        {"{{ if and (eq $labels.job \"api\" ) (not (lt $value 1.0)) }}y{{ end }}", 1, "y"},
        {"{{ or $labels.none \"standard\" }} {{ and 1 0 2 }}", 0, "standard 0"},
        {"{{ eq $labels.job \"x\" \"api\" }} {{ ne 1 2 }} {{ le 1 1 }} {{ ge \"a\" \"b\" }} {{ lt 1 2 }}", 0,
         "true true true false true"},
        {"{{ with $labels.job }}{{ . }}{{ $.Value }}{{ else }}none{{ end }}", 3, "api3"},
        {"{{ with query \"none\" }}some{{ else }}none{{ end }}", 0, "none"},
        {"{{ range query \"two\" }}{{ .Labels.job }}={{ .Value }};{{ end }}", 0, "web=0.5;api=2;"},
        {"{{ range $i, $e := query \"two\" }}{{ $i }}{{ $e.Value }} {{ end }}", 0, "00.5 12 "},
        {"{{ range query \"none\" }}x{{ else }}empty{{ end }}", 0, "empty"},
        {"{{ range $k, $v := $labels }}{{ if eq $k \"job\" }}{{ continue }}{{ end }}{{ $k }},{{ end }}", 0,
         "instance,path,"},
        {"{{ range query \"two\" }}{{ .Value }}{{ break }}{{ end }}", 0, "0.5"},
        {"{{ query \"two\" | first | value }} {{ query \"two\" | first | label \"zone\" }} {{ query \"two\" "
         "| "
         "first | strvalue }}",
         0, "0.5 a text"},
        {"{{ range query \"two\" | sortByLabel \"job\" }}{{ .Labels.job }} {{ end }}", 0, "api web "},
        {"{{ (query \"two\" | first).Labels.zone }}", 0, "a"},
        {"{{ with $x := 5 }}{{ $x }}{{ end }}", 0, "5"},
        {"{{ $n := 0 }}{{ range query \"two\" }}{{ $n = .Value }}{{ end }}{{ $n }}", 0, "2"},
    };
    (void)state;
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void templates_call_one_another(void **state)
{
    static const row rows[] = {
        {"{{ define \"x\" }}<{{ . }}>{{ end }}{{ template \"x\" 5 }}{{ template \"x\" $value }}", 1.5,
         "<5><1.5>"},
        {"{{ template \"later\" . }}{{ define \"later\" }}{{ .Value }}{{ $.Labels.job }}{{ end }}", 2,
         "2api"},
        {"{{ define \"x\" }}{{ . }}|{{ .y }}{{ end }}{{ template \"x\" }}", 0, "<no value>|<no value>"},
        {"{{ range query \"two\" }}{{ block \"row\" .Value }}({{ . }}){{ end }}{{ end }}", 0, "(0.5)(2)"},
        {"{{ define \"p\" }}{{ .arg0 }}-{{ .arg1 }}{{ end }}{{ template \"p\" args \"a\" 2 }}", 0, "a-2"},
        {"{{ define \"d\" }}{{ with . }}{{ $n := len . }}{{ template \"d\" (slice . 1) }}{{ $n }}{{ end }}{{ "
         "end }}"
         "{{ template \"d\" \"abc\" }}",
         0, "123"},
        {"{{ args 1 \"b\" }} {{ len (args 1 2) }} {{ range $k, $v := args 7 }}{{ $k }}={{ $v }}{{ end }}", 0,
         "map[arg0:1 arg1:b] 2 arg0=7"},
        {"{{ template \"none\" }}", 0,
         "[line 1 of the template: there is no template \"none\"; hint: define it in the same text]"},
        {"{{ define \"x\" }}{{ $labels }}{{ end }}", 0,
         "[parse: line 1 of the template: there is no variable \"$labels\"]"},
        {"{{ define \"x\" }}{{ end }}{{ define \"x\" }}{{ end }}", 0,
         "[parse: line 1 of the template: \"x\" is defined twice]"},
        {"{{ if 1 }}{{ define \"x\" }}{{ end }}{{ end }}", 0,
         "[parse: line 1 of the template: \"define\" stands within nothing else]"},
        {"{{ define x }}{{ end }}", 0, "[parse: line 1 of the template: \"define\" wants a name in quotes]"},
        {"{{ range args 1 }}{{ block \"x\" . }}{{ break }}{{ end }}{{ end }}", 0,
         "[parse: line 1 of the template: \"break\" and \"continue\" are for the inside of \"range\"]"},
        {"{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}", 0,
         "[line 1 of the template: it is nested more than 400 deep]"},
        {"{{ $x := args 1 }}{{ range 500 }}{{ $x = args $x }}{{ end }}{{ $x }}", 0,
         "[line 1 of the template: values are nested more than 400 deep]"},
    };
    (void)state;
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void pieces_and_constants(void **state)
{
    static const row rows[] = {
        {"{{ slice \"hello\" 1 3 }} {{ slice \"hello\" 2 }} {{ len (slice (query \"two\") 1) }}", 0,
         "el llo 1"},
        {"{{ index \"abc\" 1 }} {{ index (args (args 5)) \"arg0\" \"arg0\" }} {{ index \"x\" }}", 0,
         "98 5 x"},
        {"{{ js \"<a href='x'>\\\"&=\\n\" }} {{ urlquery \"a\" 1 \"b c\" }}", 0,
         "\\u003Ca href\\u003D\\'x\\'\\u003E\\\"\\u0026\\u003D\\u000A a1b+c"},
        {"{{ 0x1F }} {{ 017 }} {{ 0b101 }} {{ 0o7 }} {{ 1_000 }} {{ -0x10 }} {{ 0 }} {{ .5 }}", 0,
         "31 15 5 7 1000 -16 0 0.5"},
        {"{{ 1__0 }}", 0, "[parse: line 1 of the template: \"1__0\" is no number; hint: 5, -1 or 0.5]"},
        {"{{ slice \"abc\" 2 9 }}", 0, "[line 1 of the template: the index 9 is out of range: there are 3]"},
        {"{{ slice \"abc\" 2 1 }}", 0, "[line 1 of the template: the index 2 of slice is above 1]"},
        {"{{ slice 5 1 }}", 0, "[line 1 of the template: a int cannot be sliced]"},
        {"{{ call \"x\" }}", 0, "[line 1 of the template: a string cannot be called: it is no function]"},
        {"{{ tmpl \"x\" 1 }}", 0,
         "[parse: line 1 of the template: the function \"tmpl\" is for the templates of consoles only]"},
    };
    (void)state;
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void times_and_durations(void **state)
{
    static const row rows[] = {
        {"{{ toTime $value }} {{ (toTime $value).Year }} {{ (toTime $value).Month }} {{ (toTime "
         "$value).Weekday }} "
         "{{ (toTime $value).YearDay }} {{ (toTime $value).Unix }}",
         1435065584.128, "2015-06-23 13:19:44.128 +0000 UTC 2015 June Tuesday 174 1435065584"},
        {"{{ (toTime $value).Format \"2006-01-02T15:04:05.000Z07:00 Mon Jan _2 3PM Janet\" }}",
         1435065584.128, "2015-06-23T13:19:44.128Z Tue Jun 23 1PM Janet"},
        {"{{ \"15:04\" | (toTime $value).Format }} {{ $t := toTime $value }}{{ $t.Hour }} {{ $t.String }}",
         -1.5, "23:59 23 1969-12-31 23:59:58.5 +0000 UTC"},
        {"{{ (toTime $value).Format \"2006-01-02 15:04:05 Mon 002\" }}", -9.2e9,
         "1678-06-18 12:26:40 Sat 169"},
        {"{{ (toTime $value).Format \"2006-01-02 15:04:05 Mon 002\" }}", 9.2e9,
         "2261-07-15 11:33:20 Mon 196"},
        {"{{ toDuration $value }} {{ (toDuration $value).Minutes }}", 5400, "1h30m0s 90"},
        {"{{ toDuration 0.0015 }} {{ toDuration -61.25 }} {{ toDuration 0 }} {{ toDuration 0.0000005 }}", 0,
         "1.5ms -1m1.25s 0s 500ns"},
        {"{{ toTime 1e300 }}", 0,
         "[line 1 of the template: 1e+300 seconds are no time since 1970: it has to be within 292 years]"},
        {"{{ (toTime 0.0).Nothing }}", 0, "[line 1 of the template: there is no .Nothing of a time here]"},
        {"{{ (toTime 0.0).Format }}", 0,
         "[line 1 of the template: .Format wants a layout; hint: .Format \"2006-01-02 15:04\"]"},
        {"{{ $labels.job \"x\" }}", 0,
         "[line 1 of the template: .job of a set of labels takes no arguments]"},
    };
    (void)state;
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void what_is_wrong_is_said(void **state)
{
    static const row rows[] = {
        {"{{ $value", 0, "[parse: line 1 of the template: an action does not end; hint: }}]"},
        {"a\n{{ foo }}", 0, "[parse: line 2 of the template: there is no function \"foo\"]"},
        {"{{ $none }}", 0, "[parse: line 1 of the template: there is no variable \"$none\"]"},
        {"{{ if true }}{{ $y := 1 }}{{ end }}{{ $y }}", 0,
         "[parse: line 1 of the template: there is no variable \"$y\"]"},
        {"{{ if true }}x", 0, "[parse: line 1 of the template: an \"end\" is missing]"},
        {"{{ end }}", 0, "[parse: line 1 of the template: an \"end\" ends nothing]"},
        {"{{ else }}", 0, "[parse: line 1 of the template: an \"else\" belongs to nothing]"},
        {"{{ break }}", 0,
         "[parse: line 1 of the template: \"break\" and \"continue\" are for the inside of \"range\"]"},
        {"{{ }}", 0, "[parse: line 1 of the template: a value is missing here]"},
        {"{{ humanize }}", 0,
         "[parse: line 1 of the template: the function \"humanize\" has 0 arguments here, and wants 1]"},
        {"{{ $value | 5 }}", 0,
         "[parse: line 1 of the template: what stands behind \"|\" has to be a function]"},
        {"{{ \"a }}", 0, "[parse: line 1 of the template: a text in quotes does not end]"},
        {"{{ ( 1 }}", 0, "[parse: line 1 of the template: a parenthesis is not closed]"},
        {"{{ 08x }}", 0, "[parse: line 1 of the template: \"08x\" is no number; hint: 5, -1 or 0.5]"},
        {"{{ gt $value 1 }}", 2,
         "[line 1 of the template: incompatible types for comparison: float64 and int; hint: write 5.0, not "
         "5, "
         "beside a value]"},
        {"{{ .Labls.x }}", 0,
         "[line 1 of the template: there is no .Labls here; hint: .Labels, .Value, .ExternalLabels or "
         ".ExternalURL]"},
        {"{{ $value.x }}", 0, "[line 1 of the template: there is no .x of a float64]"},
        {"{{ query \"none\" | first }}", 0,
         "[line 1 of the template: first() called on vector with no elements]"},
        {"{{ query \"bad\" }}", 0, "[line 1 of the template: query: it is bad]"},
        {"{{ query \"two\" }}", 0,
         "[line 1 of the template: the result of a query has no text; hint: range over it, or take the first "
         "and its value]"},
        {"{{ toUpper $value }}", 0,
         "[line 1 of the template: the argument 1 of \"toUpper\" is a float64, and has to be a string]"},
        {"{{ match \"(\" \"x\" }}", 0,
         "[line 1 of the template: match: error parsing regexp: missing closing ): `(`]"},
        {"{{ humanize \"x\" }}", 0, "[line 1 of the template: \"x\" is no number]"},
    };
    (void)state;
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void limits_hold(void **state)
{
    (void)state;
    CHECK_CONTAINS(expanded("{{ range 10000000 }}{{ end }}", 0), "takes more than 1000000 steps");
    CHECK_CONTAINS(expanded("{{ printf \"%9999d\" 1 }}", 0), "is above 1000");
    char deep[1024];
    for (int i = 0; i < 70; i++) {
        snprintf(deep + i * 8, sizeof deep - (size_t)i * 8, "{{if 1}}");
    }
    CHECK_CONTAINS(expanded(deep, 0), "nested more than 64 deep");
    CHECK_CONTAINS(expanded("{{ range 2000 }}0123456789{{ end }}", 0), "4000");
    check_end();
}

static bool parse_and_expand(void *context, ifm_error *err)
{
    ifm_bump arena;
    ifm_buf buf;
    ifm_bump_init(&arena, 1 << 20);
    ifm_buf_init(&buf, 4000);
    const rules_template_data data = data_with(1.5);
    const rules_template *template = rules_template_parse(model_text_of(context), &arena, err);
    bool ok = template != NULL && rules_template_expand(template, &data, &buf, err);
    ifm_buf_deinit(&buf);
    ifm_bump_deinit(&arena);
    return ok;
}

static void memory_may_run_out(void **state)
{
    static char text[] =
        "{{ $x := toUpper \"\\u00e9x\" }}{{ range query \"two\" | sortByLabel \"job\" }}{{ .Value | printf "
        "\"%.2f %q\" 1.0 }}{{ reReplaceAll \"(a)b\" \"$1\" .Labels.job }}{{ end }}{{ humanizeDuration $value "
        "}}"
        "{{ html $x | title }}{{ define \"d\" }}{{ .arg0 }}{{ (toTime 0.0).Format \"2006\" }}{{ js . }}{{ "
        "end }}"
        "{{ template \"d\" args 1 2 }}{{ toDuration 5 }}{{ range args 1 }}{{ . }}{{ end }}";
    (void)state;
    CHECK(torture_allocations(parse_and_expand, text, TORTURE_MAY_SUCCEED) >= 10);
    check_end();
}

static ifm_code after_ten(void *context)
{
    int *left = context;
    return --*left > 0 ? IFM_OK : IFM_TIMEOUT;
}

static void expansions_can_be_ended(void **state)
{
    (void)state;
    ifm_error err = {.code = IFM_OK};
    ifm_bump arena;
    ifm_buf out;
    int left = 10;
    ifm_bump_init(&arena, 1 << 20);
    ifm_buf_init(&out, 1 << 20);
    const rules_template *template =
        rules_template_parse(model_text_of("{{ range 1000 }}a{{ end }}"), &arena, &err);
    assert_non_null(template);
    rules_template_data data = data_with(1);
    data.interrupted = after_ten;
    data.context = &left;
    CHECK(!rules_template_expand(template, &data, &out, &err));
    CHECK_INT(err.code, IFM_TIMEOUT);
    CHECK_TEXT(err.message, "line 1 of the template: it takes too long");
    CHECK(out.size < 10);
    ifm_buf_deinit(&out);
    ifm_bump_deinit(&arena);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_data),         cmocka_unit_test(numbers_for_people),
        cmocka_unit_test(printf_is_go_s),         cmocka_unit_test(text_functions),
        cmocka_unit_test(conditions_and_queries), cmocka_unit_test(templates_call_one_another),
        cmocka_unit_test(pieces_and_constants),   cmocka_unit_test(times_and_durations),
        cmocka_unit_test(what_is_wrong_is_said),  cmocka_unit_test(limits_hold),
        cmocka_unit_test(memory_may_run_out),     cmocka_unit_test(expansions_can_be_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
