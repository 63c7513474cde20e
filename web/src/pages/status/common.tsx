// SPDX-License-Identifier: Apache-2.0
// What the status pages share: their head with refresh, the banner while the monitor is away, search, labels.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Answer, Params } from "../../api/client";
import { useApi, type Loaded } from "../../api/use";
import { refreshChoices, useRange, type Range } from "../../app/range";
import { Outside } from "../../app/some";
import { Failure, Loading, Notes } from "../../app/states";
import { decoded, setParams, useLocation } from "../../app/url";
import type { Labels } from "../../lib/frame";
import { useEvery, useNow } from "../../overview/clock";
import { ConnectionBanner, isOut, useConnection } from "../../overview/connection";
import { formatClock } from "../../overview/format";
import { parseList, toggled } from "./search";
import "../../overview/overview.css";
import "./status.css";

const refreshDefault = { from: "now-1h", to: "now", refresh: "10s" };
const retryMs = 2000;

export interface Status<T> {
  readonly loaded: Loaded<Answer<T>>;
  readonly range: Range;
}

export function useStatus<T>(path: string, params: Params = {}): Status<T> {
  const range = useRange(refreshDefault);
  return { loaded: useApi<T>(path, params, range.tick), range };
}

function RefreshBar({ range, at }: { range: Range; at: number }) {
  return (
    <div class="rangebar" role="group" aria-label="Refresh">
      <span class="muted refreshed">{at === 0 ? "" : `as of ${formatClock(at)}`}</span>
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
    </div>
  );
}

// Parts of a page are named in the address as Prometheus names them: #pool-NAME, #job-NAME, #GROUP.
export const partId = (name: string) => `part-${name}`;

function useAnchor(ready: boolean): void {
  useEffect(() => {
    const [, name] = /^#(?:pool-|job-)?(.+)/.exec(decoded(window.location.hash)) ?? [];
    if (ready && name !== undefined) {
      document.getElementById(partId(name))?.scrollIntoView();
    }
  }, [ready]);
}

interface PageProps<T> {
  readonly title: string;
  readonly what: string; // "the targets"
  readonly status: Status<T>;
  readonly tools?: ComponentChildren; // filters
  readonly children: (data: T) => ComponentChildren;
}

// A page of one answer. Old numbers stay, greyed, while the monitor is away.
export function StatusPage<T>({ title, what, status, tools, children }: PageProps<T>) {
  const { loaded, range } = status;
  const connection = useConnection(loaded.error, loaded.at);
  const out = isOut(connection);
  useEvery(out ? retryMs : null, range.refreshNow);
  useAnchor(loaded.data !== undefined);
  return (
    <div class="status-page">
      <div class="page-head">
        <h1>{title}</h1>
        <RefreshBar range={range} at={loaded.at} />
      </div>
      {loaded.data !== undefined && <ConnectionBanner connection={connection} dataAt={loaded.at} />}
      {tools !== undefined && <div class="tools">{tools}</div>}
      {loaded.data !== undefined ? (
        <div class={out ? "old" : undefined}>
          <Notes warnings={loaded.data.warnings} />
          {children(loaded.data.data)}
        </div>
      ) : loaded.error !== undefined ? (
        <Failure error={loaded.error} onRetry={range.refreshNow} />
      ) : (
        <Loading what={what} />
      )}
    </div>
  );
}

// The names of these parameters are Prometheus's.
export function useSearch(): string {
  return useLocation().params.get("search") ?? "";
}

export function Search({ label }: { label: string }) {
  const text = useSearch();
  return (
    <input
      type="search"
      class="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onInput={(event) => setParams({ search: event.currentTarget.value || null }, true)}
    />
  );
}

export interface Choice {
  readonly value: string; // "" for all
  readonly name: string;
  readonly count?: number;
  readonly state?: "ok" | "warn" | "bad";
}

// One of few, kept in the address.
export function Choices({
  label,
  param,
  choices,
}: {
  label: string;
  param: string;
  choices: readonly Choice[];
}) {
  const { params } = useLocation();
  const chosen = params.get(param) ?? "";
  return (
    <div class="choices" role="group" aria-label={label}>
      {choices.map(({ value, name, count, state }) => (
        <button
          key={value}
          type="button"
          aria-pressed={chosen === value}
          class={state !== undefined && (count ?? 0) > 0 ? state : undefined}
          onClick={() => setParams({ [param]: value === "" ? null : value })}
        >
          {name}
          {count !== undefined && <span class="choice-count"> {count}</span>}
        </button>
      ))}
    </div>
  );
}

// Which scrape pool, where there are several.
export function PoolChoice({ names }: { names: readonly string[] }) {
  const { params } = useLocation();
  const pool = params.get("pool") ?? "";
  return names.length < 2 && pool === "" ? null : (
    <select
      aria-label="Scrape pool"
      value={pool}
      onChange={(event) => setParams({ pool: event.currentTarget.value || null })}
    >
      <option value="">All pools</option>
      {[...new Set([...names, ...(pool === "" ? [] : [pool])])].sort().map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

interface Fold {
  readonly closed: boolean;
  readonly onToggle: () => void;
}

// Which parts are closed stands in the address.
export function useFold(name: string): Fold {
  const all = parseList(useLocation().params.get("closed"));
  return {
    closed: all.includes(name),
    onToggle: () => setParams({ closed: toggled(all, name) }, true),
  };
}

// The head of a part, which folds it.
export function PartHead({
  name,
  fold,
  children,
}: {
  name: string;
  fold: Fold;
  children: ComponentChildren;
}) {
  return (
    <h2>
      <button type="button" class="fold" aria-expanded={!fold.closed} onClick={fold.onToggle}>
        <span aria-hidden="true">{fold.closed ? "▸" : "▾"}</span> {name}
      </button>
      {children}
    </h2>
  );
}

// Opens what is closed, or closes all.
export function FoldAll({ names }: { names: readonly string[] }) {
  const { params } = useLocation();
  const open = parseList(params.get("closed")).length === 0;
  return names.length < 2 ? null : (
    <button type="button" onClick={() => setParams({ closed: open ? JSON.stringify(names) : null }, true)}>
      {open ? "Close all" : "Open all"}
    </button>
  );
}

// Labels as text: name in grey, value bold. Values may be anything, and long. `children` stands behind them.
export function LabelList({
  labels,
  without = [],
  none = "no labels",
  children,
}: {
  labels: Labels | undefined;
  without?: readonly string[];
  none?: string;
  children?: ComponentChildren;
}) {
  const shown = Object.entries(labels ?? {}).filter(([name]) => !without.includes(name));
  return (
    <ul class="labels">
      {shown.length === 0 && none !== "" && <li class="muted">{none}</li>}
      {shown.map(([name, value]) => (
        <li key={name}>
          <span class="label-name">{name}=</span>
          <b>
            <Outside text={value} mark={'"'} />
          </b>
        </li>
      ))}
      {children !== undefined && <li>{children}</li>}
    </ul>
  );
}

export function HealthBadge({ health }: { health: string }) {
  switch (health) {
    case "up":
    case "ok":
      return <span class="badge ok">✓ {health}</span>;
    case "down":
      return <span class="badge bad">✕ down</span>;
    case "err":
      return <span class="badge bad">✕ error</span>;
    default:
      return <span class="badge">… {health}</span>;
  }
}

// "3 s ago", by itself; the time when one points at it.
export function Ago({ ms, format }: { ms: number | null; format: (ms: number, now: number) => string }) {
  const now = useNow(1000, ms !== null);
  if (ms === null) {
    return <span class="muted">never</span>;
  }
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatClock(ms, 0)}>
      {format(ms, now)}
    </time>
  );
}

// The button says what has become of it: no message pops up.
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [state, setState] = useState<"" | "copied" | "select it and copy by hand">("");
  const copy = () => {
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("not over plain HTTP"));
    written.then(
      () => setState("copied"),
      () => setState("select it and copy by hand"),
    );
    window.setTimeout(() => setState(""), 2500);
  };
  return (
    <button type="button" onClick={copy} aria-live="polite">
      {state === "" ? label : state}
    </button>
  );
}
