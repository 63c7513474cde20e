// SPDX-License-Identifier: Apache-2.0
// What is wrong with the query while it is typed: underlined in the editor, and said below it.
// @codemirror/lint does this too, with panels and tooltips that weigh more than all of this page's own parts
// of the editor.
import { StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import { Parser } from "@prometheus-io/codemirror-promql/dist/esm/parser/parser";

const waitMs = 600; // after the last keystroke: who is in the middle of a word knows that it is not complete

interface Fault {
  readonly from: number;
  readonly to: number;
  readonly severity: string;
  readonly message: string;
}

const setFaults = StateEffect.define<readonly Fault[]>();

function underlined(faults: readonly Fault[], length: number): DecorationSet {
  const marks = faults.flatMap(({ from, to, severity, message }) => {
    const begin = Math.min(from, Math.max(length - 1, 0));
    const end = Math.min(Math.max(to, begin + 1), length);
    const mark = Decoration.mark({ class: `cm-fault cm-fault-${severity}`, attributes: { title: message } });
    return end > begin ? [mark.range(begin, end)] : [];
  });
  return Decoration.set(marks, true);
}

const faultField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    const effect = transaction.effects.find((one) => one.is(setFaults));
    return effect === undefined
      ? marks.map(transaction.changes)
      : underlined(effect.value as readonly Fault[], transaction.state.doc.length);
  },
  provide: (field) => EditorView.decorations.from(field),
});

class FaultFinder {
  private timer = 0;

  constructor(
    private readonly view: EditorView,
    private readonly tell: (message: string | null) => void,
  ) {
    this.wait();
  }

  update(update: ViewUpdate): void {
    if (update.docChanged) {
      this.tell(null);
      this.wait();
    }
  }

  destroy(): void {
    window.clearTimeout(this.timer);
  }

  private wait(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.find(), waitMs);
  }

  private find(): void {
    const { state } = this.view;
    const parser = new Parser(state);
    if (state.doc.toString().trim() !== "") {
      parser.analyze();
    }
    const faults = parser.getDiagnostics();
    this.view.dispatch({ effects: setFaults.of(faults) });
    this.tell(faults[0]?.message ?? null);
  }
}

export function lint(tell: (message: string | null) => void): Extension {
  return [faultField, ViewPlugin.define((view) => new FaultFinder(view, tell))];
}
