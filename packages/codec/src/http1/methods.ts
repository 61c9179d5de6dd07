/** The methods that Envoy's parser knows; others need `allow_custom_methods`. */
const KNOWN_METHODS = new Set(
  (
    "ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS " +
    "PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK " +
    "UNSUBSCRIBE"
  ).split(" "),
);

/** The method in `bytes`; the usual ones are constants, so that comparing them is comparing pointers. */
export function readMethod(bytes: Buffer, start: number, end: number): string {
  if (bytes[start] === G && end - start === 3 && bytes[start + 1] === E && bytes[start + 2] === T)
    return "GET";
  const method = bytes.latin1Slice(start, end);
  switch (method) {
    case "POST":
      return "POST";
    case "HEAD":
      return "HEAD";
    case "PUT":
      return "PUT";
    case "DELETE":
      return "DELETE";
    case "OPTIONS":
      return "OPTIONS";
    case "CONNECT":
      return "CONNECT";
    default:
      return method;
  }
}

/** Whether Envoy's parser takes the method without `allow_custom_methods`. */
export function isKnownMethod(method: string): boolean {
  return method === "GET" || KNOWN_METHODS.has(method);
}

/** A request of such a method says nothing about a body that it does not have (RFC 9110 8.6; Envoy's list). */
export function isBodilessMethod(method: string): boolean {
  return (
    method === "GET" ||
    method === "HEAD" ||
    method === "DELETE" ||
    method === "TRACE" ||
    method === "CONNECT"
  );
}

const G = 71;
const E = 69;
const T = 84;
