// SPDX-License-Identifier: Apache-2.0
// The queries that were run in this browser, to search and to run again.
import { useState } from "preact/hooks";
import { Dialog } from "../app/dialog";
import { Empty } from "../app/states";
import { timeText } from "../charts/axis";
import { searchRuns } from "./history";
import { clearRuns, storedRuns } from "./historystore";
import { count } from "./number";

export function HistoryDialog({
  onUse,
  onClose,
}: {
  readonly onUse: (expr: string) => void;
  readonly onClose: () => void;
}) {
  const [runs, setRuns] = useState(storedRuns);
  const [search, setSearch] = useState("");
  const found = searchRuns(runs, search);
  return (
    <Dialog title="History" large onClose={onClose}>
      <div class="explorer-search">
        <input
          type="search"
          aria-label="Search the history"
          placeholder="Search"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && found[0] !== undefined) {
              event.preventDefault(); // or the button that gets the focus back would be pressed
              onUse(found[0].expr);
            }
          }}
        />
        <span class="muted" role="status">
          {count(found.length, "query", "queries")}
        </span>
        <button
          type="button"
          disabled={runs.length === 0}
          onClick={() => {
            clearRuns();
            setRuns([]);
          }}
        >
          Clear
        </button>
      </div>
      {found.length === 0 ? (
        <Empty title={runs.length === 0 ? "Nothing was run yet" : "No query is like that"}>
          Queries that are run here are kept in this browser alone. Ctrl-Up in the editor brings them back one
          by one.
        </Empty>
      ) : (
        <ul class="history-list">
          {found.map((run) => (
            <li key={run.expr}>
              <button type="button" class="quiet" onClick={() => onUse(run.expr)}>
                <code>{run.expr}</code>
                <time class="muted">{timeText(run.at, false)}</time>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
