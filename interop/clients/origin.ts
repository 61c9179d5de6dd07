import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import { ASSET_COUNT, assetBody, pageBody } from "./page.ts";
import { patternBytes } from "./pattern.ts";
import { acceptWebSockets } from "./websocket-origin.ts";

type Request = IncomingMessage | Http2ServerRequest;

/** Servers that every check goes to through the proxy; they share nothing with Nuncio. */
export interface Origin {
  readonly http1Port: number;
  /** HTTP/2 without TLS. */
  readonly http2Port: number;
  close(): Promise<void>;
}

/**
 * `/bytes/N`: so many bytes, with ranges. `/echo`: what came, as JSON. `/trailers`: an answer with trailers. `/page/` and
 * `/page/asset-N.js`: a page with many assets. An upgrade to a WebSocket is an echo.
 */
export async function startOrigin(): Promise<Origin> {
  const sockets = new Set<Socket>();
  const http1 = createHttp1(answer);
  const http2 = createHttp2({ settings: { initialWindowSize: 1 << 20 } }, answer);
  acceptWebSockets(http1);
  for (const server of [http1, http2] as Server[]) {
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  return {
    http1Port: (http1.address() as AddressInfo).port,
    http2Port: (http2.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([http1, http2].map((server) => new Promise((done) => server.close(done))));
    },
  };
}

/** Node's two responses have the same methods, and no common type that says so. */
function answer(request: Request, either: ServerResponse | Http2ServerResponse): void {
  const response = either as ServerResponse;
  const path = request.url ?? "";
  const [, area, rest = ""] = path.split("/");
  if (area === "bytes") sendBytes(request, response, Number.parseInt(rest, 10));
  else if (area === "trailers") sendTrailers(response);
  else if (area === "page") sendPage(response, rest);
  else void echo(request, response);
}

function sendBytes(request: Request, response: ServerResponse, size: number): void {
  const body = patternBytes(size);
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers["range"] ?? "");
  response.setHeader("accept-ranges", "bytes");
  if (range === null) {
    response.setHeader("content-length", String(size));
    response.end(body);
    return;
  }
  const [from, to] = [Number(range[1]), Number(range[2])];
  response.statusCode = 206;
  response.setHeader("content-range", `bytes ${from}-${to}/${size}`);
  response.end(body.subarray(from, to + 1));
}

function sendTrailers(response: ServerResponse): void {
  response.setHeader("trailer", "x-checksum");
  response.write("first,");
  response.addTrailers({ "x-checksum": "of both" });
  response.end(Buffer.from("second"));
}

function sendPage(response: ServerResponse, name: string): void {
  const asset = /^asset-(\d+)\.js$/.exec(name);
  const number = Number(asset?.[1] ?? -1);
  response.setHeader("content-type", asset === null ? "text/html" : "text/javascript");
  response.setHeader("cache-control", "no-store");
  if (asset !== null && number >= ASSET_COUNT) response.statusCode = 404;
  response.end(asset === null ? Buffer.from(pageBody()) : assetBody(number));
}

/** Method, path, headers, trailers, and the body's length and SHA-256. */
async function echo(request: Request, response: ServerResponse): Promise<void> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      hash.update(piece);
      bytes += piece.length;
    }
  } catch {
    // The client left: nobody waits for an answer.
    return;
  }
  const { method, url, headers, trailers } = request;
  response.setHeader("content-type", "application/json");
  response.setHeader("x-method", String(method));
  const text = JSON.stringify({
    method,
    url,
    headers,
    trailers,
    bytes,
    sha256: hash.digest("hex"),
  });
  response.end(Buffer.from(text));
}
