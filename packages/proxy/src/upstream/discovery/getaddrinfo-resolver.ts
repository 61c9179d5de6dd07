import { lookup } from "node:dns";
import type { LookupAddress } from "node:dns";
import type { DnsLookupFamily } from "../definition.ts";
import type { DnsAnswer, DnsResolver } from "./dns-resolver.ts";
import { lookupByFamily } from "./family-lookup.ts";

/** getaddrinfo tells no time to live; Envoy takes a minute. */
const TTL_S = 60;

/** The operating system's own resolver, in a thread of libuv's pool. */
export class GetaddrinfoResolver implements DnsResolver {
  resolve(
    name: string,
    family: DnsLookupFamily,
    callback: (answer: DnsAnswer) => void,
  ): () => void {
    return lookupByFamily(family, (version, onAnswer) => ask(name, version, onAnswer), callback);
  }
}

function ask(name: string, family: 4 | 6, callback: (answer: DnsAnswer) => void): () => void {
  let cancelled = false;
  lookup(name, { all: true, family, order: "verbatim" }, (error, addresses) => {
    if (!cancelled) callback(answerOf(error, addresses));
  });
  return () => {
    cancelled = true;
  };
}

function answerOf(
  error: NodeJS.ErrnoException | null,
  addresses: readonly LookupAddress[],
): DnsAnswer {
  if (error === null) {
    return {
      status: "completed",
      addresses: addresses.map(({ address }) => ({ ip: address, ttlS: TTL_S })),
    };
  }
  if (error.code === "ENOTFOUND") return { status: "completed", addresses: [] };
  return { status: "failure", reason: error.code ?? error.message };
}
