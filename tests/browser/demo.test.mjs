// SPDX-License-Identifier: Apache-2.0
// make demo as a visitor meets it: the one URL that it prints, opened.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import {
  closeBrowser,
  openPage,
  picture,
  pictures3,
  scratch,
  startProgram,
  until,
} from "./harness.mjs";

after(closeBrowser);

const programs = process.env.IFM_PROGRAMS;
const skip = !existsSync(path.join(programs, "ocr_pipeline"))
  ? "the program ocr_pipeline was not built"
  : !existsSync("/usr/bin/pdftoppm") && "poppler-utils is not installed";

test(
  "the URL of make demo shows the live stages within 10 seconds",
  { skip },
  async (t) => {
    const demo = startProgram(
      t,
      "bash",
      [
        path.join(process.env.IFM_SOURCE, "tools/demo.sh"),
        path.dirname(programs),
      ],
      {
        DEMO_PORT: "any",
        DEMO_SECONDS: "600",
        TMPDIR: scratch(t),
      },
    );
    const url = await until(
      "the demo prints where to look",
      () => {
        assert.equal(demo.child.exitCode, null, demo.out + demo.err);
        return /^ {2}dashboard +(\S+)$/m.exec(demo.out)?.[1];
      },
      240,
    );
    const urls = new Set(demo.out.match(/https?:\/\/[^\s';]+/g));
    assert.deepEqual([...urls], [url], "one URL is printed");

    const began = Date.now();
    const { page } = await openPage(t, url, { height: 800 });
    for (const stage of [
      "render",
      "pre_process",
      "engine_forward",
      "post_process",
    ]) {
      await page
        .getByRole("heading", { name: stage })
        .first()
        .waitFor({ timeout: 10_000 });
    }
    await until(
      "a time of the neural network stands there",
      async () =>
        /engine_forward[\s\S]*?\d (ms|s)\b/.test(
          await page.locator("main").innerText(),
        ),
      10,
    );
    const took = Date.now() - began;
    assert.ok(took < 10_000, `it took ${took} ms`);
    await pictures3(page, "demo-overview");

    // And a click leads to the charts of the stages.
    await page.getByRole("link", { name: "ocr", exact: true }).first().click();
    await page.waitForURL(/\/d\/inferometer-stages\?/);
    assert.match(page.url(), /var-pipeline=ocr/);
    await page.getByText("Time of each stage per inference").waitFor();
    await picture(page, "demo-stages-light");
    demo.child.kill("SIGINT");
    assert.equal(await demo.ended, 0, demo.out.slice(-500) + demo.err);
  },
);
