import type { HeaderMap } from "@nuncio/codec";
import type { ActiveStream } from "./active-stream.ts";
import type { HttpConnection } from "./http-connection.ts";
import type { DownstreamStream } from "./session.ts";

const CONNECT = "connect";

/**
 * Decides about a request that asks for another protocol, by an upgrade or CONNECT, behind the choice of its route. What
 * is allowed gets its filters, and its bytes pass from here on. Returns false when it was refused and answered.
 */
export function prepareUpgrade(
  connection: HttpConnection,
  stream: ActiveStream,
  downstream: DownstreamStream,
  headers: HeaderMap,
): boolean {
  const { request } = downstream;
  const route = stream.route();
  const isConnect = headers.method === "CONNECT";
  const type = request.asksForUpgrade ? request.upgrade : CONNECT;
  const filters = stream.manager.upgrades.filtersFor(type, route);
  if (filters !== null) {
    // Whatever a CONNECT asks for besides, it is a CONNECT that is answered.
    stream.upgrade(isConnect ? CONNECT : type, filters);
    stream.manager.countUpgrade();
    downstream.acceptUpgrade();
    return true;
  }
  // Without a route there is nothing that could allow it: answered like any request.
  if (route === null) return true;
  connection.count("downstream_rq_ws_on_non_ws_route");
  connection.session?.onUpgradeRefused();
  stream.sendLocalReply(403, "", "upgrade_failed");
  return false;
}
