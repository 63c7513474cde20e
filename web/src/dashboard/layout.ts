// SPDX-License-Identifier: Apache-2.0
// Where each panel stands: rows opened and closed, panels and rows repeated for each value of a variable, and
// no gap left between them, as Grafana's grid has it. Pure: what is chosen and what is closed is given.
import type { GridPos, Option, Panel } from "./model";

export type Scope = Readonly<Record<string, Option>>; // of the variables that a repeat holds to one value

export interface Placed {
  readonly key: string; // the panel's id, and for a repeat the value it stands for
  readonly panel: Panel;
  readonly scope: Scope;
  readonly pos: GridPos;
  readonly row: boolean;
  readonly open: boolean; // of a row
  readonly count: number; // panels of a row
}

export interface LayoutInput {
  readonly panels: readonly Panel[];
  readonly valuesOf: (variable: string) => readonly Option[];
  readonly isOpen: (rowKey: string, row: Panel) => boolean;
}

export const maxRepeats = 100; // of one panel or row: more cannot be looked at
export const maxPlaced = 1000; // of all together, as of a dashboard without repeats

interface Section {
  row: Panel | null;
  panels: Panel[];
}

function byPlace(a: Panel, b: Panel): number {
  return a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x;
}

// A row holds the panels up to the next one; a row that was saved closed holds them inside.
function sectionsOf(panels: readonly Panel[]): Section[] {
  const sections: Section[] = [{ row: null, panels: [] }];
  for (const panel of [...panels].sort(byPlace)) {
    if (panel.type === "row") {
      sections.push({ row: panel, panels: [...panel.panels].sort(byPlace) });
    } else {
      sections[sections.length - 1]?.panels.push(panel);
    }
  }
  return sections;
}

function keyOf(panel: Panel, scope: Scope): string {
  const values = Object.values(scope).map((option) => option.value);
  return [String(panel.id), ...values].join(":");
}

function scopesOf(repeat: string, scope: Scope, input: LayoutInput): Scope[] {
  const values =
    repeat === "" || Object.hasOwn(scope, repeat) ? [] : input.valuesOf(repeat).slice(0, maxRepeats);
  return values.length === 0 ? [scope] : values.map((option) => ({ ...scope, [repeat]: option }));
}

interface Block {
  panel: Panel;
  scope: Scope;
  pos: GridPos;
}

// The clones of one panel, from its own place to the right or down.
function repeated(panel: Panel, y: number, scope: Scope, input: LayoutInput): Block[] {
  const scopes = scopesOf(panel.repeat, scope, input);
  const { x, w, h } = panel.gridPos;
  if (scopes.length === 1 || panel.repeatDirection === "v") {
    return scopes.map((one, i) => ({ panel, scope: one, pos: { x, y: y + i * h, w, h } }));
  }
  const perRow = Math.min(scopes.length, panel.maxPerRow);
  const width = Math.max(Math.floor(24 / perRow), 1);
  return scopes.map((one, i) => ({
    panel,
    scope: one,
    pos: { x: (i % perRow) * width, y: y + Math.floor(i / perRow) * h, w: width, h },
  }));
}

function bottom(blocks: readonly Block[]): number {
  return blocks.reduce((low, block) => Math.max(low, block.pos.y + block.pos.h), 0);
}

function overlapsColumns(a: GridPos, b: GridPos): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w;
}

// Lets each block rise until it meets another: what was hidden, or saved with a gap, leaves none.
function compact(blocks: readonly Block[]): Block[] {
  const risen: Block[] = [];
  for (const block of [...blocks].sort((a, b) => a.pos.y - b.pos.y || a.pos.x - b.pos.x)) {
    const above = risen.filter((other) => overlapsColumns(other.pos, block.pos));
    risen.push({ ...block, pos: { ...block.pos, y: bottom(above) } });
  }
  return risen;
}

// At most `room` of them.
function sectionBlocks(panels: readonly Panel[], scope: Scope, input: LayoutInput, room: number): Block[] {
  const blocks: Block[] = [];
  const grown: { below: number; by: number }[] = []; // what repeats add to all that stands below them
  for (const panel of panels) {
    if (blocks.length >= room) {
      break;
    }
    const { y, h } = panel.gridPos;
    const shift = grown.reduce((sum, one) => sum + (one.below <= y ? one.by : 0), 0);
    const clones = repeated(panel, y + shift, scope, input);
    const height = bottom(clones) - (y + shift);
    if (height > h) {
      grown.push({ below: y + h, by: height - h });
    }
    blocks.push(...clones);
  }
  return compact(blocks.slice(0, room));
}

export function layOut(input: LayoutInput): Placed[] {
  const placed: Placed[] = [];
  let y = 0;
  for (const section of sectionsOf(input.panels)) {
    for (const scope of scopesOf(section.row?.repeat ?? "", {}, input)) {
      if (placed.length >= maxPlaced) {
        return placed;
      }
      const row = section.row;
      const rowKey = row === null ? "" : keyOf(row, scope);
      const open = row === null || input.isOpen(rowKey, row);
      const room = maxPlaced - placed.length - (row === null ? 0 : 1);
      const blocks = open ? sectionBlocks(section.panels, scope, input, room) : [];
      if (row !== null) {
        const pos = { x: 0, y, w: 24, h: 1 };
        placed.push({ key: rowKey, panel: row, scope, pos, row: true, open, count: section.panels.length });
        y += 1;
      }
      for (const { panel, scope: own, pos } of blocks) {
        const key = keyOf(panel, own);
        placed.push({
          key,
          panel,
          scope: own,
          pos: { ...pos, y: pos.y + y },
          row: false,
          open: true,
          count: 0,
        });
      }
      y += bottom(blocks);
    }
  }
  return placed;
}

// A panel by its key, whether its row is open or not: an address may lead to it.
export function findPanel(input: LayoutInput, key: string): Placed | undefined {
  return layOut({ ...input, isOpen: () => true }).find((one) => !one.row && one.key === key);
}
