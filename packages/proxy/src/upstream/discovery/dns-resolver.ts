import type { DnsLookupFamily } from "../definition.ts";

/** Turns names into addresses. */
export interface DnsResolver {
  /** Asks once. The returned function cancels: no call back after it. */
  resolve(name: string, family: DnsLookupFamily, callback: (answer: DnsAnswer) => void): () => void;
}

/** A name that does not exist is an answer, an empty one; no answer at all is a failure. */
export type DnsAnswer =
  | { readonly status: "completed"; readonly addresses: readonly DnsAddress[] }
  | { readonly status: "failure"; readonly reason: string };

export interface DnsAddress {
  readonly ip: string;
  /** Seconds; 0 where it is not known. */
  readonly ttlS: number;
}
