import type { StatsSnapshot } from "../../observe/stats/carried-stats.ts";
import { libc } from "../../transport/native-libc.ts";

/** Processes of different versions do not hand over to each other. */
export const HOT_RESTART_VERSION = "nuncio.1";

/** What `/hot_restart_version` and the flag of that name print; `disabled` is Envoy's word. */
export function hotRestartVersion(disabled: boolean): string {
  return disabled || libc() === null ? "disabled" : HOT_RESTART_VERSION;
}

/**
 * What processes say to the one that serves, over its control socket: its successor, or `nuncio restart`. A line of JSON each;
 * a `socket` has a descriptor beside it.
 */
export type ToServing =
  /** A successor comes. Answered with `welcome`, or `refused` and the end. */
  | {
      readonly kind: "hello";
      readonly version: string;
      readonly epoch: number;
      readonly pid: number;
    }
  /** Answered with a `socket` each, then `sockets_end`. */
  | { readonly kind: "sockets" }
  /** The successor can serve: the control socket and admin are given up. Answered with `taken_over`. */
  | { readonly kind: "take_over" }
  /** The successor has admin: stop accepting, drain, end. `drained` follows at the end, when the process lives so long. */
  | { readonly kind: "drain"; readonly parentShutdownTimeSeconds: number }
  /** Answered with `stats`. */
  | { readonly kind: "stats" }
  /** End at once. Answered with `drained`. */
  | { readonly kind: "terminate" }
  /** The successor cannot start. */
  | { readonly kind: "failed"; readonly reason: string }
  /** Answered with `status`. */
  | { readonly kind: "status" }
  /** Start a successor. Answered with `started`, then `live` or `not_live`. */
  | { readonly kind: "restart"; readonly timeoutSeconds: number };

/** What the serving process answers. */
export type FromServing =
  | {
      readonly kind: "welcome";
      readonly pid: number;
      readonly epoch: number;
      /** Wall clock, milliseconds: when the first epoch began. */
      readonly startedMs: number;
      /** Where admin listens, as bound; empty without. */
      readonly admin: string;
    }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "socket"; readonly key: string; readonly descriptor: true }
  | { readonly kind: "sockets_end" }
  | { readonly kind: "taken_over" | "stats" | "drained"; readonly stats: StatsSnapshot }
  | { readonly kind: "status"; readonly pid: number; readonly epoch: number }
  | { readonly kind: "started" | "live"; readonly pid: number; readonly epoch: number }
  | { readonly kind: "not_live"; readonly reason: string };
