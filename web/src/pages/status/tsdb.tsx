// SPDX-License-Identifier: Apache-2.0
// The store: how much is in it, what it may have, which metrics and labels have the most series.
import { api, type Answer } from "../../api/client";
import { useLoad } from "../../api/use";
import { useRange } from "../../app/range";
import { Empty } from "../../app/states";
import { setParams, useLocation } from "../../app/url";
import { formatBytes, formatClock, formatCount, formatExact, formatSpan } from "../../overview/format";
import { graphHref } from "../../overview/links";
import { StatusPage } from "./common";
import { CountTable } from "./counttable";
import { parseSize, type Count } from "./explorer";
import { Explorer } from "./explorerview";
import { loadOwnMetrics, type OwnMetrics } from "./ownmetrics";
import { Facts, Trouble, type Fact } from "./runtime";

interface Item {
  name: string;
  value: number;
}

interface TsdbStatus {
  headStats: { numSeries: number; numLabelPairs: number; minTime: number; maxTime: number };
  seriesCountByMetricName: Item[];
  labelValueCountByLabelName: Item[];
  memoryInBytesByLabelName: Item[];
  seriesCountByLabelValuePair: Item[];
}

interface Block {
  ulid: string;
  minTime: number;
  maxTime: number;
  stats: { numSamples: number; numSeries: number };
  compaction: { level: number };
}

interface Everything {
  readonly status: TsdbStatus;
  readonly blocks: readonly Block[];
  readonly metrics: OwnMetrics;
  readonly flags: Readonly<Record<string, string>>;
}

async function loadAll(limit: number, signal: AbortSignal): Promise<Answer<Everything>> {
  const [status, blocks, flags, metrics] = await Promise.all([
    api<TsdbStatus>("api/v1/status/tsdb", { limit }, { signal }),
    api<{ blocks: Block[] }>("api/v1/status/tsdb/blocks", {}, { signal }),
    api<Record<string, string>>("api/v1/status/flags", {}, { signal }),
    loadOwnMetrics(signal),
  ]);
  return { ...status, data: { status: status.data, blocks: blocks.data.blocks, metrics, flags: flags.data } };
}

function Limit({ value, limit, text }: { value: number; limit: number; text: string }) {
  if (!(limit > 0)) {
    return <>{text}</>;
  }
  const share = value / limit;
  return (
    <span class="limit">
      {share > 0.8 && <b class="trouble">▲ </b>}
      {text}
      <progress max={1} value={Math.min(1, share)} aria-label={`${Math.round(share * 100)} % of the limit`} />
    </span>
  );
}

function headFacts({ status, metrics, flags }: Everything): Fact[] {
  const { headStats: head } = status;
  const bytes = metrics.get("inferometer_tsdb_head_bytes");
  const seriesMax = Number(flags["storage.max-series"] ?? NaN);
  const series = `${formatExact(head.numSeries)} of ${formatExact(seriesMax)}`;
  const memory = `${formatBytes(bytes)} of ${flags["storage.max-memory"] ?? "–"}`;
  return [
    ["Series", <Limit value={head.numSeries} limit={seriesMax} text={series} />],
    ["Memory", <Limit value={bytes ?? 0} limit={parseSize(flags["storage.max-memory"])} text={memory} />],
    ["Label pairs", formatExact(head.numLabelPairs)],
    ["Samples in memory", formatExact(metrics.get("inferometer_tsdb_head_samples"))],
    ["From", head.numSeries === 0 ? "–" : formatClock(head.minTime)],
    ["To", head.numSeries === 0 ? "–" : formatClock(head.maxTime)],
    [
      "Series refused",
      <Trouble count={metrics.get("inferometer_tsdb_series_refused_total")} what="over the limits" />,
    ],
  ];
}

function diskFacts({ metrics, flags, blocks }: Everything): Fact[] {
  const at = (name: string) => metrics.get(name);
  const stopped = at("inferometer_tsdb_ingestion_stopped");
  const size = flags["storage.tsdb.retention.size"] ?? "";
  return [
    ["Folder", <code>{flags["storage.tsdb.path"] ?? "–"}</code>],
    ["Log", formatBytes(at("prometheus_tsdb_wal_storage_size_bytes"))],
    ["Blocks", `${formatBytes(at("prometheus_tsdb_storage_blocks_bytes"))} in ${blocks.length}`],
    ["Kept for", flags["storage.tsdb.retention.time"] ?? "–"],
    ["Kept up to", /^0/.test(size) || size === "" ? "any size" : size],
    [
      "Takes samples",
      stopped === undefined ? (
        "–"
      ) : stopped === 0 ? (
        <span class="good">✓ yes</span>
      ) : (
        <b class="trouble">✕ no: less than 64 MiB are free on the disk</b>
      ),
    ],
    [
      "Writes of the log failed",
      <Trouble count={at("prometheus_tsdb_wal_writes_failed_total")} what="times" />,
    ],
    [
      "Damages met",
      <Trouble count={at("inferometer_tsdb_damages_total")} what="pieces, moved to quarantine" />,
    ],
  ];
}

const counted = (items: readonly Item[]): Count[] => items.map(({ name, value }) => ({ name, count: value }));

// "a=b", where the value may have "=" in it, as a selector.
function pairHref(pair: string): string {
  const at = pair.indexOf("=");
  return graphHref(`count by (__name__) ({${pair.slice(0, at)}=${JSON.stringify(pair.slice(at + 1))}})`);
}

function Cardinality({ status }: { status: TsdbStatus }) {
  return (
    <div class="fact-grid">
      <CountTable
        title="Metrics with the most series"
        head="Metric"
        unit="Series"
        counts={counted(status.seriesCountByMetricName)}
        onPick={(name) => setParams({ metric: name, label: null })}
      />
      <CountTable
        title="Labels with the most values"
        head="Label"
        unit="Values"
        counts={counted(status.labelValueCountByLabelName)}
        onPick={(name) => setParams({ label: name, metric: null })}
      />
      <CountTable
        title="Pairs with the most series"
        head="Label and value"
        unit="Series"
        counts={counted(status.seriesCountByLabelValuePair)}
        link={pairHref}
      />
      <CountTable
        title="Labels with the most text"
        head="Label"
        unit="Bytes"
        counts={counted(status.memoryInBytesByLabelName)}
        format={formatBytes}
        onPick={(name) => setParams({ label: name, metric: null })}
      />
    </div>
  );
}

function Blocks({ blocks }: { blocks: readonly Block[] }) {
  if (blocks.length === 0) {
    return (
      <p class="muted">No block yet: the first is written when what is in memory is old or large enough.</p>
    );
  }
  return (
    <div class="panel scroll" tabIndex={0} role="region" aria-label="Blocks">
      <table>
        <thead>
          <tr>
            <th scope="col">Block</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" class="number">
              Span
            </th>
            <th scope="col" class="number">
              Series
            </th>
            <th scope="col" class="number">
              Samples
            </th>
            <th scope="col" class="number">
              Level
            </th>
          </tr>
        </thead>
        <tbody>
          {[...blocks]
            .sort((a, b) => b.minTime - a.minTime)
            .map((block) => (
              <tr key={block.ulid}>
                <td>
                  <code>{block.ulid}</code>
                </td>
                <td>{formatClock(block.minTime)}</td>
                <td>{formatClock(block.maxTime)}</td>
                <td class="number">{formatSpan(block.maxTime - block.minTime)}</td>
                <td class="number">{formatExact(block.stats.numSeries)}</td>
                <td class="number">{formatCount(block.stats.numSamples)}</td>
                <td class="number">{block.compaction.level}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

const limits = ["10", "25", "100"] as const;

export function TsdbPage() {
  const range = useRange({ from: "now-1h", to: "now", refresh: "10s" });
  const { params } = useLocation();
  const limit = limits.find((one) => one === params.get("limit")) ?? "10";
  const loaded = useLoad((signal) => loadAll(Number(limit), signal), [limit], range.tick);
  const tools = (
    <label>
      Rows{" "}
      <select
        value={limit}
        onChange={(event) =>
          setParams({ limit: event.currentTarget.value === "10" ? null : event.currentTarget.value })
        }
      >
        {limits.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
  return (
    <StatusPage title="TSDB status" what="the state of the store" status={{ loaded, range }} tools={tools}>
      {(all) => (
        <>
          <div class="fact-grid">
            <Facts title="In memory" facts={headFacts(all)} />
            <Facts title="On disk" facts={diskFacts(all)} />
          </div>
          {all.status.headStats.numSeries === 0 ? (
            <Empty title="Nothing is stored yet">
              The first scrape of a target that is up brings series.
            </Empty>
          ) : (
            <>
              <Explorer />
              <h2>Cardinality</h2>
              <Cardinality status={all.status} />
            </>
          )}
          <h2>Blocks</h2>
          <Blocks blocks={all.blocks} />
        </>
      )}
    </StatusPage>
  );
}
