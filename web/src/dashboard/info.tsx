// SPDX-License-Identifier: Apache-2.0
// A mark that tells more when it is pointed at, focused or pressed.
import { useState } from "preact/hooks";
import { useAway } from "./away";
import { Markdown } from "./panels/text";

export function Info({ title, text, mark = "i" }: { title: string; text: string; mark?: string }) {
  const [open, setOpen] = useState(false);
  const box = useAway(open, () => setOpen(false));
  return (
    <div class="info" ref={box}>
      <button
        type="button"
        class={`quiet info-mark${mark === "!" ? " info-warning" : ""}`}
        aria-label={mark === "!" ? title : `About ${title}`}
        aria-expanded={open}
        title={text}
        onClick={() => setOpen(!open)}
      >
        {mark}
      </button>
      {open && (
        <div class="menu info-text" role="note">
          <Markdown source={text} />
        </div>
      )}
    </div>
  );
}
