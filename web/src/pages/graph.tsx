// SPDX-License-Identifier: Apache-2.0
// The Graph page: queries against this monitor, each with its table, graph and tree.
import { useEffect, useRef, useState } from "preact/hooks";
import { useApi } from "../api/use";
import { useRange } from "../app/range";
import { RangeBar } from "../app/rangebar";
import { Empty } from "../app/states";
import { href } from "../app/url";
import { QueryCard, type CardHandle } from "../graph/card";
import { Explorer } from "../graph/explorer";
import { HistoryDialog } from "../graph/historydialog";
import { barRange } from "../graph/range";
import { useQueries } from "../graph/queries";
import { queriesMax } from "../graph/state";
import "../graph/graph.css";

type Open = "metrics" | "history" | null;

// A store without a single metric has nothing to ask for; looked for again with each tick until there is one.
function useEmptyStore(tick: number): boolean {
  const { data } = useApi<string[]>("api/v1/label/__name__/values", { limit: 1 }, tick);
  return data !== undefined && data.data.length === 0;
}

function PauseButton({
  refresh,
  setRefresh,
}: {
  readonly refresh: string;
  readonly setRefresh: (refresh: string) => void;
}) {
  const last = useRef("5s");
  if (refresh !== "") {
    last.current = refresh;
  }
  const playing = refresh !== "";
  return (
    <button
      type="button"
      aria-pressed={playing}
      onClick={() => setRefresh(playing ? "" : last.current)}
      title={playing ? `Refreshed every ${refresh}: click to pause` : `Refresh every ${last.current}`}
    >
      {playing ? "❚❚ Pause" : "▶ Live"}
    </button>
  );
}

export function GraphPage() {
  const queries = useQueries();
  const shared = useRange({ from: "now-1h", to: "now", refresh: "", ownRefresh: true });
  const empty = useEmptyStore(shared.tick);
  const [open, setOpen] = useState<Open>(null);
  const handles = useRef(new Map<number, CardHandle>());
  const active = useRef(0); // the query that was last typed into
  const first = queries.list[0];
  useEffect(() => {
    document.title = "Graph - Inferometer";
    return () => void (document.title = "Inferometer");
  }, []);
  if (first === undefined) {
    return null;
  }
  const use = (expr: string, how: "insert" | "run") => {
    setOpen(null);
    const handle = handles.current.get(active.current) ?? handles.current.get(queries.ids[0] ?? 0);
    window.setTimeout(() => handle?.[how](expr)); // once the dialog has given back the focus
  };
  const range = barRange(shared, first, Date.now(), (span) => queries.changeAll(span));
  return (
    <div class="graph-page">
      <div class="page-head">
        <h1>Graph</h1>
        <button type="button" onClick={() => setOpen("metrics")}>
          Metrics
        </button>
        <button type="button" onClick={() => setOpen("history")}>
          History
        </button>
        <PauseButton refresh={shared.refresh} setRefresh={shared.setRefresh} />
        <RangeBar range={range} />
      </div>
      {empty && (
        <Empty title="No metrics are stored yet">
          <p>
            The monitor stores what its targets serve, and none has served anything so far: it has just
            started, or no target is up. <a href={href("targets")}>Targets</a> says which are known and what
            their last scrape said.
          </p>
        </Empty>
      )}
      {queries.list.map((query, index) => {
        const id = queries.ids[index] ?? 0;
        return (
          <QueryCard
            key={id}
            query={query}
            number={index + 1}
            only={queries.list.length === 1}
            tick={shared.tick}
            focused={query.expr === ""}
            onChange={(change, replace) => queries.change(index, change, replace)}
            onDuplicate={() => queries.duplicate(index)}
            onRemove={() => queries.remove(index)}
            onFocus={() => (active.current = id)}
            onHandle={(handle) =>
              handle === null ? handles.current.delete(id) : handles.current.set(id, handle)
            }
          />
        );
      })}
      <p>
        <button type="button" disabled={queries.list.length >= queriesMax} onClick={() => queries.add()}>
          Add a query
        </button>
      </p>
      {open === "metrics" && <Explorer onUse={use} onClose={() => setOpen(null)} />}
      {open === "history" && (
        <HistoryDialog onUse={(expr) => use(expr, "run")} onClose={() => setOpen(null)} />
      )}
    </div>
  );
}
