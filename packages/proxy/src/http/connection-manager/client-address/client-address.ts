import { isIP } from "node:net";
import type { HeaderMap } from "@nuncio/codec";
import { cidrContains } from "../../../base/cidr.ts";
import type { CidrConfig } from "../../../base/cidr.ts";
import type { Address } from "../../../observe/stream-info.ts";
import { isPipe } from "../../../transport/address.ts";
import type { HeaderRulesConfig } from "../header-rules-model.ts";
import { addressOf, nthFromRight } from "./forwarded-for.ts";
import type { CustomHeaderDetectionConfig, XffDetectionConfig } from "./model.ts";

/**
 * Finds out who sent a request, and appends the peer to x-forwarded-for where that is asked for (Envoy's
 * `mutateRequestHeaders`). One object per connection manager; a call to `detect` leaves its results in the fields.
 */
export class ClientAddress {
  /** The trusted address; null when whatever should tell it does not. */
  address: Address | null = null;
  /** Whether `address` may be an internal one: a list of addresses passed other proxies. */
  mayBeInternal = false;
  /** The status to answer with, because the address is required and missing; 0 for none. */
  rejectStatus = 0;

  readonly #config: HeaderRulesConfig;
  /** Appended to x-forwarded-for in place of a loopback peer. */
  readonly #hostIp: string;

  constructor(config: HeaderRulesConfig, hostIp: string) {
    this.#config = config;
    this.#hostIp = hostIp;
  }

  /** `forwardedFor`: the value of x-forwarded-for as it came. */
  detect(headers: HeaderMap, forwardedFor: string | undefined, peer: Address): void {
    const config = this.#config;
    this.address = null;
    this.mayBeInternal = false;
    this.rejectStatus = 0;
    if (!config.useRemoteAddress) {
      this.#askExtensions(headers, forwardedFor, peer);
      return;
    }
    const hops = config.xffNumTrustedHops;
    const trusted =
      hops > 0 && forwardedFor !== undefined ? nthFromRight(forwardedFor, hops) : null;
    this.address = trusted ?? peer;
    this.mayBeInternal = forwardedFor === undefined;
    if (!config.skipXffAppend) this.#append(headers, forwardedFor, peer);
  }

  /** Whether requests of this client are internal. */
  isInternal(): boolean {
    const { address } = this;
    if (!this.mayBeInternal || address === null) return false;
    const { unixSockets, ranges } = this.#config.internalAddress;
    return isPipe(address) ? unixSockets : anyContains(ranges, address.ip);
  }

  #askExtensions(headers: HeaderMap, received: string | undefined, peer: Address): void {
    let forwardedFor = received;
    for (const extension of this.#config.originalIpDetection) {
      if (extension.kind === "custom_header") {
        this.#readHeader(extension, headers);
        if (this.rejectStatus !== 0) return;
      } else {
        const appends = this.#readForwardedFor(extension, forwardedFor, peer);
        if (appends) forwardedFor = this.#append(headers, forwardedFor, peer);
      }
      if (this.address !== null) return;
    }
  }

  #readHeader(extension: CustomHeaderDetectionConfig, headers: HeaderMap): void {
    this.address = addressOf(headers.get(extension.headerName) ?? "");
    this.mayBeInternal = extension.trusted;
    if (this.address === null) this.rejectStatus = extension.rejectStatus;
  }

  /** Says whether the peer is to be appended. */
  #readForwardedFor(
    extension: XffDetectionConfig,
    forwardedFor: string | undefined,
    peer: Address,
  ): boolean {
    const { trustedHops, trustedRanges, skipXffAppend } = extension;
    if (trustedRanges !== null) {
      // A peer that is no trusted proxy is the client itself, and is always written down.
      if (!anyContains(trustedRanges, peer.ip)) return true;
      if (forwardedFor !== undefined) this.address = firstUntrusted(forwardedFor, trustedRanges);
    } else if (forwardedFor !== undefined) {
      this.address = nthFromRight(forwardedFor, trustedHops + 1);
    }
    this.mayBeInternal = forwardedFor?.includes(",") === false;
    return !skipXffAppend;
  }

  #append(headers: HeaderMap, present: string | undefined, peer: Address): string | undefined {
    if (isIP(peer.ip) === 0) return present;
    const own = peer.ip.startsWith("127.") || peer.ip === "::1" ? this.#hostIp : peer.ip;
    const value = present === undefined || present === "" ? own : `${present},${own}`;
    headers.set("x-forwarded-for", value);
    return value;
  }
}

/** The first address from the right that is in no range, or else the leftmost; null as soon as one is no address. */
function firstUntrusted(list: string, ranges: readonly CidrConfig[]): Address | null {
  let end = list.length;
  for (;;) {
    const comma = list.lastIndexOf(",", end - 1);
    const address = addressOf(list.slice(comma + 1, end).trim());
    if (address === null || comma < 0 || !anyContains(ranges, address.ip)) return address;
    end = comma;
  }
}

function anyContains(ranges: readonly CidrConfig[], ip: string): boolean {
  for (const range of ranges) {
    if (cidrContains(range, ip)) return true;
  }
  return false;
}
