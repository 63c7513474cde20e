// SPDX-License-Identifier: Apache-2.0
// Targets by scrape pool: what is scraped, whether it works, and if not, why and what to do.
import { useState } from "preact/hooks";
import type { Health, Target, Targets } from "../../api/types";
import { useSome } from "../../app/some";
import { Empty, sentence } from "../../app/states";
import { setParams, useLocation } from "../../app/url";
import { formatAgo, formatSeconds, readTime } from "../../overview/format";
import { scrapeHint } from "../../overview/hints";
import { graphHref } from "../../overview/links";
import { quote } from "../../lib/promtext";
import {
  Ago,
  Choices,
  FoldAll,
  HealthBadge,
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
import { webAddress } from "./search";
import { isSlow, poolsOf, type Pool } from "./targetmodel";

function upHref(target: Target): string {
  const { job, instance } = target.labels;
  return graphHref(`up{job=${quote(job ?? "")},instance=${quote(instance ?? "")}}`);
}

function TargetError({ target }: { target: Target }) {
  const hint = scrapeHint(target.lastError);
  return (
    <tr class="target-error">
      <td colSpan={5}>
        <span class="down-error">✕ {sentence(target.lastError)}</span>
        {hint !== null && (
          <span class="down-hint">
            {hint.cause} {hint.todo}
          </span>
        )}
      </td>
    </tr>
  );
}

function TargetRow({ target }: { target: Target }) {
  const [discovered, setDiscovered] = useState(false);
  const address = webAddress(target.scrapeUrl);
  return (
    <>
      <tr class={target.lastError === "" ? undefined : "has-error"}>
        <td class="target-url">
          {address === undefined ? (
            target.scrapeUrl
          ) : (
            <a href={address} target="_blank" rel="noreferrer noopener">
              {target.scrapeUrl}
            </a>
          )}
        </td>
        <td>
          <HealthBadge health={target.health} />{" "}
          <a href={upHref(target)} class="small">
            graph
          </a>
        </td>
        <td>
          <LabelList labels={target.labels}>
            <button
              type="button"
              class="link"
              aria-expanded={discovered}
              title="The labels that service discovery found"
              onClick={() => setDiscovered(!discovered)}
            >
              {discovered ? "▾" : "▸"} more
            </button>
          </LabelList>
          {discovered && <LabelList labels={target.discoveredLabels} />}
        </td>
        <td class="number">
          <Ago ms={readTime(target.lastScrape)} format={formatAgo} />
        </td>
        <td
          class="number"
          title={`Scraped every ${target.scrapeInterval}, given up after ${target.scrapeTimeout}`}
        >
          <span class={isSlow(target) ? "slow" : undefined}>
            {isSlow(target) ? "▲ " : ""}
            {target.health === "unknown" ? "–" : formatSeconds(target.lastScrapeDuration)}
          </span>
          <span class="muted"> of {target.scrapeInterval}</span>
        </td>
      </tr>
      {target.lastError !== "" && <TargetError target={target} />}
    </>
  );
}

const rowsMost = 200; // of a pool at once: a browser draws thousands slowly

function PoolSection({ pool }: { pool: Pool }) {
  const fold = useFold(pool.name);
  const [shown, more] = useSome(pool.targets, rowsMost, "targets");
  return (
    <section class="panel pool" id={partId(pool.name)}>
      <PartHead name={pool.name} fold={fold}>
        <span class={`badge ${pool.down > 0 ? "bad" : pool.up === pool.all ? "ok" : ""}`}>
          {pool.down > 0 ? "✕" : pool.up === pool.all ? "✓" : "…"} {pool.up}/{pool.all} up
        </span>
        {pool.targets.length < pool.all && <span class="muted">{pool.targets.length} shown</span>}
      </PartHead>
      {!fold.closed && (
        <div class="scroll" tabIndex={0} role="region" aria-label={`Targets of ${pool.name}`}>
          <table class="targets">
            <thead>
              <tr>
                <th scope="col">Endpoint</th>
                <th scope="col">State</th>
                <th scope="col">Labels</th>
                <th scope="col" class="number">
                  Last scrape
                </th>
                <th scope="col" class="number">
                  Took, of interval
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((target) => (
                <TargetRow key={`${target.scrapeUrl} ${JSON.stringify(target.labels)}`} target={target} />
              ))}
            </tbody>
          </table>
          {more}
        </div>
      )}
    </section>
  );
}

function counted(targets: readonly Target[], health: Health): number {
  return targets.filter((target) => target.health === health).length;
}

function Tools({ targets }: { targets: readonly Target[] }) {
  const names = [...new Set(targets.map((target) => target.scrapePool))];
  return (
    <>
      <Choices
        label="Health"
        param="health"
        choices={[
          { value: "", name: "All", count: targets.length },
          { value: "up", name: "✓ Up", count: counted(targets, "up") },
          { value: "down", name: "✕ Down", count: counted(targets, "down"), state: "bad" },
          { value: "unknown", name: "… Unknown", count: counted(targets, "unknown") },
        ]}
      />
      <PoolChoice names={names} />
      <Search label="Search labels, URLs, errors" />
      <FoldAll names={names} />
    </>
  );
}

export function TargetsPage() {
  const status = useStatus<Targets>("api/v1/targets", { state: "active" });
  const { params } = useLocation();
  const targets = status.loaded.data?.data.activeTargets ?? [];
  const text = useSearch();
  const pools = poolsOf(targets, text, params.get("health") ?? "", params.get("pool") ?? "");
  return (
    <StatusPage title="Targets" what="the targets" status={status} tools={<Tools targets={targets} />}>
      {() =>
        targets.length === 0 ? (
          <Empty title="Nothing is scraped">
            The configuration has no target, or service discovery found none. Programs that open a logger of
            libinferometer on this machine appear by themselves; others are given with --target HOST:PORT, or
            in scrape_configs of --config.file.
          </Empty>
        ) : pools.length === 0 ? (
          <Empty title="No target fits">
            All {targets.length} are hidden by the search, or the chosen health or pool.{" "}
            <button type="button" onClick={() => setParams({ search: null, health: null, pool: null })}>
              Show all
            </button>
          </Empty>
        ) : (
          pools.map((pool) => <PoolSection key={pool.name} pool={pool} />)
        )
      }
    </StatusPage>
  );
}
