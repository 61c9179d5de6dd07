// npm run package: what `npm install` takes, as release/nuncio-VERSION.tgz: the bundle, its launcher, manual pages, documentation.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { writeBundle } from "../bundle.ts";
import { outputFolder } from "../output-folder.ts";
import { thirdPartyNotices } from "./third-party.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CLI = path.join(ROOT, "packages/cli");
/** Data of others that the bundle carries, and what says whose it is. */
const DATA_NOTICES = ["packages/api/descriptors/NOTICE", "packages/gateway/crds/NOTICE"];

const release = outputFolder(path.join(ROOT, "release"));
const folder = path.join(release, "package");
mkdirSync(path.join(folder, "bin"), { recursive: true });

const modules = (await writeBundle(path.join(folder, "dist"))).flatMap((part) =>
  part.type === "chunk" ? part.moduleIds : [],
);
for (const file of readdirSync(path.join(CLI, "bin")).filter((name) => name.endsWith(".mjs")))
  cpSync(path.join(CLI, "bin", file), path.join(folder, "bin", file));
for (const part of ["README.md", "CHANGELOG.md", "LICENSE", "docs", "examples"])
  cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
run(process.execPath, path.join(folder, "dist/nuncio.mjs"), "man", "--folder", "man");
writeFileSync(path.join(folder, "NOTICE"), notice());
writeFileSync(path.join(folder, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
console.log(path.join(release, run("npm", "pack", "--silent", "--pack-destination", release)));

function notice(): string {
  const data = DATA_NOTICES.map((file) => readFileSync(path.join(ROOT, file), "utf8"));
  const own =
    "Nuncio\nCopyright 2026 The Nuncio Authors\n\nLicensed under the Apache License, Version 2.0; see LICENSE.\n";
  return [own, "# Data of others", ...data, "# Code of others", thirdPartyNotices(modules)].join(
    "\n",
  );
}

/** That of the command, without what the bundle has in it. */
function manifest(): object {
  const { dependencies: _bundled, ...kept } = JSON.parse(
    readFileSync(path.join(CLI, "package.json"), "utf8"),
  ) as Record<string, unknown>;
  const man = readdirSync(path.join(folder, "man")).map((page) => `./man/${page}`);
  return { ...kept, imports: { "#main": "./dist/nuncio.mjs" }, man };
}

/** Runs it in the package's folder; returns what it printed. */
function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0)
    throw new Error(`${command} ${args[0]} failed: ${error?.message ?? `exit code ${status}`}`);
  return stdout.trim();
}
