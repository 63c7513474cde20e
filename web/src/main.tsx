// SPDX-License-Identifier: Apache-2.0
// Where the page begins: its address chooses what is drawn.
import { render, type ComponentType } from "preact";
import { Guard } from "./app/guard";
import { lazy } from "./app/lazy";
import { Shell } from "./app/shell";
import { Empty } from "./app/states";
import { applyTheme } from "./app/theme";
import { currentPath, href, navigate, useLocation } from "./app/url";
import { OverviewPage } from "./pages/overview";
import "./app/style.css";

const Graph = lazy("Graph", () => import("./pages/graph").then((module) => module.GraphPage));
const Dashboards = lazy("Dashboards", () =>
  import("./pages/dashboards").then((module) => module.DashboardsPage),
);
const Dashboard = lazy("Dashboard", () => import("./pages/dashboard").then((module) => module.DashboardPage));
const status = () => import("./pages/status");

// Prometheus's addresses lead to the same pages: bookmarks, and the links in its alerts.
const routes: Readonly<Record<string, ComponentType<object>>> = {
  "": OverviewPage,
  dashboards: Dashboards,
  graph: Graph,
  query: Graph,
  alerts: lazy("Alerts", () => status().then((module) => module.AlertsPage)),
  rules: lazy("Rules", () => status().then((module) => module.RulesPage)),
  targets: lazy("Targets", () => status().then((module) => module.TargetsPage)),
  "service-discovery": lazy("Service discovery", () => status().then((module) => module.DiscoveryPage)),
  "tsdb-status": lazy("TSDB status", () => status().then((module) => module.TsdbPage)),
  status: lazy("Runtime", () => status().then((module) => module.RuntimePage)),
  config: lazy("Configuration", () => status().then((module) => module.ConfigPage)),
  flags: lazy("Flags", () => status().then((module) => module.FlagsPage)),
};

function Page() {
  const { path } = useLocation();
  if (path.startsWith("d/")) {
    const uid = path.slice(2).split("/")[0] ?? "";
    return <Dashboard key={uid} uid={uid} />;
  }
  const Found = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (Found === undefined) {
    return (
      <Empty title={`There is no page "${path}"`}>
        <a href={href("")}>To the Overview</a>
      </Empty>
    );
  }
  return <Found />;
}

function App() {
  const { path } = useLocation();
  return (
    <Shell>
      <Guard key={path} what="this page">
        <Page />
      </Guard>
    </Shell>
  );
}

// Addresses of Prometheus's older pages, which Debian's package has still: /classic/targets.
const older = /^(?:classic|new)\/(.+)/.exec(currentPath())?.[1];
if (older !== undefined) {
  navigate(href(older) + window.location.search + window.location.hash, true);
}
applyTheme();
const root = document.getElementById("app");
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
