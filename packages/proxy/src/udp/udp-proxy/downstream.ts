import type { Address, DownstreamInfo } from "../../observe/stream-info.ts";

/** What is known of the client's side of a session; the listener itself is not, as in Envoy. */
export function downstreamOf(
  directRemoteAddress: Address,
  localAddress: Address,
  connectionId: number,
): DownstreamInfo {
  return {
    connectionId,
    directRemoteAddress,
    localAddress,
    listenerName: "",
    filterChainName: "",
  };
}
