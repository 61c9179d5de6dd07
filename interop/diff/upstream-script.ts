import type { JsonValue } from "@bufbuild/protobuf";
import type { FrameScript } from "./frame-script.ts";
import type { UdpAct } from "./upstream-udp.ts";

/** What an upstream does with the n-th request it gets (the last entry serves all further ones). */
export interface Answer {
  /** When to start: with the whole request (default), its head, or the connection itself. */
  at?: "request" | "head" | "connect";
  /** Exact bytes sent as soon as the head is there, before the answer proper; over HTTP/2 the same head in its form. */
  interim?: string;
  /** Wait before answering, in milliseconds. */
  delay_ms?: number;
  /** Default 200. */
  status?: number;
  /** Header lines. content-length or transfer-encoding are added as the body needs. */
  headers?: string[];
  /** Default `ok`. */
  body?: string;
  /** A body of so many bytes. */
  body_bytes?: number;
  /** A chunked body, a chunk each; over HTTP/2 a DATA frame each. */
  chunks?: string[];
  /** Over HTTP/2: with 30 ms in between. */
  chunks_apart?: true;
  /** Trailer lines; over HTTP/1 only with chunks. */
  trailers?: string[];
  /** Exact bytes instead of all that, Latin-1; a list is sent piece by piece, 30 ms apart. */
  raw?: string | string[];
  /** HTTP/2: exact frames instead of all that; a frame without a stream goes to the request's. */
  frames?: FrameScript[];
  /** HTTP/2: the stream is not ended. */
  open?: true;
  /** HTTP/2: the stream is reset with an error code, afterwards. */
  rst?: string | number;
  /** HTTP/2: a GOAWAY with an error code and the request's stream as the last, afterwards. */
  goaway?: string | number;
  /** HTTP/2: what an authorization service says, a `CheckResponse` in its JSON form, instead of a body. */
  check?: JsonValue;
  /** Answer nothing at all. */
  silent?: true;
  /** What becomes of the connection afterwards: stays open by default, or sends back what comes behind the request. */
  afterwards?: "close" | "reset" | "echo";
  /** Wait before that, in milliseconds. */
  hold_ms?: number;
}

/** What an upstream of a protocol that is not HTTP does, in order, on each connection. */
export interface TcpAct {
  send?: string;
  /** Send so many bytes. */
  send_bytes?: number;
  /** Await so many bytes in all. */
  expect_bytes?: number;
  /** Await the peer's end. */
  expect_end?: true;
  pause_ms?: number;
  /** Send everything back from here on. */
  echo?: true;
  end?: true;
  reset?: true;
}

/**
 * A list of answers, a list of acts under `tcp`, what becomes of datagrams under `udp`, `refuse` (a port that nobody listens on), or `none` (the
 * cluster has no endpoint).
 */
export type UpstreamScript = Answer[] | { tcp: TcpAct[] } | { udp: UdpAct } | "refuse" | "none";

/** The bytes of an answer, in the pieces they are sent in. `method` decides whether a body follows. */
export function renderAnswer(answer: Answer, method: string): Buffer[] {
  if (answer.silent === true) return [];
  if (answer.raw !== undefined)
    return [answer.raw].flat().map((piece) => Buffer.from(piece, "latin1"));
  const status = answer.status ?? 200;
  const lines = [`HTTP/1.1 ${status} ${REASONS[status] ?? "Status"}`, ...(answer.headers ?? [])];
  const hasLength = status !== 204 && status !== 304;
  const hasBody = hasLength && method !== "HEAD";
  if (answer.chunks !== undefined) {
    lines.push("transfer-encoding: chunked");
    return [
      Buffer.from(`${lines.join("\r\n")}\r\n\r\n${hasBody ? renderChunks(answer) : ""}`, "latin1"),
    ];
  }
  const body = Buffer.from(
    answer.body_bytes === undefined ? (answer.body ?? "ok") : "x".repeat(answer.body_bytes),
  );
  if (hasLength) lines.push(`content-length: ${body.length}`);
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return [hasBody ? Buffer.concat([head, body]) : head];
}

function renderChunks({ chunks = [], trailers = [] }: Answer): string {
  const pieces = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  return `${pieces.join("")}0\r\n${trailers.map((line) => `${line}\r\n`).join("")}\r\n`;
}

const REASONS: { readonly [status: number]: string } = {
  101: "Switching Protocols",
  200: "OK",
  201: "Created",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  304: "Not Modified",
  400: "Bad Request",
  404: "Not Found",
  418: "I'm a teapot",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};
