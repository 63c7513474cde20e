// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { safeLink } from "../../src/lib/markinline";
import { parseHtmlText, parseMarkdown, type Block, type Inline } from "../../src/lib/markdown";

// Short forms, so that tests can be read: "strong(a)", "link(a -> b)".
function line(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      switch (node.kind) {
        case "text":
          return node.text;
        case "code":
          return `code(${node.text})`;
        case "break":
          return "/";
        case "link":
          return `link(${line(node.children)} -> ${node.href})`;
        default:
          return `${node.kind}(${line(node.children)})`;
      }
    })
    .join("");
}

function block(one: Block): string {
  switch (one.kind) {
    case "heading":
      return `h${one.level}: ${line(one.children)}`;
    case "paragraph":
      return line(one.children);
    case "code":
      return `code ${one.language}: ${one.text}`;
    case "quote":
      return `quote[${one.children.map(block).join("; ")}]`;
    case "list":
      return `list ${one.start ?? "-"}[${one.items.map((item) => item.map(block).join("; ")).join(" | ")}]`;
    case "table":
      return `table ${one.align.map((align) => align ?? "none").join(",")}: ${[one.head, ...one.rows]
        .map((row) => row.map(line).join("|"))
        .join(" // ")}`;
    case "rule":
      return "rule";
  }
}

const read = (text: string) => parseMarkdown(text).map(block);

describe("blocks", () => {
  test.each<[string, string[]]>([
    ["# One\n## Two ##\n#\n####### seven", ["h1: One", "h2: Two", "h1: ", "####### seven"]],
    ["Title\n=====\nSub\n---", ["h1: Title", "h2: Sub"]],
    ["a\nb\n\nc", ["a\nb", "c"]],
    ["a  \nb\\\nc", ["a  /b/c"]],
    ["- a\n- b\n  - c\n- d", ["list -[a | b; list -[c] | d]"]],
    ["3. a\n4. b\n\nend", ["list 3[a | b]", "end"]],
    ["* a\n+ b", ["list -[a]", "list -[b]"]],
    ["```promql\nrate(x[5m])\n# not a title\n```\nend", ["code promql: rate(x[5m])\n# not a title", "end"]],
    ["~~~\nopen", ["code : open"]],
    ["> a\n> > b\n\nc", ["quote[a; quote[b]]", "c"]],
    ["---\n***\n_ _ _", ["rule", "rule", "rule"]],
    ["|a|b|c|\n|:-|:-:|-:|\n|1|2|3|\n|x\\|y|", ["table left,center,right: a|b|c // 1|2|3 // x|y||"]],
    ["a | b\n--- | ---\n1 | **2**\n\nend", ["table none,none: a|b // 1|strong(2)", "end"]],
    ["a | b\nno table", ["a | b\nno table"]],
    ["", []],
  ])("%j", (text, want) => expect(read(text)).toEqual(want));
});

describe("inline", () => {
  test.each([
    ["**a** __b__ *c* _d_ ~~e~~", "strong(a) strong(b) em(c) em(d) del(e)"],
    ["**a *b* c**", "strong(a em(b) c)"],
    ["snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"],
    ["`a*b*` ``c`d``", "code(a*b*) code(c`d)"],
    ["`<b>`", "code(<b>)"],
    [
      '[a](https://x.test/p_(1)) [b](/d/uid "t") [c](<a b>)',
      "link(a -> https://x.test/p_(1)) link(b -> /d/uid) link(c -> ab)",
    ],
    ["![logo](http://x.test/i.png) end", "logo end"],
    ["[![build](i.png)](/ci)", "link(build -> /ci)"],
    ["see https://x.test/a?b=c.", "see link(https://x.test/a?b=c -> https://x.test/a?b=c)."],
    ["<https://x.test>", "link(https://x.test -> https://x.test)"],
    ["\\*a\\* &lt;b&gt; &amp; &#233; &nope;", "*a* <b> & é &nope;"],
    ["a <b onclick=x>bold</b><br>c", "a bold/c"],
    ["<script>alert(1)</script>", "alert(1)"],
    ["<img src=x onerror=alert(1)>text", "text"],
    ["1 < 2 and 3 > 2", "1 < 2 and 3 > 2"],
    ["[no link] (x)", "[no link] (x)"],
  ])("%s", (text, want) => expect(read(text).join("\n")).toBe(want));

  test.each([
    ["javascript:alert(1)", null],
    ["java\tscript:alert(1)", null],
    ["&#106;avascript:alert(1)", null],
    // A path: no browser reads that entity in an address.
    ["JAVASCRIPT&colon;alert(1)", "JAVASCRIPT&colon;alert(1)"],
    ["data:text/html,x", null],
    ["mailto:a@x.test", null],
    ["//x.test/a", "//x.test/a"],
    ["a:b/c", null],
    ["./a:b", "./a:b"],
    ["?var-x=a:b", "?var-x=a:b"],
    ["", null],
  ])("the address %s", (address, want) => expect(safeLink(address)).toBe(want));

  test("a link that may not be is its text", () => {
    expect(read("[a](javascript:alert(1)) b")).toEqual(["a b"]);
  });
});

test("HTML is read for its texts", () => {
  const html = `<style>p{}</style><h2 class="x">Title</h2><p>a <b>bold</b> &amp; <a href="/d/x">link</a></p>
    <script>alert(1)</script><ul><li>one</li><li>two</li></ul><!-- no --><img src="x" alt="logo"/>`;
  expect(parseHtmlText(html).map(block)).toEqual([
    "h2: Title",
    "a strong(bold) & link(link -> /d/x)",
    "list -[one | two]",
  ]);
});

describe("hostile texts end soon", () => {
  test.each([
    ["quotes", "> ".repeat(50_000) + "a"],
    ["brackets", "[".repeat(50_000)],
    ["stars", "*a ".repeat(30_000)],
    ["ticks", "`a``".repeat(20_000)],
    ["tags", "<a ".repeat(50_000)],
    ["lists", Array.from({ length: 2000 }, (_, i) => `${" ".repeat(i % 50)}- a`).join("\n")],
    ["open script", "<script>".repeat(20_000)],
    ["open links", '<a href="x">'.repeat(15_000)],
    ["a fence that is none", `${"~".repeat(100_000)}\``],
    ["a fence of ticks that is none", `${"`".repeat(100_000)} \``],
    ["a title with a gap", `# a${" ".repeat(100_000)}b`],
    ["a rule that is none", `${"* ".repeat(50_000)}x`],
    ["a table that is none", `a|b\n${" ".repeat(100_000)}-x`],
    ["brackets in one paragraph", "[".repeat(19_000)],
    ["stars in one paragraph", "*a ".repeat(6000)],
    ["ticks in one paragraph", "`a``".repeat(4500)],
    ["comments in one paragraph", "<!--".repeat(4900)],
  ])("%s", (_, text) => {
    const begin = performance.now();
    parseMarkdown(text);
    parseHtmlText(text);
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});
