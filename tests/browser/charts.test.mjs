// SPDX-License-Identifier: Apache-2.0
// What people do with the charts of a dashboard: follow the links of a value, look at all charts at one time,
// zoom with two fingers, choose in a legend, and ask a panel for its queries.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, test } from "node:test";
import {
  becomes,
  checkAccessible,
  closeBrowser,
  openPage,
  pictures3,
  sharedMonitor,
  until,
} from "./harness.mjs";

const values = { "a b&c": 3, two: 2, zero: 0 };

function metrics(seconds) {
  const count = Math.floor(seconds * 10) + 100;
  const lines = Object.entries(values).map(
    ([name, value]) => `line{name="${name}"} ${value}`,
  );
  const buckets = [1, 2, 4].map(
    (bound, i) => `lag_seconds_bucket{le="${bound}"} ${(count * (i + 1)) / 4}`,
  );
  return [
    "# TYPE line gauge",
    ...lines,
    "# TYPE lag_seconds histogram",
    ...buckets,
    `lag_seconds_bucket{le="+Inf"} ${count}`,
    `lag_seconds_count ${count}`,
    `lag_seconds_sum ${count * 2}`,
    "",
  ].join("\n");
}

const shared = sharedMonitor(metrics, "count_over_time(line[1m]) >= 6", 40);

after(async () => {
  await closeBrowser();
  await shared.end();
});

const links = [
  {
    title: "Look at ${__series.name}",
    url: "/look?name=${__field.labels.name}&v=${__value.raw}&at=${__value.time}&${__url_time_range}&${__all_variables}&from=${__from}&to=${__to}",
    targetBlank: true,
  },
  { title: "Script", url: "javascript:document.title=1" },
  { title: "Dashboard", url: "/d/overview?var-x=${pick}" },
];

function panel(id, type, title, x, y, more = {}) {
  return {
    id,
    type,
    title,
    gridPos: { x, y, w: 8, h: 8 },
    targets: [{ refId: "A", expr: "line", legendFormat: "{{name}}" }],
    fieldConfig: { defaults: { links }, overrides: [] },
    ...more,
  };
}

const plain = { fieldConfig: { defaults: {}, overrides: [] } };

// Everything is read at one time, so that nothing moves under a mouse.
async function open(t, options = {}, graphTooltip = 2) {
  const monitor = await shared.get();
  const now = Date.now();
  const dashboard = {
    title: "Charts",
    uid: "charts",
    graphTooltip,
    time: {
      from: new Date(now - 12_000).toISOString(),
      to: new Date(now).toISOString(),
    },
    templating: {
      list: [
        {
          name: "pick",
          type: "custom",
          query: "x y&z,other",
          current: { value: "x y&z" },
        },
      ],
    },
    panels: [
      panel(1, "timeseries", "Linked", 0, 0, {
        options: {
          legend: { displayMode: "table", placement: "bottom", calcs: ["max"] },
          tooltip: { mode: "multi", sort: "desc", hideZeros: true },
        },
      }),
      panel(2, "timeseries", "Right", 8, 0, {
        ...plain,
        options: {
          legend: { displayMode: "list", placement: "right", calcs: [] },
          tooltip: { mode: "multi", sort: "asc", maxHeight: 60 },
        },
      }),
      panel(3, "heatmap", "Lags", 16, 0, {
        ...plain,
        options: { tooltip: { mode: "multi" } },
        targets: [
          {
            refId: "A",
            expr: "sum by (le) (lag_seconds_bucket)",
            format: "heatmap",
            legendFormat: "{{le}}",
          },
        ],
      }),
      panel(4, "stat", "Stats", 0, 8),
      panel(5, "gauge", "Gauge", 8, 8, {
        targets: [
          { refId: "A", expr: 'line{name="two"}', legendFormat: "{{name}}" },
        ],
      }),
      panel(6, "bargauge", "Bars", 16, 8),
      panel(7, "timeseries", "Silent", 0, 16, {
        ...plain,
        options: { tooltip: { mode: "none" } },
      }),
    ],
  };
  const { page, context } = await openPage(
    t,
    `${monitor.url}dashboards`,
    options,
  );
  await page.getByRole("button", { name: "Paste JSON" }).click();
  await page
    .getByRole("textbox", { name: "JSON of a dashboard" })
    .fill(JSON.stringify(dashboard));
  await page.getByRole("button", { name: "Open", exact: true }).click();
  for (const title of ["Linked", "Right", "Silent"]) {
    await section(page, title).scrollIntoViewIfNeeded();
    await section(page, title).locator(".u-over").waitFor();
  }
  await page.evaluate(() => window.scrollTo(0, 0));
  return { page, context, monitor, now };
}

const section = (page, name) =>
  page.getByRole("region", { name, exact: true }).first();

// A place in a chart, by shares of its width and height.
async function placeIn(page, title, x, y, selector = ".u-over") {
  const box = await section(page, title)
    .locator(selector)
    .first()
    .boundingBox();
  return [box.x + box.width * x, box.y + box.height * y];
}

const tips = (page) => page.locator(".tip").allTextContents();
const menu = (page) => page.getByRole("dialog", { name: /^Links of/ });

function checkLink(href, now) {
  const query = new URL(href, "http://x").searchParams;
  assert.equal(query.get("name"), "a b&c");
  assert.equal(query.get("v"), "3");
  assert.ok(
    Number(query.get("at")) <= now && Number(query.get("at")) > now - 60_000,
  );
  assert.equal(query.get("var-pick"), "x y&z");
  assert.ok(
    query.getAll("from").some((from) => Number(from) === now - 12_000),
    href,
  );
}

test("a click on a value opens its links, with what they name put in and escaped", async (t) => {
  const { page, now } = await open(t);
  const top = await placeIn(page, "Linked", 0.9, 0.05);
  await page.mouse.move(...top);
  await until("the tip tells of links", async () =>
    (await tips(page)).some((text) => text.includes("click: 2 links")),
  );
  await page.mouse.click(...top);
  const anchors = menu(page).getByRole("link");
  await becomes(
    () => anchors.allTextContents(),
    ["Look at a b&c ↗", "Dashboard"],
  );
  const first = anchors.first();
  checkLink(await first.getAttribute("href"), now);
  await becomes(() => first.getAttribute("target"), "_blank");
  assert.match(await first.getAttribute("rel"), /noopener/);
  assert.match(
    await anchors.nth(1).getAttribute("href"),
    /var-x=x(\+|%20)y%26z/,
  );
  await page.mouse.click(5, 5);
  await becomes(() => menu(page).count(), 0);
});

test("the keys go to a value and open its links", async (t) => {
  const { page, now } = await open(t);
  const plot = section(page, "Linked").locator(".chart-plot");
  await plot.focus();
  await page.keyboard.press("ArrowLeft");
  for (
    let i = 0;
    i < 3 &&
    !(await page.locator(".tip-strong").first().textContent()).includes(
      "a b&c",
    );
    i++
  ) {
    await page.keyboard.press("ArrowUp");
  }
  await page.keyboard.press("Enter");
  const first = menu(page).getByRole("link").first();
  checkLink(await first.getAttribute("href"), now);
  assert.ok(
    await first.evaluate((element) => element === document.activeElement),
  );
  await page.keyboard.press("ArrowDown");
  await becomes(
    () => page.evaluate(() => document.activeElement.textContent),
    "Dashboard",
  );
  await checkAccessible(page, "the links of a value");
  await page.keyboard.press("Escape");
  await becomes(() => menu(page).count(), 0);
  assert.ok(
    await plot.evaluate((element) => element === document.activeElement),
  );
});

test("values of a stat and a gauge open their links by a click anywhere on them", async (t) => {
  const { page } = await open(t);
  for (const [title, selector] of [
    ["Stats", ".stat"],
    ["Gauge", ".gauge svg"],
    ["Bars", ".bar-track"],
  ]) {
    await section(page, title).scrollIntoViewIfNeeded();
    await section(page, title).locator(selector).first().click();
    await becomes(() => menu(page).getByRole("link").count(), 2, title);
    await page.keyboard.press("Escape");
    await becomes(() => menu(page).count(), 0, title);
  }
  const own = section(page, "Gauge").getByRole("link").first();
  assert.match(await own.getAttribute("href"), /name=two&v=2&/);
});

test("charts share their tooltips where the dashboard says so, and only then", async (t) => {
  const { page } = await open(t);
  await page.mouse.move(...(await placeIn(page, "Right", 0.9, 0.5)));
  await until("three charts tell", async () => (await tips(page)).length === 3);
  const all = await tips(page);
  assert.ok(
    all.some((text) => /a b&c.*two/.test(text)),
    all.join("\n"),
  );
  assert.ok(
    all.some((text) => /%/.test(text)),
    "the heatmap's counts: " + all.join("\n"),
  );
  await page.mouse.move(2, 2);
  await until("none tells", async () => (await tips(page)).length === 0);

  const { page: other } = await open(t, {}, 1);
  await other.mouse.move(...(await placeIn(other, "Right", 0.9, 0.5)));
  await until("one tells", async () => (await tips(other)).length === 1);
  const line = section(other, "Linked").locator(".u-cursor-x");
  assert.ok(await line.isVisible(), "its crosshair is there");
});

test("a tooltip has the order, the height and the zeros that its panel asks for", async (t) => {
  const { page } = await open(t, {}, 0);
  await page.mouse.move(...(await placeIn(page, "Linked", 0.9, 0.5)));
  await until("it tells", async () => (await tips(page)).length === 1);
  await becomes(
    () => page.locator(".tip-name").allTextContents(),
    ["a b&c", "two"],
  );
  await page.mouse.move(...(await placeIn(page, "Right", 0.9, 0.95)));
  await until("the other tells", async () =>
    /zero/.test((await tips(page))[0] ?? ""),
  );
  await becomes(() => page.locator(".tip-name").allTextContents(), ["zero"]);
  assert.match(await page.locator(".tip-more").textContent(), /and 2 more/);
  await section(page, "Silent").scrollIntoViewIfNeeded();
  await page.mouse.move(...(await placeIn(page, "Silent", 0.9, 0.5)));
  await page.mouse.move(...(await placeIn(page, "Silent", 0.8, 0.5)));
  await becomes(() => tips(page), []);
});

test("values, gauges, bars and heatmaps tell of what is under the mouse", async (t) => {
  const { page } = await open(t, {}, 0);
  const told = async (title, selector, pattern) => {
    await section(page, title).scrollIntoViewIfNeeded();
    await until(`${title} tells`, async () => {
      const [x, y] = await placeIn(page, title, 0.75, 0.6, selector);
      await page.mouse.move(x - 1, y);
      await page.mouse.move(x, y);
      const [text = "no tip"] = await tips(page);
      return pattern.test(text) || assert.fail(text);
    });
  };
  await told("Lags", ".heat-canvas", /%/);
  await told("Stats", ".stat", /a b&c3.*\d\d:\d\d:\d\d3/);
  await told("Gauge", ".gauge", /two2.*0 to /);
  await told("Bars", ".bar", /a b&c3/);
});

test("two fingers zoom, one that rests and goes chooses a range, and the page still scrolls", async (t) => {
  const { page, context, now } = await open(t, {
    width: 360,
    height: 700,
    context: { hasTouch: true, isMobile: true },
  });
  const cdp = await context.newCDPSession(page);
  const touch = (type, ...points) =>
    cdp.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: points.map(([x, y], id) => ({ x, y, id })),
    });
  const range = () => {
    const query = new URL(page.url()).searchParams;
    return [query.get("from"), query.get("to")].map(Number);
  };
  const at = (x, y = 0.5) => placeIn(page, "Linked", x, y);
  const before = page.url();
  const scroll = (block) =>
    section(page, "Linked").evaluate(
      (element, where) => element.scrollIntoView({ block: where }),
      block,
    );
  await scroll("center");

  // Sideways: the crosshair and its tooltip, and no zoom.
  await touch("touchStart", await at(0.6));
  for (const x of [0.7, 0.8, 0.9]) {
    await touch("touchMove", await at(x));
  }
  await until("it tells", async () => (await tips(page)).length > 0);
  await touch("touchEnd");
  assert.equal(page.url(), before);

  // Upwards: the page scrolls.
  const high = await at(0.5);
  await touch("touchStart", high);
  for (let by = 20; by <= 200; by += 20) {
    await touch("touchMove", [high[0], high[1] - by]);
  }
  await touch("touchEnd");
  await until(
    "the page has scrolled",
    async () => (await at(0.5))[1] < high[1] - 100,
  );
  assert.equal(page.url(), before);
  await scroll("center");

  // Resting, then to the right: the range between.
  await touch("touchStart", await at(0.25));
  const select = section(page, "Linked").locator(".u-select");
  await page.locator(".tip-head").filter({ hasText: " to " }).waitFor();
  await touch("touchMove", await at(0.5));
  await touch("touchMove", await at(0.75));
  assert.ok((await select.boundingBox()).width > 50);
  await touch("touchEnd");
  await until("it zooms", () => page.url() !== before);
  const [from, to] = range();
  assert.ok(
    Math.abs(from - (now - 9000)) < 1500 && Math.abs(to - (now - 3000)) < 1500,
    `${from} ${to}`,
  );

  // Two fingers that come together: more than before.
  await until("it is drawn", () =>
    section(page, "Linked")
      .getAttribute("aria-busy")
      .then((busy) => busy === "false"),
  );
  await touch("touchStart", await at(0.2), await at(0.8));
  await touch("touchMove", await at(0.3), await at(0.7));
  await touch("touchMove", await at(0.4), await at(0.6));
  await touch("touchEnd");
  await until(
    "it zooms out",
    () => range()[1] - range()[0] > 1.5 * (to - from),
  );
});

test("a legend isolates, adds, sorts, and goes", async (t) => {
  const { page } = await open(t);
  const legend = section(page, "Linked").getByRole("group", { name: "Legend" });
  const names = () => legend.locator(".legend-name").allTextContents();
  const shown = async () => {
    const all = legend.locator(
      '.legend-button[aria-pressed="true"] .legend-name',
    );
    return (await all.allTextContents()).sort();
  };
  await legend.getByRole("button", { name: "two" }).click();
  await becomes(() => shown(), ["two"]);
  await legend
    .getByRole("button", { name: "zero" })
    .click({ modifiers: ["Control"] });
  await becomes(() => shown(), ["two", "zero"]);
  await legend.getByRole("button", { name: "zero" }).focus();
  await page.keyboard.press("Control+Enter");
  await becomes(() => shown(), ["two"]);
  await page.keyboard.press("Shift+Enter");
  await becomes(() => shown(), ["two", "zero"]);
  await page.keyboard.press("Enter");
  await becomes(() => shown(), ["zero"]);
  await page.keyboard.press("Enter");
  await becomes(() => shown(), ["a b&c", "two", "zero"]);
  await legend.getByRole("button", { name: "Max" }).click();
  await becomes(() => names(), ["a b&c", "two", "zero"]);
  await legend.getByRole("button", { name: "Max" }).press("Enter");
  await becomes(() => names(), ["zero", "two", "a b&c"]);
  await section(page, "Linked").focus();
  await page.keyboard.press("l");
  await becomes(() => legend.count(), 0);
  await page.keyboard.press("l");
  await becomes(() => legend.count(), 1);
  await page.setViewportSize({ width: 1600, height: 900 }); // narrow ones have it below
  await section(page, "Right").locator(".chart-right").waitFor();
  const plot = await section(page, "Right").locator(".u-over").boundingBox();
  const right = await section(page, "Right")
    .getByRole("group", { name: "Legend" })
    .boundingBox();
  assert.ok(right.x >= plot.x + plot.width, "the legend is beside the chart");
});

test("the menu of a panel views it, shows its queries and data, saves them and explores", async (t) => {
  const { page } = await open(t);
  const item = async (name) => {
    await section(page, "Linked").hover();
    await page.getByRole("button", { name: "Menu of Linked" }).click();
    return page
      .getByRole("list", { name: "Menu of Linked" })
      .getByText(name, { exact: false });
  };
  await (await item("Queries")).click();
  const dialog = page.getByRole("dialog", { name: "Queries of Linked" });
  await becomes(() => dialog.locator("pre").textContent(), "line");
  await page.keyboard.press("Escape");
  await (await item("Show data")).click();
  await section(page, "Linked").locator(".chart-data-table").waitFor();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    item("Save CSV").then((one) => one.click()),
  ]);
  assert.match(fs.readFileSync(await file.path(), "utf8"), /a b&c/);
  await (await item("Show chart")).click();
  await (await item("View")).click();
  await page.waitForURL(/viewPanel=1/);
  await section(page, "Linked").locator(".u-over").waitFor();
  await becomes(() => page.locator(".dash-panel").count(), 1);
  await (await item("Explore")).click();
  await page.waitForURL(/\/graph\?.*g0\.expr=line/);
  await until(
    "the query is there",
    async () =>
      (await page.locator(".cm-content").first().textContent()) === "line",
  );
});

test("pictures of charts", async (t) => {
  const { page } = await open(t);
  await pictures3(page, "charts");
});
