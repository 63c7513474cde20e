// SPDX-License-Identifier: Apache-2.0
// The editor's look. Variables of the page reach into its shadow tree, so that both themes need no second
// copy.
import { EditorView } from "@codemirror/view";

const line = "1px solid var(--border)";

export const editorTheme = EditorView.theme({
  "&": {
    color: "var(--text)",
    backgroundColor: "var(--panel)",
    fontSize: "14px",
    border: line,
    borderRadius: "4px",
  },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.45", maxHeight: "40vh" },
  ".cm-content": { padding: "5px 0", caretColor: "var(--text)", minHeight: "30px" },
  ".cm-line": { padding: "0 9px" },
  ".cm-placeholder": { color: "var(--muted)" },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--raised)",
    outline: "1px solid var(--muted)",
    color: "inherit",
  },
  "&.cm-focused .cm-nonmatchingBracket": {
    backgroundColor: "var(--bad-bg)",
    outline: "1px solid var(--bad)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--panel)",
    color: "var(--text)",
    border: line,
    borderRadius: "4px",
    boxShadow: "0 6px 20px rgb(0 0 0 / 25%)",
    zIndex: "30",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--mono)",
    fontSize: "13px",
    maxHeight: "18em",
    maxWidth: "min(700px, 90vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 9px", display: "flex", gap: "2em" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    background: "var(--accent)",
    color: "var(--accent-text)",
  },
  ".cm-completionLabel": { flex: "1", overflow: "hidden", textOverflow: "ellipsis" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { fontStyle: "normal", color: "var(--muted)", marginLeft: "0" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-tooltip.cm-completionInfo": {
    padding: "6px 10px",
    maxWidth: "22rem",
    fontFamily: "var(--sans)",
    fontSize: "13px",
    lineHeight: "1.4",
  },
  ".cm-fault": { textDecoration: "underline wavy var(--bad)", textDecorationSkipInk: "none" },
  ".cm-fault-warning, .cm-fault-info": { textDecorationColor: "var(--warn)" },
});
