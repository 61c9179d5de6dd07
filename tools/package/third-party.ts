import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const FOLDER = "node_modules";
const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;

/** Says of each npm package of which `modules` (files) hold code: name, version, licence, and the texts that must go with it. */
export function thirdPartyNotices(modules: Iterable<string>): string {
  const packages = new Set<string>();
  for (const module of modules) {
    const folder = packageFolder(module);
    if (folder !== null) packages.add(folder);
  }
  return [...packages].map(noticeOf).toSorted().join("\n");
}

/** The innermost package that a file belongs to; null for a file of ours. */
function packageFolder(file: string): string | null {
  const parts = file.replace(/^\0/, "").split(path.sep);
  const at = parts.lastIndexOf(FOLDER);
  if (at < 0) return null;
  const names = parts[at + 1]!.startsWith("@") ? 2 : 1;
  return parts.slice(0, at + 1 + names).join(path.sep);
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(folder, "package.json"), "utf8"),
  ) as { name: string; version: string; license: string };
  const texts = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .toSorted();
  // The text of the Apache License is our own LICENSE.
  if (texts.length === 0 && !/Apache-2\.0/.test(license))
    throw new Error(`${folder}: no text of its licence, ${license}`);
  const bodies = texts.map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  return [`## ${name} ${version} (${license})`, ...bodies, ""].join("\n\n");
}
