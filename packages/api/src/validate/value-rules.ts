import type { Check } from "./range-rules.ts";
import { boundsCheck } from "./range-rules.ts";
import type { RuleSet } from "./rule-set.ts";

// Header names and values, as protoc-gen-validate has them: strict, and the lenient form for `strict: false`.
const headerName = /^:?[0-9a-zA-Z!#$%&'*+\-.^_|~`]+$/;
const headerValue = /^[^\x00-\x08\x0a-\x1f\x7f]*$/;
const lenientHeader = /^[^\x00\n\r]*$/;
const httpHeaderName = 1;

/** The rules of a number. */
export function numberCheck(rules: RuleSet): Check<number | bigint> | undefined {
  const bounds = {
    lt: rules.take<number | bigint>("lt"),
    lte: rules.take<number | bigint>("lte"),
    gt: rules.take<number | bigint>("gt"),
    gte: rules.take<number | bigint>("gte"),
  };
  const order = (a: number | bigint, b: number | bigint): number =>
    a < b ? -1 : a > b ? 1 : a <= b ? 0 : NaN;
  const ignoresEmpty = rules.take<boolean>("ignore_empty") === true;
  const check = boundsCheck(bounds, order, String);
  if (check === undefined || !ignoresEmpty) return check;
  return (value) => (Number(value) === 0 ? undefined : check(value));
}

/** The rules of a boolean. */
export function booleanCheck(rules: RuleSet): Check<boolean> | undefined {
  const wanted = rules.take<boolean>("const");
  if (wanted === undefined) return undefined;
  return (value) => (value === wanted ? undefined : `value must equal ${wanted}, got ${value}`);
}

/** The rules of a string; lengths count characters, not UTF-16 units. */
export function stringCheck(rules: RuleSet): Check<string> | undefined {
  const checks: Check<string>[] = [];
  addLengthChecks(checks, rules);
  addContentChecks(checks, rules);
  const ignoresEmpty = rules.take<boolean>("ignore_empty") === true;
  if (checks.length === 0) return undefined;
  return (value) => (ignoresEmpty && value === "" ? undefined : firstProblem(checks, value));
}

/** The rules of bytes. */
export function bytesCheck(rules: RuleSet): Check<Uint8Array> | undefined {
  const least = rules.take<bigint>("min_len");
  const most = rules.take<bigint>("max_len");
  if (least === undefined && most === undefined) return undefined;
  return (value) => {
    if (least !== undefined && value.length < least) {
      return `value length must be at least ${least} bytes, got ${value.length}`;
    }
    if (most !== undefined && value.length > most)
      return `value length must be at most ${most} bytes, got ${value.length}`;
    return undefined;
  };
}

/** The first problem that some checks find in a value. */
export function firstProblem<Value>(
  checks: readonly Check<Value>[],
  value: Value,
): string | undefined {
  for (const check of checks) {
    const problem = check(value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function addLengthChecks(checks: Check<string>[], rules: RuleSet): void {
  const least = rules.take<bigint>("min_len");
  const most = rules.take<bigint>("max_len");
  const mostBytes = rules.take<bigint>("max_bytes");
  // A string has at least half as many characters as UTF-16 units, so most need not be counted.
  if (least !== undefined) {
    checks.push((value) =>
      value.length >= least * 2n || characters(value) >= least
        ? undefined
        : `value length must be at least ${least} characters, got ${characters(value)}`,
    );
  }
  if (most !== undefined) {
    checks.push((value) =>
      value.length <= most || characters(value) <= most
        ? undefined
        : `value length must be at most ${most} characters, got ${characters(value)}`,
    );
  }
  if (mostBytes !== undefined) {
    checks.push((value) =>
      Buffer.byteLength(value) <= mostBytes
        ? undefined
        : `value length must be at most ${mostBytes} bytes, got ${Buffer.byteLength(value)}`,
    );
  }
}

function addContentChecks(checks: Check<string>[], rules: RuleSet): void {
  const allowed = rules.take<string[]>("in");
  const prefix = rules.take<string>("prefix");
  const suffix = rules.take<string>("suffix");
  const pattern = rules.take<string>("pattern");
  const known = rules.take<number>("well_known_regex");
  const strict = rules.take<boolean>("strict") !== false;
  if (allowed !== undefined) {
    checks.push((value) =>
      allowed.includes(value)
        ? undefined
        : `value must be in list [${allowed.join(", ")}], got ${JSON.stringify(value)}`,
    );
  }
  if (prefix !== undefined) {
    checks.push((value) =>
      value.startsWith(prefix)
        ? undefined
        : `value does not have prefix ${JSON.stringify(prefix)}: ${JSON.stringify(value)}`,
    );
  }
  if (suffix !== undefined) {
    checks.push((value) =>
      value.endsWith(suffix)
        ? undefined
        : `value does not have suffix ${JSON.stringify(suffix)}: ${JSON.stringify(value)}`,
    );
  }
  // The patterns are those of the API's own files, full matches of RE2 syntax that is the same in JavaScript.
  if (pattern !== undefined)
    checks.push(patternCheck(new RegExp(`^(?:${pattern})$`, "u"), pattern));
  if (known !== undefined) {
    const expression = !strict
      ? lenientHeader
      : known === httpHeaderName
        ? headerName
        : headerValue;
    checks.push(patternCheck(expression, expression.source));
  }
}

function patternCheck(expression: RegExp, shown: string): Check<string> {
  return (value) =>
    expression.test(value)
      ? undefined
      : `value does not match regex pattern "${shown}": ${JSON.stringify(value)}`;
}

function characters(value: string): number {
  let count = 0;
  for (const _ of value) count++;
  return count;
}
