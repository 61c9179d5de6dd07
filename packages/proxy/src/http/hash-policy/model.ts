import type { SubstituteConfig } from "../route/regex/substitute.ts";

/** `RouteAction.HashPolicy` as plain data: one value of a request that its hash is made of. Texts are byte strings. */
export type HashPolicyConfig = HashSourceConfig & {
  /** No further policy is asked once there is a hash. */
  readonly terminal?: true;
};

export type HashSourceConfig =
  /** `name` is in lower case. */
  | { readonly kind: "header"; readonly name: string; readonly rewrite?: SubstituteConfig }
  | {
      readonly kind: "cookie";
      readonly name: string;
      /** Who has no such cookie gets one; left out: has no hash. */
      readonly generate?: SessionCookieConfig;
    }
  | { readonly kind: "source_ip" }
  | { readonly kind: "query_parameter"; readonly name: string }
  | { readonly kind: "filter_state"; readonly key: string };

/** A cookie that is made for a client. */
export interface SessionCookieConfig {
  /** 0: the cookie ends with the session. */
  readonly maxAgeS: number;
  /** Empty: none. */
  readonly path: string;
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
}
