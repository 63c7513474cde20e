// SPDX-License-Identifier: Apache-2.0
// Text of a dashboard. Its Markdown becomes elements here, never by way of HTML; HTML loses its tags, so that
// a picture of another host is not loaded.
import { useMemo } from "preact/hooks";
import type { ComponentChild } from "preact";
import { safeHref } from "../../charts/href";
import { parseHtmlText, parseMarkdown, type Block, type Inline } from "../../lib/markdown";
import { interpolate } from "../../lib/interpolate";
import { scopeOf, type Env } from "../env";
import type { Scope } from "../layout";
import type { Panel } from "../model";
import { at, text } from "../read";

function inline(node: Inline, key: number): ComponentChild {
  switch (node.kind) {
    case "text":
      return node.text;
    case "code":
      return <code key={key}>{node.text}</code>;
    case "break":
      return <br key={key} />;
    case "strong":
      return <strong key={key}>{node.children.map(inline)}</strong>;
    case "em":
      return <em key={key}>{node.children.map(inline)}</em>;
    case "del":
      return <del key={key}>{node.children.map(inline)}</del>;
    case "link": {
      const address = safeHref(node.href);
      return address === null ? (
        <span key={key}>{node.children.map(inline)}</span>
      ) : (
        <a key={key} href={address} rel="noreferrer">
          {node.children.map(inline)}
        </a>
      );
    }
  }
}

function Heading({ level, children }: { level: number; children: readonly Inline[] }) {
  const content = children.map(inline);
  return level === 1 ? <h3>{content}</h3> : level === 2 ? <h4>{content}</h4> : <h5>{content}</h5>;
}

function block(node: Block, key: number): ComponentChild {
  switch (node.kind) {
    case "heading":
      return (
        <Heading key={key} level={node.level}>
          {node.children}
        </Heading>
      );
    case "paragraph":
      return <p key={key}>{node.children.map(inline)}</p>;
    case "code":
      return (
        <pre key={key}>
          <code>{node.text}</code>
        </pre>
      );
    case "quote":
      return <blockquote key={key}>{node.children.map(block)}</blockquote>;
    case "rule":
      return <hr key={key} />;
    case "list": {
      const items = node.items.map((item, i) => <li key={i}>{item.map(block)}</li>);
      return node.start === null ? (
        <ul key={key}>{items}</ul>
      ) : (
        <ol key={key} start={node.start}>
          {items}
        </ol>
      );
    }
    case "table":
      return (
        <table key={key}>
          <thead>
            <tr>
              {node.head.map((cell, i) => (
                <th key={i} scope="col">
                  {cell.map(inline)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {node.rows.map((row, i) => (
              <tr key={i}>
                {row.map((cell, j) => (
                  <td key={j}>{cell.map(inline)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
  }
}

export function Markdown({ source, html = false }: { source: string; html?: boolean }) {
  const blocks = useMemo(() => (html ? parseHtmlText(source) : parseMarkdown(source)), [source, html]);
  return <div class="markdown">{blocks.map(block)}</div>;
}

export function TextBody({ panel, env, repeat }: { panel: Panel; env: Env; repeat: Scope }) {
  const mode = text(at(panel.options, "mode"), "markdown");
  const content = interpolate(text(at(panel.options, "content")), scopeOf(env, repeat), "text");
  if (mode === "code") {
    return <pre class="text-code">{content}</pre>;
  }
  return <Markdown source={content} html={mode === "html"} />;
}
