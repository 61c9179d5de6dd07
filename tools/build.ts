// npm run build: the bundle, in dist/ or the folder given.
import { statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { writeBundle } from "./bundle.ts";
import { outputFolder } from "./output-folder.ts";

const dist = outputFolder(fileURLToPath(new URL("../dist", import.meta.url)));
for (const { fileName } of await writeBundle(dist)) {
  console.log(`${String(statSync(path.join(dist, fileName)).size).padStart(9)}  ${fileName}`);
}
