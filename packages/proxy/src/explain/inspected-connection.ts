import { isIP } from "node:net";
import { meets } from "../listener/filters/predicate.ts";
import type { ListenerConfig } from "../listener/model.ts";
import type { DownstreamInfo } from "../observe/stream-info.ts";
import type { ExplainRequest } from "./explain-request.ts";

const FILTERS = "envoy.extensions.filters.listener";
const HTTP_1_1: readonly string[] = ["http/1.1"];

/** What of a connection listener filters find. */
type Inspected = Pick<
  DownstreamInfo,
  "requestedServerName" | "transportProtocol" | "applicationProtocols"
>;

/**
 * What the listener's inspectors see of the connection that the request would come on: TLS for `https`, with the URL's host for
 * a server name, and HTTP/1.1 in either. What a PROXY protocol header says is the request's source.
 */
export function inspectedConnection(
  { listenerFilters }: ListenerConfig,
  { scheme, hostname }: ExplainRequest,
  port: number,
): Inspected {
  const runs = (name: string): boolean =>
    listenerFilters.some(
      ({ type, disabled }) =>
        type === `${FILTERS}.${name}` && (disabled === null || !meets(disabled, port)),
    );
  if (scheme === "https" && runs("tls_inspector.v3.TlsInspector")) {
    return {
      requestedServerName: isIP(hostname) === 0 ? hostname.toLowerCase() : "",
      transportProtocol: "tls",
      applicationProtocols: HTTP_1_1,
    };
  }
  const http = scheme === "http" && runs("http_inspector.v3.HttpInspector");
  return {
    requestedServerName: "",
    transportProtocol: "raw_buffer",
    applicationProtocols: http ? HTTP_1_1 : [],
  };
}
