// SPDX-License-Identifier: Apache-2.0
// The controls above a graph: its range, end and resolution, how it is drawn, and what is saved of it.
import { formatDuration, parseDuration } from "../lib/duration";
import { parseTime } from "../lib/time";
import { timeText } from "../charts/axis";
import { Check, Choice, ValueField } from "./parts";
import { longer, panned, shorter, spanOf } from "./range";
import type { Change, Density, Display, QueryState } from "./state";

interface Props {
  readonly query: QueryState;
  readonly nowMs: number;
  readonly onChange: (change: Change) => void;
}

const densities: readonly (readonly [Density, string])[] = [
  ["low", "Low"],
  ["medium", "Medium"],
  ["high", "High"],
];
const allDisplays: readonly (readonly [Display, string])[] = [
  ["lines", "Lines"],
  ["stacked", "Stacked"],
  ["heatmap", "Heatmap"],
];
const fixedSteps = [1000, 5000, 10_000, 15_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 86_400_000];

export function RangeField({ query, onChange }: Props) {
  return (
    <div class="stepper" role="group" aria-label="Range">
      <button
        type="button"
        aria-label="Shorter range"
        title="Shorter range"
        onClick={() => onChange((now) => ({ rangeMs: shorter(now.rangeMs) }))}
      >
        −
      </button>
      <ValueField
        label="Range"
        width={5}
        value={formatDuration(query.rangeMs)}
        parse={(text) => {
          const rangeMs = parseDuration(text);
          if (rangeMs === null || rangeMs < 1000) {
            return false;
          }
          onChange({ rangeMs });
          return true;
        }}
      />
      <button
        type="button"
        aria-label="Longer range"
        title="Longer range"
        onClick={() => onChange((now) => ({ rangeMs: longer(now.rangeMs) }))}
      >
        +
      </button>
    </div>
  );
}

// The end of the range, which is the time of a table too. Empty: now.
export function EndField({ query, nowMs, onChange, label }: Props & { readonly label: string }) {
  const move = (by: number) => onChange((now) => panned(now, by, nowMs));
  return (
    <div class="stepper" role="group" aria-label={label}>
      <button type="button" aria-label={`${label}: earlier`} title="Earlier" onClick={() => move(-0.5)}>
        ‹
      </button>
      <ValueField
        label={label}
        width={17}
        placeholder="now"
        value={query.endMs === null ? "" : timeText(query.endMs, false)}
        parse={(text) => {
          const endMs = text === "" || text === "now" ? null : parseTime(text, Date.now(), true);
          if (text !== "" && text !== "now" && endMs === null) {
            return false;
          }
          onChange({ endMs });
          return true;
        }}
      />
      <button
        type="button"
        aria-label={`${label}: later`}
        title="Later"
        disabled={query.endMs === null}
        onClick={() => move(0.5)}
      >
        ›
      </button>
      {query.endMs !== null && (
        <button type="button" title="End now" onClick={() => onChange({ endMs: null })}>
          now
        </button>
      )}
    </div>
  );
}

function ResolutionField({ query, onChange }: Props) {
  const { resolution } = query;
  const fixed = "stepMs" in resolution ? resolution.stepMs : null;
  const steps = [...new Set([...fixedSteps, ...(fixed === null ? [] : [fixed])])].sort((a, b) => a - b);
  const value = "stepMs" in resolution ? String(resolution.stepMs) : resolution.density;
  return (
    <label class="field">
      Resolution{" "}
      <select
        value={value}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          const stepMs = Number(chosen);
          onChange({ resolution: Number.isNaN(stepMs) ? { density: chosen as Density } : { stepMs } });
        }}
      >
        <optgroup label="From the width">
          {densities.map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </optgroup>
        <optgroup label="A point each">
          {steps.map((step) => (
            <option key={step} value={String(step)}>
              {formatDuration(step)}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}

export function GraphBar(
  props: Props & {
    readonly display: Display;
    readonly possible: readonly Display[];
  },
) {
  const { query, onChange, display } = props;
  const displays = allDisplays.filter(([key]) => props.possible.includes(key) || key === display);
  return (
    <div class="graph-bar">
      <RangeField {...props} />
      <EndField {...props} label="End" />
      <ResolutionField {...props} />
      <Choice
        label="Drawn as"
        value={display}
        options={displays}
        onChange={(chosen) => onChange({ display: chosen })}
      />
      {display !== "heatmap" && (
        <Check label="From zero" checked={query.zero} onChange={(zero) => onChange({ zero })} />
      )}
      <Check label="Exemplars" checked={query.exemplars} onChange={(exemplars) => onChange({ exemplars })} />
    </div>
  );
}

// What was dragged over in a chart.
export function zoomTo(fromMs: number, toMs: number, onChange: Props["onChange"]): void {
  const span = spanOf(fromMs, toMs, Date.now());
  if (span !== null) {
    onChange(span);
  }
}
