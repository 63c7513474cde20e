// SPDX-License-Identifier: Apache-2.0
// The metrics explorer: a search over all names, and of the chosen one its labels, values and useful queries.
// Arrows walk through the list from the search, Enter takes what is chosen.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useApi } from "../api/use";
import type { Metadata } from "../api/types";
import { Dialog } from "../app/dialog";
import { Empty, Failure, Loading } from "../app/states";
import type { Labels } from "../lib/frame";
import {
  labelValues,
  metricList,
  searchMetrics,
  suggestions,
  valueSelector,
  type LabelValues,
  type Metric,
} from "./metrics";
import { count } from "./number";
import { selectorText } from "./promql";

const listedMax = 300; // of the names found; a longer search finds the others
const seriesMax = 5000; // whose labels are looked at
const valuesMax = 12; // of a label, at first

export interface Use {
  (expr: string, how: "insert" | "run"): void;
}

function Values({
  metric,
  label,
  onUse,
}: {
  readonly metric: string;
  readonly label: LabelValues;
  readonly onUse: Use;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? label.values : label.values.slice(0, valuesMax);
  return (
    <div class="explorer-label">
      <h4>
        {label.name} <span class="muted">{count(label.values.length, "value")}</span>
      </h4>
      <ul class="chips">
        {shown.map(({ value, series }) => {
          const text = valueSelector(metric, label.name, value);
          return (
            <li key={value}>
              <button
                type="button"
                class="chip"
                title={`Insert ${text}`}
                onClick={() => onUse(text, "insert")}
              >
                {value} <span class="muted">{series}</span>
              </button>
            </li>
          );
        })}
        {shown.length < label.values.length && (
          <li>
            <button type="button" onClick={() => setAll(true)}>
              {label.values.length - shown.length} more
            </button>
          </li>
        )}
      </ul>
    </div>
  );
}

function About({ metric, onUse }: { readonly metric: Metric; readonly onUse: Use }) {
  const { data, error } = useApi<Labels[]>("api/v1/series", {
    "match[]": selectorText(metric.name, []),
    limit: seriesMax,
  });
  const labels = useMemo(() => labelValues(data?.data ?? []), [data]);
  const found = data?.data.length ?? 0;
  return (
    <section class="explorer-about" aria-label={`About ${metric.name}`}>
      <h3 class="mono">{metric.name}</h3>
      <p>
        {metric.type !== "" && <span class="badge">{metric.type}</span>}{" "}
        {metric.unit !== "" && <span class="badge">{metric.unit}</span>} {metric.help}
      </p>
      <p class="explorer-use">
        <button type="button" class="primary" onClick={() => onUse(selectorText(metric.name, []), "insert")}>
          Insert the name
        </button>
        {suggestions(metric).map((one) => (
          <button key={one.expr} type="button" title={one.expr} onClick={() => onUse(one.expr, "run")}>
            {one.name}
          </button>
        ))}
      </p>
      {error !== undefined && <Failure error={error} />}
      {data === undefined && error === undefined && <Loading what="its labels" />}
      {data !== undefined && (
        <p class="muted">
          {count(found, "series", "series")}
          {found >= seriesMax ? " or more: counts below are of these alone" : ""}
        </p>
      )}
      {labels.map((label) => (
        <Values key={label.name} metric={metric.name} label={label} onUse={onUse} />
      ))}
    </section>
  );
}

function List({
  metrics,
  chosen,
  onChoose,
  onUse,
}: {
  readonly metrics: readonly Metric[];
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
  readonly onUse: Use;
}) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(
    () => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }),
    [chosen],
  );
  return (
    <ul class="explorer-list" role="listbox" aria-label="Metrics" id="explorer-list" ref={list} tabIndex={-1}>
      {metrics.map((metric, index) => (
        <li
          key={metric.name}
          id={`explorer-${index}`}
          role="option"
          aria-selected={index === chosen}
          onClick={() => onChoose(index)}
          onDblClick={() => onUse(selectorText(metric.name, []), "insert")}
        >
          <span class="mono">{metric.name}</span>
          <span class="muted">{metric.type}</span>
          <span class="explorer-help muted">{metric.help}</span>
        </li>
      ))}
    </ul>
  );
}

export function Explorer({ onUse, onClose }: { readonly onUse: Use; readonly onClose: () => void }) {
  const names = useApi<string[]>("api/v1/label/__name__/values");
  const metadata = useApi<Metadata>("api/v1/metadata");
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState(0);
  const metrics = useMemo(
    () => metricList(names.data?.data ?? [], metadata.data?.data ?? {}),
    [names.data, metadata.data],
  );
  const found = useMemo(() => searchMetrics(metrics, search), [metrics, search]);
  const listed = found.slice(0, listedMax);
  const metric = listed[Math.min(chosen, listed.length - 1)];
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      setChosen(Math.min(Math.max(chosen + by, 0), listed.length - 1));
    } else if (event.key === "Enter" && metric !== undefined) {
      event.preventDefault();
      onUse(selectorText(metric.name, []), "insert");
    }
  };
  return (
    <Dialog title="Metrics" large onClose={onClose}>
      <div class="explorer-search">
        <input
          type="search"
          role="combobox"
          aria-expanded="true"
          aria-controls="explorer-list"
          aria-activedescendant={
            metric === undefined ? undefined : `explorer-${Math.min(chosen, listed.length - 1)}`
          }
          aria-label="Search metrics"
          placeholder="Search names, types and descriptions"
          value={search}
          onInput={(event) => {
            setSearch(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <span class="muted" role="status">
          {found.length > listed.length ? `${listed.length} of ` : ""}
          {count(found.length, "metric")}
        </span>
      </div>
      {names.error !== undefined && <Failure error={names.error} />}
      {names.data === undefined && names.error === undefined && <Loading what="metrics" />}
      {names.data !== undefined && metric === undefined && (
        <Empty title="No metric is like that">Other words may find it; an empty search lists all.</Empty>
      )}
      {metric !== undefined && (
        <div class="explorer">
          <List
            metrics={listed}
            chosen={Math.min(chosen, listed.length - 1)}
            onChoose={setChosen}
            onUse={onUse}
          />
          <About key={metric.name} metric={metric} onUse={onUse} />
        </div>
      )}
    </Dialog>
  );
}
