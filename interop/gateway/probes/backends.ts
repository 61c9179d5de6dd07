import type { Socket as DatagramSocket } from "node:dgram";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { createServer as createNetServer, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket, type SecureContext } from "node:tls";
import type { DocumentKeyPair } from "../documents/random-document.ts";
import { backendOf as shortName } from "../oracle/our-backends.ts";
import { answerDatagrams } from "./datagrams.ts";
import { serve } from "./protocols.ts";

/** The header by which requests of one probe are told from others'. */
export const PROBE_HEADER = "x-probe";

/** How many milliseconds a backend takes. */
export const DELAY_HEADER = "x-delay-ms";

/** `<id> <times> <status>`: so often requests with this id are answered with this status first. */
export const FAILURES_HEADER = "x-failures";

/** A request as a backend got it. */
export interface SeenRequest {
  readonly backend: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Servers, one for each backend, that tell what they got: of HTTP/1, HTTP/2, lines, TLS with these, and datagrams. */
export class Backends {
  readonly #ports = new Map<string, Promise<number>>();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #datagrams: DatagramSocket[] = [];
  readonly #secureContext: SecureContext;
  readonly #failures = new Map<string, number>();
  readonly #seen = new Map<string, SeenRequest[]>();

  /** @param keyPair what is shown where TLS is spoken, PEM */
  constructor(keyPair: DocumentKeyPair) {
    this.#secureContext = createSecureContext(keyPair);
  }

  /** The port of the server that stands for a backend. */
  portOf(backend: string): Promise<number> {
    let port = this.#ports.get(backend);
    if (port === undefined) {
      port = backend.endsWith("/udp") ? this.#answer(backend) : this.#listen(backend);
      this.#ports.set(backend, port);
    }
    return port;
  }

  /** What all backends got of a probe. */
  seen(probe: string): readonly SeenRequest[] {
    return this.#seen.get(probe) ?? [];
  }

  /** Nobody asks for a probe's requests again. */
  forget(probe: string): void {
    this.#seen.delete(probe);
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
    for (const socket of this.#datagrams) socket.close();
  }

  #statusFor({ headers }: IncomingMessage | Http2ServerRequest): number {
    const [id = "", times = "0", status = "200"] = String(headers[FAILURES_HEADER] ?? "").split(
      " ",
    );
    const failed = this.#failures.get(id) ?? 0;
    this.#failures.set(id, failed + 1);
    return failed < Number(times) ? Number(status) : 200;
  }

  async #answer(backend: string): Promise<number> {
    const { socket, port } = await answerDatagrams(`${shortName(backend)} plain`);
    this.#datagrams.push(socket);
    return port;
  }

  #listen(backend: string): Promise<number> {
    const answer = (
      request: IncomingMessage | Http2ServerRequest,
      response: ServerResponse | Http2ServerResponse,
    ): void => {
      this.#record(backend, request);
      request.resume();
      const delay = Number(request.headers[DELAY_HEADER] ?? 0);
      const status = this.#statusFor(request);
      setTimeout(() => answerRequest(backend, status, request, response as ServerResponse), delay);
    };
    const http1 = createServer(answer);
    const http2 = createHttp2Server(answer);
    const raw = (socket: Socket): void => {
      const how = socket instanceof TLSSocket ? `tls ${String(socket.servername)}` : "plain";
      socket.end(`${shortName(backend)} ${how}\n`);
    };
    const server = createNetServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      serve(socket, { http1, http2, raw, secureContext: this.#secureContext });
    });
    this.#servers.push(server);
    return new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
  }

  #record(backend: string, { method, url, headers }: IncomingMessage | Http2ServerRequest): void {
    const probe = headers[PROBE_HEADER];
    if (typeof probe !== "string") return;
    const list = this.#seen.get(probe) ?? [];
    this.#seen.set(probe, list);
    const fields = Object.entries(headers)
      .filter(([name]) => !name.startsWith(":"))
      .map(([name, value]) => [name, String(value)] as const);
    list.push({
      backend,
      method: method ?? "",
      path: url ?? "",
      host: String(headers.host ?? headers[":authority"] ?? ""),
      headers: Object.fromEntries(fields),
    });
  }
}

/** Calls of gRPC get the name of the backend as a message. */
function answerRequest(
  backend: string,
  status: number,
  { headers, socket }: IncomingMessage | Http2ServerRequest,
  response: ServerResponse,
): void {
  const isGrpc = headers["content-type"]?.startsWith("application/grpc") === true;
  response.writeHead(status, {
    "x-backend": backend,
    "x-three": "3",
    ...(socket instanceof TLSSocket && { "x-tls": String(socket.servername) }),
    ...(isGrpc && { "content-type": "application/grpc", trailer: "grpc-status" }),
  });
  if (isGrpc) {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(Buffer.byteLength(backend), 1);
    response.write(Buffer.concat([head, Buffer.from(backend)]));
    response.addTrailers({ "grpc-status": "0" });
  }
  response.end();
}
