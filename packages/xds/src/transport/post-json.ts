import http from "node:http";
import https from "node:https";
import type net from "node:net";
import { Readable } from "node:stream";
import { HeaderMap } from "@nuncio/codec";
import type { ConnectionObserver, ExchangeEnd } from "./connection-observer.ts";
import { Http2Exchange } from "./http2-exchange.ts";

/** How a control plane of REST is reached. */
export interface HttpConnection {
  /** `host`, or `:authority`; that of the URL unless given. */
  readonly authority?: string;
  /** With prior knowledge; HTTP/1.1 unless given. */
  readonly http2?: boolean;
  /** A connection of its own for each request, with TLS where there is to be any; by the URL unless given. */
  readonly createConnection?: () => net.Socket;
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

function postByHttp2(
  url: URL,
  body: string,
  { authority, createConnection, observer }: HttpConnection,
  signal: AbortSignal,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const content = new Readable({ read() {} });
    const fail = (error: Error): void => {
      reject(error);
      content.destroy(error);
    };
    const end = (): void => void content.push(null);
    const exchange = new Http2Exchange(
      url.origin,
      {
        ...(authority !== undefined && { authority }),
        ...(createConnection !== undefined && { createConnection }),
        ...(observer !== undefined && { observer }),
      },
      {
        onConnected() {
          exchange.start(headOf(url, body));
          exchange.write(Buffer.from(body), true);
        },
        onHeaders({ status }, endStream) {
          resolve({ status, content });
          if (endStream) end();
        },
        onData(data, endStream) {
          content.push(data);
          if (endStream) end();
        },
        onTrailers: end,
        onWritable() {},
        onFailed: (_, reason) => fail(new Error(reason)),
      },
    );
    const abort = (): void => fail(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    content.once("error", () => {});
    content.once("close", () => {
      signal.removeEventListener("abort", abort);
      exchange.close();
    });
  });
}

function headOf({ pathname, search }: URL, body: string): HeaderMap {
  const head = new HeaderMap();
  head.method = "POST";
  head.path = pathname + search;
  for (const [name, value] of Object.entries(HEADERS)) head.add(name, value);
  head.add("content-length", String(Buffer.byteLength(body)));
  return head;
}
