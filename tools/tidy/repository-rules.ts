import path from "node:path";
import type { Finding, SourceFile } from "./repository.ts";

interface Manifest {
  readonly version?: string;
  readonly license?: string;
  readonly scripts?: { readonly [name: string]: string };
  readonly [group: string]: unknown;
}

const DEPENDENCY_GROUPS = ["dependencies", "devDependencies", "optionalDependencies"];

/** Rules about files that belong together: manifests, licence, change log, documents, filter folders. */
export function repositoryFindings(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file.text]));
  return [
    ...manifestFindings(files, byPath),
    ...licenceFindings(byPath),
    ...linkFindings(files, byPath),
    ...scriptFindings(files, byPath),
    ...filterFolderFindings(files),
  ];
}

/** One version and licence everywhere, exact dependencies, an entry in the change log. */
function manifestFindings(
  files: readonly SourceFile[],
  byPath: ReadonlyMap<string, string>,
): Finding[] {
  const findings: Finding[] = [];
  const version = manifest(byPath, "package.json").version ?? "";
  const add = (where: string, message: string): void => {
    findings.push({ rule: "manifest", path: where, line: 0, message });
  };
  for (const { path: where } of files) {
    if (!/^(packages\/[^/]+\/)?package\.json$/.test(where)) continue;
    const content = manifest(byPath, where);
    if (content.version !== version)
      add(where, `expected version ${version}, got ${content.version}`);
    if (content.license !== "Apache-2.0")
      add(where, `expected license Apache-2.0, got ${content.license}`);
    for (const group of DEPENDENCY_GROUPS) {
      for (const [name, range] of Object.entries(
        (content[group] ?? {}) as Record<string, string>,
      )) {
        if (!/^\d+\.\d+\.\d+$/.test(range))
          add(where, `expected an exact version of ${name}, got ${range}`);
      }
    }
  }
  if (!(byPath.get("CHANGELOG.md") ?? "").includes(`## ${version}`)) {
    add("CHANGELOG.md", `expected an entry for ${version}, found none`);
  }
  return findings;
}

/** The licence is the one that the manifests name, and what comes from others is told. */
function licenceFindings(byPath: ReadonlyMap<string, string>): Finding[] {
  const findings: Finding[] = [];
  const expectText = (where: string, text: string): void => {
    if ((byPath.get(where) ?? "").includes(text)) return;
    findings.push({
      rule: "licence",
      path: where,
      line: 0,
      message: `expected "${text}", found none`,
    });
  };
  expectText("LICENSE", "Apache License");
  expectText("LICENSE", "Version 2.0, January 2004");
  for (const where of byPath.keys()) {
    if (/^.+\/NOTICE$/.test(where)) expectText("NOTICE", where);
  }
  return findings;
}

/** A document names files that exist: links, and paths in code spans. */
function linkFindings(
  files: readonly SourceFile[],
  byPath: ReadonlyMap<string, string>,
): Finding[] {
  const findings: Finding[] = [];
  const known = new Set(["tools/fixtures"]);
  for (const name of byPath.keys()) {
    for (let at = name; at !== "."; at = path.posix.dirname(at)) known.add(at);
  }
  for (const file of files) {
    if (!file.path.endsWith(".md")) continue;
    const from = path.posix.dirname(file.path);
    const names = [
      ...[...file.text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) =>
        path.posix.join(from, match[1]!),
      ),
      ...[...file.text.matchAll(/`((?:packages|docs|examples|tools|bin)\/[\w./-]+)`/g)].map(
        (match) => match[1]!,
      ),
    ];
    for (const name of names.map((text) => text.replace(/\/$/, ""))) {
      if (known.has(name)) continue;
      findings.push({ rule: "link", path: file.path, line: 0, message: `${name} does not exist` });
    }
  }
  return findings;
}

/** A document names npm scripts that exist. */
function scriptFindings(
  files: readonly SourceFile[],
  byPath: ReadonlyMap<string, string>,
): Finding[] {
  const findings: Finding[] = [];
  const scripts = new Set([
    "ci",
    "install",
    "start",
    "test",
    ...Object.keys(manifest(byPath, "package.json").scripts ?? {}),
  ]);
  for (const file of files) {
    if (!/\.md$|^\.ci\/run$/.test(file.path)) continue;
    for (const [, name] of file.text.matchAll(/\bnpm run ([\w:-]+)/g)) {
      if (scripts.has(name!)) continue;
      findings.push({
        rule: "script",
        path: file.path,
        line: 0,
        message: `package.json has no script ${name}`,
      });
    }
  }
  return findings;
}

/** Every HTTP filter has the same files, so that who knows one knows all. */
function filterFolderFindings(files: readonly SourceFile[]): Finding[] {
  const folders = new Map<string, Set<string>>();
  for (const file of files) {
    const [, folder, name] =
      /^(packages\/proxy\/src\/http\/filters\/[^/]+)\/([^/]+)$/.exec(file.path) ?? [];
    if (folder === undefined || name === undefined) continue;
    const names = folders.get(folder) ?? new Set();
    folders.set(folder, names.add(name));
  }
  return [...folders].flatMap(([folder, names]) =>
    ["config.ts", "filter.ts", "filter.test.ts"]
      .filter((name) => !names.has(name))
      .map((name) => ({
        rule: "filter-folder",
        path: folder,
        line: 0,
        message: `expected ${name}, found none`,
      })),
  );
}

function manifest(byPath: ReadonlyMap<string, string>, where: string): Manifest {
  return JSON.parse(byPath.get(where) ?? "{}") as Manifest;
}
