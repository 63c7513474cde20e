// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { mayTakeForever, safeRegExp } from "../../src/lib/regex";

describe("mayTakeForever", () => {
  it.each([
    "(a+)+$",
    "^(a*)*b",
    "(x+x+)+y",
    "(?:a|a)*b",
    "(a|aa)+$",
    "(?:a|b|ab)*c",
    "([a-z]+)*=",
    "(\\w+\\s?)*$",
    "(.*)*x",
    "(a*b*)*c",
    "(a?a)*b",
    "(?=(a+)+b)c",
    "(?<name>[0-9]+)+x",
    "((a{2,})b?)+$",
    "(a|\\x61){30}b",
    "(.|[^x])*?y",
  ])("finds %s", (source) => {
    expect(mayTakeForever(source)).toBe(true);
  });

  it("compares as the flags do", () => {
    expect(mayTakeForever("(a|A)*b")).toBe(false);
    expect(mayTakeForever("(a|A)*b", "i")).toBe(true);
  });

  it.each([
    "",
    ".*",
    "^inferometer_.*_seconds(_bucket)?$",
    '.*instance="([^"]+)".*job="([^"]*)".*',
    "([^,]+,)*[^,]+",
    "(foo|bar|baz)+",
    "(foo|fob)*",
    "(?:\\d{1,3}\\.){3}\\d{1,3}",
    "^(?:[a-z]+-)*[a-z]+$",
    "(a|b)*abb",
    "[\\]()|*+?{]+",
    "\\(a+\\)+",
    "(?<text>[^ ]+) (?<value>.+)",
    "(?!x)y*",
    "\\bword\\b.*",
    "a{2,5}b{3}",
    "(ab?)*",
  ])("lets %s pass", (source) => {
    expect(mayTakeForever(source)).toBe(false);
  });

  it("answers soon for long expressions", () => {
    const names = Array.from({ length: 500 }, (_, i) => `job_${i}`).join("|");
    expect(mayTakeForever(`^(${names})$`)).toBe(false);
    expect(mayTakeForever(`(${"a|".repeat(1000)}a)*`)).toBe(true);
  });
});

describe("safeRegExp", () => {
  it("is the expression, with its flags", () => {
    expect(safeRegExp("^A", "i").test("abc")).toBe(true);
  });

  it("throws for what is none, and for what may take forever", () => {
    expect(() => safeRegExp("(")).toThrow(SyntaxError);
    expect(() => safeRegExp("(a+)+$")).toThrow("may take forever");
    expect(() => safeRegExp(`(${"a".repeat(5000)})+`)).toThrow("may take forever");
    expect(safeRegExp("a".repeat(6000)).test("a")).toBe(false);
  });
});
