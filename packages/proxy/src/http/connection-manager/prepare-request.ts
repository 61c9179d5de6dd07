import type { HeaderMap } from "@nuncio/codec";
import { isGrpcRequest } from "../../observe/format/grpc-status.ts";
import { joinRepeatedLines } from "../header-mutations/header-lines.ts";
import type { ActiveStream } from "./active-stream.ts";
import type { HttpConnection } from "./http-connection.ts";
import { noteCluster } from "./note-cluster.ts";
import { mergeSlashes, normalizePath, unescapeSlashes } from "./path.ts";
import { prepareUpgrade } from "./prepare-upgrade.ts";
import type { DownstreamStream } from "./session.ts";
import { CONNECT_UDP, nameUdpTarget } from "./udp-target.ts";

/**
 * The checks and rewrites of a head before its route is chosen, in Envoy's order. Returns false when the request was
 * answered from here.
 */
export function prepareRequest(
  connection: HttpConnection,
  stream: ActiveStream,
  downstream: DownstreamStream,
  headers: HeaderMap,
): boolean {
  const { manager } = stream;
  const { request } = downstream;
  // An empty Host is one; only its absence is refused (RFC 9112 3.2).
  if (!request.hasHost) {
    headers.authorityMissing = true;
    return refuse(stream, 400, "", "missing_host_header");
  }
  if (headers.method === "QUERY" && headers.get("content-type") === undefined) {
    return refuse(stream, 400, "", "query_missing_content_type");
  }
  if (headers.method !== "CONNECT" && !preparePath(connection, stream, headers, request.upgrade))
    return false;
  stripHost(connection, stream, headers);
  if (!stream.recreated && !applyHeaderRules(connection, stream, headers)) return false;
  const route = stream.route();
  if (manager.traceSampling !== null && !stream.recreated) {
    stream.traceReason = manager.traceSampling.apply(headers, route?.traceSamples ?? null);
    // It names the span of this proxy, and is nobody else's.
    headers.remove("x-envoy-decorator-operation");
  }
  if (manager.config.logOnNewRequest) logNewRequest(stream, headers);
  if (request.asksForUpgrade || headers.method === "CONNECT")
    return prepareUpgrade(connection, stream, downstream, headers);
  return true;
}

/** Makes the headers fit to be forwarded; false when their sender is refused, and was answered. */
function applyHeaderRules(
  connection: HttpConnection,
  stream: ActiveStream,
  headers: HeaderMap,
): boolean {
  const { manager } = stream;
  if (manager.earlyMutations !== null) {
    joinRepeatedLines(headers);
    stream.streamInfo.grpc = isGrpcRequest(headers);
    manager.earlyMutations.apply(headers, stream);
  }
  manager.requestRules.internalOnlyHeaders = manager.routeTable.internalOnlyHeadersOf(headers);
  const facts = manager.requestRules.apply(headers, connection.downstream);
  if (facts.rejectStatus !== 0) {
    connection.count("downstream_rq_rejected_via_ip_detection");
    return refuse(stream, facts.rejectStatus, "", "rejecting_because_detection_failed");
  }
  const tls = connection.downstream.tls ?? null;
  if (facts.hasClientCert || tls !== null)
    manager.clientCert.apply(headers, stream.streamInfo, tls);
  stream.streamInfo.remoteAddress = facts.remoteAddress;
  stream.streamInfo.schemeMatchesUpstream = manager.config.schemeMatchesUpstream;
  stream.internalRequest = facts.internal;
  return true;
}

/** The order is that of `ConnectionManagerUtility::maybeNormalizePath`. */
function preparePath(
  connection: HttpConnection,
  stream: ActiveStream,
  headers: HeaderMap,
  upgrade: string,
): boolean {
  const { config } = stream.manager;
  if (headers.path.charCodeAt(0) !== SLASH) {
    connection.count("downstream_rq_non_relative_path");
    return refuse(stream, 404, "", "absolute_path_rejected");
  }
  if (upgrade === CONNECT_UDP && !nameUdpTarget(headers))
    return refuse(stream, 404, "The path is incorrect for CONNECT-UDP", "invalid_path");
  if (headers.path.includes("#")) return refusePath(connection, stream);
  let redirect = false;
  if (config.escapedSlashesAction !== "keep") {
    const path = unescapeSlashes(headers.path);
    if (path !== headers.path) {
      headers.path = path;
      if (config.escapedSlashesAction === "reject") return refusePath(connection, stream);
      redirect = config.escapedSlashesAction === "redirect";
    }
  }
  if (config.normalizePath) {
    const path = normalizePath(headers.path);
    if (path === null) return refusePath(connection, stream);
    headers.path = path;
  }
  if (config.mergeSlashes) headers.path = mergeSlashes(headers.path);
  if (!redirect) return true;
  // Clients of gRPC follow no redirects.
  if (isGrpcRequest(headers)) return refusePath(connection, stream);
  return redirectToPath(connection, stream, headers.path);
}

function refusePath(connection: HttpConnection, stream: ActiveStream): false {
  connection.count("downstream_rq_failed_path_normalization");
  return refuse(stream, 400, "", "path_normalization_failed");
}

function redirectToPath(connection: HttpConnection, stream: ActiveStream, path: string): false {
  connection.count("downstream_rq_redirected_with_normalized_path");
  joinRepeatedLines(stream.requestHeaders!);
  stream.internalRequest = true;
  stream.sendLocalReply(307, "", "path_normalization_failed", (response) =>
    response.add("location", path),
  );
  return false;
}

const SLASH = 47;

function refuse(stream: ActiveStream, status: number, body: string, details: string): false {
  // The header rules join them for the requests that get so far, and take from outsiders what is not theirs to say.
  joinRepeatedLines(stream.requestHeaders!);
  stream.internalRequest = true;
  stream.sendLocalReply(status, body, details);
  return false;
}

function logNewRequest(stream: ActiveStream, headers: HeaderMap): void {
  noteCluster(stream, headers);
  stream.logEarly("DownstreamStart");
}

function stripHost(
  connection: HttpConnection,
  { manager: { config } }: ActiveStream,
  headers: HeaderMap,
): void {
  if (config.stripTrailingHostDot) headers.authority = withoutTrailingDot(headers.authority);
  if (!config.stripAnyHostPort && !config.stripMatchingHostPort) return;
  // Its port is part of what it asks for.
  if (headers.method === "CONNECT") return;
  const colon = headers.authority.lastIndexOf(":");
  if (colon < 0 || headers.authority.endsWith("]")) return;
  const port = headers.authority.slice(colon + 1);
  if (!/^\d+$/.test(port)) return;
  if (config.stripAnyHostPort || Number(port) === connection.downstream.localAddress.port) {
    headers.authority = headers.authority.slice(0, colon);
  }
}

/** `example.com.:80` → `example.com:80`. */
function withoutTrailingDot(host: string): string {
  if (host.endsWith(".")) return host.slice(0, -1);
  const colon = host.lastIndexOf(":");
  if (colon > 0 && host.charCodeAt(colon - 1) === DOT)
    return host.slice(0, colon - 1) + host.slice(colon);
  return host;
}

const DOT = 46;
