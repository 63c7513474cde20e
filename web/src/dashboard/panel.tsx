// SPDX-License-Identifier: Apache-2.0
// A panel: its frame with title, description, links and menu, and in it what its kind draws. It asks and
// draws only near the window, and tells what is loading, what failed and why there is nothing.
import { Component } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Guard } from "../app/guard";
import { href, navigate } from "../app/url";
import { useTheme } from "../app/theme";
import { watchPlace } from "../charts/observe";
import { csvName, saveCsv } from "../charts/csv";
import type { ChartAnnotation } from "../charts/types";
import { Links } from "../charts/links";
import { framesToCsv } from "../lib/csv";
import { bodyOf, emptyReason, Failures } from "./body";
import { planOf, textOf, windowOf, type Env } from "./env";
import { linksOf } from "./leads";
import { Info } from "./info";
import { Inspect } from "./inspect";
import type { Placed } from "./layout";
import { Menu, type MenuItem } from "./menu";
import { rangeNote } from "./queries";
import { copyLink, saveJson } from "./save";
import { TextBody } from "./panels/text";
import { Unsupported } from "./panels/unsupported";
import { legendOf } from "./panels/timeseries";
import { TableBody } from "./panels/table";
import type { BodyProps } from "./panels/types";
import { usePanelData, type PanelState } from "./usepanel";

export interface PanelProps {
  readonly placed: Placed;
  readonly env: Env;
  readonly tick: number;
  readonly width: number; // pixels, of the whole
  readonly height: number;
  readonly annotations: readonly ChartAnnotation[];
  readonly onZoom: (from: number, to: number) => void;
  readonly onZoomOut: () => void;
  readonly onView: (key: string) => void; // in the whole window, and back
  readonly viewed: boolean;
}

const headHeight = 30;
const padding = 8;

function useNear(): [ref: { current: HTMLElement | null }, near: boolean, seen: boolean] {
  const ref = useRef<HTMLElement | null>(null);
  const [near, setNear] = useState(false);
  const seen = useRef(false);
  useEffect(() => (ref.current === null ? undefined : watchPlace(ref.current, setNear)), []);
  seen.current ||= near;
  return [ref, near, seen.current];
}

// The first query that can be asked alone, as the Graph page takes it.
function exploreHref({ placed, env }: PanelProps): string | null {
  const { panel, scope } = placed;
  const window = windowOf(panel, env, 800);
  const params: [string, string][] = panel.targets
    .filter((target) => !target.hide && target.source.kind === "prometheus" && target.expr !== "")
    .map((target, i) => [`g${i}.expr`, planOf(target, panel, env, scope, window).expr]);
  return params.length === 0
    ? null
    : href("graph", new URLSearchParams([...params, ["from", env.rawFrom], ["to", env.rawTo]]));
}

function linkTo(key: string): string {
  const address = new URL(window.location.href);
  address.searchParams.set("viewPanel", key);
  return address.href;
}

// Without anything to say at the top, a panel begins with what it draws.
function isBare({ panel }: Placed, title: string): boolean {
  return title === "" && panel.description === "" && panel.links.length === 0 && rangeNote(panel) === "";
}

interface HeadProps {
  readonly title: string;
  readonly props: PanelProps;
  readonly state: PanelState;
  readonly items: readonly MenuItem[];
}

function Head({ title, props, state, items }: HeadProps) {
  const { panel, scope } = props.placed;
  const note = rangeNote(panel);
  const links = useMemo(() => linksOf(panel.links, props.env, scope, {}), [panel, props.env]);
  const bare = isBare(props.placed, title);
  return (
    <header class={bare ? "panel-head panel-head-bare" : "panel-head"}>
      <h3 title={title}>{title}</h3>
      {note !== "" && <span class="panel-note">{note}</span>}
      {panel.description !== "" && <Info title={title} text={textOf(panel.description, props.env, scope)} />}
      {links.map((link) => (
        <span key={link.url} class="panel-link">
          <Links links={[link]}>{link.title === "" ? "link" : link.title}</Links>
        </span>
      ))}
      {state.loading && (
        <span class="panel-loading" role="status" title="Loading">
          <span class="hidden">Loading</span>
        </span>
      )}
      {(state.data?.notes.length ?? 0) > 0 && (
        <Info title={`Warnings of ${title}`} text={state.data?.notes.join("\n\n") ?? ""} mark="!" />
      )}
      <Menu label={`Menu of ${title === "" ? "this panel" : title}`} items={items}>
        ⋮
      </Menu>
    </header>
  );
}

interface Shown {
  readonly props: PanelProps;
  readonly body: BodyProps | undefined;
}

// Draws when `shown` is another one. An element that is kept, for the same end, would hold its panel's last
// elements, and those the ones before: all that was ever drawn.
class Content extends Component<{ shown: Shown }> {
  override shouldComponentUpdate({ shown }: { shown: Shown }): boolean {
    return shown !== this.props.shown;
  }

  override render({ shown }: { shown: Shown }) {
    return <Inside {...shown} />;
  }
}

function Inside({ props, body }: Shown) {
  const { panel, scope } = props.placed;
  if (panel.type === "text") {
    return <TextBody panel={panel} env={props.env} repeat={scope} />;
  }
  const Body = bodyOf(panel.type);
  if (Body === undefined && body?.tableShown !== true) {
    return <Unsupported panel={panel} env={props.env} repeat={scope} />;
  }
  if (body === undefined) {
    return null;
  }
  const { data } = body;
  const nothing = data.frames.every((frame) => frame.fields.every((field) => field.values.length === 0));
  if (nothing) {
    const roomy = body.height > 110 && body.width > 260;
    return data.failures.length > 0 ? null : (
      <div class="panel-empty">
        <p class="panel-empty-title">{panel.fieldConfig.defaults.noValue ?? "No data"}</p>
        <p class={roomy ? undefined : "hidden"}>{emptyReason(panel, data)}</p>
      </div>
    );
  }
  const Drawn = Body ?? TableBody;
  return <Drawn {...body} />;
}

// What is drawn depends on the answers, not on the moving end of the range: between two answers nothing is
// drawn.
function useShown(
  props: PanelProps,
  state: PanelState,
  title: string,
  tableShown: boolean,
  onTable: () => void,
  legend: boolean | undefined,
): Shown {
  const theme = useTheme();
  const { placed, width, height, annotations } = props;
  const failures = state.data?.failures.length ?? 0;
  const inner =
    height - (isBare(placed, title) ? padding : headHeight) - padding - Math.min(failures, 3) * 24;
  return useMemo(() => {
    const body: BodyProps | undefined = state.data && {
      panel: placed.panel,
      title: title === "" ? `Panel ${placed.key}` : title,
      data: state.data,
      env: state.env,
      repeat: placed.scope,
      theme,
      width: width - 2 * padding,
      height: Math.max(inner, 40),
      tableShown,
      ...(legend === undefined ? {} : { legend }),
      onTable,
      onZoom: props.onZoom,
      onZoomOut: props.onZoomOut,
      annotations,
    };
    return { props, body };
  }, [
    state.data,
    theme,
    width,
    height,
    tableShown,
    legend,
    state.env.states,
    annotations,
    placed.panel,
    title,
    placed.panel.type === "text" || state.data === undefined ? props.env : null,
  ]);
}

function useMenu(
  props: PanelProps,
  state: PanelState,
  title: string,
  tableShown: boolean,
  toggle: () => void,
  toggleLegend: (() => void) | undefined,
) {
  const [inspecting, setInspecting] = useState(false);
  const { placed, viewed } = props;
  const frames = state.data?.frames ?? [];
  const csv = () =>
    saveCsv(framesToCsv(frames, { utc: props.env.dashboard.utc }), csvName(title === "" ? "panel" : title));
  const explore = placed.panel.targets.length === 0 ? null : exploreHref(props);
  const items: MenuItem[] = [
    { name: viewed ? "Back to the dashboard" : "View", key: "v", run: () => props.onView(placed.key) },
    ...(explore === null ? [] : [{ name: "Explore", key: "e", href: explore }]),
    ...(placed.panel.type === "text"
      ? []
      : [
          { name: tableShown ? "Show chart" : "Show data", key: "d", run: toggle },
          ...(toggleLegend === undefined
            ? []
            : [{ name: "Show or hide legend", key: "l", run: toggleLegend }]),
          { name: "Queries", key: "i", run: () => setInspecting(true) },
          { name: "Save CSV", run: csv },
          { name: "Save JSON", run: () => saveJson(frames, title) },
        ]),
    {
      name: "Copy link",
      run: () => copyLink(linkTo(placed.key)),
    },
  ];
  const dialog = inspecting && (
    <Inspect title={title} answered={state.data?.answered ?? []} onClose={() => setInspecting(false)} />
  );
  return { items, dialog, explore, inspect: () => setInspecting(true) };
}

export function PanelView(props: PanelProps) {
  const { placed, env, tick, width } = props;
  const [ref, near, seen] = useNear();
  const [tableShown, setTableShown] = useState(false);
  const toggle = () => setTableShown((shown) => !shown);
  const title = textOf(placed.panel.title, env, placed.scope);
  const asks = placed.panel.type !== "text";
  const wish = { panel: placed.panel, env, repeat: placed.scope, tick, priority: placed.pos.y };
  const state = usePanelData({ ...wish, width: width - 2 * padding, near: near && asks });
  const [legend, setLegend] = useState<boolean>();
  const toggleLegend =
    placed.panel.type === "timeseries"
      ? () => setLegend((shown) => !(shown ?? legendOf(placed.panel.options).show))
      : undefined;
  const shown = useShown(props, state, title, tableShown, toggle, legend);
  const { items, dialog, explore, inspect } = useMenu(props, state, title, tableShown, toggle, toggleLegend);
  const keys: Readonly<Record<string, () => void>> = {
    d: toggle,
    v: () => props.onView(placed.key),
    i: inspect,
    ...(toggleLegend === undefined ? {} : { l: toggleLegend }),
    e: () => explore !== null && navigate(explore),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const typing =
      event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !typing;
    if (plain && Object.hasOwn(keys, event.key)) {
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]?.();
    }
  };
  return (
    <section
      ref={ref}
      class={`panel dash-panel${placed.panel.transparent ? " panel-clear" : ""}`}
      aria-label={title === "" ? `Panel ${placed.key}` : title}
      aria-busy={state.loading}
      tabIndex={0}
      data-panel-id={placed.key}
      data-type={placed.panel.wasType}
      onKeyDown={onKeyDown}
    >
      <Head title={title} props={props} state={state} items={items} />
      {state.data !== undefined && <Failures data={state.data} />}
      <div class="panel-body">
        <Guard what={`the panel "${title}"`}>{seen || !asks ? <Content shown={shown} /> : null}</Guard>
      </div>
      {dialog}
    </section>
  );
}
