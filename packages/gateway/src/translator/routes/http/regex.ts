import { RE2JS } from "re2js";
import type { RuleFaults } from "./faults.ts";

/** Whether a pattern is one of RE2, which is what data planes match with; otherwise the rule has a fault. */
export function checkRegex(pattern: string, where: string, faults: RuleFaults): void {
  // It fits no path, header or parameter that there is, and data planes refuse it.
  if (pattern === "")
    faults.unsupported(where, "expected a regular expression of RE2, got an empty one");
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    faults.unsupported(where, `expected a regular expression of RE2, got ${pattern}: ${reason}`);
  }
}

const SPECIAL = /[\\^$.*+?()[\]{}|]/g;

/** A pattern for exactly this text. */
export function escapeRegex(text: string): string {
  return text.replaceAll(SPECIAL, String.raw`\$&`);
}
