// SPDX-License-Identifier: Apache-2.0
// Shortens the names of properties that only the editor's packages use among themselves: 5 KB of the 300 that all
// may have. A name stays as it is where anything else could mean it: one that a browser's objects have (terser
// knows those), one that stands in a text, and one that another chunk or our own sources mention.
import { minify } from "terser";
import type { Plugin } from "vite";

const word = /[A-Za-z_$][\w$]*/g;
const texts = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;

export function mangleEditor(): Plugin {
  return {
    name: "inferometer-mangle",
    apply: "build",
    async renderChunk(code, chunk, _options, { chunks }) {
      if (chunk.name !== "codemirror") {
        return null;
      }
      const reserved = new Set((code.match(texts) ?? []).flatMap((text) => text.match(word) ?? []));
      for (const one of Object.values(chunks)) {
        for (const [id, module] of Object.entries(one.modules)) {
          if (one.fileName !== chunk.fileName || !id.includes("/node_modules/")) {
            (module.code?.match(word) ?? []).forEach((name) => reserved.add(name));
          }
        }
      }
      const result = await minify(code, {
        compress: false,
        ecma: 2020,
        module: true,
        mangle: { properties: { keep_quoted: true, reserved: [...reserved] } },
        format: { comments: false },
      });
      return { code: result.code ?? code, map: null };
    },
  };
}
