import { chmodSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import type { Plugin, RolldownOutput } from "rolldown";
import { NODE_MAJOR_MIN } from "../packages/cli/bin/find-node.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const OWN_FILE = /new URL\(\s*"(\.[^"]+)",\s*import\.meta\.url,?\s*\)/g;

/**
 * `new URL("./x", import.meta.url)` is how the sources name a worker's entry or a data file. A module becomes a chunk, any
 * other file is copied; both lie beside the bundle, so the address is the bare name there.
 */
const ownFiles: Plugin = {
  name: "own-files",
  transform(code, id) {
    if (!code.includes("import.meta.url")) return null;
    const replaced = code.replaceAll(OWN_FILE, (_, relative: string) => {
      const file = path.join(path.dirname(id), relative);
      const name = path.basename(file).replace(/\.ts$/, ".mjs");
      if (file.endsWith(".ts")) this.emitFile({ type: "chunk", id: file, fileName: name });
      else this.emitFile({ type: "asset", fileName: name, source: readFileSync(file) });
      return `new URL("./${name}", import.meta.url)`;
    });
    return replaced === code ? null : replaced;
  },
};

const BUILTIN_IMPORT =
  /^import (?:(?:\* as )?([\w$]+))?(?:, )?(\{[^}]*\})? from "(node:[\w/]+)";$/gm;

/**
 * An import of a built-in module as an ES module reads all of its exports, lazy ones too: `node:http` alone loads the whole of
 * fetch, 25 ms and some megabytes. Taken as an object, it does not.
 */
const builtins: Plugin = {
  name: "builtins",
  renderChunk: (code) =>
    code.replaceAll(
      BUILTIN_IMPORT,
      (_, whole: string | undefined, names: string | undefined, id: string) =>
        [whole, names?.replaceAll(" as ", ": ")]
          .filter((binding) => binding !== undefined)
          .map((binding) => `const ${binding} = process.getBuiltinModule("${id}");`)
          .join("\n"),
    ),
};

/** Imports are hoisted, but the entry loads the commands lazily: this runs before any of them. */
const VERSION_CHECK =
  `if (Number.parseInt(process.versions.node, 10) < ${NODE_MAJOR_MIN}) {` +
  `process.stderr.write("nuncio needs node ${NODE_MAJOR_MIN} or newer, and this is node " + process.versions.node + "\\n");` +
  `process.exit(1);}`;

/** Writes `nuncio.mjs`, bundled and minified, with lazy chunks and the files it reads beside it, to a folder. */
export async function writeBundle(folder: string): Promise<RolldownOutput["output"]> {
  const bundle = await rolldown({
    input: { nuncio: path.join(root, "packages/cli/src/main.ts") },
    platform: "node",
    plugins: [ownFiles, builtins],
  });
  const { output } = await bundle.write({
    dir: folder,
    format: "esm",
    minify: true,
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
    banner: (chunk) => (chunk.name === "nuncio" ? `#!/usr/bin/env node\n${VERSION_CHECK}` : ""),
  });
  chmodSync(path.join(folder, "nuncio.mjs"), 0o755);
  return output;
}
