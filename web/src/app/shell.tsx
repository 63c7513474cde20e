// SPDX-License-Identifier: Apache-2.0
// What is around each page: navigation, theme, and the warnings that concern all of them.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { clockSkewMs, onClockSkew } from "../api/client";
import { chooseTheme, useThemeChoice, type ThemeChoice } from "./theme";
import { followLinks, href, useLocation } from "./url";

const pages: readonly { path: string; name: string }[] = [
  { path: "", name: "Overview" },
  { path: "dashboards", name: "Dashboards" },
  { path: "graph", name: "Graph" },
  { path: "alerts", name: "Alerts" },
  { path: "targets", name: "Targets" },
];

const statusPages: readonly { path: string; name: string }[] = [
  { path: "service-discovery", name: "Service discovery" },
  { path: "rules", name: "Rules" },
  { path: "tsdb-status", name: "TSDB status" },
  { path: "status", name: "Runtime" },
  { path: "config", name: "Configuration" },
  { path: "flags", name: "Flags" },
];

function NavLink({ path, name, at }: { path: string; name: string; at: string }) {
  const here = path === at || (path === "dashboards" && at.startsWith("d/"));
  return (
    <li>
      <a href={href(path)} aria-current={here ? "page" : undefined}>
        {name}
      </a>
    </li>
  );
}

function ThemeButton() {
  const choice = useThemeChoice();
  const order: readonly ThemeChoice[] = ["auto", "dark", "light"];
  const next = order[(order.indexOf(choice) + 1) % order.length] ?? "auto";
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`Colours: ${choice}. Change to ${next}`}
      title={`Colours: ${choice}`}
      onClick={() => chooseTheme(next)}
    >
      {choice === "auto" ? "◐" : choice === "dark" ? "●" : "○"}
    </button>
  );
}

const skewAllowedMs = 5000; // less does not show in a graph

function SkewWarning() {
  const [skew, setSkew] = useState(clockSkewMs());
  useEffect(() => onClockSkew(setSkew), []);
  if (Math.abs(skew) < skewAllowedMs) {
    return null;
  }
  const seconds = Math.round(Math.abs(skew) / 1000);
  return (
    <p class="banner" role="alert">
      <b>Clocks differ:</b> this browser's is {seconds} s {skew > 0 ? "ahead of" : "behind"} the monitor's, so
      the newest samples may be missing or misplaced; set one of them by NTP.
    </p>
  );
}

export function Shell({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <div class="shell" onClick={followLinks}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={href("")}>
          Inferometer
        </a>
        <button type="button" class="quiet nav-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          Menu
        </button>
        <nav aria-label="Pages" class={open ? "open" : ""}>
          <ul>
            {pages.map((page) => (
              <NavLink key={page.path} {...page} at={path} />
            ))}
            {statusPages.map((page) => (
              <NavLink key={page.path} {...page} at={path} />
            ))}
          </ul>
        </nav>
        <ThemeButton />
      </header>
      <SkewWarning />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
