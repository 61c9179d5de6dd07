import type { ScopeSlots } from "../../../observe/stats/definition.ts";
import type { SessionCookieConfig } from "../../hash-policy/model.ts";

/** `StatefulSession` of the filter or of a route as plain data. Texts are byte strings. */
export interface StatefulSessionConfig {
  /** Null: there are no sessions. */
  readonly sessionState: SessionStateConfig | null;
  /** A request whose host cannot be had goes to no other one. */
  readonly strict: boolean;
  /** The answer then, where the cluster has no such host. */
  readonly statusWhenMissing: number;
  /** Null without a `stat_prefix`: nothing is counted. */
  readonly scope: ScopeSlots | null;
}

/** `StatefulSessionPerRoute`; null: no sessions here. */
export type StatefulSessionRouteConfig = StatefulSessionConfig | null;

/** Where the client keeps the address of its host. */
export type SessionStateConfig =
  | { readonly kind: "cookie"; readonly name: string; readonly cookie: SessionCookieConfig }
  /** `name` is in lower case; so it is below. */
  | { readonly kind: "header"; readonly name: string }
  /** The upstream's own session id in that header, with the address before it. */
  | { readonly kind: "envelope"; readonly name: string };
