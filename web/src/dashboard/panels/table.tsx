// SPDX-License-Identifier: Apache-2.0
// Frames as a table: a column for each field, with its unit, colours and links.
import { useMemo, useState } from "preact/hooks";
import { Table } from "../../charts/table";
import type { CellKind, CellValue, TableColumn, TableSort } from "../../charts/types";
import { displayOf, extent, type Display } from "../../lib/display";
import type { Field, FieldValue, Frame } from "../../lib/frame";
import { displayName } from "../../lib/overrides";
import { isDateUnit } from "../../lib/units";
import { linksOf } from "../leads";
import { at, flag, get, list, object, oneOf, optionalNumber, text, whole } from "../read";
import type { BodyProps } from "./types";

function kindOf(field: Field): CellKind {
  const custom = object(field.config.custom);
  const type = text(at(custom, "cellOptions", "type"), text(custom["displayMode"], "auto"));
  switch (type) {
    case "color-text":
    case "color-background":
      return type;
    case "color-background-solid":
      return "color-background";
    case "gauge":
    case "basic":
    case "gradient-gauge":
    case "lcd-gauge":
      return "gauge";
    case "json-view":
    case "json":
      return "json";
    default:
      return "auto";
  }
}

function timeText(value: CellValue, utc: boolean): string {
  if (typeof value !== "number") {
    return "";
  }
  const date = new Date(utc ? value : value - new Date(value).getTimezoneOffset() * 60_000);
  return Number.isNaN(date.getTime()) ? String(value) : date.toISOString().slice(0, 19).replace("T", " ");
}

// A histogram in a cell is as much as its count.
function cellValue(value: FieldValue): CellValue {
  return typeof value === "object" && value !== null ? value.count : value;
}

function columnOf(
  field: Field,
  frame: Frame,
  frames: readonly Frame[],
  place: number,
  props: BodyProps,
): TableColumn {
  const { theme, env, repeat } = props;
  const { config } = field;
  const custom = object(config.custom);
  const found = extent([field]);
  const limits = { min: config.min ?? found.min, max: config.max ?? found.max };
  const shown = (value: CellValue): Display =>
    displayOf(value, config, { theme, ...limits, seriesIndex: place });
  const kind = kindOf(field);
  const colored = kind !== "auto" && kind !== "json";
  const name = displayName(field, frame, frames);
  const width = optionalNumber(custom["width"]);
  const minWidth = optionalNumber(custom["minWidth"]);
  const time = field.type === "time" && !isDateUnit(config.unit ?? "");
  return {
    key: `${place} ${field.name}`,
    name,
    values: field.values.map(cellValue),
    format: time ? (value) => timeText(value, env.dashboard.utc) : (value) => shown(value).full,
    ...(colored
      ? {
          color: (value: CellValue) => shown(value).color,
          state: (value: CellValue) => shown(value).state || undefined,
          ratio: (value: CellValue) => shown(value).percent,
        }
      : {}),
    ...(config.links === undefined || config.links.length === 0
      ? {}
      : {
          links: (value: CellValue, row: number) =>
            linksOf(config.links, env, repeat, {
              raw: value,
              text: shown(value).full,
              fieldName: name,
              refId: frame.refId,
              row: { frame, index: row },
              ...(field.labels === undefined ? {} : { labels: field.labels }),
            }),
        }),
    kind,
    align: oneOf(custom["align"], ["auto", "left", "center", "right"], "auto"),
    ...(width === undefined || width <= 0 ? {} : { width }),
    ...(minWidth === undefined ? {} : { minWidth }),
    filterable: flag(custom["filterable"]),
    ...(config.description === undefined ? {} : { description: config.description }),
  };
}

function isShown(field: Field): boolean {
  return field.config.custom?.["hidden"] !== true && at(field.config.custom, "hideFrom", "viz") !== true;
}

function sortOf(props: BodyProps, columns: readonly TableColumn[]): TableSort | undefined {
  const first = list(at(props.panel.options, "sortBy"))[0];
  const column = columns.find((one) => one.name === get(first, "displayName"));
  return column === undefined ? undefined : { key: column.key, desc: flag(get(first, "desc")) };
}

function frameName(frame: Frame, i: number): string {
  return frame.name ?? (frame.refId === "" ? `Table ${i + 1}` : `Query ${frame.refId}`);
}

// Of several frames one is shown at a time, as Grafana does where no transformation joins them.
function FrameChoice({
  frames,
  at: place,
  onChange,
}: {
  frames: readonly Frame[];
  at: number;
  onChange: (i: number) => void;
}) {
  return (
    <label class="frame-choice">
      <span class="hidden">Series</span>
      <select value={String(place)} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {frames.slice(0, 500).map((frame, i) => (
          <option key={i} value={String(i)}>
            {frameName(frame, i)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function TableBody(props: BodyProps) {
  const { data, panel, theme, env } = props;
  const [chosen, setChosen] = useState(whole(at(panel.options, "frameIndex"), 0, 0, 10_000));
  const place = Math.min(chosen, Math.max(data.frames.length - 1, 0));
  const frame = data.frames[place];
  const columns = useMemo(
    () =>
      frame === undefined
        ? []
        : frame.fields.filter(isShown).map((field, i) => columnOf(field, frame, data.frames, i, props)),
    [data, frame, theme, env.states],
  );
  const several = data.frames.length > 1;
  const sort = sortOf(props, columns);
  return (
    <>
      {several && <FrameChoice frames={data.frames} at={place} onChange={setChosen} />}
      <Table
        key={place}
        columns={columns}
        title={props.title}
        height={props.height - (several ? 34 : 0)}
        showHeader={flag(at(panel.options, "showHeader"), true)}
        noValue={panel.fieldConfig.defaults.noValue ?? "No data"}
        {...(sort === undefined ? {} : { sort })}
      />
    </>
  );
}
