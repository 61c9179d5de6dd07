import { once } from "node:events";
import net from "node:net";
import type { TestContext } from "node:test";
import { CLIENT_PREFACE } from "@nuncio/codec/testing/http2-frames";
import { FramePeer } from "../../testing/frame-peer.ts";

/** Fields of a cluster whose hosts speak HTTP/2, in flow style; `more`: fields of `http2_protocol_options`. */
export function http2Cluster(more = ""): string {
  const type = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  const options = `{ "@type": ${type}, explicit_http_config: { http2_protocol_options: { ${more} } } }`;
  return `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: ${options} }`;
}

/** A host that is not what it should be. Its connections end with the test. */
export async function startEvilHost(
  t: TestContext,
  onConnection: (socket: net.Socket) => void,
): Promise<number> {
  const sockets: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as net.AddressInfo).port;
}

/** The same in HTTP/2: the next connection, and those that follow it, in order. */
export class EvilHttp2Host {
  readonly port: Promise<number>;
  readonly peers: FramePeer[] = [];

  constructor(t: TestContext) {
    this.port = startEvilHost(t, (socket) => {
      this.peers.push(new FramePeer(socket, CLIENT_PREFACE.length));
    });
  }
}
