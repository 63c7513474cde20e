// SPDX-License-Identifier: Apache-2.0
// A small Markdown as a tree of nodes. Never as HTML: whoever draws the tree puts its texts into text nodes.

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "em" | "del"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: "break" };

export type Block =
  | { readonly kind: "heading"; readonly level: 1 | 2 | 3 | 4 | 5 | 6; readonly children: readonly Inline[] }
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly language: string; readonly text: string }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | { readonly kind: "list"; readonly start: number | null; readonly items: readonly (readonly Block[])[] }
  | {
      readonly kind: "table";
      readonly align: readonly ("left" | "center" | "right" | null)[];
      readonly head: readonly (readonly Inline[])[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    }
  | { readonly kind: "rule" };

export function parseMarkdown(text: string): Block[] {
  return [{ kind: "paragraph", children: [{ kind: "text", text }] }];
}

// The tags of a text panel in mode "html" go, their text stays.
export function parseHtmlText(html: string): Block[] {
  return parseMarkdown(html.replace(/<[^>]*>/g, ""));
}
