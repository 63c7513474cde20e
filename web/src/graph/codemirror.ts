// SPDX-License-Identifier: Apache-2.0
// The editor of queries: CodeMirror with the grammar of Prometheus. Loaded when the page stands already.
//
// It lives in a shadow tree: there its styles are constructed style sheets, which the Content-Security-Policy
// of the page allows, where <style> elements would be refused. Only what is needed is imported: the clients
// of codemirror-promql with their cache stay out of the bundle (completion.ts asks instead).
import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
  selectedCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import { history, historyKeymap, insertNewline, standardKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, LRLanguage, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { HybridComplete } from "@prometheus-io/codemirror-promql/dist/esm/complete/hybrid";
import { EqlRegex, EqlSingle, Neq, NeqRegex, parser } from "@prometheus-io/lezer-promql";
import { completionClient } from "./completion";
import { editorTheme } from "./editortheme";
import { lint } from "./lint";
import type { EditorActions, EditorHandle } from "./editor";

const highlighting = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)" },
  { tag: tags.function(tags.variableName), color: "var(--code-function)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: tags.labelName, color: "var(--code-label)" },
  { tag: tags.operator, color: "var(--code-operator)" },
  { tag: [tags.modifier, tags.operatorKeyword], color: "var(--code-keyword)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

const language = LRLanguage.define({
  parser: parser.configure({ top: "PromQL" }),
  languageData: {
    closeBrackets: { brackets: ["(", "[", "{", "'", '"', "`"] },
    commentTokens: { line: "#" },
  },
});

const completion = new HybridComplete(
  completionClient((type) =>
    type === EqlSingle
      ? "="
      : type === Neq
        ? "!="
        : type === EqlRegex
          ? "=~"
          : type === NeqRegex
            ? "!~"
            : undefined,
  ),
);

// With a completion open, Enter takes it; where that is what was typed, and would change nothing, it runs.
function takeOrRun(view: EditorView): boolean {
  const { state } = view;
  if (completionStatus(state) !== "active") {
    return false;
  }
  const chosen = selectedCompletion(state);
  const at = state.selection.main.head;
  const typed = chosen === null ? "" : state.sliceDoc(at - chosen.label.length, at);
  if (chosen !== null && typed === chosen.label && typeof chosen.apply !== "function") {
    closeCompletion(view);
    return false;
  }
  return acceptCompletion(view);
}

// Enter runs the query, unless a completion is open: then it takes that. An arrow up on the first line, with
// Ctrl, brings back what was run before.
function keys(actions: EditorActions) {
  const did = (act: () => void) => () => {
    act();
    return true;
  };
  return Prec.highest(
    keymap.of([
      { key: "Enter", run: takeOrRun },
      { key: "Enter", run: did(actions.run), shift: insertNewline },
      { key: "Mod-Enter", run: did(actions.run) },
      { key: "Tab", run: (view) => completionStatus(view.state) === "active" && acceptCompletion(view) },
      { key: "Mod-Space", run: startCompletion },
      { key: "Ctrl-ArrowUp", run: did(() => actions.walk(-1)) },
      { key: "Ctrl-ArrowDown", run: did(() => actions.walk(1)) },
    ]),
  );
}

function extensions(actions: EditorActions, label: string, hint: string) {
  return [
    keys(actions),
    history(),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ icons: false, activateOnTyping: true, maxRenderedOptions: 60 }),
    language,
    language.data.of({ autocomplete: completion.promQL.bind(completion) }),
    lint(actions.fault),
    syntaxHighlighting(highlighting),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...standardKeymap]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
    EditorView.updateListener.of(
      (update) => update.docChanged && actions.change(update.state.doc.toString()),
    ),
    EditorView.domEventHandlers({ focus: () => void actions.focus() }),
    placeholder(hint),
    editorTheme,
  ];
}

export function openEditor(
  host: HTMLElement,
  text: string,
  label: string,
  hint: string,
  actions: EditorActions,
): EditorHandle {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const view = new EditorView({
    state: EditorState.create({ doc: text, extensions: extensions(actions, label, hint) }),
    parent: root,
    root,
  });
  return {
    text: () => view.state.doc.toString(),
    set: (changed) => {
      if (changed !== view.state.doc.toString()) {
        view.dispatch({
          changes: { from: 0, to: view.state.doc.length, insert: changed },
          selection: { anchor: changed.length },
        });
      }
    },
    insert: (piece) => {
      view.dispatch(view.state.replaceSelection(piece));
      view.focus();
    },
    focus: () => view.focus(),
    close: () => view.destroy(),
  };
}
