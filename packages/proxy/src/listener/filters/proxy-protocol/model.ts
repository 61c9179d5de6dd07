import type { ScopeSlots } from "../../../observe/stats/definition.ts";

/** A PROXY protocol filter as main posts it to the workers. */
export interface ProxyProtocolConfig {
  readonly scope: ScopeSlots;
  readonly legacyScope: ScopeSlots;
  /** A connection that begins with anything else passes as it is. */
  readonly optional: boolean;
  readonly allowV1: boolean;
  readonly allowV2: boolean;
  readonly rules: readonly TlvRule[];
  readonly tlvLocation: "dynamic_metadata" | "filter_state";
}

/** What becomes of a type-length-value item of a version 2 header. */
export interface TlvRule {
  readonly type: number;
  readonly namespace: string;
  readonly key: string;
  readonly encoding: "utf8" | "base64";
}
