// SPDX-License-Identifier: Apache-2.0
// The Graph page as people use it: typing with completion, zooming, ranges, links, export, the parsed tree,
// and labels that would like to be markup.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, test } from "node:test";
import {
  becomes,
  checkAccessible,
  closeBrowser,
  openPage,
  pause,
  pictures3,
  pipelineMetrics,
  startSamplePipeline,
  startMonitor,
  startTarget,
  until,
} from "./harness.mjs";

after(closeBrowser);

const hostile = '"}<img src=x onerror=alert(1)>';
const escaped = hostile.replace(/"/g, '\\"');

const metrics = (seconds) =>
  pipelineMetrics(
    [
      { name: "ocr", rate: 20 },
      { name: "llm", rate: 5, errors: 0.1 },
    ],
    seconds,
  ) +
  "# HELP queue_depth Entries that wait.\n# TYPE queue_depth gauge\n" +
  `queue_depth{name="${escaped}"} ${3 + Math.sin(seconds)}\nqueue_depth{name="plain"} 1\n`;

// A monitor that has scraped the target often enough for rates.
async function begin(t, query = "", options = {}) {
  const target = await startTarget(t, metrics);
  const monitor = await startMonitor(t, { targets: [target.host] });
  await monitor.await("rate(inference_requests_total[10s]) > 0", 20);
  const opened = await openPage(t, `${monitor.url}graph${query}`, options);
  return { ...opened, monitor, target };
}

const editor = (page) => page.getByRole("textbox", { name: "Expression 1" });
const params = (page) => new URL(page.url()).searchParams;
const address = (expr, rest = "") =>
  `?g0.expr=${encodeURIComponent(expr)}${rest}`;

// A list that has just opened takes no key yet: whoever types on does not choose by accident.
const settled = () => pause(200);

// CodeMirror has taken the place of the text area.
const ready = (page) => page.locator(".cm-content").first().waitFor();

test("a query is typed with completion, chosen by the keyboard", async (t) => {
  const { page } = await begin(t);
  await page.getByText("Nothing is asked yet").waitFor();
  await ready(page);
  await editor(page).click();
  await page.keyboard.type("sum(rate(inference_requests_to");
  const option = page.locator(".cm-tooltip-autocomplete li", {
    hasText: "inference_requests_total",
  });
  await option.waitFor();
  await settled();
  await page.keyboard.press("Enter"); // takes it, and does not run yet
  await until("it is completed", async () =>
    (await editor(page).innerText()).includes("inference_requests_total"),
  );
  assert.equal(params(page).has("g0.expr"), false);
  await page.keyboard.type("{pipe");
  await page
    .locator(".cm-tooltip-autocomplete li", { hasText: "pipeline" })
    .waitFor();
  await settled();
  await page.keyboard.press("Tab");
  await page.keyboard.type('="o');
  await page
    .locator(".cm-tooltip-autocomplete li", { hasText: "ocr" })
    .waitFor();
  await settled();
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowRight"); // out of the quotes and braces that were closed by themselves
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("[10s]");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await page.getByText("1 series").waitFor();
  assert.equal(
    params(page).get("g0.expr"),
    'sum(rate(inference_requests_total{pipeline="ocr"}[10s]))',
  );
});

test("Ctrl-Space completes functions with what they do, Shift-Enter begins a line", async (t) => {
  const { page } = await begin(t);
  await ready(page);
  await editor(page).click();
  await page.keyboard.type("histogram_q");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Space");
  await page.locator(".cm-completionInfo").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("queue_depth");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("+ 1");
  await page.keyboard.press("Enter");
  await until(
    "it ran",
    () => params(page).get("g0.expr") === "queue_depth\n+ 1",
  );
});

test("a drag zooms, and the browser's button goes back", async (t) => {
  const { page } = await begin(
    t,
    address("queue_depth", "&g0.tab=graph&g0.range_input=5m"),
  );
  const plot = page.locator(".u-over");
  await plot.waitFor();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await until("the range is half", () => params(page).has("g0.end_input"));
  const range = params(page).get("g0.range_input");
  assert.match(range, /^2m(2\d|3\d)/, range);
  assert.match(
    params(page).get("g0.end_input"),
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/,
  );
  await page.goBack();
  await until(
    "the range is back",
    () => params(page).get("g0.range_input") === "5m",
  );
  await plot.dblclick();
  await until(
    "a double click zooms out",
    () => params(page).get("g0.range_input") === "10m",
  );
});

test("range, end and resolution are fields, and wrong ones are marked", async (t) => {
  const { page, monitor } = await begin(
    t,
    address("queue_depth", "&g0.tab=graph"),
  );
  const asked = [];
  page.on("request", (request) => {
    if (request.url() === `${monitor.url}api/v1/query_range`) {
      asked.push(new URLSearchParams(request.postData()));
    }
  });
  const range = page
    .getByLabel("Range", { exact: true })
    .and(page.locator("input"));
  await range.fill("10m");
  await range.press("Enter");
  await until("it is asked", () =>
    asked.some(
      (one) => Number(one.get("end")) - Number(one.get("start")) <= 600,
    ),
  );
  await page.getByLabel("Resolution").selectOption("30000");
  await until("so is the step", () =>
    asked.some((one) => one.get("step") === "30"),
  );
  await page.getByText("Resolution 30s").waitFor();
  await range.fill("soon");
  await range.press("Enter");
  await until(
    "it is marked",
    async () => (await range.getAttribute("aria-invalid")) === "true",
  );
  const end = page
    .getByLabel("End", { exact: true })
    .and(page.locator("input"));
  await end.fill("2026-01-31 13:00");
  await end.press("Enter");
  await until(
    "the end is in the address",
    () => params(page).get("g0.end_input") === "2026-01-31 13:00:00",
  );
  await page.getByText(/^No result from 2026-01-31 12:50:00/).waitFor();
});

test("a refresh asks again, by hand and by itself until it is paused", async (t) => {
  const { page, target } = await begin(
    t,
    address('queue_depth{name="plain"}', "&g0.tab=table"),
  );
  await page.getByRole("cell", { name: "1", exact: true }).waitFor();
  target.set(() => 'queue_depth{name="plain"} 2\n');
  await until("the new value is seen", async () => {
    await page.getByRole("button", { name: "Refresh now" }).click();
    return page.getByRole("cell", { name: "2", exact: true }).isVisible();
  });
  await page.getByLabel("Refresh every").selectOption("1s");
  target.set(() => 'queue_depth{name="plain"} 3\n');
  await page.getByRole("cell", { name: "3", exact: true }).waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await until("it is paused", () => params(page).get("refresh") === "off");
});

test("a link opens what it was copied from", async (t) => {
  const { page, context } = await begin(t);
  await ready(page);
  const first = "sum by (pipeline) (rate(inference_requests_total[10s]))";
  await editor(page).click();
  await page.keyboard.insertText(first);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Stacked" }).click();
  await page.getByLabel("From zero").check();
  await page.getByRole("button", { name: "Add a query" }).click();
  const second = page.getByRole("region", { name: "Query 2" });
  await second.locator(".cm-content").click();
  await page.keyboard.insertText("queue_depth");
  await page.keyboard.press("Enter");
  await second.getByRole("tab", { name: "Table" }).click();
  await second.getByRole("cell", { name: "plain" }).waitFor();
  const copy = await context.newPage();
  await copy.goto(page.url());
  const again = copy.getByRole("region", { name: "Query 1" });
  await again.locator(".u-over").waitFor();
  assert.equal(
    await again
      .getByRole("button", { name: "Stacked" })
      .getAttribute("aria-pressed"),
    "true",
  );
  assert.ok(await again.getByLabel("From zero").isChecked());
  await again.locator(".cm-content").waitFor();
  assert.equal(await again.locator(".cm-content").innerText(), first);
  await copy
    .getByRole("region", { name: "Query 2" })
    .getByRole("cell", { name: "plain" })
    .waitFor();
});

test("a link of Prometheus 2, as alerts have it, opens", async (t) => {
  const { page } = await begin(t, address("queue_depth > 0", "&g0.tab=1"));
  await page.getByRole("cell", { name: "plain" }).waitFor();
  assert.equal(
    await page
      .getByRole("tab", { name: "Table" })
      .getAttribute("aria-selected"),
    "true",
  );
  await page.getByRole("tab", { name: "Table" }).focus();
  await page.keyboard.press("ArrowRight");
  await until(
    "the arrow key opens the graph",
    () => params(page).get("g0.tab") === "graph",
  );
});

test("labels that look like markup stay text everywhere", async (t) => {
  const { page } = await begin(
    t,
    address("queue_depth", "&g0.tab=graph&g0.range_input=1m"),
  );
  await page.locator(".graph-legend").getByText("onerror").waitFor();
  const plot = await page.locator(".u-over").boundingBox();
  let step = 0;
  await until("the tooltip has the label", async () => {
    // It is about the series next to the mouse: somewhere between top and bottom that is the one with the label.
    // And the last samples may be some seconds old.
    step += 1;
    const x = plot.x + plot.width - 4 - 12 * (step % 11);
    await page.mouse.move(x, plot.y + plot.height * (0.05 + 0.1 * (step % 10)));
    await pause(60);
    return page.getByText("onerror").nth(1).isVisible();
  });
  await page.getByRole("tab", { name: "Table" }).click();
  await page.getByRole("cell", { name: hostile }).waitFor();
  await page.getByRole("tab", { name: "Explain" }).click();
  await page.locator(".node-result").getByText("onerror").first().waitFor();
  await page.getByRole("button", { name: "Metrics", exact: true }).click();
  await page.getByLabel("Search metrics").fill("queue_depth");
  await page.getByRole("button", { name: /onerror/ }).waitFor();
  assert.equal(await page.locator("img").count(), 0);
});

async function download(page, button) {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    button.click(),
  ]);
  return {
    name: file.suggestedFilename(),
    text: fs.readFileSync(await file.path(), "utf8"),
  };
}

test("label values of any length and direction keep to themselves", async (t) => {
  const long = "x".repeat(10_240);
  const target = await startTarget(
    t,
    () =>
      `odd{v="${long}"} 1\nodd{v="  two  spaces"} 2\nodd{v="\u05e9\u05dc\u05d5\u05dd (1)"} 3\n` +
      `odd{v="\u202eabc"} 4\nodd{v="one\\ntwo"} NaN\n`,
  );
  const monitor = await startMonitor(t, { targets: [target.host] });
  await monitor.await("odd");
  const { page } = await openPage(
    t,
    `${monitor.url}graph${address("odd", "&g0.tab=table")}`,
  );
  const cells = page.locator("table.result .label-cell");
  await page.getByText("(10,240 characters)").waitFor();
  const texts = await cells.evaluateAll((all) =>
    all.map((one) => one.innerText),
  );
  assert.ok(texts.includes("  two  spaces"), "spaces are kept");
  assert.ok(texts.includes("one\ntwo"), "so are line ends");
  assert.ok(texts.every((text) => text.length < 400));
  assert.ok(
    await cells.evaluateAll((all) =>
      all.every((one) =>
        getComputedStyle(one.querySelector("bdi")).unicodeBidi.startsWith(
          "isolate",
        ),
      ),
    ),
  );
  await page.getByRole("button", { name: "all", exact: true }).click();
  await until("the whole of it", async () =>
    (await cells.allInnerTexts()).includes(long),
  );
  await page.goto(
    `${monitor.url}graph${address("odd", "&g0.tab=graph&g0.range_input=5m")}`,
  );
  const legend = page.getByRole("group", { name: "Legend" });
  await legend.getByText(/\(10,242 characters\)/).waitFor();
  await legend
    .locator("tr", { hasText: "one" })
    .getByText("NaN")
    .first()
    .waitFor();
  await page.setViewportSize({ width: 360, height: 760 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `${width} pixels wide on a phone`);
});

test("of ten thousand series the first rows are shown, and more when they are asked for", async (t) => {
  const all = Array.from(
    { length: 10_000 },
    (_, n) => `many{n="${n}"} ${n}\n`,
  ).join("");
  const target = await startTarget(t, () => all);
  const monitor = await startMonitor(t, {
    targets: [target.host],
    interval: "5s",
  });
  await monitor.await("many == 9999");
  const { page } = await openPage(
    t,
    `${monitor.url}graph${address("many", "&g0.tab=table")}`,
  );
  await page
    .getByText("200 of 10,000 rows are shown.")
    .waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Show 1,000 more" }).click();
  await page
    .getByText("1,200 of 10,000 rows are shown.")
    .waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "value" }).click();
  await page
    .getByRole("cell", { name: "9999", exact: true })
    .first()
    .waitFor({ timeout: 60_000 });
});

test("native histograms of a logger, and exemplars of OpenMetrics, are drawn as they were scraped", async (t) => {
  const sample = await startSamplePipeline(t, [
    "--naming",
    "inferometer",
    "--rate",
    "100",
  ]);
  const exemplars = await startTarget(t, (seconds) => {
    const count = Math.floor(10 * (seconds + 60));
    return (
      `# TYPE took_seconds histogram\ntook_seconds_bucket{le="0.1"} ${Math.floor(count / 2)}` +
      ` # {trace_id="trace<b>${count}"} 0.07 ${(Date.now() / 1000).toFixed(3)}\n` +
      `took_seconds_bucket{le="+Inf"} ${count}\ntook_seconds_count ${count}\ntook_seconds_sum ${count}\n# EOF\n`
    );
  });
  exemplars.type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
  const config = `
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: logger
    scrape_native_histograms: true
    scrape_protocols: [PrometheusProto]
    static_configs: [{targets: ["${sample.host}"]}]
  - job_name: openmetrics
    static_configs: [{targets: ["${exemplars.host}"]}]
`;
  const monitor = await startMonitor(t, { config });
  await monitor.await("rate(inference_duration_seconds[10s])");
  await monitor.await("rate(took_seconds_bucket[10s])");
  const { page } = await openPage(
    t,
    `${monitor.url}graph${address("inference_duration_seconds", "&g0.tab=table")}`,
  );
  await page.getByRole("img", { name: /^Histogram: count \d+, sum/ }).waitFor();
  await page.locator(".histogram summary").click();
  await page.getByText("Bucket", { exact: true }).waitFor();
  await page.setViewportSize({ width: 360, height: 760 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `${width} pixels wide on a phone`);
  await page.setViewportSize({ width: 1280, height: 900 });
  const graph = "&g0.tab=graph&g0.range_input=1m&g0.show_exemplars=1";
  await page.goto(
    `${monitor.url}graph${address("rate(inference_duration_seconds[10s])", graph)}`,
  );
  await page.getByRole("button", { name: "Heatmap", pressed: true }).waitFor();
  await page.locator(".graph-panel canvas").first().waitFor();
  // A line that goes through all exemplars, so that it is known how high they are.
  const line = 'took_seconds_bucket{le="0.1"} * 0 + 0.07';
  await page.goto(`${monitor.url}graph${address(line, graph)}`);
  await page.getByText(/^[1-9]\d* exemplars?$/).waitFor();
  const plot = page.locator(".u-over");
  await until("an exemplar is pointed at", async () => {
    const box = await plot.boundingBox();
    for (let x = box.width - 2; x > 0; x -= 3) {
      await page.mouse.move(box.x + x, box.y + box.height * 0.37); // of 0 to 0.111
      if (await page.getByText(/trace<b>\d+/).isVisible()) {
        return true;
      }
    }
    return false;
  });
});

test("results are saved as CSV and JSON", async (t) => {
  const { page } = await begin(t, address("queue_depth", "&g0.tab=table"));
  const csv = await download(page, page.getByRole("button", { name: "CSV" }));
  assert.equal(csv.name, "queue-depth.csv");
  const lines = csv.text.trim().split("\r\n");
  assert.equal(lines[0], "__name__,instance,job,name,time,value");
  assert.equal(lines.length, 3);
  assert.ok(
    lines.some((line) => line.includes('"""}<img src=x onerror=alert(1)>"')),
    csv.text,
  );
  assert.match(
    lines.find((line) => line.includes("plain")),
    /,plain,\d{4}-\d\d-\d\dT[\d:.]+Z,1$/,
  );
  const json = await download(page, page.getByRole("button", { name: "JSON" }));
  assert.equal(JSON.parse(json.text).data.result.length, 2);
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.locator(".u-over").waitFor();
  const range = await download(page, page.getByRole("button", { name: "CSV" }));
  assert.match(range.text, /^time,"queue_depth\{.*\}","queue_depth\{.*\}"\r\n/);
});

test("the tree says what each part does and answers", async (t) => {
  const expr =
    'sum by (pipeline) (rate(inference_requests_total{outcome="success"}[10s])) > 1';
  const { page } = await begin(t, address(expr, "&g0.tab=explain"));
  const root = page.locator(".tree > .node");
  await root.getByText("binary operation").waitFor();
  await becomes(() => page.locator(".node").count(), 5);
  const selector = page
    .locator(".node", { hasText: "range vector selector" })
    .last();
  await selector.getByText("2 series").waitFor();
  await page
    .locator(".node", { hasText: "aggregation" })
    .last()
    .getByText("Adds up the values")
    .waitFor();
  await page
    .locator(".node", { hasText: "function call" })
    .last()
    .getByRole("button", { name: "Run alone" })
    .first()
    .click();
  await until(
    "the part is the query",
    () =>
      params(page).get("g0.expr") ===
      'rate(inference_requests_total{outcome="success"}[10s])',
  );
});

test("errors say where in the query, and what to do", async (t) => {
  const { page, problems } = await begin(
    t,
    address("sum(rate(queue_depth))", "&g0.tab=table"),
  );
  problems.allow(/status of (400|422)/);
  await page.locator(".error-place mark", { hasText: "queue_depth" }).waitFor();
  await page.goto(
    page.url().replace(/\?.*/, "") +
      address("queue_depth + on() queue_depth", "&g0.tab=table"),
  );
  await page.getByText(/which labels make a pair/).waitFor();
});

test("a query that takes long can be canceled, and says so when it times out", async (t) => {
  const { page, problems } = await begin(t);
  problems.allow(/status of 503/);
  let slow = true;
  await page.route("**/api/v1/query_range", async (route) => {
    if (slow) {
      return; // never answered
    }
    await route.fulfill({
      status: 503,
      json: {
        status: "error",
        errorType: "timeout",
        error: "query timed out in expression evaluation",
      },
    });
  });
  await ready(page);
  await editor(page).click();
  await page.keyboard.type("up");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Canceled.").waitFor();
  slow = false;
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByText(/shorter range, a larger step/).waitFor();
});

test("history, format and the explorer bring queries into the editor", async (t) => {
  const { page } = await begin(t);
  await ready(page);
  await editor(page).click();
  await page.keyboard.insertText("sum(queue_depth)by(name)");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await page.locator(".u-over").waitFor();
  await page.getByRole("button", { name: "Format" }).click();
  await until(
    "it is laid out",
    async () =>
      (await editor(page).innerText()) === "sum by (name) (queue_depth)",
  );
  await page.keyboard.press("Escape");
  await editor(page).click();
  await page.keyboard.press("Control+ArrowUp");
  await until(
    "the last run is back",
    async () => (await editor(page).innerText()) === "sum(queue_depth)by(name)",
  );
  await page.keyboard.press("Control+ArrowDown");
  await until(
    "and what was typed",
    async () =>
      (await editor(page).innerText()) === "sum by (name) (queue_depth)",
  );
  await page.getByRole("button", { name: "History" }).click();
  await page.getByLabel("Search the history").fill("queue by");
  await page.keyboard.press("Enter");
  await until(
    "it is run",
    () => params(page).get("g0.expr") === "sum(queue_depth)by(name)",
  );
  await page.getByRole("button", { name: "Metrics", exact: true }).click();
  await page.getByLabel("Search metrics").fill("waits queue");
  await page.getByText("No metric is like that").waitFor();
  await page.getByLabel("Search metrics").fill("wait queue");
  await page.getByText("Entries that wait.").first().waitFor();
  await page.getByRole("button", { name: "Sum", exact: true }).click();
  await until(
    "a suggestion is run",
    () => params(page).get("g0.expr") === "sum(queue_depth)",
  );
});

test("the focus goes where the next key is wanted", async (t) => {
  const { page } = await begin(t, address("queue_depth", "&g0.tab=table"));
  await ready(page);
  const focused = (label) =>
    until(`"${label}" has the focus`, () =>
      page.evaluate((wanted) => {
        let at = document.activeElement;
        while (at?.shadowRoot?.activeElement) {
          at = at.shadowRoot.activeElement;
        }
        return (at?.getAttribute("aria-label") ?? at?.textContent) === wanted;
      }, label),
    );
  await page.getByText("2 series").waitFor();
  await page.getByRole("button", { name: "Metrics" }).focus();
  await page.keyboard.press("Enter");
  await focused("Search metrics");
  await page.keyboard.press("Escape");
  await focused("Metrics");
  await page.getByRole("button", { name: "Add a query" }).click();
  await focused("Expression 2");
  await page.getByRole("button", { name: "History" }).click();
  await focused("Search the history");
  // Nothing was run by hand so far: the example is the first that the history has.
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Targets that are up" }).click();
  await page
    .getByRole("region", { name: "Query 2" })
    .getByText(/^\d series$/)
    .waitFor();
  await page.getByRole("button", { name: "History" }).click();
  await focused("Search the history");
  await page.keyboard.press("Enter");
  await focused("Expression 2");
});

test("queries are hidden, folded, doubled and removed", async (t) => {
  const { page } = await begin(t, address("queue_depth", "&g0.tab=table"));
  const one = page.getByRole("region", { name: "Query 1" });
  await one.getByRole("cell", { name: "plain" }).waitFor();
  await one.getByRole("button", { name: "Duplicate" }).click();
  const two = page.getByRole("region", { name: "Query 2" });
  await two.getByRole("cell", { name: "plain" }).waitFor();
  await one.getByRole("button", { name: "Asked" }).click();
  await one.getByText("This query is left out").waitFor();
  await two.getByRole("button", { name: "Fold" }).click();
  await two.getByRole("cell", { name: "plain" }).waitFor({ state: "detached" });
  await one.getByRole("button", { name: "Remove" }).click();
  await until("one is left", () => !params(page).has("g1.expr"));
  await until(
    "it is folded still",
    () => params(page).get("g0.collapsed") === "1",
  );
});

test("a click on a series leaves it alone, its box brings others back", async (t) => {
  const { page } = await begin(
    t,
    address("queue_depth", "&g0.tab=graph&g0.range_input=1m"),
  );
  const boxes = page.locator(".graph-legend input[type=checkbox]");
  await boxes.nth(1).waitFor();
  await page.getByRole("button", { name: /^Only .*plain/ }).click();
  const states = () =>
    boxes.evaluateAll((all) => all.map((box) => box.checked));
  const are = (...wanted) =>
    until(
      `they are ${wanted}`,
      async () => (await states()).join() === wanted.join(),
    );
  await until(
    "one is alone",
    async () => (await states()).sort().join() === "false,true",
  );
  await page.getByRole("button", { name: /^Only .*plain/ }).click();
  await are(true, true);
  await boxes.nth(0).uncheck();
  await are(false, true);
});

test("an empty store says why, and leads to the targets", async (t) => {
  const monitor = await startMonitor(t, {
    config:
      "global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: gone\n    static_configs: []\n",
  });
  const { page } = await openPage(t, `${monitor.url}graph`);
  await page.getByText("No metrics are stored yet").waitFor();
  assert.equal(
    await page
      .locator("main")
      .getByRole("link", { name: "Targets" })
      .getAttribute("href"),
    "/targets",
  );
});

test("nothing serious stands in the way of anybody, in any look", async (t) => {
  const queries =
    address(
      "sum by (le) (rate(inference_duration_seconds_bucket[10s]))",
      "&g0.tab=graph&g0.range_input=1m",
    ) +
    "&g0.display_mode=heatmap&g1.expr=queue_depth&g1.tab=graph&g1.range_input=1m" +
    "&g2.expr=queue_depth&g2.tab=table" +
    "&g3.expr=sum(rate(inference_requests_total[10s]))&g3.tab=explain";
  const { page } = await begin(t, queries);
  await page.locator(".node-result").first().waitFor();
  await ready(page);
  await checkAccessible(page, "the Graph page");
  await pictures3(page, "graph");
  await page.getByRole("button", { name: "Metrics", exact: true }).click();
  await page.getByLabel("Search metrics").fill("inference");
  await page.locator(".explorer-label").first().waitFor();
  await checkAccessible(page, "the metrics explorer");
  await pictures3(page, "graph-metrics");
});

test("without CodeMirror the text area does", async (t) => {
  const target = await startTarget(t, metrics);
  const monitor = await startMonitor(t, { targets: [target.host] });
  await monitor.await("queue_depth");
  const { page, problems } = await openPage(t, `${monitor.url}targets`);
  problems.allow(/codemirror|ERR_FAILED/);
  await page.route("**/assets/codemirror.js", (route) => route.abort());
  await page.getByRole("link", { name: "Graph", exact: true }).click();
  const area = page.locator("textarea");
  await area.fill("queue_depth");
  await area.press("Shift+Enter");
  await area.pressSequentially("+ 1");
  await area.press("Enter");
  await page.getByText("2 series").waitFor();
  await until(
    "it is in the address",
    () => params(page).get("g0.expr") === "queue_depth\n+ 1",
  );
  await area.press("Control+ArrowUp");
});

test("with Ctrl the wheel zooms where the mouse is, and a drag moves", async (t) => {
  const began = Date.now();
  const { page } = await begin(
    t,
    address("queue_depth", "&g0.tab=graph&g0.range_input=10m"),
  );
  const plot = page.locator(".u-over");
  await plot.waitFor();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width - 1, box.y + 50);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -100);
  await until(
    "the range is shorter",
    () => params(page).get("g0.range_input") === "8m",
  );
  assert.equal(
    params(page).has("g0.end_input"),
    false,
    "the mouse stood at its end, which is now",
  );
  await page.mouse.move(box.x + box.width / 2, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Control");
  await until("it moved to earlier times", () =>
    params(page).has("g0.end_input"),
  );
  const end = Date.parse(
    `${params(page).get("g0.end_input").replace(" ", "T")}Z`,
  );
  // Of the moment when it was asked last.
  assert.ok(
    end + 120_000 > began - 5_000 && end + 120_000 < Date.now() + 5_000,
    "by a quarter of the range",
  );
  assert.equal(params(page).get("g0.range_input"), "8m");
});
