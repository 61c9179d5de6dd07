import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataPlaneBootstrap, GatewayCache, StageOrder, xdsStages } from "@nuncio/gateway";
import { pieceTables, type PieceLists } from "@nuncio/gateway/testing/pieces";
import type { Table } from "@nuncio/gateway/testing/table";
import { listenGrpc, shortNameOfUrl, XdsServer, type ListeningServer } from "@nuncio/xds";
import { freePorts } from "../harness/free-ports.ts";
import { startProxy, type ProxyKind, type RunningProxy } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { until } from "../harness/until.ts";

const GROUP = "all";

/** A proxy that the gateway's xDS drives: it is given one set of pieces after the other, without a restart. */
export class DrivenProxy {
  readonly kind: ProxyKind;
  readonly #tables = pieceTables();
  readonly #stages = xdsStages(this.#tables);
  readonly #order = new StageOrder(this.#stages);
  readonly #server: XdsServer;
  #listening: ListeningServer | undefined;
  #proxy: RunningProxy | undefined;

  private constructor(kind: ProxyKind) {
    this.kind = kind;
    const cache = new GatewayCache(this.#stages, () => GROUP);
    cache.open(GROUP);
    this.#server = new XdsServer({ cache });
  }

  static async start(kind: ProxyKind): Promise<DrivenProxy> {
    const driven = new DrivenProxy(kind);
    await driven.#start();
    return driven;
  }

  async #start(): Promise<void> {
    const folder = makeTempFolder("driven");
    this.#listening = await listenGrpc(this.#server);
    const [port] = (await freePorts(1)) as [number];
    const xds = { host: "127.0.0.1", port: this.#listening.address.port };
    const admin = { host: "127.0.0.1", port };
    const file = join(folder, "bootstrap.json");
    writeFileSync(
      file,
      JSON.stringify(dataPlaneBootstrap({ group: GROUP, id: this.kind, admin, xds })),
    );
    try {
      this.#proxy = await startProxy(this.kind, file, port);
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      removeTempFolder(folder);
    }
  }

  async close(): Promise<void> {
    await this.#proxy?.stop();
    await this.#listening?.close();
  }

  /** In the place of what it had; returns when all of it is accepted. Throws when a resource is refused, or nobody wants it. */
  async show(lists: PieceLists): Promise<void> {
    const { secrets, listeners, routeConfigs, virtualHosts, clusters, endpoints } = this.#tables;
    replace(secrets[0], lists.secrets);
    replace(endpoints, lists.endpoints);
    replace(clusters, lists.clusters);
    replace(virtualHosts, lists.virtualHosts);
    replace(routeConfigs, lists.routeConfigs);
    replace(listeners, lists.listeners);
    this.#order.settle();
    const resources = this.#stages.flatMap((stage) =>
      Array.from(stage.entries(), ([, { resource }]) => resource),
    );
    let waiting = "";
    try {
      await until("each resource was accepted", () => {
        const found = resources.map((resource) => this.#problemOf(resource)).filter(Boolean);
        const [first = ""] = found as string[];
        waiting = first;
        return Promise.resolve(first === "");
      });
    } catch (error) {
      throw new Error(`${this.kind}: ${waiting}`, { cause: error });
    }
  }

  #problemOf(resource: { typeUrl: string; name: string; version: string }): string | undefined {
    const { typeUrl, name, version } = resource;
    const what = `${shortNameOfUrl(typeUrl)} ${name}`;
    const [client] = this.#server.statusOf(typeUrl, name);
    if (client === undefined) return `${what}: nobody asked for it`;
    if (client.refusal !== undefined) return `${what}: ${client.refusal.message}`;
    return client.state === "accepted" && client.version === version
      ? undefined
      : `${what}: ${client.state}`;
  }
}

function replace<P extends { readonly name: string }>(
  table: Table<P>,
  pieces: readonly P[] = [],
): void {
  const wanted = new Set(pieces.map(({ name }) => name));
  const there = Array.from(table.entries(), ([name]) => name);
  for (const name of there) if (!wanted.has(name)) table.delete(name);
  for (const piece of pieces) table.set(piece.name, piece);
}
