// SPDX-License-Identifier: Apache-2.0
// Alerts by group and rule: which fire, since when, with which labels and value.
import type { Alert, Rule, RuleGroup } from "../../api/types";
import { Outside, useSome } from "../../app/some";
import { Empty, sentence } from "../../app/states";
import { setParams, useLocation } from "../../app/url";
import { formatAgo, formatSpan, readTime } from "../../overview/format";
import { graphHref } from "../../overview/links";
import {
  Ago,
  Choices,
  FoldAll,
  LabelList,
  PartHead,
  partId,
  Search,
  StatusPage,
  useFold,
  useSearch,
  useStatus,
} from "./common";
import {
  alertsOf,
  byState,
  countStates,
  fileName,
  groupsMost,
  groupsOf,
  stateOf,
  urgency,
  type AlertState,
  type ShownGroup,
  valueText,
} from "./rulemodel";
import { parseList, toggled } from "./search";

const badges: Readonly<Record<AlertState, { mark: string; style: string }>> = {
  firing: { mark: "✕", style: "bad" },
  pending: { mark: "▲", style: "warn" },
  inactive: { mark: "✓", style: "ok" },
  unknown: { mark: "…", style: "" },
};

export function StateBadge({ state, count }: { state: AlertState; count?: number }) {
  const { mark, style } = badges[state];
  return (
    <span class={`badge ${style}`}>
      {mark} {count === undefined ? "" : `${count} `}
      {state}
    </span>
  );
}

// Annotations say what to do: a link in one of them leads there.
function Annotations({ annotations }: { annotations: Alert["annotations"] | undefined }) {
  const entries = Object.entries(annotations ?? {});
  if (entries.length === 0) {
    return null;
  }
  return (
    <dl class="annotations">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {/^https?:\/\/\S+$/.test(value) ? (
              <a href={value} target="_blank" rel="noreferrer noopener">
                {value}
              </a>
            ) : (
              <Outside text={value} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const alertsMost = 20; // of a rule at once

function ActiveAlerts({ alerts }: { alerts: readonly Alert[] }) {
  const firing = [...alerts].sort((a, b) => (a.state === b.state ? 0 : a.state === "firing" ? -1 : 1));
  const [shown, more] = useSome(firing, alertsMost, "alerts");
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Active alerts">
      <table class="active-alerts">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Labels</th>
            <th scope="col">Active since</th>
            <th scope="col" class="number">
              Value
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((alert) => (
            <tr key={JSON.stringify(alert.labels)}>
              <td>
                <StateBadge state={alert.state} />
                {alert.keepFiringSince !== undefined && <span class="muted"> kept firing</span>}
              </td>
              <td>
                <LabelList labels={alert.labels} without={["alertname"]} />
                <Annotations annotations={alert.annotations} />
              </td>
              <td>
                <Ago ms={readTime(alert.activeAt)} format={formatAgo} />
              </td>
              <td class="number">{valueText(alert.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </div>
  );
}

interface RuleProps {
  readonly rule: Rule;
  readonly alerts: readonly Alert[]; // those that are shown
  readonly open: boolean;
  readonly onToggle: () => void;
}

// A rule may have some that fire, and others that wait.
function States({ rule }: { rule: Rule }) {
  const counted = (["firing", "pending"] as const)
    .map((state) => ({ state, count: (rule.alerts ?? []).filter((alert) => alert.state === state).length }))
    .filter(({ count }) => count > 0);
  return counted.length === 0 ? (
    <StateBadge state={stateOf(rule)} />
  ) : (
    <>
      {counted.map((one) => (
        <StateBadge key={one.state} {...one} />
      ))}
    </>
  );
}

function AlertRule({ rule, alerts, open, onToggle }: RuleProps) {
  const state = stateOf(rule);
  return (
    <li class={`alert-rule ${state}`}>
      <div class="alert-head">
        <button type="button" class="fold" aria-expanded={open} onClick={onToggle}>
          <span aria-hidden="true">{open ? "▾" : "▸"}</span> <b>{rule.name}</b>
        </button>
        <States rule={rule} />
        {rule.health === "err" && <span class="badge bad">✕ cannot be evaluated</span>}
        <a class="expr" href={graphHref(rule.query)} title="Open in Graph">
          <code>{rule.query}</code>
        </a>
      </div>
      {open && (
        <div class="alert-body">
          {(rule.lastError ?? "") !== "" && <p class="down-error">✕ {sentence(rule.lastError ?? "")}</p>}
          <LabelList labels={rule.labels} none="">
            <span class="muted">for </span>
            {formatSpan((rule.duration ?? 0) * 1000)}
            {(rule.keepFiringFor ?? 0) > 0 && (
              <>
                <span class="muted"> keep firing for </span>
                {formatSpan((rule.keepFiringFor ?? 0) * 1000)}
              </>
            )}
            <span class="muted"> evaluated </span>
            <Ago ms={readTime(rule.lastEvaluation)} format={formatAgo} />
          </LabelList>
          {alerts.length === 0 ? (
            <Annotations annotations={rule.annotations} />
          ) : (
            <ActiveAlerts alerts={alerts} />
          )}
        </div>
      )}
    </li>
  );
}

const rulesMost = 50; // of a group

// What fires is open by itself; what is closed or opened by hand stands in the address.
function Group({ shown }: { shown: ShownGroup }) {
  const { params } = useLocation();
  const flipped = parseList(params.get("flip"));
  const text = useSearch();
  const { group } = shown;
  const [some, more] = useSome(byState(shown.rules), rulesMost, "rules");
  const fold = useFold(group.name);
  return (
    <section class="panel pool" id={partId(group.name)}>
      <PartHead name={group.name} fold={fold}>
        <span class="muted small" title={group.file}>
          {fileName(group.file)}
        </span>
        <span class="muted small">every {formatSpan(group.interval * 1000)}</span>
        <span class="muted small">
          {(["firing", "pending", "inactive"] as const)
            .map((state) => ({ state, count: shown.rules.filter((rule) => stateOf(rule) === state).length }))
            .filter(({ count }) => count > 0)
            .map(({ state, count }) => `${count} ${state}`)
            .join(", ")}
        </span>
      </PartHead>
      {!fold.closed && (
        <ul class="alert-rules">
          {some.map((rule, index) => {
            const key = `${group.file};${group.name};${rule.name}`;
            const active = stateOf(rule) === "firing" || stateOf(rule) === "pending" || rule.health === "err";
            return (
              <AlertRule
                key={`${key} ${index}`}
                rule={rule}
                alerts={alertsOf(group, rule, text)}
                open={active !== flipped.includes(key)}
                onToggle={() => setParams({ flip: toggled(flipped, key) }, true)}
              />
            );
          })}
          {more}
        </ul>
      )}
    </section>
  );
}

// Groups in which something fires come first: whoever opens this page has been called.
function Groups({ all }: { all: readonly ShownGroup[] }) {
  const urgent = (shown: ShownGroup) => Math.min(...shown.rules.map(urgency));
  const [some, more] = useSome(
    [...all].sort((a, b) => urgent(a) - urgent(b)),
    groupsMost,
    "groups",
  );
  return (
    <>
      {some.map((one) => (
        <Group key={`${one.group.file} ${one.group.name}`} shown={one} />
      ))}
      {more}
    </>
  );
}

export function AlertsPage() {
  const status = useStatus<{ groups: RuleGroup[] }>("api/v1/rules", { type: "alert" });
  const { params } = useLocation();
  const text = useSearch();
  const groups = status.loaded.data?.data.groups ?? [];
  const counts = countStates(groups);
  const total = counts.firing + counts.pending + counts.inactive + counts.unknown;
  const state = params.get("state") ?? "";
  const tools = (
    <>
      <Choices
        label="State"
        param="state"
        choices={[
          { value: "", name: "All", count: total },
          { value: "firing", name: "✕ Firing", count: counts.firing, state: "bad" },
          { value: "pending", name: "▲ Pending", count: counts.pending, state: "warn" },
          { value: "inactive", name: "✓ Inactive", count: counts.inactive },
        ]}
      />
      <Search label="Search names, labels, expressions" />
      <FoldAll names={groups.map((group) => group.name)} />
      <span class="muted">Shown here; this monitor sends them to no Alertmanager.</span>
    </>
  );
  return (
    <StatusPage title="Alerts" what="the alerts" status={status} tools={tools}>
      {() => {
        const wanted = (rule: Rule) => rule.type === "alerting" && (state === "" || stateOf(rule) === state);
        const shown = groupsOf(groups, text, wanted);
        return total === 0 ? (
          <Empty title="There is no alerting rule">
            Rules are in files that rule_files of the configuration names. A monitor without --config.file has
            those that come with Inferometer.
          </Empty>
        ) : shown.length === 0 ? (
          <Empty title={state === "firing" ? "No alert fires" : "No alert fits"}>
            {total} {total === 1 ? "rule is" : "rules are"} hidden by the search or the chosen state.{" "}
            <button type="button" onClick={() => setParams({ search: null, state: null })}>
              Show all
            </button>
          </Empty>
        ) : (
          <Groups all={shown} />
        );
      }}
    </StatusPage>
  );
}
