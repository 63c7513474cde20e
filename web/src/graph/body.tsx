// SPDX-License-Identifier: Apache-2.0
// What a query answers, below its editor: the request of the open tab, its facts, and its drawing.
import { useMemo, useRef } from "preact/hooks";
import { api, type Answer } from "../api/client";
import type { ExemplarResult, QueryData } from "../api/types";
import { Empty, Loading, Notes } from "../app/states";
import { href } from "../app/url";
import { timeText } from "../charts/axis";
import { useWidth } from "../charts/observe";
import type { ChartExemplar } from "../charts/types";
import { formatDuration } from "../lib/duration";
import { parseNumber } from "../lib/frames";
import { fileName, rangeCsv, saveFile, tableCsv } from "./export";
import { EndField, GraphBar } from "./graphbar";
import { GraphPanel, type GraphAnswer } from "./graphpanel";
import { count, msText, sizeText } from "./number";
import { Facts, QueryError } from "./parts";
import { resultTable } from "./result";
import { useRun, type Running } from "./run";
import { rangeResult } from "./series";
import { gridOf, stepOf, type Change, type Display, type QueryState } from "./state";
import { TablePanel } from "./tablepanel";

export interface BodyProps {
  readonly query: QueryState;
  readonly nowMs: number;
  readonly phaseMs: number; // when it was run
  readonly tick: string; // another one asks again
  readonly onChange: (change: Change, replace?: boolean) => void;
  readonly onRetry: () => void;
}

// What stands where there is no answer yet; null where there is one to draw.
function Waiting({
  run,
  query,
  onRetry,
}: {
  readonly run: Running<unknown>;
  readonly query: QueryState;
  readonly onRetry: () => void;
}) {
  return (
    <>
      {run.error !== undefined && <QueryError error={run.error} expr={query.expr} onRetry={onRetry} />}
      {run.loading && (
        <div class="running" role="status">
          <span>{run.answer === undefined ? "Running…" : "Running again…"}</span>
          <button type="button" onClick={run.cancel}>
            Cancel
          </button>
        </div>
      )}
      {run.canceled && (
        <p class="state">
          Canceled.{" "}
          <button type="button" onClick={onRetry}>
            Run again
          </button>
        </p>
      )}
    </>
  );
}

function NoResult({ query, nowMs }: { readonly query: QueryState; readonly nowMs: number }) {
  const end = query.endMs ?? nowMs;
  const when =
    query.tab === "table"
      ? `at ${timeText(end, false)}`
      : `from ${timeText(end - query.rangeMs, false)} to ${timeText(end, false)}`;
  return (
    <Empty title={`No result ${when}`}>
      <p>
        No series matches, or none had a sample then. A selector looks back 5 minutes for the newest sample
        (the lookback, --query.lookback-delta); rate() and its like need two samples within their window. See
        whether the <a href={href("targets")}>targets</a> are up, look for the name in Metrics, or open
        Explain, which shows how many series each part has.
      </p>
    </Empty>
  );
}

function Export({ onCsv, onJson }: { readonly onCsv: (() => void) | null; readonly onJson: () => void }) {
  return (
    <span class="export">
      {onCsv !== null && (
        <button type="button" onClick={onCsv}>
          CSV
        </button>
      )}
      <button type="button" onClick={onJson}>
        JSON
      </button>
    </span>
  );
}

function saveJson(query: QueryState, answer: Answer<unknown>, data: QueryData): void {
  const { warnings, infos } = answer;
  const body = { query: query.expr, data, warnings, infos };
  saveFile(JSON.stringify(body, null, 1), fileName(query.expr, "json"), "application/json");
}

function requestFacts(answer: Answer<unknown>): string[] {
  return [`Load time ${msText(answer.tookMs)}`, sizeText(answer.size)];
}

export function TableBody({ query, nowMs, tick, onChange, onRetry }: BodyProps) {
  const timeMs = query.endMs ?? nowMs;
  const run = useRun<QueryData>(`${query.expr} ${timeMs}`, query.expr, tick, (signal) =>
    api<QueryData>("api/v1/query", { query: query.expr, time: timeMs / 1000 }, { post: true, signal }),
  );
  const { answer } = run;
  const table = useMemo(() => (answer === undefined ? null : resultTable(answer.data)), [answer]);
  return (
    <>
      <div class="graph-bar">
        <EndField query={query} nowMs={nowMs} onChange={onChange} label="Evaluation time" />
      </div>
      <Waiting run={run} query={query} onRetry={onRetry} />
      {answer !== undefined && table !== null && (
        <>
          <Notes warnings={answer.warnings} infos={answer.infos} />
          <div class="facts-bar">
            <Facts
              facts={[
                ...requestFacts(answer),
                table.kind === "vector" || table.kind === "matrix"
                  ? count(table.rows.length, "series", "series")
                  : table.kind,
                table.kind === "matrix" ? count(table.sampleCount, "sample") : null,
              ]}
            />
            {table.rows.length > 0 && (
              <Export
                onCsv={() => saveFile(tableCsv(table), fileName(query.expr, "csv"), "text/csv;charset=utf-8")}
                onJson={() => saveJson(query, answer, answer.data)}
              />
            )}
          </div>
          {table.rows.length === 0 ? (
            <NoResult query={query} nowMs={nowMs} />
          ) : (
            <TablePanel table={table} title={query.expr} />
          )}
        </>
      )}
    </>
  );
}

function useExemplars(query: QueryState, fromMs: number, toMs: number, tick: string): ChartExemplar[] {
  const key = query.exemplars ? `${query.expr} ${fromMs} ${toMs}` : null;
  const { answer } = useRun<ExemplarResult[]>(key, query.expr, tick, (signal) =>
    api<ExemplarResult[]>(
      "api/v1/query_exemplars",
      { query: query.expr, start: fromMs / 1000, end: toMs / 1000 },
      { post: true, signal },
    ),
  );
  return useMemo(
    () =>
      (query.exemplars ? (answer?.data ?? []) : []).flatMap(({ seriesLabels, exemplars }) =>
        exemplars.map((one) => ({
          time: Math.round(one.timestamp * 1000),
          value: parseNumber(one.value),
          labels: one.labels,
          series: seriesLabels,
        })),
      ),
    [answer, query.exemplars],
  );
}

export function GraphBody(props: BodyProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  return (
    <div ref={box}>
      {width > 0 ? <MeasuredGraph {...props} width={width} /> : <Loading what="the graph" />}
    </div>
  );
}

function MeasuredGraph({
  query,
  nowMs,
  phaseMs,
  tick,
  onChange,
  onRetry,
  width,
}: BodyProps & { readonly width: number }) {
  const endMs = query.endMs ?? nowMs;
  const { stepMs, limited } = stepOf(query, width);
  const grid = { ...gridOf(endMs, query.rangeMs, stepMs, query.endMs ?? phaseMs), stepMs };
  const run = useRun<GraphAnswer>(JSON.stringify([query.expr, grid]), query.expr, tick, async (signal) => {
    const params = {
      query: query.expr,
      start: grid.fromMs / 1000,
      end: grid.toMs / 1000,
      step: stepMs / 1000,
    };
    const answer = await api<QueryData>("api/v1/query_range", params, { post: true, signal });
    return { ...answer, data: { data: answer.data, grid, fromMs: endMs - query.rangeMs, toMs: endMs } };
  });
  const exemplars = useExemplars(query, endMs - query.rangeMs, endMs, tick);
  const { answer } = run;
  const result = useMemo(
    () => (answer === undefined ? null : rangeResult(answer.data.data, answer.data.grid)),
    [answer],
  );
  const possible: readonly Display[] =
    result?.histograms === true
      ? ["heatmap"]
      : result?.buckets === true
        ? ["lines", "stacked", "heatmap"]
        : ["lines", "stacked"];
  const display: Display = result?.histograms === true ? "heatmap" : query.display; // nothing else draws them
  return (
    <>
      <GraphBar query={query} nowMs={nowMs} onChange={onChange} display={display} possible={possible} />
      <Waiting run={run} query={query} onRetry={onRetry} />
      {answer !== undefined && result !== null && (
        <>
          <Notes warnings={answer.warnings} infos={answer.infos} />
          <div class="facts-bar">
            <Facts
              facts={[
                ...requestFacts(answer),
                `Resolution ${formatDuration(answer.data.grid.stepMs)}` +
                  (limited ? " (the least for this range)" : ""),
                count(result.series.length, "series", "series"),
                count(result.sampleCount, "sample"),
                query.exemplars ? count(exemplars.length, "exemplar") : null,
              ]}
            />
            {result.series.length > 0 && (
              <Export
                onCsv={
                  result.histograms
                    ? null
                    : () => saveFile(rangeCsv(result), fileName(query.expr, "csv"), "text/csv;charset=utf-8")
                }
                onJson={() => saveJson(query, answer, answer.data.data)}
              />
            )}
          </div>
          {result.series.length === 0 ? (
            <NoResult query={query} nowMs={nowMs} />
          ) : (
            <GraphPanel
              answer={answer.data}
              result={result}
              query={query}
              display={display}
              exemplars={exemplars}
              onChange={onChange}
            />
          )}
        </>
      )}
    </>
  );
}
