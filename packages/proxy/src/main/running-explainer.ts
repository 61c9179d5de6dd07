import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import { load, type Source } from "@nuncio/api";
import type { Bootstrap } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import type { RequestText } from "../explain/explain-request.ts";
import type { Explanation } from "../explain/model.ts";
import type { Places } from "../explain/places.ts";
import type { ListenerConfig } from "../listener/model.ts";
import { Runtime } from "../runtime/snapshot.ts";
import type {
  ClusterDefinition,
  EndpointConfig,
  LocalityEndpoints,
} from "../upstream/definition.ts";
import type { ClusterStatus, HostStatus } from "../upstream/manager/cluster-status.ts";
import { hostIp } from "./host-ip.ts";
import { resolvedListener } from "./resolved-listener.ts";
import type { Server } from "./server.ts";

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Places that nobody asks for are forgotten after this. */
const PLACES_KEPT_MS = 60_000;

interface PackedSource extends Omit<Source, "content"> {
  readonly isText: boolean;
  readonly content: Promise<Buffer>;
}

/**
 * Explains requests by what a proxy runs: its listeners as bound, its clusters with the hosts and the health of this
 * moment. All of it happens on main, in memory of its own; the workers are not asked. For the places the texts of the
 * configuration are kept packed, and read anew when somebody asks.
 */
export class RunningExplainer {
  readonly #server: Server;
  readonly #sources: readonly PackedSource[];
  #places: Places | null = null;
  #forget: NodeJS.Timeout | null = null;

  constructor(server: Server, sources: readonly Source[]) {
    this.#server = server;
    this.#sources = sources.map(({ content, ...rest }) => ({
      ...rest,
      isText: typeof content === "string",
      content: deflate(content),
    }));
  }

  /** @throws ExplainError for a request that cannot be read, or that no listener gets */
  async explain(request: RequestText): Promise<Explanation> {
    const { compiled, clusters, listeners, options, runtime } = this.#server;
    // Those of the bootstrap first: places go by their order.
    const names = new Set(compiled.listeners.map(({ name }) => name));
    const dynamic = listeners.listeners.filter(({ name }) => !names.has(name));
    const bound = compiled.listeners.map((each) => asBound(each, listeners.listeners));
    const statuses = new Map(clusters.statuses().map((each) => [each.config.name, each]));
    // Who never asks never pays for this code.
    const { Explainer } = await import("../explain/explainer.ts");
    const explainer = new Explainer({
      listeners: [...bound, ...dynamic].map((each) => resolvedListener(each, compiled)),
      clusters: clusters.definitions.map((each) => withHosts(each, statuses.get(each.config.name))),
      places: await this.#placesNow(),
      hostIp: hostIp(options.localAddressIpVersion),
      wallMs: Date.now(),
      runtime: new Runtime(runtime.loader.runtime.values),
    });
    return explainer.explain(request);
  }

  async #placesNow(): Promise<Places> {
    if (this.#forget !== null) clearTimeout(this.#forget);
    this.#forget = setTimeout(() => (this.#places = null), PLACES_KEPT_MS).unref();
    return (this.#places ??= await this.#readPlaces());
  }

  async #readPlaces(): Promise<Places> {
    const { Places: Found } = await import("../explain/places.ts");
    const sources = await Promise.all(
      this.#sources.map(async ({ isText, content, ...rest }): Promise<Source> => {
        const bytes = await inflate(await content);
        return { ...rest, content: isText ? bytes.toString("utf8") : bytes };
      }),
    );
    const { message, origins } = load<Bootstrap>("envoy.config.bootstrap.v3.Bootstrap", sources);
    return new Found(message, origins);
  }
}

function asBound(listener: ListenerConfig, bound: readonly ListenerConfig[]): ListenerConfig {
  return bound.find(({ name }) => name === listener.name) ?? listener;
}

/** The hosts that a cluster has now, as if they were configured. */
function withHosts(
  definition: ClusterDefinition,
  status: ClusterStatus | undefined,
): ClusterDefinition {
  if (status === undefined) return definition;
  const { loadAssignment } = definition;
  return {
    ...definition,
    discovery: { type: "STATIC" },
    loadAssignment: { ...loadAssignment, localities: status.hosts.map(localityOf) },
  };
}

function localityOf(host: HostStatus): LocalityEndpoints {
  const { address, hostname, weight, healthFlags, metadata, locality, priority } = host;
  const endpoint: EndpointConfig = { target: { address }, hostname, weight, healthFlags, metadata };
  return { locality, weight: 1, priority, endpoints: [endpoint] };
}
