// SPDX-License-Identifier: Apache-2.0
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { layOut } from "../../src/dashboard/layout";
import { NotDashboard, parseDashboard, readDashboard } from "../../src/dashboard/parse";

const shipped = new URL("../../../dashboards/", import.meta.url);
const sources = readdirSync(shipped)
  .filter((name) => name.endsWith(".json"))
  .map((name) => readFileSync(new URL(name, shipped), "utf8"));

const panel = (more: object) => parseDashboard({ panels: [{ type: "timeseries", ...more }] }).panels[0];

describe("parseDashboard", () => {
  it("reads each shipped dashboard without a remark", () => {
    expect(sources).toHaveLength(5);
    for (const source of sources) {
      const dashboard = readDashboard(source);
      expect(dashboard.remarks).toEqual([]);
      expect(dashboard.panels.length).toBeGreaterThan(5);
    }
  });

  it.each([
    ["not json", "{", /not JSON/],
    ["a list", "[]", /not an object/],
    ["an object without panels", '{"title":"x"}', /no list "panels"/],
    ["format v2", '{"elements":{},"layout":{"kind":"GridLayout"}}', /format v2.*Classic/],
    [
      "a v2 resource",
      '{"apiVersion":"dashboard.grafana.app/v2beta1","kind":"Dashboard","spec":{"elements":{}}}',
      /v2/,
    ],
  ])("refuses %s with a sentence", (_, source, message) => {
    expect(() => readDashboard(source)).toThrow(NotDashboard);
    expect(() => readDashboard(source)).toThrow(message);
  });

  it("unwraps what the HTTP API and a repository put around a dashboard", () => {
    expect(parseDashboard({ dashboard: { title: "a", panels: [] }, meta: {} }).title).toBe("a");
    expect(
      parseDashboard({
        kind: "Dashboard",
        apiVersion: "dashboard.grafana.app/v1beta1",
        spec: { title: "b", panels: [] },
      }).title,
    ).toBe("b");
  });

  it("takes every name of a Prometheus for this monitor", () => {
    for (const datasource of [
      null,
      "Prometheus",
      "${DS_PROMETHEUS}",
      { type: "prometheus", uid: "x" },
      { uid: "$ds" },
    ]) {
      expect(panel({ datasource, targets: [{ expr: "up" }] })?.targets[0]?.source.kind).toBe("prometheus");
    }
    const mixed = panel({
      datasource: { uid: "-- Mixed --" },
      targets: [
        { expr: "up", datasource: { type: "prometheus", uid: "a" } },
        { type: "math", datasource: { uid: "__expr__" } },
        { expr: "{}", datasource: { type: "loki", uid: "b" } },
      ],
    });
    expect(mixed?.targets.map((target) => target.source.kind)).toEqual(["prometheus", "expression", "other"]);
  });

  it("gives each panel an id of its own", () => {
    const { panels } = parseDashboard({ panels: [{ id: 2 }, { id: 2 }, {}, { id: "2" }] });
    expect(new Set(panels.map((one) => one.id)).size).toBe(4);
  });

  it("makes constants of an export for sharing into variables", () => {
    const { variables } = parseDashboard({
      panels: [],
      __inputs: [
        { name: "VAR_PREFIX", type: "constant", value: "vllm" },
        { name: "DS_PROMETHEUS", type: "datasource" },
      ],
    });
    expect(variables.map((one) => [one.name, one.query, one.hide])).toEqual([["VAR_PREFIX", "vllm", 2]]);
  });

  it("puts library panels where they are used", () => {
    const { panels } = parseDashboard({
      panels: [{ id: 4, gridPos: { x: 1, y: 2, w: 3, h: 4 }, libraryPanel: { uid: "lib" } }],
      __elements: { lib: { model: { type: "stat", title: "From the library" } } },
    });
    expect(panels[0]).toMatchObject({
      id: 4,
      type: "stat",
      title: "From the library",
      gridPos: { x: 1, w: 3 },
    });
  });

  it("asks what another panel asks where a panel shows that one's answers", () => {
    const { panels } = parseDashboard({
      panels: [
        { id: 1, targets: [{ expr: "up" }] },
        { id: 2, datasource: { uid: "-- Dashboard --" }, targets: [{ panelId: 1 }] },
      ],
    });
    expect(panels[1]?.targets[0]?.expr).toBe("up");
  });
});

describe("old dashboards", () => {
  it("lays rows of spans out in the grid", () => {
    const dashboard = parseDashboard({
      rows: [
        {
          height: "250px",
          panels: [
            { id: 1, span: 6, type: "graph" },
            { id: 2, span: 6 },
            { id: 3, span: 12 },
          ],
        },
        { title: "More", collapse: true, panels: [{ id: 4, span: 12 }] },
      ],
    });
    const placed = layOut({
      panels: dashboard.panels,
      valuesOf: () => [],
      isOpen: (_, row) => !row.collapsed,
    });
    expect(
      placed.map(({ panel: one, pos }) => `${one.title}${one.id} ${pos.x},${pos.y} ${pos.w}x${pos.h}`),
    ).toEqual(["1 0,0 12x7", "2 12,0 12x7", "3 0,7 24x7", "More5 0,14 24x1"]);
  });

  it("makes a graph a timeseries", () => {
    const graph = panel({
      type: "graph",
      fill: 2,
      stack: true,
      nullPointMode: "connected",
      decimals: 1,
      yaxes: [{ format: "percentunit", max: 1, logBase: 10, label: "Share" }, { format: "s" }],
      seriesOverrides: [{ alias: "/p9./", yaxis: 2, dashes: true }],
      aliasColors: { p50: "#123456" },
      legend: { show: true, values: true, current: true, avg: true, alignAsTable: true, rightSide: true },
      tooltip: { shared: true, sort: 2 },
      thresholds: [{ value: 0.9, colorMode: "critical", op: "gt" }],
    });
    expect(graph).toMatchObject({
      type: "timeseries",
      wasType: "graph",
      fieldConfig: {
        defaults: {
          unit: "percentunit",
          max: 1,
          decimals: 1,
          custom: {
            fillOpacity: 20,
            spanNulls: true,
            stacking: { mode: "normal" },
            axisLabel: "Share",
            scaleDistribution: { type: "log", log: 10 },
          },
        },
      },
      options: {
        legend: { displayMode: "table", placement: "right", calcs: ["mean", "lastNotNull"] },
        tooltip: { mode: "multi", sort: "desc" },
      },
    });
    expect(graph?.fieldConfig.overrides.map((one) => one.matcher)).toEqual([
      { id: "byName", options: "p50" },
      { id: "byRegexp", options: "/p9./" },
    ]);
  });

  it("makes a singlestat a stat, and one with a gauge a gauge", () => {
    const stat = panel({
      type: "singlestat",
      format: "none",
      postfix: " req",
      valueName: "current",
      colorBackground: true,
      colors: ["green", "orange", "red"],
      thresholds: "80, 90",
      sparkline: { show: true },
      valueMaps: [
        { op: "=", value: "null", text: "N/A" },
        { op: "=", value: "1", text: "OK" },
      ],
    });
    expect(stat).toMatchObject({
      type: "stat",
      options: { reduceOptions: { calcs: ["lastNotNull"] }, colorMode: "background", graphMode: "area" },
      fieldConfig: {
        defaults: {
          unit: "suffix:req",
          thresholds: {
            steps: [
              { value: null, color: "green" },
              { value: 80, color: "orange" },
              { value: 90, color: "red" },
            ],
          },
          mappings: [
            { type: "special", options: { match: "null" } },
            { type: "value", options: { "1": { text: "OK" } } },
          ],
        },
      },
    });
    expect(panel({ type: "singlestat", gauge: { show: true, maxValue: 100 } })?.type).toBe("gauge");
  });

  it("reads the options of the first gauges and heatmaps", () => {
    const gauge = panel({
      type: "gauge",
      options: {
        fieldOptions: {
          calcs: ["mean"],
          defaults: { unit: "watt", max: 400, thresholds: { steps: [{ color: "red" }] } },
        },
      },
    });
    expect(gauge).toMatchObject({
      fieldConfig: { defaults: { unit: "watt", max: 400 } },
      options: { reduceOptions: { calcs: ["mean"] } },
    });
    const heatmap = panel({
      type: "heatmap",
      dataFormat: "tsbuckets",
      yAxis: { format: "s" },
      targets: [{ expr: "x" }],
      color: { mode: "spectrum", colorScheme: "interpolateOranges" },
    });
    expect(heatmap).toMatchObject({
      options: { calculate: false, yAxis: { unit: "s" }, color: { scheme: "Oranges" } },
      targets: [{ format: "heatmap" }],
    });
  });
});
