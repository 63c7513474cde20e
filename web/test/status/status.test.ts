// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { Rule, RuleGroup, Target, Targets } from "../../src/api/types";
import { changesOf, foundPools, ruleText } from "../../src/pages/status/discoverymodel";
import { countQuery, countsOf, parseSize, selector, valuesByLabel } from "../../src/pages/status/explorer";
import { parseOwnMetrics } from "../../src/pages/status/ownmetrics";
import * as rules from "../../src/pages/status/rulemodel";
import { labelsText, matches, parseList, toggled, webAddress } from "../../src/pages/status/search";
import { poolsOf } from "../../src/pages/status/targetmodel";

function target(pool: string, instance: string, health: Target["health"], lastError = ""): Target {
  return {
    discoveredLabels: { __address__: instance },
    labels: { job: pool, instance },
    scrapePool: pool,
    scrapeUrl: `http://${instance}/metrics`,
    globalUrl: "",
    lastError,
    lastScrape: "",
    lastScrapeDuration: 0,
    health,
    scrapeInterval: "5s",
    scrapeTimeout: "5s",
  };
}

describe("search", () => {
  test("wants every word, in any case", () => {
    expect(matches("UP gpu", () => ["up{host=gpu-1}"])).toBe(true);
    expect(matches("up cpu", () => ["up{host=gpu-1}"])).toBe(false);
    expect(matches("  ", () => ["anything"])).toBe(true);
  });

  test("finds labels as they are typed", () => {
    const text = labelsText({ job: "a b", zone: "<b>" });
    expect(matches('zone="<b>"', () => [text])).toBe(true);
    expect(matches("zone=<b>", () => [text])).toBe(true);
  });

  test("keeps lists in the address", () => {
    expect(parseList(toggled([], "a,b"))).toEqual(["a,b"]);
    expect(toggled(["a"], "a")).toBeNull();
    expect(parseList("not JSON")).toEqual([]);
    expect(parseList('{"a":1}')).toEqual([]);
    expect(parseList('["a",1]')).toEqual(["a"]);
  });

  test("links nothing but web pages", () => {
    expect(webAddress("http://h/metrics")).toBe("http://h/metrics");
    expect(webAddress("javascript:alert(1)")).toBeUndefined();
  });
});

describe("pools of targets", () => {
  const all = [target("b", "h:1", "up"), target("a", "h:2", "down", "refused"), target("a", "h:3", "up")];

  test("are sorted, with counts of what is not shown too", () => {
    expect(poolsOf(all, "", "").map((pool) => [pool.name, pool.up, pool.down, pool.all])).toEqual([
      ["a", 1, 1, 2],
      ["b", 1, 0, 1],
    ]);
    expect(poolsOf(all, "", "down").map((pool) => [pool.name, pool.targets.length, pool.all])).toEqual([
      ["a", 1, 2],
    ]);
  });

  test("are searched by labels, URL and error", () => {
    expect(poolsOf(all, "refused", "")[0]?.targets[0]?.scrapeUrl).toBe("http://h:2/metrics");
    expect(poolsOf(all, "instance=h:1", "").map((pool) => pool.name)).toEqual(["b"]);
  });
});

describe("service discoverymodel", () => {
  const targets: Targets = {
    activeTargets: [target("a", "h:1", "up")],
    droppedTargets: [{ discoveredLabels: { __address__: "h:9" }, scrapePool: "a" }],
    droppedTargetCounts: { a: 700 },
  };

  test("lists active and dropped targets, and the true count of the dropped", () => {
    expect(foundPools(targets, "", "")).toMatchObject([{ name: "a", active: 1, dropped: 700 }]);
    expect(foundPools(targets, "", "dropped")[0]?.found).toHaveLength(1);
    expect(foundPools(targets, "h:1", "dropped")).toEqual([]);
  });

  test("says what a step changes", () => {
    expect(changesOf({ a: "1", b: "2" }, { a: "1", b: "3", c: "4" })).toEqual([
      { name: "b", before: "2", after: "3" },
      { name: "c", before: undefined, after: "4" },
    ]);
    expect(changesOf({ a: "1" }, {})).toEqual([{ name: "a", before: "1", after: undefined }]);
  });

  test("writes a rule as its file does", () => {
    const rule = {
      action: "replace",
      source_labels: ["a", "b"],
      regex: "(x)",
      target_label: "c",
      replacement: "$1",
    };
    expect(ruleText(rule)).toBe(
      "action: replace  source_labels: [a, b]  regex: (x)  target_label: c  replacement: $1",
    );
    expect(ruleText({ action: "labeldrop", regex: "__.*", modulus: 0 })).toBe(
      "action: labeldrop  regex: __.*",
    );
  });
});

describe("rules", () => {
  const rule = (name: string, more: Partial<Rule> = {}): Rule => ({
    type: "alerting",
    name,
    query: "up == 0",
    health: "ok",
    lastEvaluation: "",
    evaluationTime: 0,
    ...more,
  });
  const alert = (state: "pending" | "firing") => ({
    labels: { host: "h" },
    annotations: {},
    state,
    activeAt: "",
    value: "1",
  });
  const group: RuleGroup = {
    name: "g",
    file: "/etc/rules.yml",
    interval: 15,
    evaluationTime: 0,
    lastEvaluation: "",
    rules: [
      rule("Quiet", { state: "inactive" }),
      rule("Fires", { alerts: [alert("pending"), alert("firing")] }),
      rule("ratio", { type: "recording" }),
    ],
  };

  test("have the gravest state of their alerts, where it is not told", () => {
    expect(group.rules.map(rules.stateOf)).toEqual(["inactive", "firing", "inactive"]);
    expect(rules.countStates([group])).toEqual({ firing: 1, pending: 0, inactive: 1, unknown: 0 });
    expect(rules.byState(group.rules)[0]?.name).toBe("Fires");
  });

  test("are found by their text and that of their alerts", () => {
    const found = (text: string) =>
      rules.groupsOf([group], text, () => true)[0]?.rules.map((one) => one.name);
    expect(found("host=h")).toEqual(["Fires"]);
    expect(found("rules.yml ratio")).toEqual(["ratio"]);
    expect(found("nothing")).toBeUndefined();
  });

  test("have short file names and values", () => {
    expect(rules.fileName("/etc/rules.yml")).toBe("rules.yml");
    expect(rules.valueText("1e+00")).toBe("1");
    expect(rules.valueText("0.12345678")).toBe("0.123457");
    expect(rules.valueText("NaN")).toBe("NaN");
    expect(rules.valueText("")).toBe("");
  });
});

describe("the store", () => {
  test("is asked for counts by label, of any name", () => {
    expect(selector("")).toBe('{__name__!=""}');
    expect(countQuery('a"b', "le", 10)).toBe('topk(10, count by (le) ({__name__="a\\"b",le!=""}))');
    expect(countQuery("a", "my.label", 10)).toContain('by ("my.label")');
  });

  test("has labels with values, the most first", () => {
    const series = [
      { __name__: "m", le: "1", host: "h" },
      { __name__: "m", le: "2", host: "h" },
    ];
    expect(valuesByLabel(series)).toEqual([
      { name: "le", count: 2 },
      { name: "host", count: 1 },
    ]);
    expect(
      countsOf(
        [
          { metric: {}, value: [0, "3"] },
          { metric: { le: "1" }, value: [0, "5"] },
        ],
        "le",
      ),
    ).toEqual([
      { name: "1", count: 5 },
      { name: "", count: 3 },
    ]);
  });

  test("tells its own metrics", () => {
    const metrics = parseOwnMetrics('# TYPE a counter\na{type="x"} 1\na{type="}"} 2\nb 5e3\nbroken\n');
    expect([...metrics]).toEqual([
      ["a", 3],
      ["b", 5000],
    ]);
  });

  test("has sizes as the flags write them", () => {
    expect(parseSize("2GB")).toBe(2 * 1024 ** 3);
    expect(parseSize("512MiB")).toBe(512 * 1024 ** 2);
    expect(parseSize("0B")).toBe(0);
    expect(parseSize("many")).toBeNaN();
  });
});
