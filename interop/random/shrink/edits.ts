import type { DiffCase } from "../../diff/case.ts";
import { isConfig } from "../../diff/config-value.ts";

/** One way to make a case smaller: what stands at `path` goes, or becomes `text`. */
export interface Edit {
  readonly path: readonly (string | number)[];
  readonly text?: string;
}

/** Without these a case is none, or its configuration is no message any more, or its clusters are none. */
const KEPT = new Set([
  "name",
  "@type",
  "steps",
  "request",
  "hcm",
  "typed_extension_protocol_options",
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
  "explicit_http_config",
  "use_downstream_protocol_config",
  "http2_protocol_options",
  "seen",
]);
/** Texts that may be shortened; others are names of something. */
const SHORTENED = new Set([
  "body",
  "contains",
  "domains",
  "exact",
  "headers",
  "host",
  "inline_string",
  "path",
  "path_separated_prefix",
  "path_template",
  "prefix",
  "prefix_rewrite",
  "regex",
  "request",
  "string_key",
  "substitution",
  "suffix",
  "value",
]);

/**
 * All edits of a case that take one thing away: first those that leave fewer requests, because every try is cheaper
 * then, and else those that take most.
 */
export function editsOf(diffCase: DiffCase): Edit[][] {
  const found: { edit: Edit[]; gain: number }[] = [];
  collect(diffCase, [], found);
  const requests = (edit: Edit[]): number =>
    edit.filter(({ path }) => path.length === 2 && path[0] === "steps").length;
  return found
    .map(({ edit, gain }) => ({ edit, gain, fewer: requests(edit) }))
    .sort((a, b) => b.fewer - a.fewer || b.gain - a.gain)
    .map(({ edit }) => edit);
}

/** A copy of the case with all edits applied. Those whose place is gone by then do nothing. */
export function applyEdits(diffCase: DiffCase, edits: readonly Edit[]): DiffCase {
  const copy = structuredClone(diffCase);
  // From the end to the beginning, so that what goes moves nothing that an edit still has to find.
  for (const edit of [...edits].sort((a, b) => comparePaths(b.path, a.path))) apply(copy, edit);
  return copy;
}

/** Edits that may be tried together: of those that take several items of one list, or change one text, only the first. */
export function compatible(all: readonly (readonly Edit[])[]): (readonly Edit[])[] {
  const taken = new Map<string, "some" | "several">();
  return all.filter((edits) => {
    const { path, text } = edits[0]!;
    const place = JSON.stringify(text === undefined ? path.slice(0, -1) : path);
    const kind = edits.length > 1 || text !== undefined ? "several" : "some";
    const before = taken.get(place);
    if (before === "several" || (before === "some" && kind === "several")) return false;
    taken.set(place, kind);
    return true;
  });
}

/** How much there is to read. */
export function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}

function collect(
  value: unknown,
  path: readonly (string | number)[],
  found: { edit: Edit[]; gain: number }[],
): void {
  if (Array.isArray(value)) {
    for (const half of halves(value.length)) {
      const edit = half.map((index) => ({ path: [...path, index] }));
      found.push({ edit, gain: sizeOf(half.map((index) => value[index])) });
    }
    for (const [index, item] of value.entries()) {
      found.push({ edit: [{ path: [...path, index] }], gain: sizeOf(item) });
      collect(item, [...path, index], found);
    }
  } else if (isConfig(value)) {
    for (const [key, item] of Object.entries(value)) {
      // Null takes a field of the base away; without it, the field would come back.
      if (!KEPT.has(key) && item !== null)
        found.push({ edit: [{ path: [...path, key] }], gain: sizeOf(item) });
      collect(item, [...path, key], found);
    }
  } else if (typeof value === "string" && SHORTENED.has(nameOf(path))) {
    for (const text of shorterTexts(value, nameOf(path)))
      found.push({ edit: [{ path, text }], gain: value.length - text.length });
  }
}

/** The field that a value belongs to, itself or as an item of a list. */
function nameOf(path: readonly (string | number)[]): string {
  return path.findLast((part) => typeof part === "string") ?? "";
}

/** All but one of a list, its halves and its quarters. */
function halves(length: number): number[][] {
  const all = Array.from({ length }, (_, index) => index);
  if (length < 3) return [];
  const parts: number[][] = [];
  for (const parted of [2, 4]) {
    const size = Math.ceil(length / parted);
    for (let at = 0; at < length && size > 1; at += size) parts.push(all.slice(at, at + size));
  }
  const others = all.map((kept) => all.filter((index) => index !== kept));
  return [...others, ...parts];
}

/** Shorter texts of the same kind: a request keeps its method and the slash of its path, a header line its name. */
function shorterTexts(text: string, field: string): string[] {
  const kept = { request: text.indexOf(" ") + 2, headers: text.indexOf(":") + 1 }[field] ?? 0;
  const [head, rest] = [text.slice(0, kept), text.slice(kept)];
  const middle = rest.length >> 1;
  const shorter = [rest.slice(0, middle), rest.slice(middle), rest.slice(0, -1), rest.slice(1)];
  return [...new Set(["", ...shorter])]
    .filter((own) => own.length < rest.length)
    .map((own) => head + own);
}

function comparePaths(a: Edit["path"], b: Edit["path"]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [own, other] = [a[at]!, b[at]!];
    if (own === other) continue;
    if (typeof own === "number" && typeof other === "number") return own - other;
    return String(own) < String(other) ? -1 : 1;
  }
  return a.length - b.length;
}

function apply(root: unknown, { path, text }: Edit): void {
  let parent: unknown = root;
  for (const part of path.slice(0, -1)) {
    if (typeof parent !== "object" || parent === null) return;
    parent = (parent as { [key: string | number]: unknown })[part];
  }
  const last = path.at(-1)!;
  if (Array.isArray(parent) && typeof last === "number") {
    if (last >= parent.length) return;
    if (text === undefined) parent.splice(last, 1);
    else parent[last] = text;
  } else if (isConfig(parent) && last in parent) {
    if (text === undefined) delete parent[last];
    else parent[last] = text;
  }
}
