/** A request line or preface has to end within so many bytes. */
export const HTTP_INSPECT_MAX_BYTES: number = 64 * 1024;

/** `more`: it may be HTTP, but too little of it is here. */
export type HttpVersion = "HTTP/1.0" | "HTTP/1.1" | "HTTP/2" | "more" | "none";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const LF = 10;

/**
 * The version that the bytes from `start` to `end` (one at least) begin to speak: HTTP/2 by its preface (RFC 9113, section
 * 3.4), the others by a request line. As in Envoy every version but 1.1 counts as 1.0, and so does none.
 */
export function httpVersionOf(buffer: Buffer, start: number, end: number): HttpVersion {
  const beginning = buffer.latin1Slice(start, Math.min(end, start + PREFACE.length));
  if (PREFACE.startsWith(beginning)) return beginning === PREFACE ? "HTTP/2" : "more";
  // A line that did not end yet may be given up for its method.
  if (!METHOD.test(beginning)) return "none";
  const lineEnd = buffer.indexOf(LF, start);
  if (lineEnd < 0 || lineEnd >= end) return "more";
  const line = REQUEST_LINE.exec(buffer.latin1Slice(start, lineEnd));
  if (line === null) return "none";
  const [, method, target, version] = line;
  if (!isTarget(target!, method === "CONNECT")) return "none";
  if (version === "HTTP/1.1") return "HTTP/1.1";
  return version === undefined || /^HTTP\/[0-9]\.[0-9]$/.test(version) ? "HTTP/1.0" : "none";
}

/** What of the method is here: as far as a space, or as it goes. */
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t\r\n]|$)/;

/** Method, target and, since HTTP/1.0, a version; spaces and tabs between and behind. */
const REQUEST_LINE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]+([^ \t\r]+)(?:[ \t]+([^ \t\r]+))?[ \t\r]*$/;

/** A path, `*`, an absolute URI, or a host of a CONNECT; a strict reader comes later. */
function isTarget(target: string, connect: boolean): boolean {
  if (/[\x7f-\xff]/.test(target)) return false;
  return connect || /^(?:[/*]|[A-Za-z][0-9A-Za-z+.-]*:\/\/)/.test(target);
}
