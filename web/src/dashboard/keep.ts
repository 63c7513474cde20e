// SPDX-License-Identifier: Apache-2.0
// Where dashboards come from: the monitor, and those that this browser keeps because somebody dropped their
// file on the page. A kept one stays as text, as it came, and is exported so.
import { api } from "../api/client";
import { remember, remembered } from "../app/theme";
import { readDashboard } from "./parse";
import { list, object, text, texts } from "./read";

export interface Listed {
  readonly uid: string; // of its address: d/UID
  readonly title: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly source: "built-in" | "file" | "browser";
}

const listKey = "inferometer.dashboards";
const maxBytes = 5_000_000; // localStorage has about as much for all of a page
export const keptPrefix = "kept-"; // of the uids of kept ones: they never hide one of the monitor's

function keyOf(uid: string): string {
  return `inferometer.dashboard.${uid}`;
}

function parsed(source: string | null): unknown {
  try {
    return JSON.parse(source ?? "null");
  } catch {
    return null; // somebody else's, or cut off
  }
}

export function keptDashboards(): Listed[] {
  const uids = texts(parsed(remembered(listKey)));
  return uids.flatMap((uid) => {
    const root = object(parsed(remembered(`${keyOf(uid)}.head`)));
    return [
      {
        uid,
        title: text(root["title"], uid),
        tags: texts(root["tags"]),
        description: text(root["description"]),
        source: "browser" as const,
      },
    ];
  });
}

export function keptSource(uid: string): string | null {
  return uid.startsWith(keptPrefix) ? (remembered(keyOf(uid)) ?? memory.get(uid) ?? null) : null;
}

// Links of a kept dashboard to another one, or to itself, lead to what is kept of it.
export function keptUid(uid: string): string | null {
  const kept = keptPrefix + uid;
  return keptSource(kept) === null ? null : kept;
}

// What the browser refused to keep can be looked at until the page is left.
const memory = new Map<string, string>();

export interface Kept {
  readonly uid: string;
  readonly refused: string; // a sentence, or ""
}

function uidFor(title: string, uid: string): string {
  const name = (uid === "" ? title : uid).replace(/[^\w-]+/g, "-").slice(0, 60);
  return keptPrefix + (name === "" ? "dashboard" : name);
}

// Reads a file and keeps it. Throws NotDashboard with a sentence where it is none. One of the same uid is
// replaced.
export function keep(source: string): Kept {
  const dashboard = readDashboard(source);
  const uid = uidFor(dashboard.title, dashboard.uid);
  const head = { title: dashboard.title, tags: dashboard.tags, description: dashboard.description };
  memory.set(uid, source);
  const uids = [...new Set([...texts(parsed(remembered(listKey))), uid])];
  const kept =
    source.length <= maxBytes &&
    remember(keyOf(uid), source) &&
    remember(`${keyOf(uid)}.head`, JSON.stringify(head)) &&
    remember(listKey, JSON.stringify(uids));
  if (kept) {
    return { uid, refused: "" };
  }
  forget(uid, true);
  return {
    uid,
    refused:
      `could not keep "${dashboard.title}": this browser has no room for it, or keeps nothing in a private ` +
      "window; it is shown until the page is left; hint: remove another one, or give the file to the " +
      "monitor (--dashboards.path)",
  };
}

export function forget(uid: string, stillShown = false): void {
  remember(listKey, JSON.stringify(texts(parsed(remembered(listKey))).filter((one) => one !== uid)));
  remember(keyOf(uid), null);
  remember(`${keyOf(uid)}.head`, null);
  if (!stillShown) {
    memory.delete(uid);
  }
}

export interface Listing {
  readonly dashboards: readonly Listed[];
  readonly warnings: readonly string[];
}

export async function listDashboards(signal: AbortSignal): Promise<Listing> {
  const answer = await api<unknown>("api/v1/inferometer/dashboards", {}, { signal });
  const served = list(answer.data).map((one): Listed => {
    const item = object(one);
    return {
      uid: text(item["uid"]),
      title: text(item["title"], text(item["uid"])),
      tags: texts(item["tags"]),
      description: text(item["description"]),
      source: item["source"] === "file" ? "file" : "built-in",
    };
  });
  return { dashboards: served, warnings: answer.warnings };
}

// The document, as it came.
export async function loadDashboard(uid: string, signal: AbortSignal): Promise<string> {
  const kept = keptSource(uid);
  if (kept !== null) {
    return kept;
  }
  if (uid.startsWith(keptPrefix)) {
    throw new Error(
      `could not find the dashboard "${uid}": it was kept in another browser, or removed from this one; ` +
        "hint: drop its file on this page again",
    );
  }
  const answer = await api<unknown>(
    `api/v1/inferometer/dashboards/${encodeURIComponent(uid)}`,
    {},
    { signal },
  );
  return JSON.stringify(object(answer.data)["dashboard"] ?? answer.data, null, 2);
}
