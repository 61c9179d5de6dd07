import { once } from "node:events";
import net from "node:net";
import type { TestContext } from "node:test";
import { clusterYaml, ROUTER_FILTER } from "./bootstrap.ts";
import { startProxy, type TestProxy } from "./proxy.ts";

/** A TCP server that keeps what it got; half-open connections stay as they are. */
export interface TcpServer {
  readonly port: number;
  readonly sockets: net.Socket[];
  /** The next connection, or the first one nobody asked for yet. */
  accept(): Promise<net.Socket>;
  close(): void;
}

/** A proxy with one listener whose filters are given, in front of TCP servers of the test. */
export interface TcpRig {
  readonly proxy: TestProxy;
  /** A new connection to the proxy, connected. */
  connect(): Promise<net.Socket>;
}

/** Starts a server on loopback that ends with the test. */
export async function startTcpServer(t: TestContext): Promise<TcpServer> {
  const sockets: net.Socket[] = [];
  let asked = 0;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    server.emit("accepted");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  t.after(close);
  return {
    port: (server.address() as net.AddressInfo).port,
    sockets,
    async accept() {
      const index = asked++;
      while (sockets.length <= index) await once(server, "accepted");
      return sockets[index]!;
    },
    close,
  };
}

/**
 * Starts the proxy. `filters` is YAML, a list of network filters in flow style; `clusters` maps names to the ports of
 * their hosts, with more lines of YAML for each.
 */
export async function startTcpRig(
  t: TestContext,
  filters: string,
  clusters: Readonly<Record<string, { readonly port: number; readonly more?: string }>> = {},
): Promise<TcpRig> {
  const proxy = await startProxy(`
static_resources:
  listeners:
  - name: main
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains: [{ filters: ${filters} }]
  clusters: [${Object.entries(clusters)
    .map(([name, { port, more }]) => clusterYaml(name, port, more))
    .join(", ")}]
`);
  const clients: net.Socket[] = [];
  t.after(() => {
    for (const client of clients) client.destroy();
    proxy.close();
  });
  return {
    proxy,
    async connect() {
      const socket = net.connect({
        port: proxy.port("main"),
        host: "127.0.0.1",
        allowHalfOpen: true,
      });
      clients.push(socket);
      await once(socket, "connect");
      socket.on("error", () => {});
      return socket;
    },
  };
}

/** One network filter in flow style. */
export function filter(type: string, config: string): string {
  return `{ name: f, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.${type}, ${config} } }`;
}

/** An HTTP connection manager that sends everything to one cluster. */
export function httpTo(clusterName: string): string {
  const route = `{ match: { prefix: / }, route: { cluster: ${clusterName} } }`;
  return filter(
    "http_connection_manager.v3.HttpConnectionManager",
    `stat_prefix: in, http_filters: [${ROUTER_FILTER}], route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [${route}] }] }`,
  );
}

/** Reads until so many bytes came; what comes behind them stays. */
export async function readBytes(socket: net.Socket, count: number): Promise<Buffer> {
  for (;;) {
    const data = socket.read(count) as Buffer | null;
    if (data !== null) return data;
    await once(socket, "readable");
  }
}

/** Reads to the end: FIN or reset. */
export async function readToEnd(
  socket: net.Socket,
): Promise<{ readonly data: Buffer; readonly reset: boolean }> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const reset = await new Promise<boolean>((resolve) => {
    socket.once("end", () => resolve(false));
    socket.once("error", () => resolve(true));
  });
  return { data: Buffer.concat(chunks), reset };
}
