// SPDX-License-Identifier: Apache-2.0
// Small parts that the panels of a query share.
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { sentence } from "../app/states";
import { adviceOf, placeOf, shortMessage } from "./errors";
import { copyText } from "./export";

// Copies, and says so in its own place: no message that covers the page.
export function CopyButton({
  text,
  children,
  title,
  className = "",
}: {
  readonly text: string | (() => string);
  readonly children: ComponentChildren;
  readonly title: string;
  readonly className?: string;
}) {
  const [state, setState] = useState<"" | "done" | "refused">("");
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const copy = () =>
    void copyText(typeof text === "string" ? text : text()).then((done) => {
      setState(done ? "done" : "refused");
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => setState(""), 1500);
    });
  return (
    <button type="button" class={className} title={title} onClick={copy}>
      {children}
      <span class="copied" role="status">
        {state === "done" ? " ✓" : state === "refused" ? " ✕" : ""}
        {state !== "" && (
          <span class="hidden">{state === "done" ? "copied" : "the browser refused to copy"}</span>
        )}
      </span>
    </button>
  );
}

// A failure of a query: what, where in it, and what to do.
export function QueryError({
  error,
  expr,
  onRetry,
}: {
  readonly error: Error;
  readonly expr: string;
  readonly onRetry: () => void;
}) {
  const place = placeOf(error.message, expr);
  const advice = adviceOf(error);
  const spaced = place?.at === " ";
  return (
    <div class="state state-failure query-error" role="alert">
      <p>
        <span class="mark" aria-hidden="true">
          ✕
        </span>{" "}
        {place === null ? "" : "This is no query: "}
        {place === null ? sentence(shortMessage(error.message)) : `${shortMessage(error.message)}.`}
        {advice !== null && <> {advice}</>}
        {place === null && (
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        )}
      </p>
      {place !== null && (
        <pre class="error-place">
          {place.before}
          <mark title={spaced ? "the end of the query" : "here"}>{spaced ? "▁" : place.at}</mark>
          {place.after}
        </pre>
      )}
    </div>
  );
}

// Facts about an answer, in one line.
export function Facts({ facts }: { readonly facts: readonly (string | null)[] }) {
  return (
    <p class="facts" role="status">
      {facts
        .filter((fact) => fact !== null && fact !== "")
        .map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
    </p>
  );
}

// A text field that takes its value on Enter or when it is left; what cannot be read is marked and not taken.
export function ValueField({
  value,
  label,
  parse,
  onChange,
  placeholder = "",
  width = 8,
}: {
  readonly value: string;
  readonly label: string;
  readonly parse: (text: string) => boolean; // whether it was taken
  readonly onChange?: () => void;
  readonly placeholder?: string;
  readonly width?: number; // characters
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  useLayoutEffect(() => {
    setDraft(null);
    setWrong(false);
  }, [value]);
  const take = () => {
    if (draft === null || draft === value) {
      setDraft(null);
      setWrong(false);
      return;
    }
    const taken = parse(draft.trim());
    setWrong(!taken);
    if (taken) {
      setDraft(null);
      onChange?.();
    }
  };
  return (
    <input
      class="value-field"
      size={width}
      value={draft ?? value}
      placeholder={placeholder}
      aria-label={label}
      aria-invalid={wrong}
      title={wrong ? `cannot read "${draft ?? ""}" as ${label.toLowerCase()}` : label}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === "Enter" && take()}
    />
  );
}

// One of a few, as buttons side by side.
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map(([key, name]) => (
        <button key={key} type="button" aria-pressed={key === value} onClick={() => onChange(key)}>
          {name}
        </button>
      ))}
    </div>
  );
}

export function Check({
  label,
  checked,
  onChange,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />{" "}
      {label}
    </label>
  );
}

// Wheel and drag over a chart, with Ctrl or Cmd: the wheel zooms around the mouse, a drag moves through time.
export function useWheelAndPan(
  ref: RefObject<HTMLElement>,
  onWheel: (share: number, factor: number) => void,
  onPan: (share: number) => void,
): void {
  const latest = useRef({ onWheel, onPan });
  latest.current = { onWheel, onPan };
  useEffect(() => {
    const box = ref.current;
    if (box === null) {
      return undefined;
    }
    const plot = () =>
      (box.querySelector(".u-over") ?? box.querySelector("canvas") ?? box).getBoundingClientRect();
    let pan: { x: number; width: number } | null = null;
    const wheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const place = plot();
        const share = Math.min(Math.max((event.clientX - place.left) / place.width, 0), 1);
        latest.current.onWheel(share, event.deltaY > 0 ? 1.25 : 0.8);
      }
    };
    const down = (event: MouseEvent) => {
      if (
        (event.ctrlKey || event.metaKey) &&
        event.button === 0 &&
        event.target instanceof Element &&
        event.target.closest(".u-over, canvas") !== null
      ) {
        event.preventDefault();
        event.stopPropagation(); // or the chart would begin to zoom
        pan = { x: event.clientX, width: plot().width };
      }
    };
    const up = (event: MouseEvent) => {
      if (pan !== null && Math.abs(event.clientX - pan.x) > 3) {
        latest.current.onPan((pan.x - event.clientX) / pan.width);
      }
      pan = null;
    };
    box.addEventListener("wheel", wheel, { passive: false });
    box.addEventListener("mousedown", down, true);
    window.addEventListener("mouseup", up);
    return () => {
      box.removeEventListener("wheel", wheel);
      box.removeEventListener("mousedown", down, true);
      window.removeEventListener("mouseup", up);
    };
  }, []);
}
