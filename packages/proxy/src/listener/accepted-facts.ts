import { ipAddress, localAddressOf, pipeAddress, remoteAddressOf } from "../transport/address.ts";
import type { NativeHandle } from "../transport/native.ts";
import type { AcceptedFacts } from "./filters/filter.ts";
import type { ListenAddress, ListenerSettings } from "./model.ts";

/** The facts of a connection as its listener fills them. */
export type ListenerFacts = { -readonly [K in keyof AcceptedFacts]: AcceptedFacts[K] };

/** What is known of a connection that was just accepted at `address`. */
export function acceptedFacts(
  handle: NativeHandle,
  address: ListenAddress,
  listenerName: string,
  listener: Pick<ListenerSettings, "metadata" | "trafficDirection">,
  nowMs: number,
): ListenerFacts {
  const pipe = address.path !== "";
  const peer = remoteAddressOf(handle, pipe ? pipeAddress("") : ipAddress("", 0));
  const own = pipe ? pipeAddress(address.path) : ipAddress(address.ip, address.port);
  const local = localAddressOf(handle, own);
  return {
    connectionId: 0,
    directRemoteAddress: peer,
    remoteAddress: peer,
    directLocalAddress: local,
    localAddress: local,
    listenerName,
    filterChainName: "",
    listener,
    filterChainMetadata: null,
    connectedMs: nowMs,
    requestedServerName: "",
    transportProtocol: "",
    applicationProtocols: NO_PROTOCOLS,
    ja3Fingerprint: "",
    ja4Fingerprint: "",
    inspectionFailure: "",
    tls: null,
    dynamicMetadata: null,
    filterState: null,
    consumedBytes: 0,
    neededBytes: 0,
  };
}

const NO_PROTOCOLS: readonly string[] = [];
