import type { HeaderMap } from "@nuncio/codec";
import type { NetworkServices } from "../../../network/services.ts";
import { HEALTH_CHECK_FILTER_STATS } from "../../../observe/stats/tables/health-check-filter.ts";
import { ResponseFlag } from "../../../observe/stream-info.ts";
import {
  DataStatus,
  HeadersStatus,
  TrailersStatus,
  type DecoderFilterCallbacks,
  type HttpFilter,
} from "../../filter.ts";
import {
  buildHeaderMatcher,
  type HeaderTestFunction,
} from "../../route/matchers/header-matcher.ts";
import type { HttpFilterFactory, HttpFilterWorkerSide } from "../extension.ts";
import { findFailure } from "./cluster-health.ts";
import { HealthCache } from "./health-cache.ts";
import type { HealthCheckConfig } from "./model.ts";

/** Worker side of the filter that answers health checks. */
export const healthCheckWorkerSide: HttpFilterWorkerSide<HealthCheckConfig> = {
  configType: "envoy.extensions.filters.http.health_check.v3.HealthCheck",
  build: (config, _worker, { services }) => new HealthCheckFactory(config, services),
};

class HealthCheckFactory implements HttpFilterFactory {
  readonly config: HealthCheckConfig;
  readonly services: NetworkServices;
  readonly cache: HealthCache | null;
  readonly #tests: readonly HeaderTestFunction[];

  constructor(config: HealthCheckConfig, services: NetworkServices) {
    this.config = config;
    this.services = services;
    this.cache = config.cache === null ? null : new HealthCache(config.cache);
    this.#tests = config.headers.map(buildHeaderMatcher);
  }

  create(): HttpFilter {
    return new HealthCheckFilter(this);
  }

  count(stat: keyof typeof HEALTH_CHECK_FILTER_STATS.at): void {
    const { slots } = this.services.worker.stats;
    slots[this.config.scope.base + HEALTH_CHECK_FILTER_STATS.at[stat]]! += 1;
  }

  isHealthCheck(headers: HeaderMap): boolean {
    return this.#tests.every((test) => test(headers));
  }
}

/** One request, which may be a health check. */
class HealthCheckFilter implements HttpFilter {
  readonly #factory: HealthCheckFactory;
  #callbacks!: DecoderFilterCallbacks;
  #isHealthCheck = false;
  /** It is answered from here. */
  #answers = false;

  constructor(factory: HealthCheckFactory) {
    this.#factory = factory;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#callbacks = callbacks;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    const { config, cache, services } = this.#factory;
    if (!this.#factory.isHealthCheck(headers)) return HeadersStatus.Continue;
    this.#isHealthCheck = true;
    this.#callbacks.streamInfo.healthCheck = true;
    this.#answers =
      !config.passThrough || services.serverHealth.failed || (cache?.current ?? null) !== null;
    if (!this.#answers) return HeadersStatus.Continue;
    if (endStream) this.#answer();
    return HeadersStatus.StopIteration;
  }

  decodeData(_data: Buffer, endStream: boolean): DataStatus {
    if (!this.#answers) return DataStatus.Continue;
    if (endStream) this.#answer();
    return DataStatus.StopIterationNoBuffer;
  }

  decodeTrailers(): TrailersStatus {
    if (!this.#answers) return TrailersStatus.Continue;
    this.#answer();
    return TrailersStatus.StopIteration;
  }

  encodeHeaders(headers: HeaderMap): HeadersStatus {
    const { config, cache, services } = this.#factory;
    if (this.#isHealthCheck) {
      cache?.set({ status: headers.status, degraded: headers.has("x-envoy-degraded") });
      headers.set("x-envoy-upstream-healthchecked-cluster", config.serviceCluster);
    }
    if (services.serverHealth.failed) headers.set("x-envoy-immediate-health-check-fail", "true");
    return HeadersStatus.Continue;
  }

  #answer(): void {
    const factory = this.#factory;
    const { config, cache, services } = factory;
    factory.count("request_total");
    if (services.serverHealth.failed) this.#reply(503, "health_check_failed");
    else if (cache !== null) {
      // What was there when the request came may be over.
      const { status, degraded } = cache.current ?? { status: 200, degraded: false };
      factory.count("cached_response");
      this.#reply(status, "health_check_cached", degraded);
    } else if (config.minHealthyPercents.length > 0) this.#answerFor(config, services);
    else this.#reply(200, "health_check_ok");
  }

  #answerFor({ minHealthyPercents }: HealthCheckConfig, { clusters }: NetworkServices): void {
    const failure = findFailure(minHealthyPercents, clusters);
    if (failure === null) {
      this.#reply(200, "health_check_ok_cluster_healthy");
      return;
    }
    this.#factory.count(failure.stat);
    this.#reply(503, failure.details);
  }

  #reply(status: number, details: string, degraded = false): void {
    const factory = this.#factory;
    if (degraded) factory.count("degraded");
    if (status >= 200 && status <= 299) factory.count("ok");
    else {
      factory.count("failed");
      this.#callbacks.streamInfo.responseFlags |= ResponseFlag.FailedLocalHealthCheck;
    }
    this.#callbacks.sendLocalReply(status, "", details, (headers) => {
      if (degraded) headers.set("x-envoy-degraded", "");
    });
  }
}
