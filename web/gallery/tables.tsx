// SPDX-License-Identifier: Apache-2.0
// Tables: cell kinds, many rows, hostile texts, none.
import { Table } from "../src/charts/table";
import type { TableColumn } from "../src/charts/types";
import { hostileNames, random, unit } from "./data";
import { Panel } from "./panel";

function columns(count: number): TableColumn[] {
  const next = random(3);
  const rows = Array.from({ length: count }, (_, index) => index);
  const loads = rows.map((row) => (row % 13 === 7 ? null : next()));
  const seconds = rows.map((row) => (row === 3 ? NaN : row === 4 ? Infinity : next() * 3));
  const seconds2 = unit("s");
  const color = (value: unknown) =>
    Number(value) > 0.85 ? "#F2495C" : Number(value) > 0.6 ? "#FADE2A" : "#73BF69";
  const state = (value: unknown) => (Number(value) > 0.85 ? "high" : undefined);
  const percent = (value: unknown) => (value === null ? "-" : unit("percentunit")(Number(value)));
  return [
    {
      key: "n",
      name: "Pipeline",
      values: rows.map((row) => hostileNames[row % 40] ?? `pipeline-${row}`),
      filterable: true,
      links: (value) => [{ title: "Stages", url: row(value) }],
    },
    {
      key: "s",
      name: "p99",
      values: seconds,
      format: (value) => seconds2(Number(value)),
      kind: "color-text",
      color: (value) => color(value),
    },
    { key: "l", name: "Load", values: loads, format: percent, kind: "color-background", color, state },
    {
      key: "g",
      name: "Used",
      values: loads,
      format: percent,
      kind: "gauge",
      ratio: (value) => Number(value),
      color,
      minWidth: 140,
    },
    {
      key: "t",
      name: "Version",
      values: rows.map((row) => (row % 2 === 0 ? "1.2.0" : "1.10.0")),
      align: "center",
    },
  ];
}

function row(value: unknown): string {
  return String(value).startsWith("javascript") ? String(value) : `#${String(value)}`;
}

export function Tables() {
  return (
    <>
      <Panel title="Cells">
        <Table title="Cells" height={300} columns={columns(12)} sort={{ key: "l", desc: true }} />
      </Panel>
      <Panel title="Many rows">
        <Table title="Many rows" height={300} columns={columns(5000)} />
      </Panel>
      <Panel title="No rows">
        <Table title="No rows" height={120} columns={columns(0)} noValue="no pipelines yet" />
      </Panel>
    </>
  );
}
