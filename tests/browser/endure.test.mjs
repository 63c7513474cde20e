// SPDX-License-Identifier: Apache-2.0
// What must not wear the page out: hours of refreshes, and dashboards that were written to make it stand still.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import {
  closeBrowser,
  openPage,
  pipelineMetrics,
  scratch,
  startMonitor,
  startTarget,
} from "./harness.mjs";

after(closeBrowser);

// Objects that something still holds.
async function liveObjects(client) {
  const { result } = await client.send("Runtime.evaluate", {
    expression: "Object.prototype",
  });
  const { objects } = await client.send("Runtime.queryObjects", {
    prototypeObjectId: result.objectId,
  });
  const count = await client.send("Runtime.callFunctionOn", {
    objectId: objects.objectId,
    functionDeclaration: "function () { return this.length; }",
    returnByValue: true,
  });
  await client.send("Runtime.releaseObject", { objectId: objects.objectId });
  return count.result.value;
}

// The panels in sight are asked for again, and all of them are drawn.
async function refresh(page, times) {
  for (let i = 0; i < times; i++) {
    await page.evaluate(() => performance.clearMeasures("inferometer-panel"));
    await page.getByRole("button", { name: "Refresh now" }).click();
    await page.waitForFunction(
      () =>
        performance.getEntriesByName("inferometer-panel").length >= 3 &&
        document.querySelector('.dash-panel[aria-busy="true"]') === null,
    );
  }
}

test("what was drawn before a refresh is let go", async (t) => {
  const target = await startTarget(t, (seconds) =>
    pipelineMetrics([{ name: "ocr" }], seconds),
  );
  const monitor = await startMonitor(t, { targets: [target.host] });
  await monitor.await("rate(inference_requests_total[5s])");
  const now = Date.now();
  const { page, context } = await openPage(
    t,
    `${monitor.url}d/inferometer-stages?from=${now - 300_000}&to=${now}&refresh=off`,
  );
  await page.locator(".dash-panel").nth(3).waitFor();
  const client = await context.newCDPSession(page);
  await refresh(page, 3);
  const before = await liveObjects(client);
  await refresh(page, 10);
  const grown = (await liveObjects(client)) - before;
  assert.ok(grown < 0.2 * before, `${grown} objects more than ${before}`);
});

const panel = (more) => ({
  type: "timeseries",
  gridPos: { x: 0, y: 0, w: 12, h: 6 },
  targets: [{ refId: "A", expr: "evil_total", legendFormat: "{{long}}" }],
  ...more,
});

// Each would take longer than a test may last.
const tiring = "(x+x+)+y";
const many = Array.from({ length: 1000 }, (_unused, i) => `v${i}`).join(",");
const all = { multi: true, includeAll: true, current: { value: ["$__all"] } };
const hostile = {
  expressions: {
    templating: {
      list: [
        {
          type: "query",
          name: "long",
          query: "label_values(evil_total, long)",
          regex: `/${tiring}/`,
        },
      ],
    },
    panels: [
      panel({
        title: "override",
        fieldConfig: {
          defaults: {},
          overrides: [
            { matcher: { id: "byRegexp", options: tiring }, properties: [] },
          ],
        },
      }),
      panel({
        title: "rename",
        transformations: [
          {
            id: "renameByRegex",
            options: { regex: tiring, renamePattern: "" },
          },
        ],
      }),
      panel({
        title: "mapping",
        type: "table",
        targets: [
          { refId: "A", expr: "evil_total", format: "table", instant: true },
        ],
        fieldConfig: {
          defaults: {
            mappings: [
              {
                type: "regex",
                options: { pattern: tiring, result: { text: "m" } },
              },
            ],
          },
          overrides: [],
        },
      }),
    ],
  },
  repeats: {
    templating: {
      list: [
        { type: "custom", name: "a", query: many, ...all },
        { type: "custom", name: "b", query: many, ...all },
      ],
    },
    panels: [
      {
        type: "row",
        repeat: "a",
        title: "$a",
        panels: [],
        gridPos: { x: 0, y: 0, w: 24, h: 1 },
      },
      panel({
        title: "$a $b",
        repeat: "b",
        gridPos: { x: 0, y: 1, w: 6, h: 6 },
      }),
    ],
  },
};

async function openHostile(t, name) {
  const folder = scratch(t);
  fs.writeFileSync(
    path.join(folder, "hostile.json"),
    JSON.stringify({ uid: "hostile", title: name, ...hostile[name] }),
  );
  const target = await startTarget(
    t,
    () =>
      `# TYPE evil_total counter\nevil_total{long="${"x".repeat(5000)}"} 1\n`,
  );
  const monitor = await startMonitor(t, {
    targets: [target.host],
    args: [`--dashboards.path=${folder}`],
  });
  await monitor.await("evil_total");
  const { page } = await openPage(t, `${monitor.url}d/hostile?from=now-5m`);
  await page.getByRole("heading", { level: 1, name }).waitFor();
  return page;
}

test("an expression that takes forever is refused, and named", async (t) => {
  const page = await openHostile(t, "expressions");
  await page.getByRole("button", { name: "Warnings of rename" }).click();
  await page
    .getByText("is no regular expression, or one that may take forever")
    .first()
    .waitFor();
  await page.getByRole("cell", { name: "evil_total" }).first().waitFor();
});

test("panels that repeat without end are cut, with a note", async (t) => {
  const page = await openHostile(t, "repeats");
  await page.getByText("at most 1000 panels and rows are shown").waitFor();
  const cells = await page.locator(".dash-cell").count();
  assert.equal(cells, 1000);
});
