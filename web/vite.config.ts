// SPDX-License-Identifier: Apache-2.0
// How the user interface becomes the few files that the program carries. Their names have no checksum in
// them: the server revalidates each by its ETag, so that an upgraded monitor never meets the page of an old
// one.
import { defineConfig } from "vitest/config";
import { licenses } from "./licenses";
import { mangleEditor } from "./mangle";

export default defineConfig({
  base: "./", // below whatever prefix the monitor is served at
  plugins: [licenses(), mangleEditor()],
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2021",
    minify: "terser", // 8 KB smaller than esbuild's, of the 300 that all may have
    terserOptions: { ecma: 2020, module: true, compress: { passes: 3 }, format: { comments: false } },
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the Content-Security-Policy allows no data: but for images
    cssCodeSplit: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rollupOptions: {
      output: {
        entryFileNames: "assets/[name].js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
      },
    },
  },
  server: { proxy: { "^/(api/|metrics$)": process.env["MONITOR"] ?? "http://127.0.0.1:9090" } },
  test: { include: ["test/**/*.test.{ts,tsx}"], environment: "node", testTimeout: 60_000 },
});
