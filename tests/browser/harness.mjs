// SPDX-License-Identifier: Apache-2.0
// What the browser tests share: the real monitor on a free port, targets whose metrics a test decides on, the
// pipelines of the examples, and pages of a headless Chromium that complain of themselves. Everything that a
// test starts ends with it. From the environment (run.sh sets it):
//
//   IFM_PROGRAMS     the folder of the built programs
//   IFM_SOURCE       the root of the sources; web/node_modules has playwright-core and axe-core
//   IFM_SCREENSHOTS  where pictures go
//   CHROMIUM         the browser
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

const source = process.env.IFM_SOURCE;
const programs = process.env.IFM_PROGRAMS;
const pictures =
  process.env.IFM_SCREENSHOTS ??
  path.join(os.tmpdir(), "inferometer-screenshots");
const require = createRequire(path.join(source, "web", "package.json"));
const { chromium } = require("playwright-core");

// until("what is awaited", async () => ..., seconds): the first value that is neither false, null nor
// undefined.
export async function until(what, condition, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined) {
        return value;
      }
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      assert.fail(
        `${what}: not within ${seconds} s; at last: ${last instanceof Error ? last.message : String(last)}`,
      );
    }
    await pause(50);
  }
}

// await becomes(async () => ..., expected): as assert.deepEqual, of what a page shows as soon as it has drawn it.
export async function becomes(read, expected, message) {
  const end = Date.now() + 20_000;
  for (;;) {
    try {
      return assert.deepEqual(await read(), expected, message);
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
    }
    await pause(50);
  }
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A port that is free, and stays so for whoever listens there again later: it is below those that the system gives
// to the other tests of this moment.
async function freePort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const server = net.createServer();
    const free = await new Promise((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (free) {
      await new Promise((resolve) => server.close(resolve));
      return port;
    }
  }
}

const endings = new WeakMap();

// What ends with the test, the last that was begun first: a page is gone before the monitor that it asks.
function atEnd(t, end) {
  if (!endings.has(t)) {
    const all = [];
    endings.set(t, all);
    t.after(async () => {
      let failure;
      for (const one of all.reverse()) {
        try {
          await one();
        } catch (error) {
          failure ??= error;
        }
      }
      if (failure !== undefined) {
        throw failure;
      }
    });
  }
  endings.get(t).push(end);
}

// A folder that is gone when the test is.
export function scratch(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "inferometer-browser-"));
  atEnd(t, () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// Starts a program and collects what it says. `ended` resolves with its exit code or signal.
export function startProgram(t, program, args, env = {}) {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const run = { child, pid: child.pid, out: "", err: "" };
  child.stdout.on("data", (data) => (run.out += data));
  child.stderr.on("data", (data) => (run.err += data));
  run.ended = new Promise((resolve) => {
    child.on("error", (error) => {
      run.err += error.message;
      resolve("error");
    });
    child.on("exit", (code, signal) => resolve(code ?? signal));
  });
  run.stop = async (signal = "SIGTERM") => {
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await run.ended;
    clearTimeout(late);
  };
  atEnd(t, () => run.stop());
  return run;
}

// The real monitor. `config` is the text of a prometheus.yml, `rules` of a rule file beside it (rules.yml);
// without config it watches `targets` ("127.0.0.1:1234"). restart() brings it back at the same port with its
// store, after stop() or kill().
export async function startMonitor(
  t,
  { config, rules, targets = [], args = [], interval = "1s" } = {},
) {
  const folder = scratch(t);
  const monitor = { folder, port: await freePort(), url: "", run: null };
  monitor.start = async () => {
    const all = [
      "monitor",
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${monitor.port}`,
    ];
    if (rules !== undefined) {
      fs.writeFileSync(`${folder}/rules.yml`, rules);
    }
    if (config !== undefined) {
      fs.writeFileSync(`${folder}/prometheus.yml`, config);
      all.push(`--config.file=${folder}/prometheus.yml`);
    } else {
      all.push(
        `--scrape.interval=${interval}`,
        ...targets.map((target) => `--target=${target}`),
      );
    }
    const run = startProgram(
      t,
      path.join(programs, "inferometer"),
      [...all, ...args],
      {
        XDG_STATE_HOME: `${folder}/state`,
      },
    );
    monitor.run = run;
    monitor.url = await until("the monitor serves", () => {
      assert.equal(run.child.exitCode, null, run.err);
      return /^serving (\S+)$/m.exec(run.out)?.[1];
    });
  };
  monitor.restart = monitor.start;
  monitor.stop = () => monitor.run.stop();
  monitor.kill = () => monitor.run.stop("SIGKILL");
  // The result of an instant query: [{metric, value: [time, text]}].
  monitor.query = async (expr) => {
    const answer = await fetch(
      `${monitor.url}api/v1/query?query=${encodeURIComponent(expr)}`,
    );
    return (await answer.json()).data.result;
  };
  monitor.await = (expr, seconds) =>
    until(
      `"${expr}" has an answer`,
      async () => (await monitor.query(expr)).length > 0,
      seconds,
    );
  await monitor.start();
  return monitor;
}

// A target on a free port. `metrics(seconds)` says what it serves, seconds after its start; set() changes it,
// down() refuses connections, up() takes them again.
export async function startTarget(t, metrics = () => "") {
  const began = Date.now();
  const port = await freePort();
  let server = null;
  const target = {
    host: "",
    url: "",
    scrapes: 0,
    type: "text/plain; version=0.0.4; charset=utf-8",
    set: (changed) => (metrics = changed),
  };
  const serve = (request, response) => {
    target.scrapes++;
    response.setHeader("Content-Type", target.type);
    response.end(metrics((Date.now() - began) / 1000));
  };
  target.up = async () => {
    server = http.createServer(serve);
    await new Promise((resolve, reject) =>
      server.once("error", reject).listen(port, "127.0.0.1", resolve),
    );
    target.host = `127.0.0.1:${port}`;
    target.url = `http://${target.host}/metrics`;
  };
  target.down = async () => {
    const closed = new Promise((resolve) =>
      server === null ? resolve() : server.close(resolve),
    );
    server?.closeAllConnections();
    server = null;
    await closed;
  };
  await target.up();
  atEnd(t, target.down);
  return target;
}

// One monitor for all tests of a file, with one target: begun with the first that asks for it. `metrics` as for
// startTarget(); `ready` is a query that has an answer before any test goes on. end() goes into after().
export function sharedMonitor(metrics, ready, seconds) {
  const endings = [];
  let monitor = null;
  const start = async () => {
    const t = { after: (ending) => endings.push(ending) };
    const target = await startTarget(t, metrics);
    const started = await startMonitor(t, { targets: [target.host] });
    await started.await(ready, seconds);
    return started;
  };
  return {
    get: () => (monitor ??= start()),
    end: async () => {
      for (const ending of endings.reverse()) {
        await ending();
      }
    },
  };
}

const bounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

// A histogram of `count` observations around `mean`, a quarter of them at twice that.
function histogram(name, labels, count, mean) {
  const below = (bound) =>
    bound >= 2 * mean ? count : bound >= mean ? 0.75 * count : 0;
  const lines = bounds.map(
    (bound) =>
      `${name}_bucket{${labels},le="${bound}"} ${Math.floor(below(bound))}`,
  );
  lines.push(`${name}_bucket{${labels},le="+Inf"} ${Math.floor(count)}`);
  lines.push(
    `${name}_sum{${labels}} ${count * mean * 1.25}`,
    `${name}_count{${labels}} ${Math.floor(count)}`,
  );
  return lines.join("\n");
}

const escaped = (value) =>
  value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");

// What a logger of the library serves for pipelines: {name, rate, errors (share), stages: {name: seconds}},
// after so many seconds.
export function pipelineMetrics(pipelines, seconds) {
  const out = [];
  const family = (name, type, lines) =>
    out.push(`# TYPE ${name} ${type}`, ...lines);
  const each = (write) =>
    pipelines.flatMap((pipeline) =>
      write(pipeline, `pipeline="${escaped(pipeline.name)}"`),
    );
  const count = (pipeline) => (pipeline.rate ?? 10) * (seconds + 60);
  const stages = (pipeline) =>
    Object.entries(
      pipeline.stages ?? {
        pre_process: 0.004,
        engine_forward: 0.02,
        post_process: 0.002,
      },
    );
  // By this one the dashboards know which jobs use the library.
  family("inferometer_overflow_updates_total", "counter", [
    "inferometer_overflow_updates_total 0",
  ]);
  family(
    "inference_requests_total",
    "counter",
    each((pipeline, labels) => {
      const failed = Math.floor(count(pipeline) * (pipeline.errors ?? 0));
      return [
        `inference_requests_total{${labels},outcome="success"} ${Math.floor(count(pipeline)) - failed}`,
        `inference_requests_total{${labels},outcome="error"} ${failed}`,
      ];
    }),
  );
  family(
    "inference_requests_in_flight",
    "gauge",
    each((pipeline, labels) => [
      `inference_requests_in_flight{${labels}} ${pipeline.inFlight ?? 2}`,
    ]),
  );
  family(
    "inference_duration_seconds",
    "histogram",
    each((pipeline, labels) => {
      const mean = stages(pipeline).reduce((sum, [, value]) => sum + value, 0);
      return [
        histogram("inference_duration_seconds", labels, count(pipeline), mean),
      ];
    }),
  );
  family(
    "inference_stage_duration_seconds",
    "histogram",
    each((pipeline, labels) =>
      stages(pipeline).map(([stage, mean]) =>
        histogram(
          "inference_stage_duration_seconds",
          `${labels},stage="${escaped(stage)}"`,
          count(pipeline),
          mean,
        ),
      ),
    ),
  );
  return out.join("\n") + "\n";
}

// One of the examples' pipelines, with real timings; resolves with its URL of metrics.
export async function startSamplePipeline(t, args = []) {
  const run = startProgram(
    t,
    path.join(programs, "sample_pipeline"),
    ["--port", "any", ...args],
    {
      XDG_STATE_HOME: `${scratch(t)}/state`,
    },
  );
  const url = await until(
    "the sample pipeline serves",
    () => /serving ([^;\s]*);/.exec(run.out + run.err)?.[1],
  );
  return { run, url, host: new URL(url).host };
}

let browser = null;

async function theBrowser() {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
  return browser;
}

// To be called once, when all tests of the file are over: after(closeBrowser).
export async function closeBrowser() {
  await browser?.close();
  browser = null;
}

// A page of a browser that has seen nothing before. When the test ends, its console has no error, no script
// threw, and it asked no host but the monitor's; what a test provokes on purpose it allows:
// problems.allow(/pattern/).
export async function openPage(
  t,
  url,
  { width = 1280, height = 900, theme = "light", context: options = {} } = {},
) {
  const context = await (
    await theBrowser()
  ).newContext({
    viewport: { width, height },
    colorScheme: theme,
    timezoneId: "UTC",
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  const problems = watch(page, new URL(url).origin);
  atEnd(t, async () => {
    const found = problems.list();
    await context.close();
    assert.deepEqual(
      found,
      [],
      "the page complains of nothing, and asks nobody else",
    );
  });
  await page.goto(url);
  return { page, context, problems };
}

function watch(page, origin) {
  const found = [];
  const allowed = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      found.push(`console: ${message.text()} (${message.location().url})`);
    }
  });
  page.on("pageerror", (error) =>
    found.push(`error: ${error.stack ?? error.message}`),
  );
  page.on("request", (request) => {
    const asked = request.url();
    if (!asked.startsWith(origin + "/") && !/^(data|blob):/.test(asked)) {
      found.push(`request elsewhere: ${asked}`);
    }
  });
  return {
    allow: (pattern) => allowed.push(pattern),
    list: () =>
      found.filter(
        (problem) => !allowed.some((pattern) => pattern.test(problem)),
      ),
  };
}

// No fault that axe calls serious or critical.
export async function checkAccessible(page, what) {
  const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axe); // not a script element: the page's policy would refuse it
  const faults = await page.evaluate(async () => {
    const result = await globalThis.axe.run(document, {
      resultTypes: ["violations"],
    });
    return result.violations
      .filter(
        (violation) =>
          violation.impact === "serious" || violation.impact === "critical",
      )
      .map(
        (violation) =>
          `${violation.id}: ${violation.help}: ${violation.nodes
            .slice(0, 3)
            .map(
              (node) => `${node.target.join(" ")} ${node.failureSummary ?? ""}`,
            )
            .join(" | ")}`,
      );
  });
  assert.deepEqual(faults, [], `${what}: no serious fault of accessibility`);
}

// A picture of the whole page in the build tree. The window is made as high as the page, since what is out of sight
// is not drawn.
export async function picture(page, name) {
  fs.mkdirSync(pictures, { recursive: true });
  const size = page.viewportSize();
  const height = await page.evaluate(
    () => document.documentElement.scrollHeight,
  );
  await page.setViewportSize({
    width: size.width,
    height: Math.min(Math.max(height, size.height), 6000),
  });
  await pause(height > size.height ? 1000 : 100);
  await page.screenshot({ path: path.join(pictures, `${name}.png`) });
  await page.setViewportSize(size);
}

// The same page light, dark, and as wide as a phone.
export async function pictures3(page, name) {
  await page.emulateMedia({ colorScheme: "light" });
  await pause(200);
  await picture(page, `${name}-light`);
  await page.emulateMedia({ colorScheme: "dark" });
  await pause(200);
  await picture(page, `${name}-dark`);
  const size = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 760 });
  await pause(300);
  await picture(page, `${name}-phone`);
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: "light" });
}
