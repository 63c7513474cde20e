// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { csvCell, framesToCsv } from "../../src/lib/csv";
import type { Frame } from "../../src/lib/frame";

function series(name: string, times: number[], values: (number | null)[]): Frame {
  return {
    refId: "A",
    name,
    fields: [
      { name: "Time", type: "time", values: times, config: {} },
      { name: "Value", type: "number", values, config: { displayNameFromDS: name } },
    ],
  };
}

describe("a cell", () => {
  test.each([
    ["plain", "plain"],
    ['a,"b"', '"a,""b"""'],
    ["a\nb", '"a\nb"'],
    ["=1+1", "'=1+1"],
    ["@cmd", "'@cmd"],
    ["-1.5e-9", "-1.5e-9"],
    ["-x", "'-x"],
    ["+Inf", "+Inf"],
    ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
    ["\t=1", "'\t=1"],
    ["", ""],
  ])("%j", (text, want) => expect(csvCell(text)).toBe(want));
});

test("series share their times", () => {
  const csv = framesToCsv([
    series("a", [1000, 2000], [1, NaN]),
    series("b,c", [2000, 3000], [Infinity, null]),
  ]);
  expect(csv).toBe(
    'Time,a,"b,c"\r\n' +
      "1970-01-01T00:00:01.000Z,1,\r\n" +
      "1970-01-01T00:00:02.000Z,NaN,+Inf\r\n" +
      "1970-01-01T00:00:03.000Z,,\r\n",
  );
});

test("tables follow each other", () => {
  const table: Frame = {
    refId: "A",
    fields: [
      { name: "stage", type: "string", values: ["=a"], config: {} },
      { name: "v", type: "number", values: [0.5], config: { displayName: "Share" } },
    ],
  };
  expect(framesToCsv([table, { refId: "B", fields: [] }, table])).toBe(
    "stage,Share\r\n'=a,0.5\r\n\r\nstage,Share\r\n'=a,0.5\r\n",
  );
  expect(framesToCsv([table], { names: (_, index) => `column ${index}` })).toContain("column 0,column 1");
});

test("nothing", () => expect(framesToCsv([])).toBe(""));
