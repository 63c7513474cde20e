// SPDX-License-Identifier: Apache-2.0
// The controls of time range and refresh.
import { useEffect, useRef, useState } from "preact/hooks";
import { QUICK_RANGES, describeRange, endText, parseTime } from "../lib/time";
import { refreshChoices, type Range } from "./range";

function shift(range: Range, by: number): void {
  const width = range.toMs - range.fromMs;
  range.zoom(range.fromMs + by * width, range.toMs + by * width);
}

function widen(range: Range): void {
  const width = range.toMs - range.fromMs;
  const now = Date.now();
  range.zoom(range.fromMs - width / 2, Math.max(Math.min(range.toMs + width / 2, now), range.toMs));
}

// Closes what it is in when a click or the focus goes elsewhere, or on Escape.
function useAway(close: () => void) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const away = (event: Event) => {
      if (box.current !== null && event.target instanceof Node && !box.current.contains(event.target)) {
        close();
      }
    };
    const escape = (event: KeyboardEvent) => event.key === "Escape" && close();
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
      document.removeEventListener("keydown", escape);
    };
  }, []);
  return box;
}

function CustomRange({ range, onDone }: { range: Range; onDone: () => void }) {
  const [from, setFrom] = useState(endText(range.from));
  const [to, setTo] = useState(endText(range.to));
  const now = Date.now();
  const fromMs = parseTime(from, now, false);
  const toMs = parseTime(to, now, true);
  const wrong =
    fromMs === null
      ? "the begin"
      : toMs === null
        ? "the end"
        : fromMs >= toMs
          ? "the end before the begin"
          : null;
  const apply = (event: Event) => {
    event.preventDefault();
    if (wrong === null) {
      range.set(from.trim(), to.trim());
      onDone();
    }
  };
  return (
    <form class="range-custom" onSubmit={apply}>
      <label>
        From <input value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
      </label>
      <label>
        To <input value={to} onInput={(event) => setTo(event.currentTarget.value)} />
      </label>
      <p class="hint" role="status">
        {wrong === null ? "now-6h, now/d, 2026-01-31 13:00, or milliseconds" : `cannot read ${wrong}`}
      </p>
      <button type="submit" disabled={wrong !== null}>
        Apply
      </button>
    </form>
  );
}

function RangeMenu({ range, close }: { range: Range; close: () => void }) {
  const box = useAway(close);
  return (
    <div class="menu range-menu" ref={box}>
      <CustomRange range={range} onDone={close} />
      <ul>
        {QUICK_RANGES.map((quick) => (
          <li key={quick.from + quick.to}>
            <button
              type="button"
              aria-current={quick.from === range.from && quick.to === range.to}
              onClick={() => {
                range.set(quick.from, quick.to);
                close();
              }}
            >
              {quick.label}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function RangeBar({ range }: { range: Range }) {
  const [open, setOpen] = useState(false);
  return (
    <div class="rangebar" role="group" aria-label="Time range and refresh">
      <button type="button" title="Earlier" aria-label="Earlier" onClick={() => shift(range, -0.5)}>
        ‹
      </button>
      <button
        type="button"
        class="range-button"
        aria-expanded={open}
        aria-haspopup="true"
        onClick={() => setOpen(!open)}
      >
        {describeRange(range.from, range.to)}
      </button>
      <button type="button" title="Later" aria-label="Later" onClick={() => shift(range, 0.5)}>
        ›
      </button>
      <button type="button" title="Zoom out" aria-label="Zoom out" onClick={() => widen(range)}>
        −
      </button>
      <button type="button" title="Refresh now" aria-label="Refresh now" onClick={range.refreshNow}>
        ↻
      </button>
      <select
        aria-label="Refresh every"
        value={range.refresh}
        onChange={(event) => range.setRefresh(event.currentTarget.value)}
      >
        {[...new Set([...refreshChoices, range.refresh])].map((choice) => (
          <option key={choice} value={choice}>
            {choice === "" ? "off" : choice}
          </option>
        ))}
      </select>
      {open && <RangeMenu range={range} close={() => setOpen(false)} />}
    </div>
  );
}
