// SPDX-License-Identifier: Apache-2.0
// A dashboard: its controls, its variables, and its panels in their grid.
import { useEffect, useMemo, useState } from "preact/hooks";
import { useLoad } from "../api/use";
import { useRange, type Range } from "../app/range";
import { RangeBar } from "../app/rangebar";
import { Failure, Loading, Notes } from "../app/states";
import { href, navigate, setParams, useLocation } from "../app/url";
import { toggledRows, toggleRow } from "./address";
import type { Env } from "./env";
import { Grid, Single } from "./grid";
import { Info } from "./info";
import { forget, keptPrefix, listDashboards } from "./keep";
import { KeysDialog, useKeys } from "./keys";
import { findPanel, layOut, maxPlaced, type LayoutInput } from "./layout";
import { LinkBar } from "./linkbar";
import { Menu, type MenuItem } from "./menu";
import type { Dashboard, Panel } from "./model";
import { scrapeIntervalMs } from "./queries";
import { copyLink, saveDashboard } from "./save";
import { useAnnotations, type Switch } from "./useannotations";
import { useVariables } from "./usevars";
import { chosenOptions, filtersOf, type States } from "./variables";
import { VariableBar } from "./varbar";

export interface ViewProps {
  readonly dashboard: Dashboard;
  readonly uid: string;
  readonly source: string; // the JSON, as it came
}

function Switches({ switches }: { switches: readonly Switch[] }) {
  return (
    <div class="switches" role="group" aria-label="Annotations">
      {switches.map(({ annotation, on, count, error, toggle }) => (
        <button
          key={annotation.name}
          type="button"
          aria-pressed={on}
          onClick={toggle}
          title={error || annotation.expr}
        >
          {annotation.name}
          {on && error === "" && <span class="muted"> {count}</span>}
          {error !== "" && <span class="variable-error"> ✕ failed</span>}
        </button>
      ))}
    </div>
  );
}

interface HeadProps extends ViewProps {
  readonly range: Range;
  readonly showKeys: () => void;
}

function Head({ dashboard, uid, source, range, showKeys }: HeadProps) {
  const remove = () => {
    forget(uid);
    navigate(href("dashboards"));
  };
  const items: MenuItem[] = [
    { name: "Export JSON", run: () => saveDashboard(source, dashboard.title) },
    {
      name: "Copy link",
      run: () => copyLink(window.location.href),
    },
    ...(uid.startsWith(keptPrefix) ? [{ name: "Remove from this browser", run: remove }] : []),
    { name: "All dashboards", href: href("dashboards") },
    { name: "Keys", key: "?", run: showKeys },
  ];
  return (
    <div class="page-head dash-head">
      <div class="dash-title">
        <h1>{dashboard.title}</h1>
        {dashboard.description !== "" && <Info title={dashboard.title} text={dashboard.description} />}
        <Menu label="Menu of this dashboard" items={items}>
          ⋮
        </Menu>
      </div>
      <RangeBar range={range} />
    </div>
  );
}

function useScrape(): number | undefined {
  const [ms, setMs] = useState<number>();
  useEffect(() => {
    let here = true;
    scrapeIntervalMs().then((found) => here && setMs(found));
    return () => {
      here = false;
    };
  }, []);
  return ms;
}

// The same object while nothing of it has changed: panels ask when it is another.
function useEnv({ dashboard, uid }: ViewProps, states: States | undefined, range: Range): Env | null {
  const scrapeMs = useScrape();
  return useMemo(
    () =>
      states === undefined || scrapeMs === undefined
        ? null
        : {
            dashboard,
            uid,
            states,
            filters: filtersOf(dashboard, states),
            scrapeMs,
            fromMs: range.fromMs,
            toMs: range.toMs,
            rawFrom: range.from,
            rawTo: range.to,
          },
    [dashboard, uid, states, scrapeMs, range.fromMs, range.toMs, range.from, range.to],
  );
}

function layoutInput(dashboard: Dashboard, states: States, toggled: ReadonlySet<string>): LayoutInput {
  return {
    panels: dashboard.panels,
    valuesOf: (name) => chosenOptions(states.get(name)),
    isOpen: (key: string, row: Panel) => row.collapsed === toggled.has(key),
  };
}

interface PanelsProps {
  readonly env: Env;
  readonly range: Range;
  readonly annotations: ReturnType<typeof useAnnotations>["annotations"];
}

function Panels({ env, range, annotations }: PanelsProps) {
  const { params } = useLocation();
  const viewed = params.get("viewPanel");
  const rows = params.get("rows") ?? "";
  const input = useMemo(
    () => layoutInput(env.dashboard, env.states, toggledRows(params)),
    [env.dashboard, env.states, rows],
  );
  const placed = useMemo(() => layOut(input), [input]);
  const zoom = useMemo(
    () => ({
      onZoom: range.zoom,
      onZoomOut: () => {
        const width = env.toMs - env.fromMs;
        range.zoom(env.fromMs - width / 2, env.toMs + width / 2);
      },
    }),
    [env],
  );
  const onView = (key: string) => setParams({ viewPanel: viewed === key ? null : key });
  const shared = { env, tick: range.tick, annotations, onView, ...zoom };
  if (viewed !== null) {
    const key = viewed.replace(/^panel-/, "");
    const found = findPanel(input, key);
    return found === undefined ? (
      <Failure
        error={
          new Error(`there is no panel "${viewed}" in this dashboard, or its variable has lost that value`)
        }
        onRetry={() => setParams({ viewPanel: null })}
      />
    ) : (
      <>
        <p class="single-back">
          <button type="button" onClick={() => setParams({ viewPanel: null })}>
            ‹ All panels
          </button>
        </p>
        <Single key={key} placed={found} {...shared} />
      </>
    );
  }
  const full = `at most ${maxPlaced} panels and rows are shown; choose fewer values, or close rows`;
  return (
    <>
      <Notes warnings={placed.length < maxPlaced ? [] : [full]} />
      <Grid placed={placed} onRow={(key) => toggleRow(params, key)} {...shared} />
    </>
  );
}

export function DashboardView(props: ViewProps) {
  const { dashboard, uid } = props;
  const range = useRange({ ...dashboard.time, refresh: dashboard.refresh });
  const { states, error, select } = useVariables(dashboard, uid, range);
  const env = useEnv(props, states, range);
  const { switches, annotations } = useAnnotations(env, dashboard.annotations, range.tick);
  const listed = useLoad(listDashboards, []);
  const [keysShown, setKeysShown] = useState(false);
  const { params } = useLocation();
  useKeys({
    r: range.refreshNow,
    "?": () => setKeysShown(true),
    ...(params.has("viewPanel") ? { Escape: () => setParams({ viewPanel: null }) } : {}),
  });
  useEffect(() => {
    const before = document.title;
    document.title = `${dashboard.title} - Inferometer`;
    return () => {
      document.title = before;
    };
  }, [dashboard.title]);
  return (
    <div class="dash">
      <Head {...props} range={range} showKeys={() => setKeysShown(true)} />
      <div class="dash-bar">
        {states !== undefined && <VariableBar dashboard={dashboard} states={states} select={select} />}
        {switches.length > 0 && <Switches switches={switches} />}
        {env !== null && <LinkBar env={env} listed={listed.data?.dashboards ?? []} />}
      </div>
      <Notes warnings={dashboard.remarks} />
      {error !== undefined && <Failure error={error} onRetry={range.refreshNow} />}
      {env === null && error === undefined && <Loading what="the variables" />}
      {env !== null && <Panels env={env} range={range} annotations={annotations} />}
      {keysShown && <KeysDialog onClose={() => setKeysShown(false)} />}
    </div>
  );
}
