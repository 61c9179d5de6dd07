import { quote } from "@nuncio/api";

/** A problem of a value, before its place is looked up. */
export interface Finding {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Whether the place is the key, not the value. */
  readonly atKey: boolean;
}

/** Collects what is wrong with one value. `path` is where the check that runs now is. */
export class Report {
  readonly findings: Finding[] = [];
  readonly path: (string | number)[] = [];

  add(message: string): void {
    this.findings.push({ path: [...this.path], message, atKey: false });
  }

  /** A problem of an entry of the value, with its place at the key or the value. */
  addWithin(step: string | number, message: string, atKey = false): void {
    this.findings.push({ path: [...this.path, step], message, atKey });
  }
}

/** Checks a value, and gives it with defaults filled in; objects and lists are changed in place. */
export type Check = (value: unknown, report: Report) => void;

/** `the number 12`, `a list`: what was seen. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return `the string ${quote(value)}`;
  return `the ${typeof value} ${JSON.stringify(value)}`;
}
