// SPDX-License-Identifier: Apache-2.0
// Dashboards: ours, those that others write for inference servers (dashboards/*.json, their shapes written
// anew), what is dropped on the page, many panels, hostile names, and what cannot be drawn.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, test } from "node:test";
import {
  becomes,
  checkAccessible,
  closeBrowser,
  openPage,
  pause,
  picture,
  pictures3,
  pipelineMetrics,
  sharedMonitor,
  until,
} from "./harness.mjs";

const folder = new URL("dashboards/", import.meta.url);
const fixture = (name) => fs.readFileSync(new URL(name, folder), "utf8");
const hostile = '<img src=x onerror="document.title=1">&"\\\u202e${job}';
const escaped = (value) =>
  value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");

function series(name, type, lines) {
  return [`# TYPE ${name} ${type}`, ...lines];
}

function histogram(name, labels, count, bounds) {
  const inner = labels === "" ? "" : `${labels},`;
  const lines = bounds.map(
    (bound, i) =>
      `${name}_bucket{${inner}le="${bound}"} ${Math.floor((count * (i + 1)) / bounds.length)}`,
  );
  return series(name, "histogram", [
    ...lines,
    `${name}_bucket{${inner}le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${count * 0.3}`,
    `${name}_count{${labels}} ${count}`,
  ]);
}

// What the servers that the fixtures are for would serve.
function servers(seconds) {
  const n = Math.floor(10 * (seconds + 60));
  const model = 'model_name="llama"';
  const time = [0.1, 0.25, "1.0", "2.5"];
  return (
    [
      ...[
        "e2e_request_latency_seconds",
        "time_per_output_token_seconds",
        "time_to_first_token_seconds",
        "request_queue_time_seconds",
        "request_prefill_time_seconds",
        "request_decode_time_seconds",
      ].flatMap((name) => histogram(`vllm:${name}`, model, n, time)),
      ...histogram("vllm:request_prompt_tokens", model, n, [10, 100, 1000]),
      ...series("vllm:prompt_tokens_total", "counter", [
        `vllm:prompt_tokens_total{${model}} ${n * 50}`,
      ]),
      ...series("vllm:generation_tokens_total", "counter", [
        `vllm:generation_tokens_total{${model}} ${n * 20}`,
      ]),
      ...series(
        "vllm:request_success_total",
        "counter",
        ["stop", "length"].map(
          (reason, i) =>
            `vllm:request_success_total{${model},finished_reason="${reason}"} ${n * (2 - i)}`,
        ),
      ),
      ...[
        "num_requests_running 3",
        "num_requests_waiting 1",
        "gpu_cache_usage_perc 0.4",
      ].flatMap((text) => {
        const [name, value] = text.split(" ");
        return series(`vllm:${name}`, "gauge", [
          `vllm:${name}{${model}} ${value}`,
        ]);
      }),
      ...series(
        "http_requests_total",
        "counter",
        ["2xx", "5xx"].map(
          (status, i) =>
            `http_requests_total{status="${status}"} ${n * (100 - 99 * i)}`,
        ),
      ),
      ...[
        "nv_inference_count",
        "nv_inference_request_success",
        "nv_inference_request_failure",
        "nv_inference_compute_infer_duration_us",
        "nv_inference_queue_duration_us",
      ].flatMap((name) =>
        series(
          name,
          "counter",
          ["a", "b"].map((pod) => `${name}{model="resnet",pod="${pod}"} ${n}`),
        ),
      ),
      ...series("nv_gpu_utilization", "gauge", [
        'nv_gpu_utilization{gpu="0"} 0.8',
      ]),
      ...series("nv_gpu_power_usage", "gauge", [
        'nv_gpu_power_usage{gpu="0"} 220',
      ]),
      ...histogram("tgi_request_inference_duration", "", n, time),
      ...histogram("tgi_request_queue_duration", "", n, time),
      ...series("tgi_request_generated_tokens_sum", "counter", [
        `tgi_request_generated_tokens_sum ${n * 9}`,
      ]),
      ...series("tgi_queue_size", "gauge", [
        'tgi_queue_size{service="text"} 7',
      ]),
      ...series("tgi_request_failure", "counter", [
        `tgi_request_failure{err="overloaded"} ${n}`,
      ]),
      ...[
        "DCGM_FI_DEV_GPU_TEMP 60",
        "DCGM_FI_DEV_POWER_USAGE 210",
        "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE 0.5",
      ].flatMap((text) => {
        const [name, value] = text.split(" ");
        return series(
          name,
          "gauge",
          ["0", "1"].map((gpu) => `${name}{gpu="${gpu}"} ${value}`),
        );
      }),
      ...histogram("total_inference_sample_pipeline_name", "", n, time),
      ...series("named", "gauge", [
        `named{name="${escaped(hostile)}"} 1`,
        'named{name="plain"} 2',
      ]),
    ].join("\n") + "\n"
  );
}

const pipelines = [
  {
    name: "ocr",
    rate: 20,
    errors: 0.02,
    stages: { pre_process: 0.01, engine_forward: 0.05, post_process: 0.004 },
  },
  { name: "classify", rate: 50 },
];

// One monitor for all tests: each has a browser of its own, and none changes what is served.
const shared = sharedMonitor(
  (seconds) => pipelineMetrics(pipelines, seconds) + servers(seconds),
  "rate(nv_inference_count[4s]) > 0",
  30,
);

after(async () => {
  await closeBrowser();
  await shared.end();
});

// All panels, also those that are below the window: each is scrolled to, so that it asks.
async function settle(page) {
  await page.locator(".dash-panel").first().waitFor();
  const count = await page.locator(".dash-panel").count();
  for (let i = 0; i < count; i += 3) {
    await page.locator(".dash-panel").nth(i).scrollIntoViewIfNeeded();
    await pause(60);
  }
  await until(
    "no panel is loading",
    async () =>
      (await page.locator('.dash-panel[aria-busy="true"]').count()) === 0,
  );
  await page.evaluate(() => window.scrollTo(0, 0));
  await pause(150);
}

const texts = (page, selector) => page.locator(selector).allTextContents();

async function openText(page, source) {
  await page.getByRole("button", { name: "Paste JSON" }).click();
  await page.getByRole("textbox", { name: "JSON of a dashboard" }).fill(source);
  await page.getByRole("button", { name: "Open", exact: true }).click();
}

// A file dropped on the page, as a browser does it.
async function drop(page, name, source) {
  const data = await page.evaluateHandle(
    ({ name, source }) => {
      const transfer = new DataTransfer();
      transfer.items.add(
        new File([source], name, { type: "application/json" }),
      );
      return transfer;
    },
    { name, source },
  );
  await page.dispatchEvent("body", "dragover", { dataTransfer: data });
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
}

test("the dashboards of the program have no panel that cannot be drawn", async (t) => {
  const monitor = await shared.get();
  const { page } = await openPage(t, monitor.url + "dashboards");
  await page.getByRole("link", { name: "Inferometer Stages" }).waitFor();
  assert.equal(await page.locator(".listed").count(), 5);
  await checkAccessible(page, "the list of dashboards");
  await pictures3(page, "dashboards");
  for (const name of [
    "overview",
    "stages",
    "host",
    "generative",
    "sample-pipeline",
  ]) {
    await page.goto(`${monitor.url}d/inferometer-${name}?refresh=off`);
    await settle(page);
    assert.deepEqual(await texts(page, ".unsupported"), [], name);
    assert.deepEqual(
      await texts(page, ".panel-failures, .state-failure"),
      [],
      name,
    );
    assert.ok((await page.locator(".dash-panel").count()) >= 8, name);
    await checkAccessible(page, name);
    await pictures3(page, `dashboard-${name}`);
  }
});

test("the Overview has a line for each pipeline, which leads to its stages", async (t) => {
  const monitor = await shared.get();
  const { page } = await openPage(
    t,
    `${monitor.url}d/inferometer-overview?refresh=off`,
  );
  await page.getByRole("link", { name: "ocr", exact: true }).click();
  await page.waitForURL(/d\/inferometer-stages\?.*var-pipeline=ocr/);
  await page.getByRole("heading", { name: "Stage engine_forward" }).waitFor();
  const rows = await texts(page, ".dash-row");
  assert.deepEqual(
    rows.map((row) => row.replace(/^\S+ /, "")),
    ["Stage engine_forward", "Stage post_process", "Stage pre_process"],
  );
});

for (const name of [
  "tokens-old",
  "tokens-new",
  "model-server",
  "model-server-rows",
  "text-server",
  "accelerators",
  "prototype",
  "shares",
]) {
  test(`a dashboard of the shape "${name}" has no panel that cannot be drawn`, async (t) => {
    const monitor = await shared.get();
    const { page } = await openPage(t, monitor.url + "dashboards");
    await openText(page, fixture(`${name}.json`));
    await page.waitForURL(new RegExp(`/d/kept-${name}`));
    for (const closed of await page
      .locator('.dash-row [aria-expanded="false"]')
      .all()) {
      await closed.click();
    }
    await settle(page);
    assert.deepEqual(await texts(page, ".unsupported"), []);
    assert.deepEqual(await texts(page, ".panel-failures, .state-failure"), []);
    assert.deepEqual(
      await texts(page, ".panel-empty"),
      [],
      "each panel has something to draw",
    );
    await picture(page, `fixture-${name}`);
  });
}

test("the table of a late dashboard is merged and organized, and filters by a click", async (t) => {
  const monitor = await shared.get();
  const { page } = await openPage(t, monitor.url + "dashboards");
  await openText(page, fixture("tokens-new.json"));
  const table = page.locator('[aria-label="Models"]').locator("table");
  await table.waitFor();
  const heads = (await table.locator("th").allTextContents()).map((text) =>
    text.replace(/[^\w /]/g, "").trim(),
  );
  assert.deepEqual(heads, [
    "Model",
    "Requests/s",
    "TTFT p95",
    "Running",
    "Cache",
  ]);
  await table.getByRole("link", { name: "llama" }).click();
  await page.waitForURL(/var-model_name=llama/);
  await page.getByRole("button", { name: "Model: llama" }).waitFor();
});

test("an expression is calculated from the queries it names", async (t) => {
  const monitor = await shared.get();
  const { page } = await openPage(t, monitor.url + "dashboards");
  await openText(page, fixture("prototype.json"));
  const panel = page.locator(".dash-panel", {
    hasText: "Total inference: mean (over last 1m)",
  });
  await panel.focus();
  await page.keyboard.press("d");
  await until("the mean is 300 ms", async () =>
    /300 ms/.test((await panel.textContent()) ?? ""),
  );
  assert.equal(
    await page.locator("img").count(),
    0,
    "no picture of another host",
  );
});

test("a dropped file is opened, kept, listed, exported as it came and removed", async (t) => {
  const monitor = await shared.get();
  const { page } = await openPage(t, monitor.url + "dashboards");
  await page.getByRole("heading", { name: "Dashboards" }).waitFor();
  const source = fixture("prototype.json");
  await drop(page, "prototype.json", source);
  await page.waitForURL(/\/d\/kept-prototype/);
  await page.reload();
  await page.getByRole("heading", { name: "Prototype" }).waitFor();
  await page.getByRole("button", { name: "Menu of this dashboard" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export JSON" }).click(),
  ]);
  assert.equal(fs.readFileSync(await download.path(), "utf8"), source);
  await page.goto(monitor.url + "dashboards");
  await page.getByRole("link", { name: "Prototype" }).waitFor();
  await page
    .getByRole("button", { name: "Remove Prototype from this browser" })
    .click();
  await until(
    "it is gone",
    async () =>
      (await page.getByRole("link", { name: "Prototype" }).count()) === 0,
  );
});

test("what is no dashboard is refused with a sentence", async (t) => {
  const monitor = await shared.get();
  const { page } = await openPage(t, monitor.url + "dashboards");
  await page.getByRole("heading", { name: "Dashboards" }).waitFor();
  for (const [name, source, sentence] of [
    ["broken.json", "{", /Could not open "broken.json": .*not JSON/],
    ["v2.json", fixture("v2.json"), /format v2 .*"Classic"/],
    ["list.json", "[1]", /not an object with panels/],
  ]) {
    await drop(page, name, source);
    await page.getByText(sentence).waitFor();
  }
});

test("a panel that cannot be drawn shows its type and its query, one that fails its sentence", async (t) => {
  const monitor = await shared.get();
  const { page, problems } = await openPage(t, monitor.url + "dashboards");
  problems.allow(/status of 400/);
  await openText(page, fixture("unsupported.json"));
  await settle(page);
  const map = page.locator('[data-type="geomap"]');
  assert.match(
    await map.textContent(),
    /unsupported panel: geomap.*sum by \(job\) \(up\).*Hint/s,
  );
  assert.match(
    await page.locator('[data-type="logs"]').textContent(),
    /loki.*unsupported panel: logs.*vllm/s,
  );
  assert.match(
    await page.locator(".dash-panel", { hasText: "Mixed" }).textContent(),
    /Query B: .*"loki"/,
  );
  assert.match(
    await page.locator(".dash-panel", { hasText: "Wrong query" }).textContent(),
    /Query A: .*parse/i,
  );
  await map.focus();
  await page.keyboard.press("d");
  await map.locator("table").waitFor();
});

test("pies, bars and states speak to keys and ears too", async (t) => {
  const monitor = await shared.get();
  const { page } = await openPage(t, monitor.url + "dashboards");
  await openText(page, fixture("shares.json"));
  await settle(page);
  await checkAccessible(page, "pies, bars and states");
  const panel = (title) => page.locator(`[aria-label="${title}"].dash-panel`);
  await panel("Finish reasons")
    .getByRole("img", { name: /stop 67 %, length 33 %/ })
    .waitFor();
  await panel("Finish reasons").getByRole("button", { name: "stop" }).click();
  await panel("Finish reasons")
    .getByRole("img", { name: /stop 100 %$/ })
    .waitFor();
  // A unit of all fields is none of the time, and an empty query no failure.
  assert.match(
    await panel("Prices").locator("td").first().textContent(),
    /^\d{4}-\d\d-\d\d /,
  );
  const timeline = panel("Servers").getByRole("img", { name: /rows/ });
  // The focus scrolls the page, which hides a tooltip that is there too early.
  const tells = (key, pattern) =>
    until(`${key} tells`, async () => {
      await page.keyboard.press(key);
      const [text = "no tip"] = await page.locator(".tip").allTextContents();
      return pattern.test(text) || assert.fail(text);
    });
  await timeline.focus();
  await tells("ArrowLeft", /up.* to /);
  const bars = panel("Tokens by kind").getByRole("img", { name: /categories/ });
  await bars.focus();
  await tells("ArrowRight", /prompt llama.*generation llama/);
  // What is under the mouse makes way for the data, and takes its tooltip along.
  await page.evaluate(() => document.activeElement.blur());
  for (const [title, part] of [
    ["Tokens by kind", ".barchart-plot"],
    ["Servers", ".timeline-track svg path"],
  ]) {
    await panel(title).locator(part).first().hover();
    await page.locator(".tip").waitFor();
    await page.keyboard.press("d");
    await panel(title).locator("table.chart-data-table").waitFor();
    await becomes(() => page.locator(".tip").count(), 0, title);
    await page.keyboard.press("d");
    await panel(title).locator(part).first().waitFor();
  }
  for (const title of [
    "Servers",
    "Tokens by kind",
    "Old pie",
    "Buckets of latency",
  ]) {
    await panel(title).focus();
    await page.keyboard.press("d");
    await panel(title).locator("table.chart-data-table").waitFor();
  }
});

test("names full of markup stay text everywhere", async (t) => {
  const monitor = await shared.get();
  const panel = (type, id, more = {}) => ({
    id,
    type,
    title: hostile,
    description: hostile,
    gridPos: { x: (id % 3) * 8, y: 0, w: 8, h: 7 },
    links: [
      { title: hostile, url: "javascript:document.title=2" },
      { title: "good", url: "/graph" },
    ],
    targets: [
      {
        refId: "A",
        expr: "named",
        legendFormat: "{{name}}",
        ...(type === "table" ? { format: "table", instant: true } : {}),
      },
    ],
    fieldConfig: {
      defaults: {
        unit: `suffix:${hostile}`,
        links: [{ title: hostile, url: "javascript:document.title=3" }],
      },
      overrides: [],
    },
    ...more,
  });
  const { page } = await openPage(t, monitor.url + "dashboards");
  await openText(
    page,
    JSON.stringify({
      title: hostile,
      uid: "hostile",
      tags: [hostile],
      description: hostile,
      time: { from: "now-1m", to: "now" },
      links: [
        { type: "link", title: hostile, url: "javascript:document.title=4" },
      ],
      templating: {
        list: [
          {
            name: "name",
            type: "query",
            query: "label_values(named, name)",
            label: hostile,
            multi: true,
            includeAll: true,
          },
        ],
      },
      panels: [
        ...["timeseries", "stat", "gauge", "bargauge", "table", hostile].map(
          panel,
        ),
        {
          id: 9,
          type: "text",
          gridPos: { x: 0, y: 9, w: 24, h: 4 },
          options: { mode: "html", content: hostile },
        },
        {
          id: 10,
          type: "text",
          gridPos: { x: 0, y: 13, w: 24, h: 4 },
          options: {
            mode: "markdown",
            content: `[a](javascript:x) ${hostile}`,
          },
        },
        {
          id: 11,
          type: "stat",
          repeat: "name",
          title: "$name",
          targets: [{ expr: 'named{name=~"$name"}' }],
          gridPos: { x: 0, y: 20, w: 24, h: 4 },
        },
      ],
    }),
  );
  await settle(page);
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(await page.locator('a[href^="javascript"]').count(), 0);
  assert.match(await page.title(), /img src=x/);
  assert.equal(
    await page.locator('.dash-panel[data-panel-id^="11:"]').count(),
    2,
    "a clone for each value",
  );
  const values = await page
    .locator('.dash-panel[data-panel-id^="11:"]')
    .allTextContents();
  assert.ok(
    values.every((text) => !/No data/.test(text)),
    values.join("\n"),
  );
  await picture(page, "hostile");
});

test("200 panels ask only where they are seen, and six at once", async (t) => {
  const monitor = await shared.get();
  const panels = Array.from({ length: 200 }, (_, i) => ({
    id: i + 1,
    type: "timeseries",
    title: `Panel ${i + 1}`,
    gridPos: { x: (i % 3) * 8, y: Math.floor(i / 3) * 6, w: 8, h: 6 },
    targets: [{ refId: "A", expr: `sum(rate(nv_inference_count[1m])) + ${i}` }],
  }));
  const { page } = await openPage(t, monitor.url + "dashboards");
  let asked = 0;
  let open = 0;
  let most = 0;
  const isQuery = (request) => request.url().includes("query_range");
  page.on(
    "request",
    (request) =>
      isQuery(request) && ((asked += 1), (most = Math.max(most, (open += 1)))),
  );
  for (const event of ["requestfinished", "requestfailed"]) {
    page.on(event, (request) => isQuery(request) && (open -= 1));
  }
  await openText(
    page,
    JSON.stringify({
      title: "Many",
      uid: "many",
      time: { from: "now-5m", to: "now" },
      panels,
    }),
  );
  await until(
    "the first are drawn",
    async () => (await page.locator(".dash-panel .chart-time").count()) >= 9,
  );
  await pause(500);
  assert.ok(asked >= 9 && asked <= 40, `${asked} queries for what is seen`);
  assert.ok(most <= 6, `${most} at once`);
  await page.locator('[data-panel-id="200"]').scrollIntoViewIfNeeded();
  await page.locator('[data-panel-id="200"] .chart-time').waitFor();
  assert.ok(asked <= 100, `${asked} queries after a jump to the end`);
});

test("keys and the address lead to one panel and back, closed rows stay closed", async (t) => {
  const monitor = await shared.get();
  const { page } = await openPage(
    t,
    `${monitor.url}d/inferometer-stages?refresh=off&var-pipeline=ocr`,
  );
  const panel = page.locator('[data-panel-id="1"]');
  await panel.focus();
  await page.keyboard.press("v");
  await page.waitForURL(/viewPanel=1/);
  await until(
    "one panel is shown",
    async () => (await page.locator(".dash-panel").count()) === 1,
  );
  await page.reload();
  await page.locator('[data-panel-id="1"]').waitFor();
  await until(
    "one panel is shown",
    async () => (await page.locator(".dash-panel").count()) === 1,
  );
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Stage engine_forward" }).click();
  await page.waitForURL(/rows=/);
  await page.reload();
  const row = page.getByRole("button", { name: "Stage engine_forward" });
  await row.waitFor();
  assert.equal(await row.getAttribute("aria-expanded"), "false");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator('[data-panel-id="1"]').focus();
  await page.keyboard.press("i");
  const inspect = page.getByRole("dialog", { name: /Queries of/ });
  await until("it tells how the queries went", async () =>
    /Step.*Load time.*Series/s.test(await inspect.textContent()),
  );
  await page.keyboard.press("Escape");
  await page.locator('[data-panel-id="1"]').focus();
  await page.keyboard.press("e");
  await page.waitForURL(/graph\?.*g0\.expr=/);
});

test("variables are chosen, stand in the address, and change those that depend on them", async (t) => {
  const monitor = await shared.get();
  const { page } = await openPage(
    t,
    `${monitor.url}d/inferometer-stages?refresh=off`,
  );
  await page.getByRole("button", { name: "Pipeline: All" }).click();
  await page.getByRole("searchbox", { name: "Find in Pipeline" }).fill("oc");
  await page.getByRole("checkbox", { name: "ocr" }).click();
  await page.keyboard.press("Escape");
  await page.waitForURL(/var-pipeline=ocr/);
  await page.getByRole("button", { name: "Stage: All" }).click();
  await page.getByRole("checkbox", { name: "engine_forward" }).click();
  await page.keyboard.press("Escape");
  await page.waitForURL(/var-stage=engine_forward/);
  await until(
    "one row is left",
    async () => (await page.locator(".dash-row").count()) === 1,
  );
  await page.goBack();
  await until(
    "all rows are back",
    async () => (await page.locator(".dash-row").count()) === 3,
  );
});
