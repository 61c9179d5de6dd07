import { didYouMean, quote } from "@nuncio/api";
import { integerFormats, stringFormats } from "./formats.ts";
import { compilePattern } from "./pattern.ts";
import { describeValue } from "./report.ts";
import type { Check } from "./report.ts";
import type { Schema } from "./schema.ts";

/** Checks a string: its length in characters, its pattern and its format. */
export function stringCheck(schema: Schema): Check {
  const { minLength = 0, maxLength = Infinity, pattern, format } = schema;
  const matches = pattern === undefined ? undefined : compilePattern(pattern);
  const known = format === undefined ? undefined : stringFormats[format];
  if (format !== undefined && known === undefined)
    throw new Error(`format ${quote(format)} of strings is not known`);
  return (value, report) => {
    if (typeof value !== "string") {
      const isScalar = typeof value === "number" || typeof value === "boolean";
      const hint = isScalar ? ", which is a string in quotes only" : "";
      report.add(`expected a string, got ${describeValue(value)}${hint}`);
      return;
    }
    if (value.length < minLength || value.length > maxLength) {
      const length = characters(value);
      if (length < minLength)
        report.add(`expected at least ${minLength} characters, got ${length}`);
      if (length > maxLength) {
        // No pattern is tried on a text that may be of any length.
        report.add(`expected at most ${maxLength} characters, got ${length}`);
        return;
      }
    }
    if (matches !== undefined && !matches(value))
      report.add(`expected a match of ${pattern}, got ${quote(value)}`);
    if (known !== undefined && !known.test(value))
      report.add(`expected ${known.expected}, got ${quote(value)}`);
  };
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Checks a number: whether it is whole, and its range. */
export function numberCheck(schema: Schema): Check {
  const { type, minimum, maximum, format } = schema;
  const isWhole = type === "integer";
  const [least, most] = rangeOf(isWhole ? format : undefined);
  const from = Math.max(minimum ?? -Infinity, least);
  const to = Math.min(maximum ?? Infinity, most);
  return (value, report) => {
    if (typeof value !== "number" || (isWhole && !Number.isInteger(value))) {
      report.add(`expected a ${isWhole ? "whole " : ""}number, got ${describeValue(value)}`);
      return;
    }
    if (value < from) report.add(`expected ${from} or more, got ${value}`);
    if (value > to) report.add(`expected ${to} or less, got ${value}`);
  };
}

function rangeOf(format: string | undefined): readonly [number, number] {
  if (format === undefined) return [-Infinity, Infinity];
  const range = integerFormats[format];
  if (range === undefined) throw new Error(`format ${quote(format)} of integers is not known`);
  return range;
}

/** Checks that a value is one of a list. */
export function enumCheck(values: readonly unknown[]): Check {
  const allowed: ReadonlySet<unknown> = new Set(values);
  const names = values.map((value) => JSON.stringify(value));
  const expected = `expected ${names.length === 1 ? "" : "one of "}${names.join(", ")}`;
  return (value, report) => {
    if (allowed.has(value)) return;
    const words = values.filter((each) => typeof each === "string");
    const meant = typeof value === "string" ? didYouMean(value, words) : "";
    report.add(`${expected}, got ${describeValue(value)}${meant}`);
  };
}
