// SPDX-License-Identifier: Apache-2.0
// The JSON of a dashboard comes from a file dropped anywhere on the page, chosen, or pasted as text.
import { useEffect, useRef, useState } from "preact/hooks";
import { sentence } from "../app/states";
import { href, navigate } from "../app/url";
import { Dialog } from "../app/dialog";
import { keep } from "./keep";

const maxBytes = 20_000_000; // a larger file is no dashboard

export interface Opening {
  readonly problem: string; // a sentence, or ""
  readonly open: (source: string, name: string) => void;
  readonly openFile: (file: File) => void;
  readonly dismiss: () => void;
  readonly over: boolean; // a file is held over the page
}

let carriedProblem = ""; // to the page of the dashboard that is shown, but not kept

// Takes files that are dropped, and texts that are pasted outside of fields.
export function useOpening(): Opening {
  const [problem, setProblem] = useState(() => carriedProblem);
  useEffect(() => {
    carriedProblem = "";
  }, []);
  const [over, setOver] = useState(false);
  const open = (source: string, name: string) => {
    try {
      const { uid, refused } = keep(source);
      setProblem(refused);
      carriedProblem = refused;
      navigate(href(`d/${uid}`));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      setProblem(`could not open ${name}: ${reason}`);
    }
  };
  const openFile = (file: File) => {
    if (file.size > maxBytes) {
      setProblem(
        `could not open "${file.name}": it has ${file.size} bytes, a dashboard has at most ${maxBytes}`,
      );
      return;
    }
    file.text().then(
      (source) => open(source, `"${file.name}"`),
      () =>
        setProblem(
          `could not read "${file.name}": the browser does not let this page; hint: choose it again`,
        ),
    );
  };
  const latest = useRef(openFile);
  latest.current = openFile;
  useEffect(() => {
    const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const drag = (event: DragEvent) => {
      if (hasFile(event)) {
        event.preventDefault();
        setOver(true);
      }
    };
    const leave = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const drop = (event: DragEvent) => {
      if (hasFile(event)) {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file !== undefined) {
          latest.current(file);
        }
      }
    };
    document.addEventListener("dragover", drag);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", drag);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
    };
  }, []);
  return { problem, open, openFile, dismiss: () => setProblem(""), over };
}

export function OpeningNotice({ opening }: { opening: Opening }) {
  return (
    <>
      {opening.over && <div class="drop-here">Drop the JSON of a dashboard to open it</div>}
      {opening.problem !== "" && (
        <div class="state state-failure" role="alert">
          <span aria-hidden="true">✕ </span>
          {sentence(opening.problem)}
          <button type="button" onClick={opening.dismiss}>
            Close
          </button>
        </div>
      )}
    </>
  );
}

function Paste({ opening, onClose }: { opening: Opening; onClose: () => void }) {
  const [source, setSource] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    onClose();
    opening.open(source, "the pasted text");
  };
  return (
    <Dialog title="Paste the JSON of a dashboard" onClose={onClose}>
      <form class="paste" onSubmit={submit}>
        <textarea
          aria-label="JSON of a dashboard"
          rows={14}
          value={source}
          onInput={(event) => setSource(event.currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={source.trim() === ""}>
          Open
        </button>
      </form>
    </Dialog>
  );
}

export function OpenButtons({ opening }: { opening: Opening }) {
  const input = useRef<HTMLInputElement>(null);
  const [pasting, setPasting] = useState(false);
  const chosen = () => {
    const file = input.current?.files?.[0];
    if (file !== undefined) {
      opening.openFile(file);
    }
    if (input.current !== null) {
      input.current.value = "";
    }
  };
  return (
    <div class="open-buttons">
      <button type="button" onClick={() => input.current?.click()}>
        Open a file…
      </button>
      <button type="button" onClick={() => setPasting(true)}>
        Paste JSON…
      </button>
      <input
        ref={input}
        class="hidden"
        type="file"
        accept=".json,application/json"
        aria-label="File of a dashboard"
        tabIndex={-1}
        onChange={chosen}
      />
      {pasting && <Paste opening={opening} onClose={() => setPasting(false)} />}
    </div>
  );
}
