// SPDX-License-Identifier: Apache-2.0
// The stages of one pipeline, the only one or the chosen one: where its time goes, and each stage live.
import { StackBar } from "../charts/stackbar";
import { stageParts } from "./cells";
import { stageColor } from "./colors";
import { formatClock, formatPercent, formatSeconds } from "./format";
import { chartsHref } from "./links";
import { firstShown, MiniChart } from "./minichart";
import type { Row, Stage } from "./model";

const pointsMin = 12; // of a chart: less would be a blot

function StageCard({ stage, times, from }: { stage: Stage; times: readonly number[]; from: number }) {
  const color = stageColor(stage.name);
  return (
    <section class="stage panel" aria-label={`Stage ${stage.name}`}>
      <h3>
        <i class="stage-key" style={{ background: color }} aria-hidden="true" />
        {stage.name}
        <span class="muted stage-share">{formatPercent(stage.share)} of the time</span>
      </h3>
      <dl class="stage-numbers">
        <Number name="mean" value={formatSeconds(stage.mean)} strong />
        <Number name="p50" value={formatSeconds(stage.p50)} />
        <Number name="p95" value={formatSeconds(stage.p95)} strong />
        <Number name="p99" value={formatSeconds(stage.p99)} />
      </dl>
      <MiniChart
        title={`Time of ${stage.name}`}
        times={times.slice(from)}
        lines={[
          { name: "mean", values: stage.history.mean.slice(from), color },
          { name: "p95", values: stage.history.p95.slice(from), color: "var(--text)" },
        ]}
      />
    </section>
  );
}

function Number({ name, value, strong = false }: { name: string; value: string; strong?: boolean }) {
  return (
    <div class={strong ? "strong" : undefined}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const tableRows = 120; // of the alternative: what has scrolled past that is seen in the dashboard

function StageData({ row, times, from }: { row: Row; times: readonly number[]; from: number }) {
  const shown = times
    .map((time, index) => ({ time, index }))
    .slice(Math.max(from, times.length - tableRows))
    .reverse();
  return (
    <details class="stage-data">
      <summary>These charts as a table</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label="Times of the stages as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {row.stages.map((stage) => (
                <th key={stage.name} scope="col" class="number">
                  {stage.name}: mean, p95
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ time, index }) => (
              <tr key={time}>
                <td>{formatClock(time)}</td>
                {row.stages.map((stage) => (
                  <td key={stage.name} class="number">
                    {formatSeconds(stage.history.mean[index])}, {formatSeconds(stage.history.p95[index])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export interface StagesProps {
  readonly row: Row;
  readonly times: readonly number[];
  readonly window: string;
  readonly old: boolean;
  readonly onClose?: (() => void) | undefined; // where it was opened by hand
}

export function Stages({ row, times, window, old, onClose }: StagesProps) {
  if (row.stages.length === 0) {
    return (
      <p class="state">
        {row.samples < 2
          ? "The stages are shown as soon as there are two scrapes of them."
          : "This pipeline has no stages: ifm_inference_stage() names them, or the timings it logs."}
      </p>
    );
  }
  const from = firstShown(
    row.stages.map((stage) => stage.history.mean),
    times.length,
    pointsMin,
  );
  return (
    <section class={`stages${old ? " old" : ""}`} aria-label={`Stages of ${row.name}`}>
      <div class="stages-head">
        <h2>Stages of {row.name}</h2>
        <span class="muted">numbers of the last {window}; line: mean, dashed: p95</span>
        <a href={chartsHref(row)}>All charts of the stages</a>
        {onClose !== undefined && (
          <button type="button" onClick={onClose}>
            Close
          </button>
        )}
      </div>
      <StackBar parts={stageParts(row)} label={`Time by stage of ${row.name}`} height={26} legend />
      <div class="stage-grid">
        {row.stages.map((stage) => (
          <StageCard key={stage.name} stage={stage} times={times} from={from} />
        ))}
      </div>
      <StageData row={row} times={times} from={from} />
    </section>
  );
}
