// SPDX-License-Identifier: Apache-2.0
// The grid of panels: 24 columns of the window's width, lines of 30 pixels, gaps of 8, as Grafana's. On a
// phone panels stand below each other, small ones in pairs.
import { useEffect, useRef, useState } from "preact/hooks";
import { useWidth } from "../charts/observe";
import { textOf, type Env } from "./env";
import type { Placed } from "./layout";
import { PanelView, type PanelProps } from "./panel";

const unit = 30;
const gap = 8;
const phoneWidth = 700; // below it, a third of the window is too little for a chart

export function pixelsHigh(h: number): number {
  return h * unit + (h - 1) * gap;
}

function pixelsWide(w: number, total: number): number {
  return w * ((total - 23 * gap) / 24) + (w - 1) * gap;
}

type Shared = Omit<PanelProps, "placed" | "width" | "height" | "viewed">;

interface GridProps extends Shared {
  readonly placed: readonly Placed[];
  readonly onRow: (key: string) => void;
}

function Row({ placed, env, onRow }: { placed: Placed; env: Env; onRow: (key: string) => void }) {
  const title = textOf(placed.panel.title, env, placed.scope);
  const count = `${placed.count} ${placed.count === 1 ? "panel" : "panels"}`;
  return (
    <h2 class="dash-row">
      <button type="button" class="quiet" aria-expanded={placed.open} onClick={() => onRow(placed.key)}>
        <span aria-hidden="true">{placed.open ? "▾" : "▸"}</span> {title === "" ? "Row" : title}
        {!placed.open && <span class="muted"> ({count})</span>}
      </button>
    </h2>
  );
}

function isSmall(placed: Placed): boolean {
  return placed.pos.w <= 8 && ["stat", "gauge"].includes(placed.panel.type);
}

// Two columns, in which only small panels stand beside each other.
function phonePlace(placed: Placed): { style: Record<string, string>; h: number; half: boolean } {
  const half = !placed.row && isSmall(placed);
  const h = placed.row
    ? 1
    : placed.panel.type === "text"
      ? placed.pos.h
      : Math.max(placed.pos.h, half ? 3 : 7);
  return { style: { gridColumn: half ? "auto" : "1 / -1", gridRow: `span ${h}` }, h, half };
}

function widePlace({ pos }: Placed): Record<string, string> {
  return { gridColumn: `${pos.x + 1} / span ${pos.w}`, gridRow: `${pos.y + 1} / span ${pos.h}` };
}

export function Grid({ placed, onRow, ...shared }: GridProps) {
  const box = useRef<HTMLDivElement>(null);
  const total = useWidth(box);
  const phone = total > 0 && total < phoneWidth;
  return (
    <div ref={box} class={phone ? "dash-grid dash-grid-phone" : "dash-grid"}>
      {total > 0 &&
        placed.map((one) => {
          const small = phone ? phonePlace(one) : null;
          const style = small?.style ?? widePlace(one);
          const width =
            small === null ? pixelsWide(one.pos.w, total) : small.half ? (total - gap) / 2 : total;
          return (
            <div key={one.key} class="dash-cell" style={style}>
              {one.row ? (
                <Row placed={one} env={shared.env} onRow={onRow} />
              ) : (
                <PanelView
                  {...shared}
                  placed={one}
                  width={Math.floor(width)}
                  height={pixelsHigh(small?.h ?? one.pos.h)}
                  viewed={false}
                />
              )}
            </div>
          );
        })}
    </div>
  );
}

function useWindowHeight(): number {
  const [height, setHeight] = useState(window.innerHeight);
  useEffect(() => {
    const listener = () => setHeight(window.innerHeight);
    window.addEventListener("resize", listener);
    return () => window.removeEventListener("resize", listener);
  }, []);
  return height;
}

// One panel in all of the window that is left.
export function Single({ placed, ...shared }: Shared & { placed: Placed }) {
  const box = useRef<HTMLDivElement>(null);
  const total = useWidth(box);
  const top = box.current === null ? 160 : box.current.getBoundingClientRect().top + window.scrollY;
  const height = Math.max(useWindowHeight() - top - 24, 260);
  return (
    <div ref={box} class="dash-single" style={{ height }}>
      {total > 0 && (
        <PanelView {...shared} placed={placed} width={Math.floor(total)} height={height} viewed={true} />
      )}
    </div>
  );
}
