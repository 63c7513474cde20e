// SPDX-License-Identifier: Apache-2.0
// The configuration that is in use, as text with line numbers.
import { Empty } from "../../app/states";
import { CopyButton, Search, StatusPage, useSearch, useStatus } from "./common";
import { matches } from "./search";

function download(text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "inferometer.yml";
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function Lines({ text, found }: { text: string; found: string }) {
  const lines = text.replace(/\n$/, "").split("\n");
  const hits = found.trim() === "" ? 0 : lines.filter((line) => matches(found, () => [line])).length;
  return (
    <>
      {found.trim() !== "" && (
        <p class="muted" role="status">
          {hits} of {lines.length} lines
        </p>
      )}
      <ol class="panel config-lines scroll" tabIndex={0} aria-label="Configuration">
        {lines.map((line, index) => (
          <li key={index} class={hits > 0 && matches(found, () => [line]) ? "hit" : undefined}>
            <code>{line === "" ? " " : line}</code>
          </li>
        ))}
      </ol>
    </>
  );
}

export function ConfigPage() {
  const status = useStatus<{ yaml: string }>("api/v1/status/config");
  const text = useSearch();
  const yaml = status.loaded.data?.data.yaml ?? "";
  const tools =
    yaml === "" ? undefined : (
      <>
        <CopyButton text={yaml} />
        <button type="button" onClick={() => download(yaml)}>
          Download
        </button>
        <Search label="Mark lines with" />
      </>
    );
  return (
    <StatusPage title="Configuration" what="the configuration" status={status} tools={tools}>
      {() =>
        yaml === "" ? (
          <Empty title="There is no configuration">The monitor has not read one yet.</Empty>
        ) : (
          <Lines text={yaml} found={text} />
        )
      }
    </StatusPage>
  );
}
