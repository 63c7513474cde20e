// SPDX-License-Identifier: Apache-2.0
// A panel that cannot be drawn here says so, with what it asks; its data are there as a table.
import { href } from "../../app/url";
import { planOf, windowOf, type Env } from "../env";
import type { Scope } from "../layout";
import type { Panel } from "../model";
import { refusal } from "../queries";
import { text } from "../read";

interface UnsupportedProps {
  readonly panel: Panel;
  readonly env: Env;
  readonly repeat: Scope;
}

export function Unsupported({ panel, env, repeat }: UnsupportedProps) {
  const window = windowOf(panel, env, 800);
  const plans = panel.targets.map((target) => planOf(target, panel, env, repeat, window));
  return (
    <div class="unsupported">
      <p>
        <b>unsupported panel: {panel.wasType}</b>
      </p>
      {plans.length === 0 && <p class="muted">It has no query.</p>}
      {plans.map(({ target, expr }, i) => {
        const query = expr === "" ? text(target.raw["expression"]) : expr;
        const asked = refusal(target) === "" && target.source.kind === "prometheus";
        return (
          <div key={i} class="unsupported-query">
            <span class="muted">{target.refId} </span>
            <code>{query === "" ? refusal(target) : query}</code>{" "}
            {asked && (
              <a href={href("graph", { "g0.expr": query, from: env.rawFrom, to: env.rawTo })}>to the graph</a>
            )}
          </div>
        );
      })}
      {plans.length > 0 && (
        <p class="hint">
          Hint: its numbers are here as a table (key d); as a timeseries, stat or table panel it would be
          drawn.
        </p>
      )}
    </div>
  );
}
