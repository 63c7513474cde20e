// SPDX-License-Identifier: Apache-2.0
// The monitor itself: version, start, configuration, store, process.
import type { ComponentChildren } from "preact";
import { api, type Answer } from "../../api/client";
import { useLoad } from "../../api/use";
import { useRange } from "../../app/range";
import { href } from "../../app/url";
import {
  formatAgo,
  formatBytes,
  formatClock,
  formatCount,
  formatExact,
  formatSeconds,
  formatSpan,
  readTime,
} from "../../overview/format";
import { Ago, StatusPage } from "./common";
import { loadOwnMetrics, type OwnMetrics } from "./ownmetrics";

interface RuntimeInfo {
  startTime: string;
  CWD: string;
  hostname: string;
  serverTime: string;
  reloadConfigSuccess: boolean;
  lastConfigTime: string;
  corruptionCount: number;
  GOMAXPROCS: number;
  storageRetention: string;
}

interface BuildInfo {
  version: string;
  revision: string;
}

interface Everything {
  readonly runtime: RuntimeInfo;
  readonly build: BuildInfo;
  readonly metrics: OwnMetrics;
}

async function loadAll(signal: AbortSignal): Promise<Answer<Everything>> {
  const [runtime, build, metrics] = await Promise.all([
    api<RuntimeInfo>("api/v1/status/runtimeinfo", {}, { signal }),
    api<BuildInfo>("api/v1/status/buildinfo", {}, { signal }),
    loadOwnMetrics(signal),
  ]);
  return { ...runtime, data: { runtime: runtime.data, build: build.data, metrics } };
}

export type Fact = readonly [name: string, value: ComponentChildren];

export function Facts({ title, facts }: { title: string; facts: readonly Fact[] }) {
  return (
    <section class="panel facts">
      <h2>{title}</h2>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

// A count that should be nothing.
export function Trouble({ count, what }: { count: number | undefined; what: string }) {
  if (count === undefined) {
    return <>–</>;
  }
  return count === 0 ? (
    <span class="good">✓ none</span>
  ) : (
    <b class="trouble">
      ✕ {formatExact(count)} {what}
    </b>
  );
}

function monitorFacts({ runtime, build }: Everything): Fact[] {
  const start = readTime(runtime.startTime);
  return [
    ["Version", build.revision.replace(/^inferometer-/, "")],
    ["Speaks the API of", `Prometheus ${build.version}`],
    ["Host", runtime.hostname],
    ["Started", start === null ? "–" : formatClock(start, 0)],
    ["Up for", start === null ? "–" : formatSpan((readTime(runtime.serverTime) ?? Date.now()) - start)],
    ["Working folder", <code>{runtime.CWD}</code>],
    ["Its clock", formatClock(readTime(runtime.serverTime) ?? 0, 0)],
  ];
}

function configFacts({ runtime }: Everything): Fact[] {
  return [
    [
      "Configuration",
      runtime.reloadConfigSuccess ? (
        <span class="good">✓ read</span>
      ) : (
        <b class="trouble">✕ the last one could not be read: the one before is in use; the log says why</b>
      ),
    ],
    ["Read", <Ago ms={readTime(runtime.lastConfigTime)} format={formatAgo} />],
    ["Retention", runtime.storageRetention],
    ["Damaged files met", <Trouble count={runtime.corruptionCount} what="pieces, moved to quarantine" />],
  ];
}

function processFacts({ runtime, metrics }: Everything): Fact[] {
  const at = (name: string) => metrics.get(name);
  const cpu = at("process_cpu_seconds_total");
  const started = at("process_start_time_seconds");
  const age = started === undefined ? null : (readTime(runtime.serverTime) ?? 0) / 1000 - started;
  const share =
    cpu === undefined || age === null || age <= 0
      ? ""
      : `, ${((cpu / age) * 100).toFixed(1)} % of a processor`;
  return [
    ["Processor time", cpu === undefined ? "–" : `${formatSeconds(cpu)}${share}`],
    ["Processors", String(runtime.GOMAXPROCS)],
    ["Memory, resident", formatBytes(at("process_resident_memory_bytes"))],
    ["Memory, heap", formatBytes(at("process_heap_bytes"))],
    ["Threads", formatCount(at("process_threads"))],
    ["Open files", `${formatCount(at("process_open_fds"))} of ${formatCount(at("process_max_fds"))}`],
  ];
}

function workFacts({ metrics }: Everything): Fact[] {
  const at = (name: string) => metrics.get(name);
  return [
    ["Scrapes", formatExact(at("inferometer_scrapes_total"))],
    ["Failed scrapes", formatExact(at("inferometer_scrapes_failed_total"))],
    ["Samples stored", formatExact(at("prometheus_tsdb_head_samples_appended_total"))],
    ["Requests", formatExact(at("inferometer_http_requests_total"))],
    ["Connections", formatCount(at("inferometer_http_connections"))],
    ["Queries", formatExact(at("inferometer_queries_total"))],
    ["Queries refused", <Trouble count={at("inferometer_queries_refused_total")} what="too many at once" />],
    ["Queries timed out", <Trouble count={at("inferometer_queries_timed_out_total")} what="took too long" />],
  ];
}

export function RuntimePage() {
  const range = useRange({ from: "now-1h", to: "now", refresh: "10s" });
  const loaded = useLoad(loadAll, [], range.tick);
  return (
    <StatusPage title="Runtime" what="what the monitor says of itself" status={{ loaded, range }}>
      {(all) => (
        <>
          <div class="fact-grid">
            <Facts title="Monitor" facts={monitorFacts(all)} />
            <Facts title="Configuration and store" facts={configFacts(all)} />
            <Facts title="Process" facts={processFacts(all)} />
            <Facts title="Work since the start" facts={workFacts(all)} />
          </div>
          <p class="muted">
            More: <a href={href("tsdb-status")}>Store</a>, <a href={href("config")}>Configuration</a>,{" "}
            <a href={href("flags")}>Flags</a>, <a href={href("metrics")}>its own metrics</a>
          </p>
        </>
      )}
    </StatusPage>
  );
}
