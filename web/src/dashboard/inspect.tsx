// SPDX-License-Identifier: Apache-2.0
// What a panel asked and what it was told: for whoever wonders about a number.
import { formatDuration } from "../lib/duration";
import { Dialog } from "../app/dialog";
import type { Answered } from "./queries";

interface InspectProps {
  readonly title: string;
  readonly answered: readonly Answered[];
  readonly onClose: () => void;
}

function stateOf(answer: Answered): string {
  return answer.error === "" ? (answer.series === 0 ? "no series" : "ok") : "failed";
}

function One({ answer }: { answer: Answered }) {
  const range = `${new Date(answer.fromMs).toISOString()} to ${new Date(answer.toMs).toISOString()}`;
  const facts: readonly (readonly [string, string])[] = [
    ["State", stateOf(answer)],
    ["Kind", answer.kind === "range" ? "range query" : "instant query"],
    ["Step", answer.kind === "range" ? formatDuration(answer.stepMs) : "none"],
    ["Load time", `${Math.round(answer.tookMs)} ms`],
    ["Series", String(answer.series)],
    ["Samples", String(answer.samples)],
    ["Range", answer.kind === "range" ? range : `at ${new Date(answer.toMs).toISOString()}`],
  ];
  return (
    <section class="inspect-query">
      <h3>
        Query {answer.target.refId}
        {answer.target.hide && <span class="muted"> (hidden)</span>}
      </h3>
      <pre>{answer.expr}</pre>
      {answer.error !== "" && <p class="state-failure state">{answer.error}</p>}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {[...answer.warnings, ...answer.infos].map((text) => (
        <p key={text} class="note-warning">
          {text}
        </p>
      ))}
    </section>
  );
}

export function Inspect({ title, answered, onClose }: InspectProps) {
  return (
    <Dialog title={`Queries of ${title}`} onClose={onClose}>
      {answered.length === 0 && <p class="muted">This panel has asked nothing yet, or has no query.</p>}
      {answered.map((answer) => (
        <One key={`${answer.target.refId} ${answer.kind}`} answer={answer} />
      ))}
    </Dialog>
  );
}
