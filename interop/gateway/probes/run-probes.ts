import type { PieceLists } from "@nuncio/gateway/testing/pieces";
import { until } from "../../xds/until.ts";
import { DrivenProxy } from "../driven-proxy.ts";
import { requestsFor, requestText } from "../oracle/requests.ts";
import { firstRoute, type PlainRoute } from "../oracle/routing.ts";
import { Backends } from "./backends.ts";
import { probe, type Outcome } from "./probe.ts";
import { probeScene, type ProbeScene } from "./scene.ts";
import { canConnect } from "./send.ts";
import { sharedRoutes, wrongShares } from "./shares.ts";

/** Requests for one domain; those of domains with many routes are a part of all. */
const REQUESTS_PER_HOST_MAX = 40;
const SIDES = ["envoy", "nuncio"] as const;

/** Two proxies that are driven by our control plane, and probed with the same requests. */
export class ProbeRun {
  readonly #backends = new Backends();
  readonly #proxies: readonly DrivenProxy[];
  requests = 0;

  private constructor(proxies: readonly DrivenProxy[]) {
    this.#proxies = proxies;
  }

  static async start(): Promise<ProbeRun> {
    return new ProbeRun(await Promise.all(SIDES.map((kind) => DrivenProxy.start(kind))));
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
      return a === b ? [] : [`${name}\n    envoy:  ${a}\n    nuncio: ${b}`];
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
      return found;
    });
    return (await Promise.all(wrong)).flat();
  }

  async #show(proxy: DrivenProxy, side: string, lists: PieceLists): Promise<ProbeScene> {
    const scene = await probeScene(lists, this.#backends);
    await proxy.show(scene.lists);
    for (const { target } of scene.hosts)
      await until(`${side} listens on ${target.port}`, () => canConnect(target.port));
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
          ...unexpected(outcome, route),
        });
      }
    }
    return outcomes;
  }
}

/** Where each request may come to another backend, one request says nothing. */
function isByChance(route: PlainRoute | undefined): boolean {
  const [, to = ""] = /^to ([^;]*);/.exec(route?.action ?? "") ?? [];
  const [, mirrors = ""] = /mirrors ([^;]*);/.exec(route?.action ?? "") ?? [];
  const isMirroredAtTimes =
    mirrors !== "" && mirrors.split(" ").some((one) => !one.endsWith("*100%"));
  return to.includes(" ") || isMirroredAtTimes;
}

/** Says which of two is wrong, or that both are. */
function unexpected({ status }: Outcome, route: PlainRoute | undefined): object {
  const [, told] = /^(?:redirect|answer) (\d+)/.exec(route?.action ?? "answer 404") ?? [];
  return told === undefined || Number(told) === status ? {} : { expected: Number(told) };
}
