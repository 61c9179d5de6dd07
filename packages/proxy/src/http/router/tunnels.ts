import type { HeaderMap } from "@nuncio/codec";
import { clientAddress, type DownstreamInfo } from "../../observe/stream-info.ts";
import { proxyProtocolHeader } from "../../upstream/proxy-protocol-header.ts";
import type { DecoderFilterCallbacks } from "../filter.ts";
import type { RouteEntry } from "../route/entry.ts";

const WEBSOCKET = "websocket";

/** Whether the request's bytes go to the host as they are: CONNECT that ends here, and POST where that is allowed. */
export function endsHere(route: RouteEntry, headers: HeaderMap): boolean {
  if (route.connect === null) return false;
  return headers.method === "CONNECT" || (route.connect.allowPost && headers.method === "POST");
}

/** What tells the host of a tunnel who its client is; null for nothing. */
export function tunnelPreface(route: RouteEntry, downstream: DownstreamInfo): Buffer | null {
  const version = route.connect?.proxyProtocol ?? 0;
  if (version === 0) return null;
  return proxyProtocolHeader(version, clientAddress(downstream), downstream.localAddress);
}

/** The handshake is part of the exchange that the route's timeout limits; Envoy does so for WebSocket alone. */
export function timesHandshake(upgradeType: string): boolean {
  return upgradeType === WEBSOCKET;
}

/**
 * Whether an answer to a handshake ends it with nothing but its head. RFC 6455 4.1 knows no other success than 101; errors
 * pass with their body, and so does, as in Envoy, whatever comes over HTTP/2.
 */
export function refusesHandshake(
  upgradeType: string,
  status: number,
  upstreamProtocol: string,
): boolean {
  return (
    upgradeType === WEBSOCKET && status !== 101 && status < 400 && upstreamProtocol !== "HTTP/2"
  );
}

/** Passes the head of such an answer on, and nothing of its body. */
export function answerHandshake(callbacks: DecoderFilterCallbacks, headers: HeaderMap): void {
  callbacks.sendLocalReply(headers.status, "", "websocket_handshake_unsuccessful", (reply) => {
    reply.entries.push(...headers.entries);
  });
}
