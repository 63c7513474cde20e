// SPDX-License-Identifier: Apache-2.0
// How the user interface is served: paths, policy, copies that a browser keeps, and weight.
import assert from "node:assert/strict";
import http from "node:http";
import { after, test } from "node:test";
import zlib from "node:zlib";
import { closeBrowser, openPage, startMonitor } from "./harness.mjs";

after(closeBrowser);

const KB = 1000;

// Bytes on the wire of what a page has loaded.
async function weight(page) {
  return page.evaluate(() =>
    performance
      .getEntries()
      .filter(
        (entry) =>
          entry.entryType === "navigation" ||
          (entry.entryType === "resource" &&
            /\/assets\/|icon\.svg/.test(entry.name)),
      )
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0),
  );
}

// A file as it was sent, and as it is.
function rawSize(url) {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers: { "Accept-Encoding": "gzip" } }, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () => {
          const sent = Buffer.concat(parts);
          const packed = answer.headers["content-encoding"] === "gzip";
          resolve({
            size: sent.length,
            text: (packed ? zlib.gunzipSync(sent) : sent).toString(),
          });
        });
      })
      .on("error", reject);
  });
}

test("the first paint loads at most 60 KB", async (t) => {
  const monitor = await startMonitor(t);
  const { page } = await openPage(t, monitor.url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  const bytes = await weight(page);
  assert.ok(bytes > 5 * KB && bytes <= 60 * KB, `${bytes} bytes`);
});

test("all files together have at most 300 KB", async (t) => {
  const monitor = await startMonitor(t);
  const names = new Set();
  const sizes = [];
  const visit = async (name) => {
    if (names.has(name)) {
      return;
    }
    names.add(name);
    const answer = await rawSize(monitor.url + name);
    sizes.push([name, answer.size]);
    for (const [found] of answer.text.matchAll(
      /(?<=["'`]\.?\/?(?:assets\/)?)[a-z0-9_]+\.(?:js|css)(?=["'`])/g,
    )) {
      await visit(`assets/${found}`);
    }
  };
  await visit("");
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(
    names.has("assets/codemirror.js") && names.size > 8,
    `found ${[...names].join(" ")}`,
  );
  assert.ok(
    total <= 300 * KB,
    `${total} bytes: ${sizes.map((one) => one.join(" ")).join(", ")}`,
  );
});

test("every page is served at its address, below a prefix too", async (t) => {
  const monitor = await startMonitor(t, {
    args: ["--web.route-prefix=/mon/itor"],
  });
  const { page } = await openPage(t, monitor.url);
  for (const path of [
    "",
    "dashboards",
    "graph",
    "alerts",
    "targets",
    "service-discovery",
    "rules",
    "tsdb-status",
    "status",
    "config",
    "flags",
  ]) {
    await page.goto(monitor.url + path);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    const link = await page
      .locator("nav a", { hasText: "Targets" })
      .getAttribute("href");
    assert.equal(link, "/mon/itor/targets");
  }
});

test("a page that is not there says so, and leads back", async (t) => {
  const monitor = await startMonitor(t);
  const { page, problems } = await openPage(t, monitor.url);
  problems.allow(/404/);
  await page.goto(monitor.url + "nowhere");
  await page.getByText('There is no page "nowhere"').waitFor();
  await page.getByRole("link", { name: "To the Overview" }).click();
  await page.waitForURL(monitor.url);
});

test("files are compressed, tagged and asked for again", async (t) => {
  const monitor = await startMonitor(t);
  const page = await (
    await fetch(monitor.url, { headers: { Accept: "text/html" } })
  ).text();
  const names = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(
    (match) => match[1],
  );
  assert.ok(names.length >= 2, page);
  for (const name of names) {
    const answer = await fetch(monitor.url + name);
    assert.equal(answer.headers.get("content-encoding"), "gzip", name);
    assert.match(
      answer.headers.get("content-security-policy"),
      /script-src 'self';.*style-src 'self'/,
    );
    const tag = answer.headers.get("etag");
    const again = await fetch(monitor.url + name, {
      headers: { "If-None-Match": tag },
    });
    assert.equal(again.status, 304, name);
    assert.equal(await again.text(), "");
    const plain = await fetch(monitor.url + name, {
      headers: { "Accept-Encoding": "identity" },
    });
    assert.equal(plain.headers.get("content-encoding"), null);
    assert.equal(await plain.text(), await answer.text(), name);
  }
});

test("the licences of what is bundled are served", async (t) => {
  const monitor = await startMonitor(t);
  const text = await (
    await fetch(monitor.url + "assets/third-party-licenses.txt")
  ).text();
  for (const name of ["preact", "uplot"]) {
    assert.match(text, new RegExp(`^${name} \\d`, "m"));
  }
  assert.match(text, /Permission is hereby granted/);
});

test("a page whose script does not run says so after a while", async (t) => {
  const monitor = await startMonitor(t);
  const { page, problems, context } = await openPage(t, monitor.url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.equal(await page.locator(".boot").count(), 0);
  problems.allow(/ERR_FAILED/);
  await context.route("**/assets/index.js", (route) => route.abort());
  await page.reload();
  await page.locator(".boot").waitFor();
});
