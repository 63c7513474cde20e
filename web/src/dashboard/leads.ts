// SPDX-License-Identifier: Apache-2.0
// Where the links of panels and values lead.
import { href } from "../app/url";
import type { DataLink } from "../lib/frame";
import { interpolate, interpolateUrl, type DataContext } from "../lib/interpolate";
import { scopeOf, type Env } from "./env";
import { keptPrefix, keptUid } from "./keep";
import type { Scope as RepeatScope } from "./layout";

// Grafana's addresses of dashboards are ours; all others stay as they are.
export function ourAddress(url: string, env: Env): string {
  const found = /^(?:https?:\/\/[^/]+)?\/?(?:grafana\/)?d\/([^/?#]+)(?:\/[^?#]*)?(\?[^#]*)?/.exec(url);
  const absolute = /^[a-z]+:\/\//i.test(url);
  if (found === null || (absolute && !url.startsWith(window.location.origin))) {
    return url;
  }
  const uid = found[1] as string;
  const kept = env.uid.startsWith(keptPrefix) ? keptUid(uid) : null;
  return href(`d/${kept ?? uid}`, new URLSearchParams(found[2] ?? ""));
}

export function linksOf(
  links: readonly DataLink[] | undefined,
  env: Env,
  repeat: RepeatScope,
  data: DataContext,
): readonly DataLink[] {
  if (links === undefined || links.length === 0) {
    return [];
  }
  const scope = scopeOf(env, repeat, data);
  return links.map((link) => ({
    title: interpolate(link.title, scope),
    url: ourAddress(interpolateUrl(link.url, scope), env),
    ...(link.targetBlank === undefined ? {} : { targetBlank: link.targetBlank }),
  }));
}
