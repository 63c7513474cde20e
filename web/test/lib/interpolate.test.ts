// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { Frame } from "../../src/lib/frame";
import { interpolate, interpolateUrl, interpolatePromql, type Scope } from "../../src/lib/interpolate";

const row: Frame = {
  refId: "A",
  fields: [
    { name: "pipeline", type: "string", values: ["ocr & co"], config: {} },
    {
      name: "Value #A",
      type: "number",
      values: [0.5],
      config: { unit: "percentunit", displayName: "Errors" },
    },
  ],
};

const scope: Scope = {
  variables: [
    { name: "metric", values: ["up"] },
    { name: "job", values: ["a.b", "c|d"], multi: true },
    { name: "one", values: ["a+b"], multi: true },
    { name: "all", values: ["x", "y"], all: true, includeAll: true },
    { name: "any", values: ["x", "y"], all: true, includeAll: true, allValue: ".*" },
    { name: "path", values: ["C:\\x"] },
    { name: "hidden", values: ["h"], skipUrlSync: true },
  ],
  from: Date.UTC(2026, 0, 2, 3, 4, 5),
  to: Date.UTC(2026, 0, 2, 4, 4, 5),
  rawFrom: "now-1h",
  rawTo: "now",
  intervalMs: 15_000,
  rateIntervalMs: 60_000,
  dashboard: { title: "Stages", uid: "stages" },
  data: {
    raw: "a b",
    text: "A B",
    time: 5,
    fieldName: "Value",
    labels: { stage: "ocr", "a b": "c" },
    seriesName: "p95",
    row: { frame: row, index: 0 },
  },
};

describe("interpolate", () => {
  test.each([
    ["$metric", "up"],
    ["${metric}", "up"],
    ["[[metric]]", "up"],
    ["$metrics", "$metrics"],
    ["${job}", "{a.b,c|d}"],
    ["${job:regex}", "(a\\.b|c\\|d)"],
    ["[[job:pipe]]", "a.b|c|d"],
    ["${job:csv}", "a.b,c|d"],
    ["${job:raw}", "a.b,c|d"],
    ["${job:json}", '["a.b","c|d"]'],
    ["${metric:json}", "up"],
    ["${job:doublequote}", '"a.b","c|d"'],
    ["${job:singlequote}", "'a.b','c|d'"],
    ["${job:glob}", "{a.b,c|d}"],
    ["${job:distributed}", "a.b,job=c|d"],
    ["${job:percentencode}", "%7Ba.b%2Cc%7Cd%7D"],
    ["${job:queryparam}", "var-job=a.b&var-job=c%7Cd"],
    ["${job:text}", "a.b + c|d"],
    ["${job:join:;}", "a.b;c|d"],
    ["${job:odd}", "{a.b,c|d}"],
    ["${all:text}", "All"],
    ["${all:queryparam}", "var-all=%24__all"],
    ["${any:regex}", ".*"],
    ["$__interval $__interval_ms", "15s 15000"],
    ["$__rate_interval ${__rate_interval_ms}", "1m 60000"],
    ["$__range $__range_s $__range_ms", "3600s 3600 3600000"],
    ["$__from", "1767323045000"],
    ["${__from:date:iso}", "2026-01-02T03:04:05.000Z"],
    ["${__to:date:seconds}", "1767326645"],
    ["$__dashboard ${__dashboard.uid}", "Stages stages"],
    ["?${__url_time_range}", "?from=now-1h&to=now"],
    ["${__value.raw} ${__value.text} ${__value.time}", "a b A B 5"],
    ["${__value.raw:percentencode}", "a%20b"],
    ['${__field.labels.stage} ${__field.labels["a b"]} ${__field.labels.none}', "ocr c "],
    ["${__series.name} ${__field.name}", "p95 Value"],
    ["${__data.fields.pipeline:percentencode}", "ocr%20%26%20co"],
    ['${__data.fields.Errors} ${__data.fields[1].numeric} ${__data.fields["Value #A"]}', "50% 0.5 50%"],
    ["${nobody} $nobody ${__nobody.x}", "${nobody} $nobody ${__nobody.x}"],
    ["costs 5$ and $5", "costs 5$ and $5"],
  ])("%s", (text, want) => expect(interpolate(text, scope)).toBe(want));

  test("all variables, but those that stand in no address", () => {
    expect(interpolate("${__all_variables}", scope)).toBe(
      "var-metric=up&var-job=a.b&var-job=c%7Cd&var-one=a%2Bb&var-all=%24__all&var-any=%24__all" +
        "&var-path=C%3A%5Cx",
    );
  });

  test("values are not read again", () => {
    const variables = [
      { name: "a", values: ["$b"] },
      { name: "b", values: ["x"] },
    ];
    const inner: Scope = { ...scope, variables };
    expect(interpolate("$a", inner)).toBe("$b");
  });

  test("without a value, what is about it stays", () => {
    expect(interpolate("${__value.raw}", { variables: [], from: 0, to: 0 })).toBe("${__value.raw}");
  });
});

describe("interpolatePromql", () => {
  test.each([
    ['$metric{job=~"$job"}', 'up{job=~"(a\\\\.b|c\\\\|d)"}'],
    ['up{job=~"$one"}', 'up{job=~"a\\\\+b"}'],
    ['up{job=~"$all"}', 'up{job=~"(x|y)"}'],
    ['up{job=~"$any"}', 'up{job=~".*"}'],
    ['up{path="$path"}', 'up{path="C:\\\\x"}'],
    ["rate(x[$__rate_interval])", "rate(x[1m])"],
    ['up{job=~"${job:regex}"}', 'up{job=~"(a\\.b|c\\|d)"}'],
  ])("%s", (text, want) => expect(interpolatePromql(text, scope)).toBe(want));

  test("a quote in a value does not end the matcher", () => {
    const variables = [{ name: "v", values: ['a"} or up{x="'], multi: true }];
    expect(interpolatePromql('m{v=~"$v"}', { variables, from: 0, to: 0 })).toBe(
      'm{v=~"a\\"\\\\} or up\\\\{x=\\""}',
    );
  });
});

describe("into an address", () => {
  const at = (value: string): Scope => ({ ...scope, variables: [{ name: "v", values: [value] }] });

  test.each([
    ["/x?a=${v}&b=1", "a b&c=d#e", "/x?a=a%20b%26c%3Dd%23e&b=1"],
    ["/x?${v}", "a=1&b=2", "/x?a=1&b=2"],
    ["https://${v}/x", "host:80", "https://host:80/x"],
    ["${v}?y=1", "https://host/a b", "https://host/a%20b?y=1"],
    ["/x?a=${v:raw}", "a&b", "/x?a=a&b"],
    ["/x#a=${v}", "a&b", "/x#a=a%26b"],
    ["/x?a=${nothing}", "", "/x?a=${nothing}"],
  ])("%s with %s", (url, value, want) => {
    expect(interpolateUrl(url, at(value))).toBe(want);
  });

  test("values of the data are escaped, and what is escaped already is left alone", () => {
    expect(interpolateUrl("/x?v=${__value.raw}&${__url_time_range}&${__all_variables}", at("a&b"))).toBe(
      "/x?v=a%20b&from=now-1h&to=now&var-v=a%26b",
    );
  });
});
