// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { nearestIndex, planScales, plotModel, rangeOf, valueNear } from "../../src/charts/plotmodel";
import { exemplarTip, notesAt, seriesTip, type Hover } from "../../src/charts/plottip";
import { axisTexts } from "../../src/charts/axistext";
import type { ChartSeries, TimeSeriesProps } from "../../src/charts/types";

const none = new Set<string>();

function series(key: string, values: (number | null)[], more: Partial<ChartSeries> = {}): ChartSeries {
  return {
    key,
    name: `name ${key}`,
    values,
    color: "#123456",
    format: (value) => `${value} u`,
    unitKey: "u",
    ...more,
  };
}

function props(list: ChartSeries[], more: Partial<TimeSeriesProps> = {}): TimeSeriesProps {
  return {
    title: "t",
    height: 200,
    from: 0,
    to: 30,
    data: { times: [0, 10, 20, 30], series: list },
    ...more,
  };
}

describe("scales", () => {
  it("are shared by one unit, and a second unit goes to the right", () => {
    const plans = planScales([series("a", []), series("b", []), series("c", [], { unitKey: "v" })], false);
    expect(plans.map((plan) => [plan.side, plan.series])).toEqual([
      ["left", [0, 1]],
      ["right", [2]],
    ]);
  });

  it("stand where they are asked to", () => {
    const plans = planScales(
      [series("a", [], { axis: "right" }), series("b", [], { axis: "hidden" })],
      false,
    );
    expect(plans.map((plan) => plan.side)).toEqual(["right", "hidden"]);
  });

  it("range over what is shown and seen", () => {
    const list = [series("a", [1, 2, 3, 1000]), series("b", [500, 500, 500, 500])];
    const model = plotModel(props(list, { to: 20 }), new Set(["b"]), 100);
    const plan = model.scales[0];
    expect(plan && rangeOf(model, plan)[1]).toBeLessThan(4);
  });

  it("end at the whole for shares", () => {
    const more = { stack: "a", stackPercent: true };
    const model = plotModel(
      props([series("a", [1, 1, 1, 1], more), series("b", [3, 3, 3, 3], more)]),
      none,
      100,
    );
    const plan = model.scales[0];
    expect(plan && rangeOf(model, plan)).toEqual([0, 1]);
    expect(plan && axisTexts(model.series[0], plan, [0, 0.25, 1])).toEqual(["0 %", "25 %", "100 %"]);
  });
});

describe("the shape of a chart", () => {
  const shape = (list: ChartSeries[]) => plotModel(props(list), none, 100).shape;

  it("stays the same with new numbers", () => {
    expect(shape([series("a", [1, 2])])).toBe(shape([series("a", [7, 8, 9], { name: "other" })]));
  });

  it("changes with a series, a colour or an axis", () => {
    const first = shape([series("a", [1])]);
    expect(shape([series("a", [1]), series("b", [1])])).not.toBe(first);
    expect(shape([series("a", [1], { color: "#000000" })])).not.toBe(first);
    expect(shape([series("a", [1], { axis: "right" })])).not.toBe(first);
    expect(shape([series("a", [1], { thresholds: [] })])).toBe(first);
  });

  it("stacks all series where the chart is told to", () => {
    const model = plotModel(
      props([series("a", [1, 1, 1, 1]), series("b", [2, 2, 2, 2])], { stacked: true }),
      none,
      100,
    );
    expect(model.drawn.columns[1]).toEqual([3, 3, 3, 3]);
  });

  it("draws no more series than its limit", () => {
    const list = Array.from({ length: 9 }, (_, index) => series(String(index), [1]));
    expect(plotModel(props(list), none, 4).series).toHaveLength(4);
  });
});

describe("what is under the mouse", () => {
  it("is the nearest time", () => {
    expect([-5, 0, 14, 16, 99].map((time) => nearestIndex([0, 10, 20], time))).toEqual([0, 0, 1, 2, 2]);
    expect(nearestIndex([], 5)).toBeNull();
  });

  it("is the nearest value within reach", () => {
    const values = [1, null, null, 4];
    expect(valueNear([0, 10, 20, 30], values, 1, 10)).toBe(0);
    expect(valueNear([0, 10, 20, 30], values, 2, 10)).toBe(3);
    expect(valueNear([0, 10, 20, 30], values, 1, 5)).toBeNull();
    expect(valueNear([0], [null], 0, 1000)).toBeNull();
  });

  const hover: Hover = { index: 1, reach: 1, nearest: 0, mode: "multi", sort: "none", utc: true, notes: [] };
  const model = plotModel(props([series("a", [1, 2, 3, 4]), series("b", [9, 8, null, NaN])]), none, 100);

  it("leaves out zeros and what is hidden from it, where several are told", () => {
    const list = [series("a", [0, 0]), series("b", [1, 1]), series("c", [2, 2], { hideFromTooltip: true })];
    const of = (more: Partial<Hover>) =>
      seriesTip(plotModel(props(list), none, 100), { ...hover, ...more })?.lines.map((line) => line.name);
    expect(of({ hideZeros: true })).toEqual(["name b"]);
    expect(of({})).toEqual(["name a", "name b"]);
    expect(of({ hideZeros: true, mode: "single" })).toEqual(["name a"]);
    expect(of({ mode: "single", nearest: 2 })).toEqual(["name c"]);
  });

  it("is told for all series, sorted as asked, the nearest stressed", () => {
    const names = (sort: Hover["sort"]) =>
      seriesTip(model, { ...hover, sort })?.lines.map((line) => line.name);
    expect(names("none")).toEqual(["name a", "name b"]);
    expect(names("desc")).toEqual(["name b", "name a"]);
    expect(seriesTip(model, hover)?.lines.map((line) => line.strong)).toEqual([true, false]);
    expect(seriesTip(model, hover)?.head).toBe("1970-01-01 00:00:00.010");
  });

  it("is told for one series where one is asked for", () => {
    expect(
      seriesTip(model, { ...hover, mode: "single", nearest: 1 })?.lines.map((line) => line.value),
    ).toEqual(["8 u"]);
  });

  it("leaves out series without a value there, and says nothing of nothing", () => {
    expect(seriesTip(model, { ...hover, index: 2 })?.lines).toHaveLength(1);
    expect(seriesTip(model, { ...hover, index: 77 })).toBeNull();
    expect(seriesTip(plotModel(props([]), none, 9), hover)).toBeNull();
  });

  it("tells of annotations, within their region or near their line", () => {
    const notes = [
      { from: 5, text: "line", color: "red" },
      { from: 10, to: 20, text: "region", color: "blue" },
    ];
    const texts = (time: number) => notesAt(notes, time, 1).map((note) => note.text);
    expect([4, 7, 15, 20.5, 30].map(texts)).toEqual([["line"], [], ["region"], ["region"], []]);
    expect(seriesTip(model, { ...hover, notes })?.lines[0]).toEqual({ name: "line", color: "red" });
  });

  it("tells of an exemplar with its labels as they are", () => {
    const exemplar = { time: 0, value: 1, labels: { trace_id: "<b>" }, series: { __name__: "x", job: "j" } };
    expect(exemplarTip(exemplar, "1 u", true).lines.map((line) => `${line.name}=${line.value}`)).toEqual([
      "value=1 u",
      "trace_id=<b>",
      "job=j",
    ]);
  });
});
