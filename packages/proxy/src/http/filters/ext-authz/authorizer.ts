import type { WorkerContext } from "../../../base/worker-context.ts";
import type { NetworkServices } from "../../../network/services.ts";
import { EXT_AUTHZ_STATS } from "../../../observe/stats/tables/ext-authz.ts";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import { RuntimeFlag, RuntimeFraction } from "../../../runtime/values.ts";
import type { Cluster } from "../../../upstream/cluster.ts";
import { buildMetadataMatcher } from "../../route/matchers/metadata-matcher.ts";
import type { AuthorizationService } from "./authorization-service.ts";
import { GrpcAuthorizationService } from "./grpc/service.ts";
import { HttpAuthorizationService } from "./http-service.ts";
import type { ExtAuthzConfig, ServiceConfig } from "./model.ts";
import { RequestChanges } from "./request-changes.ts";
import { ToldHeaders } from "./told-headers.ts";

/** Random numbers are taken as whole numbers, as in Envoy: below 2^53. */
const RANDOM_RANGE = 2 ** 53;

/** What is counted for the filter, and for the cluster that the request goes to. */
export type Outcome = "ok" | "denied" | "error" | "failure_mode_allowed" | "invalid";

/** What all requests of one filter on one worker share. */
export class Authorizer {
  readonly config: ExtAuthzConfig;
  readonly services: NetworkServices;
  readonly service: AuthorizationService;
  readonly changes: RequestChanges;
  readonly #told: ToldHeaders;
  /** Those of routes, by what they are configured with. */
  readonly #ofRoutes = new WeakMap<ServiceConfig, AuthorizationService>();
  readonly #enabled: RuntimeFraction | null;
  readonly #enabledMetadata: ((info: StreamInfo) => boolean) | null;
  readonly #denyAtDisable: RuntimeFlag | null;
  readonly #worker: WorkerContext;

  constructor(config: ExtAuthzConfig, services: NetworkServices) {
    const { worker } = services;
    const { enabled, enabledMetadata, denyAtDisable } = config;
    this.config = config;
    this.services = services;
    this.#told = new ToldHeaders(config);
    this.service = this.#build(config.service);
    this.changes = new RequestChanges(config);
    this.#enabled = enabled === undefined ? null : new RuntimeFraction(enabled, worker.runtime);
    this.#enabledMetadata =
      enabledMetadata === undefined ? null : buildMetadataMatcher(enabledMetadata);
    this.#denyAtDisable =
      denyAtDisable === undefined ? null : new RuntimeFlag(denyAtDisable, worker.runtime);
    this.#worker = worker;
  }

  /** The service of a route. */
  serviceOf(config: ServiceConfig): AuthorizationService {
    let service = this.#ofRoutes.get(config);
    if (service === undefined) {
      service = this.#build(config);
      this.#ofRoutes.set(config, service);
    }
    return service;
  }

  #build(config: ServiceConfig): AuthorizationService {
    const { asyncClient } = this.services;
    return config.kind === "http"
      ? new HttpAuthorizationService(config, asyncClient, this.#told)
      : new GrpcAuthorizationService(config, asyncClient, this.config, this.#told);
  }

  /** Whether a request is among those that are asked about; drawn anew by each call. */
  isEnabledFor(info: StreamInfo): boolean {
    if (this.#enabledMetadata?.(info) === false) return false;
    if (this.#enabled === null) return true;
    return this.#enabled.holds(Math.floor(this.#worker.random() * RANDOM_RANGE));
  }

  nowMs(): number {
    return this.#worker.nowMs();
  }

  get deniesAtDisable(): boolean {
    return this.#denyAtDisable?.enabled === true;
  }

  count(stat: keyof typeof EXT_AUTHZ_STATS.at): void {
    this.#worker.stats.slots[this.config.scope.base + EXT_AUTHZ_STATS.at[stat]]! += 1;
  }

  /** `cluster` is null for a request that goes to none. */
  countOutcome(outcome: Outcome, cluster: Cluster | null): void {
    this.count(outcome);
    if (cluster === null) return;
    const { stats } = this.#worker;
    const name = `${cluster.config.scope.prefix}${this.config.clusterStatPrefix}${outcome}`;
    stats.slots[stats.dynamicCounter(name)]! += 1;
  }

  /** The denial counts as an answer of the cluster to an internal request, as in Envoy. */
  chargeDenial(cluster: Cluster | null, status: number): void {
    if (cluster === null || !this.config.chargeClusterResponseStats) return;
    this.services.asyncClient.codeStats(cluster).count(status, true, false, true);
  }
}
