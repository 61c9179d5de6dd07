import type { PieceLists } from "@nuncio/gateway/testing/pieces";
import { until } from "../../harness/until.ts";
import type { DocumentKeyPair } from "../documents/random-document.ts";
import { DrivenProxy } from "../driven-proxy.ts";
import { mirrorsOf } from "../oracle/read-action.ts";
import { isPreflight, requestsFor, requestText } from "../oracle/requests.ts";
import { firstRoute, type PlainRoute } from "../oracle/routing.ts";
import { Backends } from "./backends.ts";
import { probePort } from "./probe-connections.ts";
import { probe, type Outcome } from "./probe.ts";
import { probeScene, type ProbeScene } from "./scene.ts";
import { canConnect } from "./send.ts";
import { sharedChains, wrongConnectionShares } from "./share-connections.ts";
import { sharedRoutes, wrongShares } from "./shares.ts";

/** Requests for one domain; those of domains with many routes are a part of all. */
const REQUESTS_PER_HOST_MAX = 40;
const SIDES = ["envoy", "nuncio"] as const;

/** Two proxies that are driven by our control plane, and probed with the same requests. */
export class ProbeRun {
  readonly #backends: Backends;
  readonly #proxies: readonly DrivenProxy[];
  requests = 0;

  private constructor(proxies: readonly DrivenProxy[], backends: Backends) {
    this.#proxies = proxies;
    this.#backends = backends;
  }

  /** @param keyPair what backends show where TLS is spoken, PEM */
  static async start(keyPair: DocumentKeyPair): Promise<ProbeRun> {
    const proxies = await Promise.all(SIDES.map((kind) => DrivenProxy.start(kind)));
    return new ProbeRun(proxies, new Backends(keyPair));
  }

  async close(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    this.#backends.close();
  }

  /** What the two do not agree on, or not with the routes that they were given. */
  async probe(lists: PieceLists): Promise<string[]> {
    const [left, right] = await Promise.all(
      this.#proxies.map((proxy, index) => this.#outcomes(proxy, SIDES[index]!, lists)),
    );
    return [...left!].flatMap(([name, one]) => {
      const other = right!.get(name);
      const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
      return a === b && one["expected"] === undefined
        ? []
        : [`${name}\n    envoy:  ${a}\n    nuncio: ${b}`];
    });
  }

  /** Routes whose backends have other shares of many requests than their weights say. */
  async probeShares(lists: PieceLists, routesMax: number): Promise<string[]> {
    const wrong = this.#proxies.map(async (proxy, index) => {
      const scene = await this.#show(proxy, SIDES[index]!, lists);
      const found: string[] = [];
      for (const { host, request, route } of sharedRoutes(scene.hosts).slice(0, routesMax)) {
        const problem = await wrongShares(host, request, { route, backends: this.#backends });
        if (problem !== undefined) found.push(`${SIDES[index]} ${host.name}: ${problem}`);
      }
      for (const shared of sharedChains(scene.ports).slice(0, routesMax)) {
        const problem = await wrongConnectionShares(shared);
        if (problem !== undefined) found.push(`${SIDES[index]} ${shared.port.name}: ${problem}`);
      }
      return found;
    });
    return (await Promise.all(wrong)).flat();
  }

  async #show(proxy: DrivenProxy, side: string, lists: PieceLists): Promise<ProbeScene> {
    const scene = await probeScene(lists, this.#backends);
    await proxy.show(scene.lists);
    for (const { port, protocol } of scene.ports)
      if (protocol === "TCP") await until(`${side} listens on ${port}`, () => canConnect(port));
    return scene;
  }

  async #outcomes(
    proxy: DrivenProxy,
    side: string,
    lists: PieceLists,
  ): Promise<Map<string, Outcome>> {
    const scene = await this.#show(proxy, side, lists);
    const outcomes = new Map<string, Outcome>();
    for (const host of scene.hosts) {
      for (const request of requestsFor(host.routes).slice(0, REQUESTS_PER_HOST_MAX)) {
        const route = firstRoute(host.routes, request);
        if (isByChance(route)) continue;
        const id = `${side}-${this.requests}`;
        this.requests += 1;
        const outcome = await probe(host, request, { id, route, backends: this.#backends });
        outcomes.set(`${host.name}: ${requestText(request)} -> ${route?.name ?? "no route"}`, {
          ...outcome,
          ...(!isPreflight(request) && unexpected(outcome, route)),
        });
      }
    }
    for (const port of scene.ports)
      for (const [name, outcome] of await probePort(port)) {
        this.requests += 1;
        outcomes.set(name, outcome);
      }
    return outcomes;
  }
}

/** Where each request may come to another backend, one request says nothing. */
function isByChance(route: PlainRoute | undefined): boolean {
  const [, to = ""] = /^to ([^;]*);/.exec(route?.action ?? "") ?? [];
  const mirrors = mirrorsOf(route?.action ?? "");
  const shares = route?.shares?.length ?? 1;
  return shares > 1 || to.includes(" ") || mirrors.some((one) => !one.endsWith("*100%"));
}

/** What clients of gRPC are told instead of a status of HTTP. */
const GRPC_STATUSES: Readonly<Record<number, number>> = { 404: 12, 500: 2, 503: 14 };

/** Says which of two is wrong, or that both are. */
function unexpected({ status, headers }: Outcome, route: PlainRoute | undefined): object {
  const [, told] = /^(?:redirect|answer) (\d+)/.exec(route?.action ?? "answer 404") ?? [];
  if (told === undefined) return {};
  const [, grpcStatus] = /"grpc-status":"(\d+)"/.exec(String(headers)) ?? [];
  const [expected, seen] =
    grpcStatus === undefined
      ? [Number(told), status]
      : [GRPC_STATUSES[Number(told)], Number(grpcStatus)];
  return expected === seen ? {} : { expected };
}
