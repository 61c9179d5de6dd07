import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { FakeSubscriptions } from "../../config/testing/fake-subscriptions.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { ToldClusters } from "../../testing/told-clusters.ts";

const UDP_PROXY = "type.googleapis.com/envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig";
const ROUTE = "type.googleapis.com/envoy.extensions.filters.udp.udp_proxy.v3.Route";

/** A UDP socket of a test on loopback. */
export class UdpPeer {
  readonly socket: Socket;
  /** What came, as text. */
  readonly received: string[] = [];
  /** Who sent it. */
  readonly from: RemoteInfo[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("message", (data, from) => {
      this.received.push(data.toString());
      this.from.push(from);
    });
  }

  static async open(t: TestContext, ip = "127.0.0.1"): Promise<UdpPeer> {
    const socket = createSocket(ip.includes(":") ? "udp6" : "udp4");
    socket.bind(0, ip);
    await once(socket, "listening");
    t.after(() => socket.close());
    return new UdpPeer(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** Sends a datagram, and waits for the next one that comes. */
  async ask(text: string | Buffer, port: number, ip = "127.0.0.1"): Promise<string> {
    const count = this.received.length;
    this.socket.send(text, port, ip);
    return this.next(count);
  }

  /** The datagram of that number, counted from 0. */
  async next(index: number): Promise<string> {
    while (this.received.length <= index) await once(this.socket, "message");
    return this.received[index]!;
  }
}

/** A port that nobody listens on. */
export async function unusedPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** A host that answers each datagram with what it got, behind a name. */
export async function startEcho(t: TestContext, name = ""): Promise<UdpPeer> {
  const peer = await UdpPeer.open(t);
  peer.socket.on("message", (data, { address, port }) =>
    peer.socket.send(`${name}${data.toString()}`, port, address),
  );
  return peer;
}

/** `matcher` to one cluster. */
export function routeTo(cluster: string): string {
  return `matcher: { on_no_match: { action: ${routeAction(cluster)} } }`;
}

/** An action of a matcher. */
export function routeAction(cluster: string): string {
  return `{ name: route, typed_config: { "@type": ${ROUTE}, cluster: ${cluster} } }`;
}

/** A UDP proxy as an item of `listener_filters`; `fields` in flow style. Its stats are below `udp.t.` */
export function udpProxy(fields: string): string {
  return `{ name: proxy, typed_config: { "@type": ${UDP_PROXY}, stat_prefix: t, ${fields} } }`;
}

/** A UDP listener, `main` on a port of its own; `more`: fields of it, in flow style. */
export function udpListener(filters: string, more = "", ip = "127.0.0.1"): string {
  const address = `{ socket_address: { protocol: UDP, address: "${ip}", port_value: 0 } }`;
  return `{ name: main, address: ${address}, listener_filters: [${filters}]${more && `, ${more}`} }`;
}

/** A cluster of hosts on loopback, by locality and with its weight. */
export function clusterOf(
  name: string,
  localities: readonly { readonly weight: number; readonly ports: readonly number[] }[],
  more = "",
): string {
  const endpoints = localities.map(({ weight, ports }, index) => {
    const hosts = ports.map(
      (port) =>
        `{ endpoint: { address: { socket_address: { protocol: UDP, address: 127.0.0.1, port_value: ${port} } } } }`,
    );
    return `{ locality: { region: r${index} }, load_balancing_weight: ${weight}, lb_endpoints: [${hosts.join(", ")}] }`;
  });
  return `{ name: ${name}, load_assignment: { cluster_name: ${name}, endpoints: [${endpoints.join(", ")}] }${more && `, ${more}`} }`;
}

/** The same of hosts that are all alike. */
export function clusterAt(name: string, ports: readonly number[], more = ""): string {
  return clusterOf(name, [{ weight: 1, ports }], more);
}

export interface UdpRig {
  readonly proxy: TestProxy;
  /** Of the listener. */
  readonly port: number;
  /** Tells clusters to the proxy, and takes them away. */
  readonly told: ToldClusters;
}

/** A proxy with this listener and these clusters (YAML); it ends with the test. */
export async function startUdpRig(
  t: TestContext,
  listener: string,
  clusters: readonly string[],
  more = "",
): Promise<UdpRig> {
  const subscriptions = new FakeSubscriptions();
  const proxy = await startProxy(
    `node: { id: proxy-1, cluster: test }\nstatic_resources: { listeners: [${listener}] }\n${more}`,
    undefined,
    { subscriptions },
  );
  t.after(() => proxy.close());
  const told = new ToldClusters(proxy, subscriptions);
  for (const cluster of clusters) {
    const outcome = told.set(cluster);
    if (outcome !== "added") throw new Error(outcome);
  }
  return { proxy, port: proxy.port("main"), told };
}
