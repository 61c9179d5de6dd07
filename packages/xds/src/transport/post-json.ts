import http from "node:http";
import type http2 from "node:http2";
import https from "node:https";
import type { Duplex } from "node:stream";
import type { ConnectionObserver, ExchangeEnd } from "./connection-observer.ts";
import { Http2Session } from "./http2-session.ts";

/** How a control plane of REST is reached. */
export interface HttpConnection {
  /** `host`, or `:authority`; that of the URL unless given. */
  readonly authority?: string;
  /** With prior knowledge; HTTP/1.1 unless given. */
  readonly http2?: boolean;
  /** A connection of its own for each request, with TLS where there is to be any; by the URL unless given. */
  readonly createConnection?: () => Duplex;
  readonly observer?: ConnectionObserver;
}

/** A response; its content ends with an error when it breaks off. */
export interface HttpResponse {
  readonly status: number;
  readonly content: AsyncIterable<Uint8Array>;
}

const HEADERS = { "content-type": "application/json" };

/** One POST on a connection of its own. Rejects when there is no response; `signal` ends it at any time. */
export function postJson(
  url: URL,
  body: string,
  connection: HttpConnection,
  signal: AbortSignal,
): Promise<HttpResponse> {
  return connection.http2 === true
    ? postByHttp2(url, body, connection, signal)
    : postByHttp1(url, body, connection, signal);
}

function postByHttp1(
  url: URL,
  body: string,
  { authority = url.host, createConnection, observer }: HttpConnection,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const options: http.RequestOptions = {
    method: "POST",
    headers: { ...HEADERS, host: authority, "content-length": Buffer.byteLength(body) },
    signal,
    // An agent would make the connection itself.
    ...(createConnection === undefined ? { agent: false } : { createConnection }),
  };
  // With a connection that is made elsewhere it is not the URL's scheme that decides about TLS.
  const isPlain = createConnection !== undefined || url.protocol === "http:";
  const at = isPlain ? new URL(url.href.replace(/^https:/, "http:")) : url;
  const request = isPlain ? http.request(at, options) : https.request(at, options);
  return new Promise((resolve, reject) => {
    let response: http.IncomingMessage | null = null;
    request.once("finish", () => observer?.onRequest());
    request.once("response", (message: http.IncomingMessage) => {
      response = message;
      observer?.onResponse(message.statusCode ?? 0);
      resolve({ status: message.statusCode ?? 0, content: message });
    });
    request.once("error", reject);
    request.once("close", () => {
      if (!request.writableFinished || observer === undefined) return;
      const end = endOf(response, signal);
      observer.onEnd(end);
      if (end !== "connection_closed") observer.onClosing();
    });
    request.end(body);
  });
}

function endOf(response: http.IncomingMessage | null, { aborted }: AbortSignal): ExchangeEnd {
  if (response?.complete === true) return "complete";
  return aborted ? "local_reset" : "connection_closed";
}

async function postByHttp2(
  url: URL,
  body: string,
  { authority, createConnection, observer }: HttpConnection,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const session = new Http2Session(url.origin, {
    ...(authority !== undefined && { authority }),
    ...(createConnection !== undefined && { sessionOptions: { createConnection } }),
    ...(observer !== undefined && { observer }),
  });
  const close = (): void => session.close();
  signal.addEventListener("abort", close, { once: true });
  const stream = await openStream(session, url);
  stream.once("close", () => {
    signal.removeEventListener("abort", close);
    close();
  });
  return new Promise((resolve, reject) => {
    stream.once("response", ({ ":status": status = 0 }) => resolve({ status, content: stream }));
    stream.once("error", reject);
    stream.once("close", () => reject(signal.reason ?? new Error("the connection was closed")));
    stream.end(body);
  });
}

async function openStream(session: Http2Session, url: URL): Promise<http2.ClientHttp2Stream> {
  try {
    await session.connected;
    return await session.request("POST", url.pathname + url.search, HEADERS, {});
  } catch (error) {
    session.close();
    throw error;
  }
}
