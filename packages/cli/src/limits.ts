import { DEFAULT_GATEWAY_LIMITS, defaultReadLimits } from "@nuncio/gateway";
import type { Flag, GivenFlags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

/** What resources may cost: all limits there are, by the names that `--limit` takes. */
const NAMES = {
  "file-bytes-max": "fileBytesMax",
  "documents-per-file-max": "documentsPerFileMax",
  "problems-per-file-max": "problemsPerFileMax",
  "depth-max": "depthMax",
  "alias-nodes-max": "aliasNodesMax",
  "listeners-max": "listenersMax",
} as const;

const DEFAULTS = { ...defaultReadLimits, ...DEFAULT_GATEWAY_LIMITS };
const LIMIT_MAX = 2 ** 32 - 1;

/** Limits of files with resources, and of what one Gateway has. */
export type ResourceLimits = typeof DEFAULTS;

export const LIMIT_FLAG: Flag = {
  name: "limit",
  value: "NAME=N",
  repeatable: true,
  help: `another limit; defaults: ${Object.entries(NAMES)
    .map(([name, field]) => `${name}=${DEFAULTS[field]}`)
    .join(", ")}`,
};

/** @throws UsageError */
export function resourceLimits(given: GivenFlags): ResourceLimits {
  const limits = { ...DEFAULTS };
  for (const text of given.get("limit") ?? []) {
    const equals = text.indexOf("=");
    const name = text.slice(0, equals);
    if (equals < 0 || !Object.hasOwn(NAMES, name))
      throw new UsageError(
        `--limit: expected NAME=N, NAME one of ${Object.keys(NAMES).join(", ")}; got "${text}"`,
      );
    const value = Number(text.slice(equals + 1));
    if (!/=\d+$/.test(text) || value < 1 || value > LIMIT_MAX)
      throw new UsageError(
        `--limit: ${name}: expected a number from 1 to ${LIMIT_MAX}, got "${text.slice(equals + 1)}"`,
      );
    limits[NAMES[name as keyof typeof NAMES]] = value;
  }
  return limits;
}
