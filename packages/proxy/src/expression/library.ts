import { CelScalar, celEnv, celFunc, celMethod, listType, mapType } from "@bufbuild/cel";
import type { CelEnv, CelFunc } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { RE2JS } from "re2js";
import type { ExpressionOptions } from "./model.ts";

const { BOOL, BYTES, DYN, INT, STRING } = CelScalar;
const environments = new Map<string, CelEnv>();

/** Envoy's functions; one environment per set of options and thread. */
export function environment(options: ExpressionOptions): CelEnv {
  const key = `${options.stringConcat}`;
  let env = environments.get(key);
  if (env === undefined) {
    env = celEnv({ funcs: functions(options), re2: { compile: compilePattern } });
    environments.set(key, env);
  }
  return env;
}

/** What is not enabled by name is refused before; `+` depends on the types of its operands. */
function functions({ stringConcat }: ExpressionOptions): CelFunc[] {
  const list = listType(DYN);
  const disabled = [celFunc("_+_", [list, list], list, noOverload)];
  if (!stringConcat) {
    disabled.push(celFunc("_+_", [STRING, STRING], STRING, noOverload));
    disabled.push(celFunc("_+_", [BYTES, BYTES], BYTES, noOverload));
  }
  return [...strings, ...ownFunctions, ...disabled];
}

function noOverload(): never {
  throw new Error("no matching overload found : _+_");
}

/** What the library does not have, or has otherwise. */
const ownFunctions: readonly CelFunc[] = [
  celFunc("matches", [STRING, STRING], BOOL, (text, pattern) => compilePattern(pattern).test(text)),
  celMethod("reverse", STRING, [], STRING, function () {
    return Array.from(this).toReversed().join("");
  }),
  // What is left over after the last piece belongs to it.
  celMethod("split", STRING, [STRING, INT], listType(STRING), function (separator, limit) {
    const pieces = this.split(separator);
    const count = Number(limit);
    if (count < 0 || pieces.length <= count) return pieces;
    if (count === 0) return [];
    return [...pieces.slice(0, count - 1), pieces.slice(count - 1).join(separator)];
  }),
  // The first match, rewritten: `\1` is its first group.
  celFunc("re.extract", [STRING, STRING, STRING], STRING, (target, pattern, rewrite) => {
    const matcher = RE2JS.compile(pattern).matcher(target);
    if (!matcher.find()) throw new Error("unable to extract regex for the given input");
    return rewrite.replace(/\\([0-9\\])/g, (_, group: string) =>
      group === "\\" ? group : (matcher.group(Number(group)) ?? ""),
    );
  }),
  // The whole target must match; its first group.
  celFunc("re.capture", [STRING, STRING], STRING, (target, pattern) => {
    const matcher = RE2JS.compile(pattern).matcher(target);
    const captured = matcher.matches() ? matcher.group(1) : null;
    if (captured === null) throw new Error("unable to capture groups for the given regex");
    return captured;
  }),
  celFunc("re.captureN", [STRING, STRING], mapType(STRING, STRING), (target, pattern) => {
    const regex = RE2JS.compile(pattern);
    const matcher = regex.matcher(target);
    if (!matcher.matches()) throw new Error("unable to capture groups for the given regex");
    const names = new Map(Object.entries(regex.namedGroups()).map(([name, at]) => [at, name]));
    const groups = new Map<string, string>();
    for (let at = 1; at <= matcher.groupCount(); at++) {
      groups.set(names.get(at) ?? String(at), matcher.group(at) ?? "");
    }
    return groups;
  }),
];

/** RE2, as everywhere in Envoy: linear time. Constant patterns are compiled already. */
function compilePattern(pattern: string): { test(text: string): boolean } {
  const regex = patterns.get(pattern) ?? RE2JS.compile(pattern);
  return { test: (text) => regex.matcher(text).find() };
}

/** Compiles a pattern that the configuration has; those of requests are not kept. */
export function keepPattern(pattern: string): void {
  if (!patterns.has(pattern)) patterns.set(pattern, RE2JS.compile(pattern));
}

const patterns = new Map<string, RE2JS>();
