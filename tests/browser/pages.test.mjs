// SPDX-License-Identifier: Apache-2.0
// The pages that people know from Prometheus, against the real monitor.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as harness from "./harness.mjs";

after(harness.closeBrowser);

const metrics = (seconds) =>
  harness.pipelineMetrics([{ name: "ocr" }], seconds);

// A page of the monitor: its heading is there, axe is content in both themes, nothing is wider than a phone.
async function checkPage(page, name) {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await harness.checkAccessible(page, `${name}, light`);
  await page.emulateMedia({ colorScheme: "dark" });
  await harness.checkAccessible(page, `${name}, dark`);
  await page.setViewportSize({ width: 360, height: 760 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `${name} is ${width} pixels wide on a phone`);
  await harness.checkAccessible(page, `${name}, phone`);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
  await harness.pictures3(page, name);
}

// One target that is up, one that is down, one that relabelling drops.
async function twoTargets(t) {
  const up = await harness.startTarget(t, metrics);
  const down = await harness.startTarget(t);
  await down.down();
  const config = `
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: pipelines
    static_configs:
      - targets: ["${up.host}"]
        labels: {zone: "<b>bold</b>"}
      - targets: ["127.0.0.1:1"]
    relabel_configs:
      - {source_labels: [__address__], regex: "127.0.0.1:1", action: drop}
      - {source_labels: [zone], target_label: place, replacement: "at $1"}
  - job_name: broken
    static_configs: [{targets: ["${down.host}"]}]
`;
  const monitor = await harness.startMonitor(t, { config });
  await monitor.await("up == 1");
  await monitor.await("up == 0");
  return { up, down, monitor };
}

test("targets: pools, health, the error with its cause, search, and all of it in the address", async (t) => {
  const { up, down, monitor } = await twoTargets(t);
  const { page } = await harness.openPage(
    t,
    `${monitor.url}targets?refresh=1s`,
  );
  await page.getByRole("button", { name: /pipelines/ }).waitFor();
  await page.getByText("✓ 1/1 up").waitFor();
  await page.getByText("✕ 0/1 up").waitFor();
  await page
    .getByText(`Could not connect to ${down.host}: connection refused.`)
    .waitFor();
  await page.getByText(/Nothing listens at this address/).waitFor();
  await page.getByText('"<b>bold</b>"', { exact: true }).waitFor();
  assert.equal(
    await page.getByRole("link", { name: up.url }).getAttribute("href"),
    up.url,
  );
  await checkPage(page, "targets");

  await page.getByRole("button", { name: /✕ Down/ }).click();
  await page
    .getByRole("button", { name: /pipelines/ })
    .waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^All/ }).click();
  await page.getByPlaceholder(/Search/).fill("zone=<b>");
  await page
    .getByRole("button", { name: /broken/ })
    .waitFor({ state: "detached" });
  await page
    .locator("table.targets")
    .getByRole("button", { name: "more" })
    .click();
  await page.getByText("__address__=").waitFor();
  await page.goto(page.url());
  await page.getByRole("button", { name: /pipelines/ }).waitFor();
  await harness.becomes(
    () => page.getByRole("button", { name: /broken/ }).count(),
    0,
  );

  await page.goto(`${monitor.url}targets?refresh=1s`);
  await page.getByRole("button", { name: /broken/ }).click();
  await page.getByText(/connection refused/).waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("button", { name: /broken/ }).waitFor();
  await harness.becomes(
    () => page.getByText(/connection refused/).count(),
    0,
    "what was closed stays closed",
  );
  await page.getByRole("button", { name: "Open all" }).click();
  await down.up();
  await page.getByText("✕ 0/1 up").waitFor({ state: "detached" });
});

test("service discovery: what was found, dropped, and which rule did it", async (t) => {
  const { monitor } = await twoTargets(t);
  const { page } = await harness.openPage(t, `${monitor.url}service-discovery`);
  await page.getByText("○ 1 dropped").waitFor();
  await checkPage(page, "service-discovery");
  await page.getByRole("button", { name: /○ Dropped/ }).click();
  await page.getByRole("button", { name: /relabelling steps/ }).click();
  await page.getByText("✕ dropped here").waitFor();
  await page.getByRole("button", { name: /✓ Active/ }).click();
  await page.getByPlaceholder(/Search/).fill("bold");
  await page.getByRole("button", { name: /relabelling steps/ }).click();
  await page.getByText('"at <b>bold</b>"', { exact: true }).first().waitFor();
  await harness.checkAccessible(page, "steps");
});

const rules = `
groups:
  - name: pipelines
    interval: 1s
    rules:
      - alert: TargetDown
        expr: up == 0
        labels: {severity: page}
        annotations: {summary: "{{ $labels.instance }} is <i>down</i>"}
      - alert: NeverMind
        expr: vector(1) > 2
      - record: pipeline:requests:rate
        expr: sum by (pipeline) (rate(inference_requests_total[1m]))
`;

test("alerts: one fires, is seen with its labels and since when, and is over", async (t) => {
  const target = await harness.startTarget(t, metrics);
  await target.down();
  const config = `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: pipelines
    static_configs: [{targets: ["${target.host}"]}]
`;
  const monitor = await harness.startMonitor(t, { config, rules });
  const { page } = await harness.openPage(t, `${monitor.url}alerts?refresh=1s`);
  await page.getByText("✕ 1 firing").waitFor();
  await page.getByText(`${target.host} is <i>down</i>`).waitFor();
  await page.getByText('"page"', { exact: true }).first().waitFor();
  await page
    .getByText(/s ago$/)
    .first()
    .waitFor();
  await checkPage(page, "alerts");
  await page.getByRole("button", { name: /✕ Firing/ }).click();
  await page.getByText("NeverMind").waitFor({ state: "detached" });
  await page.goto(`${monitor.url}?refresh=1s`);
  await page.locator(".strip").getByText("✕ 1").waitFor();
  await page.goto(`${monitor.url}alerts?refresh=1s`);
  await target.up();
  await page.getByText("✕ 1 firing").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "up == 0" }).click();
  await page.waitForURL(/graph\?g0\.expr=up/);
});

test("rules: groups with their health, times and expressions", async (t) => {
  const target = await harness.startTarget(t, metrics);
  const config = `
global: {scrape_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: pipelines
    static_configs: [{targets: ["${target.host}"]}]
`;
  const monitor = await harness.startMonitor(t, { config, rules });
  const { page } = await harness.openPage(t, `${monitor.url}rules?refresh=1s`);
  await page.getByText("pipeline:requests:rate").waitFor();
  await harness.until(
    "all are well",
    async () => (await page.getByText("✓ ok").count()) === 3,
  );
  await page.getByText(/every 1 s, last/).waitFor();
  await checkPage(page, "rules");
  await page.getByRole("button", { name: /Recording/ }).click();
  await page.getByText("NeverMind").waitFor({ state: "detached" });
});

// Three targets of one job that are down, and an alert for each; a pool of its own for many more.
async function manyTargets(t, many) {
  const config = `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: down
    static_configs:
      - {targets: ["127.0.0.1:1"], labels: {node: "a"}}
      - {targets: ["127.0.0.1:1"], labels: {node: "b"}}
      - {targets: ["127.0.0.1:1"], labels: {node: "c"}}
  - job_name: many
    scrape_interval: 1h
    scrape_timeout: 1s
    static_configs:
${Array.from({ length: many }, (_, n) => `      - {targets: ["127.0.0.1:1"], labels: {n: "${n}"}}`).join("\n")}
`;
  const groups = Array.from(
    { length: 25 },
    (_, n) => `
  - name: group-${n}
    rules:
      - {alert: Down, expr: 'up{job="down"} == ${n === 24 ? 0 : 2}', annotations: {todo: "call"}}
      - {alert: Waits, expr: "vector(${n})", for: 1h}
`,
  );
  return harness.startMonitor(t, {
    config,
    rules: "groups:\n" + groups.join(""),
  });
}

test("Prometheus's addresses lead to the same pages, with what they filter", async (t) => {
  const monitor = await manyTargets(t, 3);
  const { page } = await harness.openPage(
    t,
    `${monitor.url}classic/targets?search=node%3Db#job-down`,
  );
  const pool = (name) => page.locator("h2 button.fold", { hasText: name });
  await page.getByText("1 shown").waitFor();
  assert.equal(
    page.url(),
    `${monitor.url}targets?search=node%3Db#job-down`,
    "the older address becomes today's",
  );
  assert.equal(
    await page
      .getByRole("link", { name: "Targets" })
      .getAttribute("aria-current"),
    "page",
  );
  await harness.becomes(() => pool("many").count(), 0);
  await page.goto(`${monitor.url}targets?pool=many`);
  await pool("many").waitFor();
  await harness.becomes(() => pool("down").count(), 0);
  await page.getByLabel("Scrape pool").selectOption("All pools");
  await pool("down").waitFor();
  await page.goBack();
  await pool("down").waitFor({ state: "detached" });
  await page.goto(`${monitor.url}service-discovery?pool=down&search=node="c"`);
  await page.getByText("✓ 3 active").waitFor();
  await harness.becomes(() => page.locator("table.found tbody tr").count(), 1);
  await page.goto(`${monitor.url}new/graph?g0.expr=up&g0.tab=1`);
  await page.getByText(/^\d+ series$/).waitFor();
  await page.goto(`${monitor.url}rules#group-15`);
  await harness.until("the named group is in sight", async () => {
    const box = await page.locator("#part-group-15").boundingBox();
    return box !== null && box.y < 600 && box.y > -50;
  });
});

test("of many targets the first are shown, and more when they are asked for", async (t) => {
  const monitor = await manyTargets(t, 700);
  const { page } = await harness.openPage(
    t,
    `${monitor.url}targets?pool=many&refresh=off`,
  );
  const rows = page.locator("table.targets .target-url");
  await page.getByText("200 of 700 targets are shown.").waitFor();
  await harness.becomes(() => rows.count(), 200);
  await page.getByRole("button", { name: "Show 500 more" }).click();
  await page.getByText(/targets are shown/).waitFor({ state: "detached" });
  await harness.becomes(() => rows.count(), 700);
  await page.getByPlaceholder(/Search/).fill("n=69");
  await page.getByText("11 shown").waitFor();
});

test("of an alert's targets the search shows those that it is for, and what fires comes first", async (t) => {
  const monitor = await manyTargets(t, 1);
  const { page } = await harness.openPage(t, `${monitor.url}alerts?refresh=1s`);
  await page.getByText("✕ 3 firing").waitFor();
  await page.getByText("▲ 1 pending").first().waitFor();
  const heads = page.locator("h2 button.fold");
  assert.match(await heads.first().innerText(), /group-24/);
  await page.getByText("20 of 25 groups are shown.").waitFor();
  await page.getByText(/sends them to no Alertmanager/).waitFor();
  await page.goto(`${monitor.url}alerts?search=node%3D"b"`);
  await page.locator("table.active-alerts tbody tr").first().waitFor();
  await harness.becomes(
    () => page.locator("table.active-alerts tbody tr").count(),
    1,
  );
  await harness.becomes(() => heads.count(), 1);
  await harness.checkAccessible(page, "alerts that were searched");
  await heads.first().click();
  await page.locator("table.active-alerts").waitFor({ state: "detached" });
  await page.reload();
  await heads.first().waitFor();
  await harness.becomes(
    () => page.locator("table.active-alerts").count(),
    0,
    "what was closed stays closed",
  );
  await page.getByRole("button", { name: "Open all" }).click();
  await page.locator("table.active-alerts").waitFor();
});

test("without rules, alerts and rules say where they come from", async (t) => {
  const monitor = await harness.startMonitor(t, {
    config: "global: {scrape_interval: 1s}\n",
  });
  const { page } = await harness.openPage(t, `${monitor.url}alerts`);
  await page.getByText("There is no alerting rule").waitFor();
  await page.goto(`${monitor.url}rules`);
  await page.getByText("There are no rules").waitFor();
});

test("TSDB status: series, limits, cardinality, and a way from a metric to its values", async (t) => {
  const { monitor } = await twoTargets(t);
  const { page } = await harness.openPage(t, `${monitor.url}tsdb-status`);
  await page.getByText(/of 1,000,000/).waitFor();
  await page
    .getByRole("heading", { name: "Metrics with the most series" })
    .waitFor();
  await checkPage(page, "tsdb-status");
  await page
    .getByRole("button", { name: "inference_stage_duration_seconds_bucket" })
    .click();
  await page
    .getByRole("heading", {
      name: "Labels of inference_stage_duration_seconds_bucket",
    })
    .waitFor();
  await page
    .locator(".explorer")
    .getByRole("button", { name: "stage", exact: true })
    .click();
  await page
    .getByRole("heading", {
      name: "Series of inference_stage_duration_seconds_bucket by stage",
    })
    .waitFor();
  const first = page.locator(".explorer tbody tr").first();
  assert.match(await first.innerText(), /engine_forward\s*12/);
  assert.match(
    page.url(),
    /metric=inference_stage_duration_seconds_bucket&label=stage/,
  );
  await page.getByLabel("Metric").fill("up");
  await page.getByLabel("Metric").press("Enter");
  await page.getByText("Nothing has it now.").waitFor();
  await harness.checkAccessible(page, "explorer");
});

test("runtime, configuration and flags tell what runs", async (t) => {
  const { monitor } = await twoTargets(t);
  const { page } = await harness.openPage(t, `${monitor.url}status`);
  await page.getByText("Memory, resident").waitFor();
  await page.getByText("✓ read").waitFor();
  assert.match(
    await page.locator(".fact-grid").innerText(),
    /Version\s*\d+\.\d+/,
  );
  await checkPage(page, "status");

  await page.goto(`${monitor.url}config`);
  await page.getByText("job_name: broken").waitFor();
  await checkPage(page, "config");
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download" }).click(),
  ]);
  assert.match(saved.suggestedFilename(), /\.yml$/);
  await page.getByPlaceholder("Mark lines with").fill("job_name");
  await page.getByText(/^2 of \d+ lines$/).waitFor();

  await page.goto(`${monitor.url}flags`);
  await page.getByText("--storage.max-series").waitFor();
  await checkPage(page, "flags");
  await page.getByPlaceholder(/Search/).fill("retention");
  await harness.until(
    "two are left",
    async () => (await page.locator("table.flags tbody tr").count()) === 2,
  );
});

test("colours that are chosen are those of the other tabs too", async (t) => {
  const monitor = await harness.startMonitor(t, { targets: [] });
  const { page, context } = await harness.openPage(t, `${monitor.url}flags`);
  const other = await context.newPage();
  await other.goto(`${monitor.url}?from=nonsense`);
  await other.getByRole("button", { name: "Last 15 minutes" }).waitFor(); // what is no time is left out
  await page.getByRole("button", { name: /^Colours: auto/ }).click();
  await other.getByRole("button", { name: /^Colours: dark/ }).waitFor();
  assert.equal(
    await other.evaluate(() => document.documentElement.dataset.theme),
    "dark",
  );
});

test("an answer that fails says why, and can be asked for again", async (t) => {
  const monitor = await harness.startMonitor(t);
  const { page, problems } = await harness.openPage(t, monitor.url);
  problems.allow(/500/);
  const answer = {
    status: "error",
    errorType: "internal",
    error: "the flags <b>are</b> gone",
  };
  await page.route("**/api/v1/status/flags", (route) =>
    route.fulfill({ status: 500, json: answer }),
  );
  await page.getByRole("link", { name: "Flags" }).click();
  await page.getByText("The flags <b>are</b> gone.").waitFor();
  await page.unroute("**/api/v1/status/flags");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("--log.level").waitFor();
});

test("old answers stay while the monitor is away", async (t) => {
  const { monitor } = await twoTargets(t);
  const { page, problems } = await harness.openPage(
    t,
    `${monitor.url}targets?refresh=1s`,
  );
  problems.allow(/ERR_CONNECTION_REFUSED|Failed to load|503/);
  await page.getByText("✓ 1/1 up").waitFor();
  await monitor.kill();
  await page.getByText("The monitor does not answer.").waitFor();
  await page.getByText("✓ 1/1 up").waitFor();
  await monitor.restart();
  await page.getByText("The monitor answers again").waitFor();
});
