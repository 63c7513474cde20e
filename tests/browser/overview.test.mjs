// SPDX-License-Identifier: Apache-2.0
// The home page, as people meet it: the first visit, pipelines in trouble, none at all, and a monitor that
// goes away.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as harness from "./harness.mjs";

after(harness.closeBrowser);

const pipelines =
  (...list) =>
  (seconds) =>
    harness.pipelineMetrics(list, seconds);

async function monitored(t, metrics, options = {}) {
  const target = await harness.startTarget(t, metrics);
  const monitor = await harness.startMonitor(t, {
    targets: [target.host],
    ...options,
  });
  return { target, monitor };
}

const row = (page, name) =>
  page.locator("table.pipelines tbody tr", {
    has: page.getByRole("link", { name, exact: true }),
  });

test("the stages of the only pipeline are live within 10 s of its first scrape, with no click", async (t) => {
  const { monitor } = await monitored(t, pipelines({ name: "ocr", rate: 20 }));
  const { page } = await harness.openPage(t, monitor.url, { theme: "dark" });
  const stage = page.getByRole("region", { name: "Stage engine_forward" });
  await harness.until("its mean is known", async () =>
    /mean\s*2[456]\.\d ms/.test(await stage.innerText()),
  );
  await stage
    .locator('path.mini-line[d^="M"]')
    .first()
    .waitFor({ state: "attached" });
  const ms = await page.evaluate(() => performance.now());
  assert.ok(ms < 10_000, `${ms} ms after the page was opened`);
  await harness.until(
    "the rate is that of the pipeline",
    async () => /\b(19|20|21)\.\d\b/.test(await row(page, "ocr").innerText()),
    10,
  );
  await harness.checkAccessible(page, "Overview with one pipeline");
  await harness.pictures3(page, "overview-one");
});

test("while there is one scrape, counts are shown and what is awaited", async (t) => {
  const { monitor } = await monitored(t, pipelines({ name: "ocr" }), {
    interval: "12s",
  });
  await monitor.await("inference_requests_total");
  const { page } = await harness.openPage(t, monitor.url);
  await page.getByText(/collecting, first numbers in \d+ s/).waitFor();
  assert.match(await row(page, "ocr").innerText(), /so far/);
});

test("a row leads to the stages of its pipeline, over the same range", async (t) => {
  const { monitor } = await monitored(
    t,
    pipelines({ name: "ocr" }, { name: "chat" }),
  );
  await monitor.await(
    "count(count_over_time(inference_requests_total[1m]) > 1)",
  );
  const { page } = await harness.openPage(
    t,
    `${monitor.url}?from=now-5m&to=now`,
  );
  await row(page, "chat").locator("td").nth(2).click();
  await page.waitForURL(/\/d\/inferometer-stages\?.*var-pipeline=chat/);
  assert.match(page.url(), /from=now-5m/);
  await page.goBack();
  await row(page, "ocr").waitFor();
  await page.getByRole("link", { name: "ocr", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/var-pipeline=ocr/);
});

test("a target that is down is told by mark, word and error, and so is that it is up again", async (t) => {
  const { target, monitor } = await monitored(
    t,
    pipelines({ name: "ocr" }, { name: "chat" }),
  );
  await monitor.await("inference_requests_total");
  const { page } = await harness.openPage(t, `${monitor.url}?refresh=1s`);
  await row(page, "ocr").getByText("✓ up").waitFor();
  await target.down();
  await row(page, "ocr").getByText("✕ down").waitFor();
  const badge = row(page, "ocr").locator(".badge.bad");
  const [red, green] = await badge.evaluate((element) =>
    getComputedStyle(element).color.match(/\d+/g).map(Number),
  );
  assert.ok(red > green, "the badge is red");
  await page
    .locator(".down-targets")
    .getByText(/Nothing listens at this address/)
    .waitFor();
  await harness.until("the strip counts it", async () =>
    /✕\s*1\/2\s*1 down/.test(await page.locator(".strip").innerText()),
  );
  await harness.checkAccessible(page, "Overview with a target that is down");
  await harness.picture(page, "overview-down");
  await target.up();
  await row(page, "ocr").getByText("✓ up").waitFor();
  await page.locator(".down-targets").waitFor({ state: "detached" });
});

test("failures are shown with a mark, a share and a count", async (t) => {
  const { monitor } = await monitored(
    t,
    pipelines({ name: "fine" }, { name: "flaky", errors: 0.2, rate: 50 }),
  );
  await monitor.await(
    "count(count_over_time(inference_requests_total[1m]) > 2)",
  );
  const { page } = await harness.openPage(t, `${monitor.url}?refresh=1s`);
  await row(page, "fine").getByText("✓ none").waitFor();
  const errors = row(page, "flaky").locator(".errors");
  await harness.until("one in five fails", async () =>
    /^✕ (19|20|21)\.\d % \(\d+\)$/.test(await errors.innerText()),
  );
});

test("a store without pipelines says what to do", async (t) => {
  const monitor = await harness.startMonitor(t);
  const { page } = await harness.openPage(t, monitor.url);
  await page.getByText("There is no pipeline yet").waitFor();
  await page.getByText("ifm_inference_begin").waitFor();
  await page.getByText("--target HOST:PORT").waitFor();
  await harness.checkAccessible(page, "Overview without pipelines");
  await harness.pictures3(page, "overview-empty");
  await page
    .locator(".no-pipeline")
    .getByRole("link", { name: "Targets" })
    .click();
  await page.waitForURL(/\/targets$/);
});

test("without pipelines, a target that is down is the first suspect", async (t) => {
  const target = await harness.startTarget(t);
  await target.down();
  const monitor = await harness.startMonitor(t, { targets: [target.host] });
  const { page } = await harness.openPage(t, monitor.url);
  await page.getByText("the only target is down").waitFor();
  await page
    .locator(".down-targets")
    .getByText(/connection refused/)
    .waitFor();
});

test("a monitor that goes away and comes back is told, and the old numbers stay", async (t) => {
  const { monitor } = await monitored(
    t,
    pipelines({ name: "ocr" }, { name: "chat" }),
  );
  await monitor.await(
    "count(count_over_time(inference_requests_total[1m]) > 1)",
  );
  const { page, problems } = await harness.openPage(
    t,
    `${monitor.url}?refresh=1s`,
  );
  problems.allow(/Failed to load resource|ERR_CONNECTION_REFUSED|503/);
  await row(page, "ocr").waitFor();
  await monitor.kill();
  await page.getByText("The monitor does not answer.").waitFor();
  assert.match(
    await page.locator(".overview-banner").innerText(),
    /Since \d\d:\d\d:\d\d.*The numbers below are those of/,
  );
  await row(page, "ocr").waitFor();
  await page.locator("table.pipelines.old").waitFor();
  await harness.checkAccessible(page, "Overview while the monitor is away");
  await harness.picture(page, "overview-away");
  await monitor.restart();
  await page.getByText("The monitor answers again").waitFor();
  await page.locator("table.pipelines:not(.old)").waitFor();
});

test("a monitor that starts says so", async (t) => {
  const { monitor } = await monitored(t, pipelines({ name: "ocr" }));
  const { page, problems } = await harness.openPage(t, `${monitor.url}flags`);
  problems.allow(/503/);
  await page.route("**/api/v1/**", (route) =>
    route.fulfill({ status: 503, body: "Service Unavailable" }),
  );
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByText("The monitor is starting or stopping.").waitFor();
  await page.unroute("**/api/v1/**");
  await row(page, "ocr").waitFor();
});

test("names full of markup stay text", async (t) => {
  const name = `<img src=x onerror="window.hit=1">'"\\ & {{x}}`;
  const stage = "<script>window.hit=1</script>";
  const { monitor } = await monitored(
    t,
    pipelines({ name, stages: { [stage]: 0.02 } }),
  );
  const { page } = await harness.openPage(t, `${monitor.url}?refresh=1s`);
  await page.getByRole("region", { name: `Stage ${stage}` }).waitFor();
  await row(page, name).waitFor();
  assert.equal(await page.evaluate(() => window.hit), undefined);
  await harness.picture(page, "overview-hostile");
  await page.getByRole("link", { name, exact: true }).click();
  await harness.until(
    "the address has the name",
    () => new URL(page.url()).searchParams.get("var-pipeline") === name,
  );
  assert.equal(await page.evaluate(() => window.hit), undefined);
});

test("a hundred pipelines are sorted and filtered at once, by eight requests", async (t) => {
  const many = Array.from({ length: 100 }, (_, index) => ({
    name: `p${String(index).padStart(2, "0")}`,
    rate: index + 1,
  }));
  const { monitor } = await monitored(t, pipelines(...many), {
    interval: "2s",
  });
  await monitor.await(
    "count(count_over_time(inference_requests_total[1m]) > 1) > 199",
  );
  const { page } = await harness.openPage(t, `${monitor.url}?refresh=off`);
  await row(page, "p99").waitFor();
  await page.getByRole("button", { name: "Requests/s" }).click();
  await harness.until("the busiest is first", async () =>
    (
      await page.locator("table.pipelines tbody th").first().innerText()
    ).startsWith("p99"),
  );
  await page.waitForURL(/sort=-rate/);
  const asked = [];
  let answered = 0;
  page.on("request", (request) => asked.push(request.url()));
  page.on("requestfinished", () => (answered += 1));
  await page.getByRole("button", { name: "Refresh now" }).click();
  await harness.until("all is answered", async () => {
    const before = asked.length;
    await harness.pause(500);
    return before > 0 && asked.length === before && answered === before;
  });
  assert.ok(asked.length <= 8, asked.join("\n"));
  await page.getByPlaceholder("Filter by name").fill("p4");
  await page.getByText("10 of 100").waitFor();
  // The best of some: others may want the processor.
  const ms = await page.evaluate(async () => {
    const input = document.querySelector(".filter input");
    const drawn = () =>
      new Promise((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(resolve)),
      );
    const type = (text) => {
      input.value = text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      return drawn();
    };
    let best = Infinity;
    for (let i = 0; i < 5 && best >= 1000; i++) {
      await type("p4");
      const began = performance.now();
      await type("");
      best = Math.min(best, performance.now() - began);
    }
    return best;
  });
  assert.ok(ms < 1000, `all rows again after ${ms} ms`);
  await harness.checkAccessible(page, "Overview with a hundred pipelines");
  await harness.pictures3(page, "overview-hundred");
});

test("pipelines of the DeepSparse naming are listed", async (t) => {
  const sample = await harness.startSamplePipeline(t, [
    "--naming",
    "deepsparse",
    "--rate",
    "50",
  ]);
  const monitor = await harness.startMonitor(t, { targets: [sample.host] });
  await monitor.await(
    "count_over_time(total_inference_sample_pipeline_name_count[1m]) > 2",
  );
  const { page } = await harness.openPage(t, `${monitor.url}?refresh=1s`);
  await row(page, "sample_pipeline_name")
    .getByText("DeepSparse naming")
    .waitFor();
  await page.getByRole("region", { name: "Stage engine_forward" }).waitFor();
  await harness.until("half a second each", async () =>
    /mean\s*(4[5-9]\d|5[0-5]\d) ms/.test(
      await page
        .getByRole("region", { name: "Stage engine_forward" })
        .innerText(),
    ),
  );
  await harness.checkAccessible(page, "Overview with the DeepSparse naming");
});

// What DeepSparse's own logger serves: the pipeline is in the metrics' names.
function deepSparseMetrics(names, seconds) {
  const count = Math.floor(10 * (seconds + 60));
  return names
    .flatMap((name) =>
      ["total_inference", "pre_process", "engine_forward", "post_process"].map(
        (stage, index) => {
          const metric = `${stage}_${name}`;
          const mean = index === 0 ? 0.06 : 0.02;
          return [
            `# TYPE ${metric} histogram`,
            `${metric}_bucket{le="0.05"} ${index === 0 ? 0 : count}`,
            `${metric}_bucket{le="0.1"} ${count}`,
            `${metric}_bucket{le="+Inf"} ${count}`,
            `${metric}_sum ${count * mean}`,
            `${metric}_count ${count}`,
          ].join("\n");
        },
      ),
    )
    .join("\n")
    .concat("\n");
}

test("a row of the DeepSparse naming opens its stages, and closes them", async (t) => {
  const target = await harness.startTarget(t, (seconds) =>
    deepSparseMetrics(["first", "second"], seconds),
  );
  const monitor = await harness.startMonitor(t, { targets: [target.host] });
  await monitor.await("count_over_time(total_inference_second_count[1m]) > 2");
  const { page } = await harness.openPage(
    t,
    `${monitor.url}?refresh=1s&from=now-5m`,
  );
  await row(page, "first").waitFor();
  await page.getByRole("link", { name: "second" }).click();
  await page.getByRole("heading", { name: "Stages of second" }).waitFor();
  await harness.until("the stage has its mean", async () =>
    /mean\s*20\.0 ms/.test(
      await page
        .getByRole("region", { name: "Stage engine_forward" })
        .innerText(),
    ),
  );
  assert.equal(new URL(page.url()).searchParams.get("pipeline"), "second");
  assert.equal(new URL(page.url()).searchParams.get("from"), "now-5m");
  await harness.checkAccessible(
    page,
    "Overview with the stages of one of several",
  );
  await page.reload();
  await page.getByRole("heading", { name: "Stages of second" }).waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page
    .getByRole("heading", { name: "Stages of second" })
    .waitFor({ state: "detached" });
  await page.goBack();
  await page.getByRole("heading", { name: "Stages of second" }).waitFor();
});

test("native histograms alone are enough", async (t) => {
  const sample = await harness.startSamplePipeline(t, [
    "--naming",
    "inferometer",
    "--rate",
    "100",
  ]);
  const config = `
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: inferometer
    scrape_native_histograms: true
    scrape_protocols: [PrometheusProto]
    static_configs: [{targets: ["${sample.host}"]}]
`;
  const monitor = await harness.startMonitor(t, { config });
  await monitor.await("count_over_time(inference_duration_seconds[1m]) > 2");
  assert.deepEqual(
    await monitor.query("inference_duration_seconds_bucket"),
    [],
  );
  const { page } = await harness.openPage(t, `${monitor.url}?refresh=1s`);
  const p95 = row(page, "sample_pipeline_name").locator(".cell-p95 .value");
  await harness.until("the percentile of the sum of three", async () =>
    /^2\.[2-5]\d s$/.test(await p95.innerText()),
  );
  await page.getByRole("region", { name: "Stage pre_process" }).waitFor();
});
