import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type net from "node:net";
import type { TestContext } from "node:test";
import { PREFACE } from "@nuncio/codec/testing/http2-frames";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { FramePeer } from "../../testing/frame-peer.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { Bystander } from "./bystander.ts";
import { heldBytes } from "./held-bytes.ts";

/** A proxy under attack, between a decent origin and somebody who wants to be served meanwhile. */
export interface AbuseRig {
  readonly proxy: TestProxy;
  readonly bystander: Bystander;
  /** What the origin wrote of endless responses. */
  readonly endlessBytes: () => number;
  /** A hostile client; its preface is sent. */
  attacker(): FramePeer;
  /** By how much more than before the attack is held. */
  grownBytes(): Promise<number>;
}

/** What a rig differs in; the texts are YAML. */
export interface AbuseOptions {
  /** Fields of the HTTP connection manager, lines at ten spaces. */
  readonly hcm?: string;
  /** Fields of the cluster `slow`, in flow style. */
  readonly cluster?: string;
  /** Fields of the route of `/evil`, to the cluster `evil`, beginning with a comma. */
  readonly route?: string;
  /** Where the cluster `evil` is; its fields are in `evilCluster`. */
  readonly evilPort?: number;
  readonly evilCluster?: string;
}

/**
 * Starts it. The origin answers `/ok`; it is also the cluster `slow`, where `/hang` is never answered and `/endless` without
 * an end. `/none` is answered by the proxy itself.
 */
export async function startAbuseRig(t: TestContext, options: AbuseOptions = {}): Promise<AbuseRig> {
  const { hcm = "", cluster = "", route = "", evilPort, evilCluster = "" } = options;
  const origin = await startOrigin(t);
  const clusters = [clusterYaml("origin", origin.port), clusterYaml("slow", origin.port, cluster)];
  if (evilPort !== undefined) clusters.push(clusterYaml("evil", evilPort, evilCluster));
  const proxy = await startProxy(
    httpBootstrap(
      `${hcm}
          http_filters: [${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { prefix: /none }
                direct_response: { status: 404, body: { inline_string: nothing } }
              ${evilPort === undefined ? "" : `- { match: { prefix: /evil }, route: { cluster: evil ${route} } }`}
              - match: { prefix: /ok }
                route: { cluster: origin }
              - match: { prefix: / }
                route: { cluster: slow, timeout: 0s }`,
      clusters,
    ),
  );
  const bystander = new Bystander(proxy.port("main"));
  const attackers: FramePeer[] = [];
  t.after(() => {
    bystander.close();
    for (const attacker of attackers) attacker.close();
    proxy.close();
  });
  // Whatever is made once is there before anybody measures.
  await bystander.isServed();
  const before = await heldBytes();
  return {
    proxy,
    bystander,
    endlessBytes: origin.endlessBytes,
    attacker() {
      const attacker = FramePeer.connect(proxy.port("main")).send(PREFACE);
      attackers.push(attacker);
      return attacker;
    },
    grownBytes: async () => (await heldBytes()) - before,
  };
}

/**
 * Sends `text(i)` for i from 0 to `count` in packets of `each`. After each packet somebody else is served. Returns how many
 * were sent until the connection ended.
 */
export async function attack(
  rig: AbuseRig,
  attacker: FramePeer,
  count: number,
  each: number,
  text: (i: number) => string,
): Promise<number> {
  let sent = 0;
  while (sent < count && attacker.goAwayCode === null && !attacker.ended) {
    let packet = "";
    for (let i = 0; i < each; i++) packet += text(sent + i);
    attacker.send(packet);
    sent += each;
    await rig.bystander.isServed();
  }
  return sent;
}

/** Says how much it was. */
export function assertBelow(bytes: number, limitBytes: number): void {
  assert.ok(bytes < limitBytes, `${bytes} bytes are held, ${limitBytes} would be too many`);
}

async function startOrigin(
  t: TestContext,
): Promise<{ readonly port: number; readonly endlessBytes: () => number }> {
  let endlessBytes = 0;
  const server = http.createServer((request, response) => {
    response.on("error", () => {});
    if (request.url === "/ok") response.end("ok");
    if (request.url !== "/endless") return;
    const write = (): void => {
      do endlessBytes += PIECE.length;
      while (response.write(PIECE));
    };
    response.on("drain", write);
    write();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as net.AddressInfo).port, endlessBytes: () => endlessBytes };
}

const PIECE = Buffer.alloc(64 * 1024, "x");
