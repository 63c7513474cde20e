// SPDX-License-Identifier: Apache-2.0
// The state of the page is its address: whoever copies it shares what is seen. Paths are below the <base>
// that the server writes into the page, so that a monitor behind a prefix works too.
import { useEffect, useState } from "preact/hooks";

type Listener = () => void;
const listeners = new Set<Listener>();

function tell(): void {
  for (const listener of [...listeners]) {
    listener();
  }
}

window.addEventListener("popstate", tell);

const base = new URL(document.baseURI).pathname;

// "" for home, "graph", "d/inferometer-stages", ...
export function currentPath(): string {
  const path = window.location.pathname;
  return decoded(path.startsWith(base) ? path.slice(base.length) : path.replace(/^\//, "")).replace(
    /\/+$/,
    "",
  );
}

export function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a lone "%": somebody wrote it by hand
  }
}

export function currentParams(): URLSearchParams {
  return new URLSearchParams(window.location.search);
}

// The address of a page of ours: href("graph", {"g0.expr": "up"}).
export function href(path: string, params?: URLSearchParams | Record<string, string>): string {
  const query = new URLSearchParams(params).toString();
  return base + path + (query === "" ? "" : "?" + query);
}

export function navigate(address: string, replace = false): void {
  if (replace) {
    window.history.replaceState(null, "", address);
  } else {
    window.history.pushState(null, "", address);
    window.scrollTo(0, 0);
  }
  tell();
}

// Changes parameters of the address and keeps the others; null removes one. A change that a visitor would
// want to take back with the browser's button makes an entry in its history.
export function setParams(changes: Record<string, string | null>, replace = false): void {
  const params = currentParams();
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) {
      params.delete(name);
    } else {
      params.set(name, value);
    }
  }
  const address = window.location.pathname + (params.size === 0 ? "" : "?" + params.toString());
  if (address === window.location.pathname + window.location.search) {
    return;
  }
  window.history[replace ? "replaceState" : "pushState"](null, "", address);
  tell();
}

// Draws again whenever the address changes.
export function useLocation(): { path: string; params: URLSearchParams } {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = () => redraw((count) => count + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return { path: currentPath(), params: currentParams() };
}

// Clicks on links of ours change the address without a new page; those with a modifier are the browser's.
export function followLinks(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (
    link === null ||
    !plain ||
    event.defaultPrevented ||
    link.target !== "" ||
    link.hasAttribute("download")
  ) {
    return;
  }
  const to = new URL(link.href);
  const ours = to.origin === window.location.origin && to.pathname.startsWith(base);
  const served = /^(api\/|metrics$|federate|-\/|version$|assets\/)/.test(to.pathname.slice(base.length));
  if (!ours || served || (to.hash !== "" && to.pathname === window.location.pathname)) {
    return;
  }
  event.preventDefault();
  navigate(to.pathname + to.search);
}
