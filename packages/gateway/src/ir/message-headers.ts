/**
 * Headers that are about one message: whom it is for, its connection, or how long its content is. What an authorization service answers with
 * them is never for the request that it was asked about. Lower case.
 */
export const MESSAGE_HEADERS: readonly string[] = [
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
