import { create, toBinary, type DescMessage } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type {
  HealthCheckRequestOrEndpointHealthResponse as HdsMessage,
  HealthCheckSpecifier,
} from "@nuncio/api/types/envoy/service/health/v3/hds_pb";
import type { Clock, StreamConnection, StreamTransport, Timer } from "@nuncio/xds";
import type { CheckedClusters, EndpointStatus } from "./checked-clusters.ts";
import type { Specifier } from "./specifier.ts";

/** Envoy's `hds_delegate.*`. */
export interface HdsStats {
  count(stat: "requests" | "responses" | "errors" | "updates"): void;
}

/** Settings of a delegate. */
export interface HdsDelegateOptions {
  readonly transport: StreamTransport<HdsMessage, HealthCheckSpecifier>;
  readonly node: Node;
  readonly clusters: Pick<CheckedClusters, "update" | "statuses" | "stop">;
  readonly clock: Clock;
  readonly stats: HdsStats;
  /** Milliseconds to the next attempt; from the start again after `reset`. */
  readonly backOff: { nextMs(): number; reset(): void };
  /** Of a `HealthCheckSpecifier`, serialized. */
  readonly read: (specifier: Uint8Array) => Specifier | { readonly error: string };
  /** A text for the log. */
  readonly warn: (text: string) => void;
}

// envoy.service.health.v3.Capability.Protocol
const HTTP = 0;
const TCP = 1;
// envoy.config.core.v3.HealthStatus
const HEALTHY = 1;
const UNHEALTHY = 2;
const TIMEOUT = 4;

/** Checks endpoints for a management server (HDS), and tells it each interval how they are. */
export class HdsDelegate {
  readonly #options: HdsDelegateOptions;
  #connection: StreamConnection<HdsMessage> | null = null;
  /** What is checked, as the server said it. */
  #content: Uint8Array | null = null;
  #intervalMs = 0;
  #timer: Timer | null = null;

  constructor(options: HdsDelegateOptions) {
    this.#options = options;
  }

  /** Opens the first stream. */
  start(): void {
    const connection = this.#options.transport.connect({
      onOpen: () => {
        if (this.#connection === connection) this.#introduce();
      },
      onMessage: (specifier) => {
        if (this.#connection === connection) this.#receive(specifier);
      },
      onClose: () => {
        if (this.#connection === connection) this.#failed();
      },
    });
    this.#connection = connection;
  }

  /** Nothing is checked any more. */
  close(): void {
    this.#timer?.cancel();
    this.#connection?.close();
    this.#connection = null;
    this.#options.clusters.stop();
  }

  #introduce(): void {
    const { node } = this.#options;
    const capability = { healthCheckProtocols: [HTTP, TCP] };
    this.#send({ case: "healthCheckRequest", value: { node, capability } });
    // On another stream the same is said again, and then the reports begin again.
    this.#content = null;
  }

  #receive(message: HealthCheckSpecifier): void {
    const { stats, backOff, clusters, warn, read } = this.#options;
    stats.count("requests");
    backOff.reset();
    const content = toBinary(envoyTypes().getMessage(message.$typeName)!, message);
    if (this.#content !== null && Buffer.compare(this.#content, content) === 0) return;
    const specifier = read(content);
    if ("error" in specifier) {
      // What was asked before goes on.
      stats.count("errors");
      warn(`HDS: ${specifier.error}`);
      return;
    }
    this.#content = content;
    clusters.update(specifier.clusters);
    stats.count("updates");
    this.#intervalMs = specifier.intervalMs;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(this.#intervalMs, () => {
      this.#report();
      this.#schedule();
    });
  }

  #report(): void {
    const endpointsHealth: object[] = [];
    const clusterEndpointsHealth = this.#options.clusters
      .statuses()
      .map(({ name, localities }) => ({
        clusterName: name,
        localityEndpointsHealth: localities.map(({ locality = {}, endpoints }) => {
          const healths = endpoints.map(endpointHealth);
          // Once more without clusters, for servers that are older than these.
          endpointsHealth.push(...healths);
          return { locality, endpointsHealth: healths };
        }),
      }));
    const value = { endpointsHealth, clusterEndpointsHealth };
    this.#send({ case: "endpointHealthResponse", value });
  }

  #send(requestType: object): void {
    this.#options.stats.count("responses");
    this.#connection?.send(create(schema(), { requestType }) as HdsMessage);
  }

  #failed(): void {
    const { stats, clock, backOff } = this.#options;
    this.#connection = null;
    stats.count("errors");
    this.#timer?.cancel();
    this.#timer = clock.setTimer(backOff.nextMs(), () => this.start());
  }
}

function endpointHealth({ endpoint: { told: address }, health }: EndpointStatus): object {
  const { isHealthy, hasTimedOut, status } = health;
  return {
    endpoint: { address },
    healthStatus: isHealthy ? HEALTHY : hasTimedOut ? TIMEOUT : UNHEALTHY,
    ...(status !== undefined && { healthMetadata: { http_status_code: status } }),
  };
}

function schema(): DescMessage {
  return envoyTypes().getMessage(
    "envoy.service.health.v3.HealthCheckRequestOrEndpointHealthResponse",
  )!;
}
