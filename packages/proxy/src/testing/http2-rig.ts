import { once } from "node:events";
import {
  connect,
  createServer,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from "node:http2";
import net, { type AddressInfo, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { CLIENT_PREFACE, settings, windowUpdate } from "@nuncio/codec/testing/http2-frames";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "./bootstrap.ts";
import { FramePeer } from "./frame-peer.ts";
import { startProxy, type TestProxy } from "./proxy.ts";

/** A proxy between Node's own HTTP/2, both sides; all of it ends with the test. */
export interface Http2Rig {
  readonly proxy: TestProxy;
  /** The origin's connections so far, and what they stand on. */
  readonly originSessions: readonly ServerHttp2Session[];
  readonly originSockets: readonly Socket[];
  /** A new client connection. */
  session(settings?: Settings): ClientHttp2Session;
  /** A client that sends frames as it likes; it has sent nothing yet. */
  peer(): FramePeer;
}

export interface Http2RigOptions {
  /** What the origin does with a request; by default it says hello. */
  readonly answer?: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;
  readonly originSettings?: Settings;
  /** Fields of the HTTP connection manager, lines of YAML at ten spaces. */
  readonly hcm?: string;
  /** Fields of the route's action, in flow style; without a timeout by default. */
  readonly route?: string;
  /** Fields of the cluster, in flow style. */
  readonly cluster?: string;
  /** Fields of the cluster's `Http2ProtocolOptions`, in flow style. */
  readonly upstreamHttp2?: string;
  /** Fields of the cluster's `common_http_protocol_options`, in flow style. */
  readonly upstreamCommon?: string;
  /** A host that is not Node's. */
  readonly originPort?: number;
}

/** Starts it: one listener (stats below `http.in.`), every request to one cluster, `origin`. */
export async function startHttp2Rig(
  t: TestContext,
  options: Http2RigOptions = {},
): Promise<Http2Rig> {
  const {
    answer = sayHello,
    originSettings,
    hcm = "",
    route = "timeout: 0s",
    cluster = "",
  } = options;
  const originSessions: ServerHttp2Session[] = [];
  const originSockets: Socket[] = [];
  const server = createServer({ settings: originSettings });
  server.on("connection", (socket) => originSockets.push(socket));
  server.on("session", (session) => {
    originSessions.push(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    answer(stream, headers);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const ends: (() => void)[] = [];
  t.after(() => {
    for (const end of ends) end();
    for (const session of originSessions) session.destroy();
    server.close();
  });
  const port = options.originPort ?? (server.address() as AddressInfo).port;
  const fields = [upstreamOptions(options), cluster].filter((text) => text !== "").join(", ");
  const proxy = await startProxy(
    httpBootstrap(
      `${hcm}
          http_filters: [${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{ match: { prefix: / }, route: { cluster: origin, ${route} } }]`,
      [clusterYaml("origin", port, fields)],
    ),
  );
  ends.push(() => proxy.close());
  return {
    proxy,
    originSessions,
    originSockets,
    session(own) {
      const session = connect(`http://127.0.0.1:${proxy.port("main")}`, { settings: own });
      session.on("error", () => {});
      ends.unshift(() => session.destroy());
      return session;
    },
    peer() {
      const peer = FramePeer.connect(proxy.port("main"));
      ends.unshift(() => peer.close());
      return peer;
    },
  };
}

const INITIAL_WINDOW_SIZE = 4;
const LARGEST_WINDOW = 0x7fffffff;

/** SETTINGS and a window: what the peer sends is held back by nothing but its socket. */
export const WIDE: string =
  settings([INITIAL_WINDOW_SIZE, LARGEST_WINDOW]) + windowUpdate(0, LARGEST_WINDOW - 65_535);

/** A host that sends frames as the test likes: on each connection `first`, and then what its peer is told to. */
export async function startFrameHost(
  t: TestContext,
  first: string,
): Promise<{ readonly originPort: number; readonly peers: readonly FramePeer[] }> {
  const peers: FramePeer[] = [];
  const server = net.createServer((socket) => {
    peers.push(new FramePeer(socket, CLIENT_PREFACE.length).send(first));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const peer of peers) peer.close();
    server.close();
  });
  return { originPort: (server.address() as AddressInfo).port, peers };
}

/** A request whose failure is not the test's. */
export function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders = {},
  endStream = true,
): ClientHttp2Stream {
  const stream = session.request({ ":path": "/", ...headers }, { endStream });
  stream.on("error", () => {});
  return stream;
}

/** The status, the content and the trailers of a response; the status is 0 when there is none. */
export async function responseOf(
  stream: ClientHttp2Stream,
): Promise<{ status: number; body: string; trailers: IncomingHttpHeaders }> {
  let status = 0;
  let body = "";
  let trailers: IncomingHttpHeaders = {};
  stream.on("response", (headers) => (status = headers[":status"] ?? 0));
  stream.on("trailers", (headers) => (trailers = headers));
  stream.on("data", (data: Buffer) => (body += data.toString("latin1")));
  await new Promise<void>((resolve) => stream.once("close", resolve));
  return { status, body, trailers };
}

function upstreamOptions({ upstreamHttp2 = "", upstreamCommon = "" }: Http2RigOptions): string {
  const type = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  const common =
    upstreamCommon === "" ? "" : `, common_http_protocol_options: { ${upstreamCommon} }`;
  const http2 = `explicit_http_config: { http2_protocol_options: { ${upstreamHttp2} } }`;
  const options = `{ "@type": ${type}, ${http2}${common} }`;
  return `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: ${options} }`;
}

function sayHello(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200 });
  stream.end("hello");
}
