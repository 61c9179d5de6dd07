import { stripForUpgrade, stripHopByHop, type HeaderMap, type RequestHead } from "@nuncio/codec";
import type { ActiveStream } from "../active-stream.ts";
import type { HttpConnection } from "../http-connection.ts";

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** Ends in a request's head what is between the client and this proxy alone. Changes the facts when the Host goes with it. */
export function cleanHead(
  connection: HttpConnection,
  stream: ActiveStream,
  request: RequestHead,
  headers: HeaderMap,
): void {
  const { manager } = stream;
  if (request.droppedUnderscores > 0)
    manager.countHttp1("dropped_headers_with_underscores", request.droppedUnderscores);
  if (request.hasHopByHop) {
    if (request.asksForUpgrade) stripForUpgrade(headers);
    else if (stripHopByHop(headers)) request.hasHost = false;
  }
  if (!request.expectsContinue || manager.config.proxy100Continue) return;
  connection.socket.writeLatin1(CONTINUE);
  manager.countResponse(stream, 100);
  stream.streamInfo.responseCode = 100;
  headers.remove("expect");
}
