// SPDX-License-Identifier: Apache-2.0
// usage: node bench/web_bench.mjs PROGRAMS SOURCE [--rounds N] [--json FILE] [--update-docs FILE]
//
// How long the dashboard "Stages" with 30 panels over six hours of data takes in a headless Chromium: from the request
// of a panel to its picture, and the longest task of the page's main thread, at first, at each refresh and while it is
// scrolled. The data are imported, and a target goes on with them, scraped every five seconds.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const [programs, source, ...options] = process.argv.slice(2);
const option = (name, standard) => {
  const at = options.indexOf(name);
  return at < 0 ? standard : options[at + 1];
};
if (source === undefined) {
  console.error(
    "usage: node bench/web_bench.mjs PROGRAMS SOURCE [--rounds N] [--json FILE] [--update-docs FILE]",
  );
  process.exit(2);
}
process.env.IFM_PROGRAMS = path.resolve(programs);
process.env.IFM_SOURCE = path.resolve(source);
const harness = await import(path.resolve(source, "tests/browser/harness.mjs"));

const rounds = Number(option("--rounds", "12")); // refreshes that are measured
const hours = 6;
const stepSeconds = 5;
const stageCount = 13; // five panels, and two for each stage: 31
const endings = [];
const t = { after: (ending) => endings.push(ending) }; // what the harness takes for a test

const stages = Object.fromEntries(
  Array.from({ length: stageCount }, (_unused, i) => [
    `stage_${String(i).padStart(2, "0")}`,
    0.002 * (i + 1),
  ]),
);
const pipelines = [{ name: "bench", rate: 20, stages }];

// The samples of six hours, as OpenMetrics: each series with all of its times.
function writeHistory(file, now) {
  const series = new Map();
  const begin = -hours * 3600;
  for (let at = begin; at < 0; at += stepSeconds) {
    for (const line of harness
      .pipelineMetrics(pipelines, at - begin)
      .split("\n")) {
      const space = line.lastIndexOf(" ");
      if (line !== "" && !line.startsWith("#")) {
        const name = line.slice(0, space);
        const labels = name.includes("{")
          ? name.replace("{", '{job="inferometer",instance="bench",')
          : `${name}{job="inferometer",instance="bench"}`;
        const lines = series.get(labels) ?? [];
        series.set(labels, lines);
        lines.push(`${labels} ${line.slice(space + 1)} ${now + at}`);
      }
    }
  }
  const out = fs.openSync(file, "w");
  for (const lines of series.values()) {
    fs.writeSync(out, lines.join("\n") + "\n");
  }
  fs.writeSync(out, "# EOF\n");
  fs.closeSync(out);
  return series.size;
}

function importHistory(folder) {
  const file = path.join(folder, "history.om");
  const count = writeHistory(file, Math.floor(Date.now() / 1000));
  const run = spawnSync(
    path.join(programs, "inferometer"),
    [
      "tsdb",
      "create-blocks-from",
      "openmetrics",
      file,
      path.join(folder, "data"),
    ],
    { encoding: "utf8" },
  );
  fs.rmSync(file);
  if (run.status !== 0) {
    throw new Error(`could not import the history: ${run.stderr}`);
  }
  return count;
}

const median = (values) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const quantile = (values, q) =>
  [...values].sort((a, b) => a - b)[
    Math.min(values.length - 1, Math.floor(values.length * q))
  ];

// Tasks of the page's main thread while `what` runs, in milliseconds.
async function traced(page, what) {
  const client = await page.context().newCDPSession(page);
  const events = [];
  client.on("Tracing.dataCollected", (data) => events.push(...data.value));
  await client.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: {
      includedCategories: ["toplevel", "devtools.timeline", "__metadata"],
    },
  });
  await what();
  const complete = new Promise((resolve) =>
    client.once("Tracing.tracingComplete", resolve),
  );
  await client.send("Tracing.end");
  await complete;
  await client.detach();
  const mains = new Set(
    events
      .filter(
        (event) =>
          event.name === "thread_name" && event.args.name === "CrRendererMain",
      )
      .map((event) => `${event.pid} ${event.tid}`),
  );
  return events
    .filter(
      (event) => event.name === "RunTask" || event.name.endsWith("::RunTask"),
    )
    .filter((event) => mains.has(`${event.pid} ${event.tid}`))
    .map((event) => (event.dur ?? 0) / 1000);
}

// From request to picture, of the panels that were drawn since the last call.
const drawn = (page) =>
  page.evaluate(() => {
    const entries = performance
      .getEntriesByName("inferometer-panel", "measure")
      .map((entry) => entry.duration);
    performance.clearMeasures("inferometer-panel");
    return entries;
  });

async function measure() {
  const monitorFolder = fs.mkdtempSync(
    path.join(os.tmpdir(), "inferometer-bench-"),
  );
  t.after(() => fs.rmSync(monitorFolder, { recursive: true, force: true }));
  const series = importHistory(monitorFolder);
  const target = await harness.startTarget(t, (seconds) =>
    harness.pipelineMetrics(pipelines, hours * 3600 + seconds),
  );
  const monitor = await harness.startMonitor(t, {
    config: `global: {scrape_interval: ${stepSeconds}s}
scrape_configs:
  - job_name: inferometer
    static_configs: [{targets: ["${target.host}"], labels: {instance: bench}}]
`,
    args: [`--storage.tsdb.path=${monitorFolder}/data`],
  });
  await monitor.await('inference_requests_total{instance="bench"}');
  const { page } = await harness.openPage(t, monitor.url, { height: 1000 });
  const began = Date.now();
  await page.goto(
    `${monitor.url}d/inferometer-stages?from=now-${hours}h&to=now&refresh=off`,
  );
  await harness.until(
    "the first panels are drawn",
    async () =>
      (await page.evaluate(
        () =>
          performance.getEntriesByName("inferometer-panel", "measure").length,
      )) >= 3,
  );
  const first = Date.now() - began;
  const panels = await page.locator("[data-panel-id]").count();
  await drawn(page);
  const scrollTasks = await traced(page, () => scroll(page));
  const scrolled = await drawn(page);
  const refresh = { drawn: [], tasks: [] };
  for (let i = 0; i < rounds; i++) {
    refresh.tasks.push(
      ...(await traced(page, async () => {
        await page.getByRole("button", { name: "Refresh now" }).click();
        await page.waitForLoadState("networkidle");
        await harness.pause(400);
      })),
    );
    refresh.drawn.push(...(await drawn(page)));
  }
  return {
    series,
    panels,
    first_ms: first,
    scrolled,
    scroll_tasks: scrollTasks,
    refreshed: refresh.drawn,
    refresh_tasks: refresh.tasks,
  };
}

// Down to the end and up again, a wheel's turn at a time.
async function scroll(page) {
  await page.mouse.move(640, 500);
  for (const direction of [300, -300]) {
    for (let i = 0; i < 30; i++) {
      await page.mouse.wheel(0, direction);
      await harness.pause(60);
    }
  }
  await page.waitForLoadState("networkidle");
}

function table(result) {
  const ms = (value) =>
    value === undefined ? "-" : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  const row = (what, values) =>
    `| ${what} | ${ms(median(values))} | ${ms(quantile(values, 0.95))} | ${ms(Math.max(...values))} |`;
  return [
    `${result.panels} panels over ${hours} hours of ${result.series} series, a sample every ${stepSeconds} s; the ` +
      `first panels are drawn ${result.first_ms} ms after the address was entered.`,
    "",
    "| | median | p95 | longest |",
    "|---|---|---|---|",
    row(
      `from the request of a panel to its picture, ${rounds} refreshes`,
      result.refreshed,
    ),
    row("the same while scrolling, at first sight", result.scrolled),
    row(
      "tasks of the page, on refresh",
      result.refresh_tasks.filter((task) => task >= 1),
    ),
    row(
      "tasks of the page, while scrolling",
      result.scroll_tasks.filter((task) => task >= 1),
    ),
  ].join("\n");
}

try {
  const result = await measure();
  const text = table(result);
  console.log(text);
  if (option("--json") !== undefined) {
    fs.writeFileSync(option("--json"), JSON.stringify(result, null, 1));
  }
  const docs = option("--update-docs");
  if (docs !== undefined) {
    const marks =
      /(<!-- bench web: begin -->\n)[\s\S]*?(<!-- bench web: end -->)/;
    fs.writeFileSync(
      docs,
      fs
        .readFileSync(docs, "utf8")
        .replace(marks, (_all, begin, end) => `${begin}${text}\n${end}`),
    );
  }
} finally {
  await harness.closeBrowser();
  for (const ending of endings.reverse()) {
    await ending();
  }
}
