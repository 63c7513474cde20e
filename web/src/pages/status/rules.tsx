// SPDX-License-Identifier: Apache-2.0
// Rules by group: when they were evaluated, how long that took, and whether it worked.
import type { Rule, RuleGroup } from "../../api/types";
import { useSome } from "../../app/some";
import { Empty, sentence } from "../../app/states";
import { setParams, useLocation } from "../../app/url";
import { formatAgo, formatSeconds, formatSpan, readTime } from "../../overview/format";
import { graphHref } from "../../overview/links";
import { StateBadge } from "./alerts";
import {
  Ago,
  Choices,
  FoldAll,
  HealthBadge,
  LabelList,
  PartHead,
  partId,
  Search,
  StatusPage,
  useFold,
  useSearch,
  useStatus,
} from "./common";
import { groupsMost, groupsOf, stateOf, type ShownGroup } from "./rulemodel";

function RuleRow({ rule }: { rule: Rule }) {
  const waits = (rule.duration ?? 0) > 0 ? ` for ${formatSpan((rule.duration ?? 0) * 1000)}` : "";
  return (
    <>
      <tr class={(rule.lastError ?? "") === "" ? undefined : "has-error"}>
        <td>
          <span class="muted">{rule.type === "alerting" ? "alert" : "record"}</span> <b>{rule.name}</b>{" "}
          {rule.type === "alerting" && <StateBadge state={stateOf(rule)} />}
          {Object.keys(rule.labels ?? {}).length > 0 && <LabelList labels={rule.labels} />}
        </td>
        <td>
          <a class="expr" href={graphHref(rule.query)} title="Open in Graph">
            <code>{rule.query}</code>
          </a>
          <span class="muted">{waits}</span>
        </td>
        <td>
          <HealthBadge health={rule.health} />
        </td>
        <td class="number">
          <Ago ms={readTime(rule.lastEvaluation)} format={formatAgo} />
        </td>
        <td class="number">{formatSeconds(rule.evaluationTime)}</td>
      </tr>
      {(rule.lastError ?? "") !== "" && (
        <tr class="target-error">
          <td colSpan={5}>
            <span class="down-error">✕ {sentence(rule.lastError ?? "")}</span>
          </td>
        </tr>
      )}
    </>
  );
}

const rowsMost = 100; // of a group

function Group({ shown: { group, rules } }: { shown: ShownGroup }) {
  const [some, more] = useSome(rules, rowsMost, "rules");
  const fold = useFold(group.name);
  const late = group.evaluationTime > group.interval;
  const failed = rules.filter((rule) => rule.health === "err").length;
  return (
    <section class="panel pool" id={partId(group.name)}>
      <PartHead name={group.name} fold={fold}>
        {failed > 0 && <span class="badge bad">✕ {failed} with errors</span>}
        <span class="muted small">
          {group.file}, every {formatSpan(group.interval * 1000)}, last{" "}
          <Ago ms={readTime(group.lastEvaluation)} format={formatAgo} />, took{" "}
          <span class={late ? "slow" : undefined}>
            {late ? "▲ " : ""}
            {formatSeconds(group.evaluationTime)}
          </span>
          {late && " (longer than the interval: evaluations are left out)"}
          {(group.limit ?? 0) > 0 && `, at most ${group.limit} series`}
        </span>
      </PartHead>
      {!fold.closed && (
        <div class="scroll" tabIndex={0} role="region" aria-label={`Rules of ${group.name}`}>
          <table class="rules">
            <thead>
              <tr>
                <th scope="col">Rule</th>
                <th scope="col">Expression</th>
                <th scope="col">Health</th>
                <th scope="col" class="number">
                  Evaluated
                </th>
                <th scope="col" class="number">
                  Took
                </th>
              </tr>
            </thead>
            <tbody>
              {some.map((rule, index) => (
                <RuleRow key={`${rule.name} ${index}`} rule={rule} />
              ))}
            </tbody>
          </table>
          {more}
        </div>
      )}
    </section>
  );
}

function Groups({ all }: { all: readonly ShownGroup[] }) {
  const [some, more] = useSome(all, groupsMost, "groups");
  return (
    <>
      {some.map((one) => (
        <Group key={`${one.group.file} ${one.group.name}`} shown={one} />
      ))}
      {more}
    </>
  );
}

export function RulesPage() {
  const status = useStatus<{ groups: RuleGroup[] }>("api/v1/rules");
  const { params } = useLocation();
  const text = useSearch();
  const groups = status.loaded.data?.data.groups ?? [];
  const rules = groups.flatMap((group) => group.rules);
  const count = (wanted: (rule: Rule) => boolean) => rules.filter(wanted).length;
  const kind = params.get("kind") ?? "";
  const tools = (
    <>
      <Choices
        label="Which"
        param="kind"
        choices={[
          { value: "", name: "All", count: rules.length },
          { value: "alerting", name: "Alerting", count: count((rule) => rule.type === "alerting") },
          { value: "recording", name: "Recording", count: count((rule) => rule.type === "recording") },
          {
            value: "err",
            name: "✕ With errors",
            count: count((rule) => rule.health === "err"),
            state: "bad",
          },
        ]}
      />
      <Search label="Search names, expressions, labels" />
      <FoldAll names={groups.map((group) => group.name)} />
    </>
  );
  return (
    <StatusPage title="Rules" what="the rules" status={status} tools={tools}>
      {() => {
        const wanted = (rule: Rule) => kind === "" || rule.type === kind || rule.health === kind;
        const shown = groupsOf(groups, text, wanted);
        return rules.length === 0 ? (
          <Empty title="There are no rules">
            Rules are in files that rule_files of the configuration names: recording rules store the answers
            of expressions, alerting rules fire while theirs has one.
          </Empty>
        ) : shown.length === 0 ? (
          <Empty title="No rule fits">
            <button type="button" onClick={() => setParams({ search: null, kind: null })}>
              Show all {rules.length}
            </button>
          </Empty>
        ) : (
          <Groups all={shown} />
        );
      }}
    </StatusPage>
  );
}
