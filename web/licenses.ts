// SPDX-License-Identifier: Apache-2.0
// Collects the licences of the packages whose code is in the bundle: they want to be passed on with it.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

interface Package {
  name: string;
  version: string;
  license?: string;
}

// The folder of the package that a module is of: what follows the last node_modules, with its scope if it has
// one. Undefined for modules of our own.
function packageOf(module: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0];
}

function licenseText(folder: string): string {
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|notice)/i.test(name));
  return names
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").trim())
    .join("\n\n");
}

interface Described {
  readonly names: string;
  readonly text: string;
}

function describe(folder: string): Described {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Package;
  const text = licenseText(folder);
  if (text === "" && about.license === undefined) {
    throw new Error(`could not find the licence of ${about.name}; hint: do not bundle it`);
  }
  return { names: `${about.name} ${about.version} (${about.license ?? "see below"})`, text };
}

// Packages of one author often have one text: it stands once, below all of their names.
function grouped(folders: ReadonlySet<string>): string[] {
  const groups = new Map<string, string[]>();
  for (const { names, text } of [...folders].map(describe)) {
    groups.set(text, [...(groups.get(text) ?? []), names].sort());
  }
  return [...groups].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`).sort();
}

// web/src/charts/heatcolor.ts has their numbers; the words are those that its licence asks for.
const colours =
  "This product includes color specifications and designs developed by Cynthia Brewer (https://colorbrewer.org/).\n\n";

export function licenses(): Plugin {
  return {
    name: "inferometer-licenses",
    generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const chunk of Object.values(bundle)) {
        for (const module of chunk.type === "chunk" ? Object.keys(chunk.modules) : []) {
          const folder = packageOf(module.replace(/^\0/, "").replace(/\?.*$/, ""));
          if (folder !== undefined) {
            folders.add(folder);
          }
        }
      }
      const line = "=".repeat(80);
      const texts = grouped(folders);
      this.emitFile({
        type: "asset",
        fileName: "assets/third-party-licenses.txt",
        source: `${colours}This user interface contains these packages.\n\n${texts.map((text) => `${line}\n${text}`).join("\n")}`,
      });
    },
  };
}
