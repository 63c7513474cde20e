// SPDX-License-Identifier: Apache-2.0
// Every chart with fixed numbers, hostile ones too: a page for those who work on charts (npm run dev, then
// /gallery.html). ?theme=light and ?only=TITLE narrow it for screenshots.
import { render, type ComponentChildren } from "preact";
import { applyTheme, chooseTheme } from "../src/app/theme";
import { Heats } from "./heats";
import { Load } from "./load";
import { Single } from "./single";
import { Tables } from "./tables";
import { Times } from "./times";
import "../src/app/style.css";
import "./gallery.css";

const params = new URLSearchParams(location.search);
const theme = params.get("theme");
if (theme === "dark" || theme === "light") {
  chooseTheme(theme);
}
applyTheme();

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  const only = params.get("only");
  return only !== null && only !== title ? null : (
    <section>
      <h2>{title}</h2>
      <div class="gallery">{children}</div>
    </section>
  );
}

const root = document.getElementById("app");
if (root !== null) {
  render(
    <main>
      <Section title="Time series">
        <Times />
      </Section>
      <Section title="Heatmaps">
        <Heats />
      </Section>
      <Section title="Values">
        <Single />
      </Section>
      <Section title="Tables">
        <Tables />
      </Section>
      {params.get("only") === "Load" && (
        <Section title="Load">
          <Load />
        </Section>
      )}
    </main>,
    root,
  );
}
