// SPDX-License-Identifier: Apache-2.0
// One query of the page: its editor, what can be done with it, and its tabs.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { Guard } from "../app/guard";
import { Empty, sentence } from "../app/states";
import { href } from "../app/url";
import { GraphBody, TableBody } from "./body";
import { Editor, type EditorHandle } from "./editor";
import { ExplainPanel } from "./explainpanel";
import { step, walkBegin, type Walk } from "./history";
import { storedRuns, storeRun } from "./historystore";
import { CopyButton, QueryError } from "./parts";
import { writeQueries, type Change, type QueryState, type Tab } from "./state";

export interface CardHandle {
  readonly insert: (text: string) => void; // where the cursor stands
  readonly run: (expr: string) => void; // in place of what is there
}

interface Props {
  readonly query: QueryState;
  readonly number: number; // 1 for the first
  readonly only: boolean;
  readonly tick: number;
  readonly focused: boolean; // at first
  readonly onChange: (change: Change, replace?: boolean) => void;
  readonly onDuplicate: () => void;
  readonly onRemove: () => void;
  readonly onFocus: () => void;
  readonly onHandle: (handle: CardHandle | null) => void;
}

const tabs: readonly (readonly [Tab, string])[] = [
  ["table", "Table"],
  ["graph", "Graph"],
  ["explain", "Explain"],
];

// First steps for an empty query, of metrics that each logger of the library has.
const examples: readonly (readonly [string, string])[] = [
  ["Targets that are up", "up"],
  ["Requests per second", "sum by (pipeline) (rate(inference_requests_total[1m]))"],
  [
    "95th percentile of the latency",
    "histogram_quantile(0.95, sum by (le, pipeline) (rate(inference_duration_seconds_bucket[1m])))",
  ],
];

// Times in answers and files are easier to read without thousandths. The second that has begun is part of it: what was
// scraped in it would not be found otherwise.
const wholeSecond = () => Math.ceil(Date.now() / 1000) * 1000;

// The text that is being typed, what was run, and the walk through the history.
function useDraft(props: Props) {
  const { query, onChange } = props;
  const editor = useRef<EditorHandle | null>(null);
  const [draft, setDraft] = useState(query.expr);
  const [runs, setRuns] = useState(0);
  const walk = useRef<Walk>(walkBegin);
  // In the same breath as the change: what is typed after it stays.
  useLayoutEffect(() => {
    editor.current?.set(query.expr); // the address was changed by something else
    setDraft(query.expr);
  }, [query.expr]);
  const run = (text = editor.current?.text() ?? draft) => {
    const expr = text.trim();
    walk.current = walkBegin;
    storeRun(expr);
    setRuns((count) => count + 1);
    setDraft(expr);
    editor.current?.set(expr);
    onChange({ expr, hidden: false });
  };
  const set = (text: string) => {
    editor.current?.set(text);
    setDraft(text);
  };
  const move = (by: number) => {
    const next = step(walk.current, storedRuns(), editor.current?.text() ?? draft, by);
    walk.current = next.walk;
    set(next.expr);
  };
  return { editor, draft, setDraft, set, runs, run, move };
}

// "Format", and what went wrong with it: a query that cannot be parsed cannot be laid out.
function useFormat(draft: string, set: (text: string) => void) {
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => setError(null), [draft]);
  const format = () => {
    api<string>("api/v1/format_query", { query: draft }, { post: true }).then(
      (answer) => set(answer.data),
      (failed: Error) => setError(failed),
    );
  };
  return { formatError: error, format };
}

// One stop of the Tab key; the arrows go from one to the next.
function Tabs({ tab, onTab }: { readonly tab: Tab; readonly onTab: (tab: Tab) => void }) {
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const next = (tabs.findIndex(([key]) => key === tab) + by + tabs.length) % tabs.length;
    const button = (event.currentTarget as HTMLElement).children[next];
    if (by !== 0 && button instanceof HTMLElement) {
      event.preventDefault();
      button.focus();
      button.click();
    }
  };
  return (
    <div class="tabs" role="tablist" aria-label="Shown as" onKeyDown={onKeyDown}>
      {tabs.map(([key, name]) => (
        <button
          key={key}
          type="button"
          role="tab"
          aria-selected={tab === key}
          tabIndex={tab === key ? 0 : -1}
          onClick={() => onTab(key)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

function Tools({ props, format, draft }: { props: Props; format: () => void; draft: string }) {
  const { query } = props;
  const link = () => {
    const written = writeQueries([query], new URLSearchParams());
    const params = new URLSearchParams();
    Object.entries(written).forEach(([name, value]) => value !== null && params.set(name, value));
    return new URL(href("graph", params), window.location.href).href;
  };
  return (
    <div class="query-tools">
      <button type="button" class="quiet" onClick={format} disabled={draft.trim() === ""}>
        Format
      </button>
      <CopyButton className="quiet" text={link} title="Copy a link to this query alone">
        Copy link
      </CopyButton>
      <button type="button" class="quiet" onClick={props.onDuplicate}>
        Duplicate
      </button>
      <button
        type="button"
        class="quiet"
        disabled={props.only && query.expr === "" && draft === ""}
        onClick={props.onRemove}
      >
        Remove
      </button>
    </div>
  );
}

function Body({
  props,
  expr,
  tick,
  nowMs,
  phaseMs,
  run,
}: {
  readonly props: Props;
  readonly expr: string;
  readonly tick: string;
  readonly nowMs: number;
  readonly phaseMs: number;
  readonly run: (text?: string) => void;
}) {
  const { query, onChange } = props;
  if (expr === "") {
    return (
      <Empty title="Nothing is asked yet">
        <p>Type an expression and press Enter, choose a metric under Metrics, or begin with one of these:</p>
        <p class="examples">
          {examples.map(([name, example]) => (
            <button key={name} type="button" title={example} onClick={() => run(example)}>
              {name}
            </button>
          ))}
        </p>
      </Empty>
    );
  }
  const body = { query, nowMs, phaseMs, tick, onChange, onRetry: () => run(expr) };
  return (
    <Guard key={`${query.tab} ${expr}`} what="this result">
      {query.tab === "explain" && (
        <ExplainPanel expr={expr} timeMs={query.endMs ?? nowMs} onUse={(part) => run(part)} />
      )}
      {query.tab === "table" && <TableBody {...body} />}
      {query.tab === "graph" && <GraphBody {...body} />}
    </Guard>
  );
}

export function QueryCard(props: Props) {
  const { query, onChange, number } = props;
  const { editor, draft, setDraft, set, runs, run, move } = useDraft(props);
  const { formatError, format } = useFormat(draft, set);
  const moving = query.endMs === null ? props.tick : 0; // what ended long ago does not change
  const tick = `${moving} ${runs}`;
  const nowMs = useMemo(wholeSecond, [tick, query.expr, query.rangeMs, query.endMs, query.tab]);
  const phaseMs = useMemo(() => nowMs, [runs, query.expr, query.rangeMs, query.tab]);
  const [fault, setFault] = useState<string | null>(null);
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    props.onHandle({
      insert: (text) => editor.current?.insert(text),
      run: (expr) => {
        latest.current(expr);
        editor.current?.focus();
      },
    });
    return () => props.onHandle(null);
  }, []);
  const changed = draft.trim() !== query.expr;
  return (
    <section
      class={`panel query${query.hidden ? " off" : ""}`}
      aria-label={`Query ${number}`}
      onFocusIn={props.onFocus}
    >
      <div class="query-head">
        <div class="query-marks">
          <button
            type="button"
            class="quiet"
            aria-expanded={!query.collapsed}
            title={query.collapsed ? "Open" : "Fold"}
            aria-label={query.collapsed ? "Open" : "Fold"}
            onClick={() => onChange({ collapsed: !query.collapsed })}
          >
            {query.collapsed ? "▸" : "▾"}
          </button>
          <button
            type="button"
            class="quiet eye"
            aria-pressed={!query.hidden}
            aria-label="Asked"
            title={query.hidden ? "Not asked: click to ask again" : "Asked: click to leave it out"}
            onClick={() => onChange({ hidden: !query.hidden })}
          >
            <Eye open={!query.hidden} />
          </button>
        </div>
        <Editor
          text={query.expr}
          label={`Expression ${number}`}
          autoFocus={props.focused}
          onReady={(ready) => (editor.current = ready)}
          actions={{ run: () => run(), walk: move, change: setDraft, focus: props.onFocus, fault: setFault }}
        />
        <button
          type="button"
          class={changed || query.expr === "" ? "primary run" : "run"}
          onClick={() => run()}
          title="Run (Enter)"
        >
          Run
        </button>
      </div>
      {formatError !== null && <QueryError error={formatError} expr={draft} onRetry={format} />}
      {!query.collapsed && (
        <div class="query-body">
          <div class="query-bar">
            <Tabs tab={query.tab} onTab={(tab) => onChange({ tab })} />
            <p class="fault" role="status">
              {fault !== null && changed ? sentence(fault) : ""}
            </p>
            <Tools props={props} format={format} draft={draft} />
          </div>
          {query.hidden ? (
            <p class="state">This query is left out: its eye asks it again.</p>
          ) : (
            <Body props={props} expr={query.expr} tick={tick} nowMs={nowMs} phaseMs={phaseMs} run={run} />
          )}
        </div>
      )}
    </section>
  );
}

function Eye({ open }: { readonly open: boolean }) {
  return (
    <svg width="18" height="14" viewBox="0 0 18 14" aria-hidden="true" class="eye-icon">
      <path d="M1 7Q9-3 17 7Q9 17 1 7Z" />
      <circle cx="9" cy="7" r="2.5" />
      {!open && <path d="M2 13L16 1" />}
    </svg>
  );
}
