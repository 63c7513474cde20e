// SPDX-License-Identifier: Apache-2.0
// What stands there while there is no pipeline: what is missing, and how to get one; and targets that are
// down, which is the likeliest reason.
import type { Target, Targets } from "../api/types";
import { sentence } from "../app/states";
import { href } from "../app/url";
import { useNow } from "./clock";
import { readTime } from "./format";
import { scrapeHint } from "./hints";
import { intervalMs } from "./windows";

const snippet = `ifm_logger *logger = ifm_logger_open(&(ifm_logger_options){.port = 8000}, &err);
ifm_pipeline *ocr = ifm_logger_pipeline(logger, "ocr", &err);
ifm_inference run = ifm_inference_begin(ocr); /* stages: ifm_inference_stage(&run, IFM_ENGINE_FORWARD) */
ifm_inference_end(&run, IFM_SUCCESS);`;

// The monitor watches itself, which is no pipeline.
function isMonitor(target: Target): boolean {
  return target.labels["job"] === "inferometer-monitor" || target.scrapePool === "inferometer-monitor";
}

function Waiting({ targets }: { targets: readonly Target[] }) {
  const now = useNow(500);
  const next = Math.min(
    ...targets.map((target) => (readTime(target.lastScrape) ?? now) + intervalMs(target)),
  );
  const left = Math.ceil((next - now) / 1000);
  return (
    <p role="status">
      Waiting for the first numbers of {targets.map((target) => target.labels["instance"]).join(", ")}
      {left > 0 && Number.isFinite(left) ? ` (in ${left} s at the latest)` : ""}…
    </p>
  );
}

export function DownTargets({ targets, most = 5 }: { targets: readonly Target[]; most?: number }) {
  const down = targets.filter((target) => target.health === "down");
  if (down.length === 0) {
    return null;
  }
  return (
    <section class="down-targets panel" aria-label="Targets that are down">
      <h2>
        <span class="badge bad">✕ {down.length} down</span>{" "}
        <a href={href("targets", { health: "down" })}>Targets</a>
      </h2>
      <ul>
        {down.slice(0, most).map((target) => {
          const hint = scrapeHint(target.lastError);
          return (
            <li key={`${target.scrapePool} ${target.scrapeUrl}`}>
              <b>{target.labels["instance"] ?? target.scrapeUrl}</b>{" "}
              <span class="muted">{target.labels["process"] ?? target.labels["job"]}</span>
              <span class="down-error">{sentence(target.lastError)}</span>
              {hint !== null && (
                <span class="down-hint">
                  {hint.cause} {hint.todo}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {down.length > most && <a href={href("targets", { health: "down" })}>and {down.length - most} more</a>}
    </section>
  );
}

function title(others: readonly Target[]): string {
  const up = others.filter((target) => target.health === "up").length;
  if (others.length === 0) {
    return "There is no pipeline yet: nothing but the monitor itself is watched";
  }
  if (up > 0) {
    const are = up === 1 ? "is" : "are";
    return `There is no pipeline yet: ${up} of ${others.length} targets ${are} up, and none has one`;
  }
  return others.some((target) => target.health === "unknown")
    ? "There is no pipeline yet: the targets have not been scraped"
    : `There is no pipeline yet: ${others.length === 1 ? "the only target is" : "all targets are"} down`;
}

function HowTo() {
  return (
    <>
      <p>
        A pipeline appears here by itself within two scrapes, once a program of yours on this machine measures
        one:
      </p>
      <pre class="snippet" tabIndex={0}>
        {snippet}
      </pre>
      <p>
        Link it with <code>cc main.c $(pkg-config --cflags --libs inferometer)</code>, in CMake by{" "}
        <code>target_link_libraries(main inferometer::inferometer)</code>.
      </p>
      <p>
        A program on another machine is watched with <code>inferometer monitor --target HOST:PORT</code>, or
        by a <code>scrape_configs</code> entry of <code>--config.file</code>.{" "}
        <a href={href("targets")}>Targets</a> says what is watched now.
      </p>
    </>
  );
}

export function NoPipeline({ targets }: { targets: Targets }) {
  const others = targets.activeTargets.filter((target) => !isMonitor(target));
  const waiting = others.filter((target) => target.health === "unknown");
  return (
    <>
      <div class="panel no-pipeline">
        <h2>{title(others)}</h2>
        {waiting.length > 0 && <Waiting targets={waiting} />}
        <HowTo />
      </div>
      <DownTargets targets={targets.activeTargets} />
    </>
  );
}
