// SPDX-License-Identifier: Apache-2.0
// All dashboards: those of the monitor, and those that this browser keeps.
import { useState } from "preact/hooks";
import { useLoad } from "../api/use";
import { Empty, Failure, Loading, Notes } from "../app/states";
import { href, setParams, useLocation } from "../app/url";
import { OpenButtons, OpeningNotice, useOpening } from "../dashboard/drop";
import { forget, keptDashboards, listDashboards, type Listed } from "../dashboard/keep";
import "../dashboard/dashboard.css";

const sources: Readonly<Record<Listed["source"], string>> = {
  "built-in": "built in",
  file: "a file of the monitor",
  browser: "this browser",
};

interface ItemProps {
  readonly item: Listed;
  readonly onTag: (tag: string) => void;
  readonly onRemove: () => void;
}

function Item({ item, onTag, onRemove }: ItemProps) {
  return (
    <li class="panel listed">
      <div>
        <a class="listed-title" href={href(`d/${encodeURIComponent(item.uid)}`)}>
          {item.title === "" ? item.uid : item.title}
        </a>
        <span class="listed-tags">
          {item.tags.map((tag) => (
            <button
              key={tag}
              type="button"
              class="tag"
              title={`Only those with the tag ${tag}`}
              onClick={() => onTag(tag)}
            >
              {tag}
            </button>
          ))}
        </span>
      </div>
      {item.description !== "" && <p class="listed-text">{item.description}</p>}
      <p class="listed-source muted">
        {sources[item.source]}
        {item.source === "browser" && (
          <button type="button" aria-label={`Remove ${item.title} from this browser`} onClick={onRemove}>
            Remove
          </button>
        )}
      </p>
    </li>
  );
}

function fits(item: Listed, wanted: string, tag: string | null): boolean {
  const text = `${item.title} ${item.description} ${item.tags.join(" ")}`.toLowerCase();
  return (
    wanted
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word)) &&
    (tag === null || item.tags.includes(tag))
  );
}

export function DashboardsPage() {
  const opening = useOpening();
  const { params } = useLocation();
  const [, again] = useState(0);
  const loaded = useLoad(listDashboards, []);
  const wanted = params.get("q") ?? "";
  const tag = params.get("tag");
  const all = [...(loaded.data?.dashboards ?? []), ...keptDashboards()];
  const found = all.filter((item) => fits(item, wanted.trim(), tag));
  return (
    <>
      <OpeningNotice opening={opening} />
      <div class="page-head">
        <h1>Dashboards</h1>
        <OpenButtons opening={opening} />
      </div>
      <div class="listed-find">
        <input
          type="search"
          aria-label="Find dashboards"
          placeholder="Find by name, text or tag"
          value={wanted}
          onInput={(event) => setParams({ q: event.currentTarget.value || null }, true)}
        />
        {tag !== null && (
          <button
            type="button"
            aria-label={`No longer only those with the tag ${tag}`}
            onClick={() => setParams({ tag: null })}
          >
            {tag} ✕
          </button>
        )}
      </div>
      {loaded.error !== undefined && (
        <Failure error={loaded.error} onRetry={() => window.location.reload()} />
      )}
      {loaded.loading && loaded.data === undefined && <Loading what="the dashboards" />}
      <Notes warnings={loaded.data?.warnings ?? []} />
      {found.length === 0 && !loaded.loading && (
        <Empty
          title={
            all.length === 0 ? "There are no dashboards" : "No dashboard has this in its name, text or tags"
          }
        >
          <p>
            Drop the JSON of a Grafana dashboard here, or give the monitor a folder of them
            (--dashboards.path).
          </p>
        </Empty>
      )}
      <ul class="listed-all">
        {found.map((item) => (
          <Item
            key={item.uid}
            item={item}
            onTag={(chosen) => setParams({ tag: chosen })}
            onRemove={() => {
              forget(item.uid);
              again((count) => count + 1);
            }}
          />
        ))}
      </ul>
      <p class="hint">
        A dashboard's JSON dropped anywhere on this page opens it. It is Grafana's classic format; queries go
        to this monitor, whatever data source they name.
      </p>
    </>
  );
}
