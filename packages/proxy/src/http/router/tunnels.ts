import type { HeaderMap } from "@nuncio/codec";
import { clientAddress, type DownstreamInfo, type StreamInfo } from "../../observe/stream-info.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { PoolKind } from "../../upstream/pool/http-pools.ts";
import { poolKindFor } from "../../upstream/pool/pool-kind.ts";
import { proxyProtocolHeader } from "../../upstream/proxy-protocol-header.ts";
import type { DecoderFilterCallbacks } from "../filter.ts";
import type { RouteEntry } from "../route/entry.ts";
import type { ConnectConfig } from "../route/model.ts";

const WEBSOCKET = "websocket";
const CONNECT_UDP = "connect-udp";

/** What a request goes out as; the bytes of a tunnel that ends here as they are, unless its cluster says otherwise. */
export function poolKindOf(
  cluster: Cluster,
  route: RouteEntry,
  headers: HeaderMap,
  { protocol, upgradeType }: StreamInfo,
): PoolKind {
  const { connect } = route;
  if (connect !== null && cluster.config.http.pool === "generic") {
    if (upgradeType === CONNECT_UDP) return "udp";
    if (endsHere(connect, headers)) return "tunnel";
  }
  return poolKindFor(cluster, protocol);
}

/** CONNECT, and POST where that is allowed. */
function endsHere({ allowPost }: ConnectConfig, { method }: HeaderMap): boolean {
  return method === "CONNECT" || (allowPost && method === "POST");
}

/** What the end of a tunnel of UDP is asked: over HTTP/2 nothing is upgraded. */
export function udpRequest(headers: HeaderMap, { protocol }: StreamInfo): HeaderMap {
  if (protocol !== "HTTP/2") return headers;
  const asked = headers.clone();
  asked.remove("upgrade");
  return asked;
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
