// SPDX-License-Identifier: Apache-2.0
// Service discovery: what was found, what relabelling made of it, step by step, and what it dropped.
import { useState } from "preact/hooks";
import type { Targets } from "../../api/types";
import { useApi } from "../../api/use";
import { Outside, useSome } from "../../app/some";
import { Empty, Failure, Loading } from "../../app/states";
import { setParams, useLocation } from "../../app/url";
import type { Labels } from "../../lib/frame";
import {
  Choices,
  FoldAll,
  LabelList,
  PartHead,
  partId,
  PoolChoice,
  Search,
  StatusPage,
  useFold,
  useSearch,
  useStatus,
} from "./common";
import { changesOf, foundPools, ruleText } from "./discoverymodel";
import type { Found, FoundPool, LabelChange, RelabelStep } from "./discoverymodel";

function Change({ change }: { change: LabelChange }) {
  return (
    <li>
      <span class="label-name">{change.name}: </span>
      {change.before === undefined ? (
        <span class="muted">new</span>
      ) : (
        <del>
          <Outside text={change.before} mark={'"'} />
        </del>
      )}{" "}
      →{" "}
      {change.after === undefined ? (
        <span class="muted">removed</span>
      ) : (
        <ins>
          <Outside text={change.after} mark={'"'} />
        </ins>
      )}
    </li>
  );
}

function Steps({ pool, discovered }: { pool: string; discovered: Labels }) {
  const params = { scrapePool: pool, labels: JSON.stringify(discovered) };
  const loaded = useApi<{ steps: RelabelStep[] }>("api/v1/targets/relabel_steps", params);
  if (loaded.error !== undefined) {
    return <Failure error={loaded.error} />;
  }
  if (loaded.data === undefined) {
    return <Loading what="the steps" />;
  }
  const steps = loaded.data.data.steps;
  if (steps.length === 0) {
    return (
      <p class="muted">
        This pool has no relabel_configs: labels that begin with __ are removed, and that is all.
      </p>
    );
  }
  return (
    <ol class="steps">
      {steps.map((step, index) => {
        const before = index === 0 ? discovered : (steps[index - 1]?.output ?? {});
        const changes = changesOf(before, step.output);
        return (
          <li key={index}>
            <code>{ruleText(step.rule)}</code>
            {!step.keep ? (
              <span class="badge bad">✕ dropped here</span>
            ) : changes.length === 0 ? (
              <span class="muted">changes nothing</span>
            ) : (
              <ul class="changes">
                {changes.map((change) => (
                  <Change key={change.name} change={change} />
                ))}
              </ul>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function FoundRow({ pool, found }: { pool: string; found: Found }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <td>
          <LabelList labels={found.discovered} />
        </td>
        <td>
          <LabelList labels={found.labels ?? {}} none={found.labels === null ? "" : "no labels"}>
            {found.labels === null && <span class="badge warn">○ dropped</span>}{" "}
            <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
              {open ? "▾" : "▸"} relabelling steps
            </button>
          </LabelList>
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={2}>
            <Steps pool={pool} discovered={found.discovered} />
          </td>
        </tr>
      )}
    </>
  );
}

const rowsMost = 100;

function PoolSection({ pool }: { pool: FoundPool }) {
  const fold = useFold(pool.name);
  const [shown, more] = useSome(pool.found, rowsMost, "targets");
  return (
    <section class="panel pool" id={partId(pool.name)}>
      <PartHead name={pool.name} fold={fold}>
        <span class="badge ok">✓ {pool.active} active</span>
        {pool.dropped > 0 && <span class="badge warn">○ {pool.dropped} dropped</span>}
      </PartHead>
      {!fold.closed && (
        <div class="scroll" tabIndex={0} role="region" aria-label={`What was found for ${pool.name}`}>
          <table class="found">
            <thead>
              <tr>
                <th scope="col">Discovered labels</th>
                <th scope="col">Target labels</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((found) => (
                <FoundRow key={JSON.stringify(found.discovered)} pool={pool.name} found={found} />
              ))}
            </tbody>
          </table>
          {more}
        </div>
      )}
    </section>
  );
}

export function DiscoveryPage() {
  const status = useStatus<Targets>("api/v1/targets", { state: "any" });
  const { params } = useLocation();
  const data = status.loaded.data?.data;
  const text = useSearch();
  const names = [
    ...new Set(
      [...(data?.activeTargets ?? []), ...(data?.droppedTargets ?? [])].map((one) => one.scrapePool),
    ),
  ];
  const tools = (
    <>
      <Choices
        label="Which"
        param="show"
        choices={[
          { value: "", name: "All" },
          { value: "active", name: "✓ Active", count: data?.activeTargets.length ?? 0 },
          { value: "dropped", name: "○ Dropped", count: data?.droppedTargets.length ?? 0 },
        ]}
      />
      <PoolChoice names={names} />
      <Search label="Search labels" />
      <FoldAll names={names} />
    </>
  );
  return (
    <StatusPage title="Service discovery" what="what was found" status={status} tools={tools}>
      {(targets) => {
        const pools = foundPools(targets, text, params.get("show") ?? "", params.get("pool") ?? "");
        if (pools.length > 0) {
          return pools.map((pool) => <PoolSection key={pool.name} pool={pool} />);
        }
        return targets.activeTargets.length + targets.droppedTargets.length === 0 ? (
          <Empty title="Nothing was found">
            No scrape configuration has a target: static_configs are empty, and no file of file_sd_configs is
            there.
          </Empty>
        ) : (
          <Empty title="Nothing fits the search">
            <button type="button" onClick={() => setParams({ search: null, show: null, pool: null })}>
              Show all
            </button>
          </Empty>
        );
      }}
    </StatusPage>
  );
}
