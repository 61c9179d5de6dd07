import type { Address, DownstreamInfo } from "../../observe/stream-info.ts";

/** What becomes of a connection after a listener filter was asked. */
export const ListenerFilterStatus = {
  /** The filter is done; the next one is asked. */
  Continue: 0,
  /** It wants to see more bytes. */
  Wait: 1,
  /** The connection is to be closed. */
  Close: 2,
} as const;
export type ListenerFilterStatus = (typeof ListenerFilterStatus)[keyof typeof ListenerFilterStatus];

/** A connection before its filter chain is chosen: what listener filters read and write. */
export interface AcceptedFacts extends DownstreamInfo {
  localAddress: Address;
  remoteAddress: Address;
  requestedServerName: string;
  transportProtocol: string;
  applicationProtocols: readonly string[];
  ja3Fingerprint: string;
  ja4Fingerprint: string;
  inspectionFailure: string;
  dynamicMetadata: Record<string, Record<string, unknown>> | null;
  filterState: Map<string, unknown> | null;
  /** Bytes that a filter took off the front: set by the filter that answers with Continue. */
  consumedBytes: number;
  /** Set by a filter that answers with Wait: fewer bytes than this would change nothing. 0 asks for any. */
  neededBytes: number;
}

/**
 * A listener filter: looks at the first bytes of a connection. One object serves all connections of a listener and
 * keeps nothing of any, so whoever waits starts again from the first byte: what it does per call must be bounded by what it
 * waits for. Input never makes it throw.
 */
export interface ListenerFilter {
  /** Before any byte. Wait says that it wants some. */
  onAccept(facts: AcceptedFacts): ListenerFilterStatus;
  /**
   * All bytes that came so far, `start` to `end` of `buffer` and at least one, borrowed. Called again with more after
   * Wait. A filter must come to an end after a bounded number of bytes.
   */
  onData(buffer: Buffer, start: number, end: number, facts: AcceptedFacts): ListenerFilterStatus;
}

/** Sets a field of dynamic metadata; a field that is there stays with `keep`. */
export function setMetadata(
  facts: AcceptedFacts,
  namespace: string,
  key: string,
  value: unknown,
  keep = false,
): void {
  const all = (facts.dynamicMetadata ??= {});
  const fields = (all[namespace] ??= {});
  if (!keep || !Object.hasOwn(fields, key)) fields[key] = value;
}
