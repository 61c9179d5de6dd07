import type { HeaderMap } from "@nuncio/codec";
import type { Cluster } from "../../../upstream/cluster.ts";
import type { AsyncStream } from "../../async-client/async-stream.ts";
import {
  DataStatus,
  HeadersStatus,
  TrailersStatus,
  type DecoderFilterCallbacks,
  type HttpFilter,
} from "../../filter.ts";
import { clusterOfRequest } from "../../grpc/cluster-of-request.ts";
import { appendHeader } from "../../header-mutations/header-lines.ts";
import type { HttpFilterWorkerSide } from "../extension.ts";
import { Authorizer } from "./authorizer.ts";
import { bodyToTell } from "./check-request.ts";
import type { HttpAuthorizationService } from "./http-service.ts";
import type { BodyConfig, ExtAuthzConfig, ExtAuthzRouteConfig } from "./model.ts";
import { denyRequest, replyError } from "./replies.ts";
import { applyToRequest, changesRequest } from "./request-changes.ts";
import type { HeaderLine, Verdict, VerdictCallbacks } from "./verdict.ts";

const CONFIG_TYPE = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz";

/** Worker side of the filter that asks a service whether requests are allowed. */
export const extAuthzWorkerSide: HttpFilterWorkerSide<ExtAuthzConfig, ExtAuthzRouteConfig> = {
  configType: CONFIG_TYPE,
  perRouteType: "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
  build(config, _worker, { services }) {
    const authorizer = new Authorizer(config, services);
    return { create: () => new ExtAuthzFilter(authorizer) };
  },
  buildPerRoute: (config) => config,
};

/** One request: it waits until the service allows it. */
class ExtAuthzFilter implements HttpFilter, VerdictCallbacks {
  readonly #authorizer: Authorizer;
  #callbacks!: DecoderFilterCallbacks;
  #service: HttpAuthorizationService;
  /** What is told of the body; null for nothing. */
  #body: BodyConfig | null;
  #headers!: HeaderMap;
  /** The body is gathered before the service is asked. */
  #gathers = false;
  #waits = false;
  /** The service is being asked: what it says now needs no `continueDecoding`. */
  #asking = false;
  #call: AsyncStream | null = null;
  /** Where the request goes if it may. */
  #cluster: Cluster | null = null;
  #toClient: readonly HeaderLine[] = [];

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
    this.#service = authorizer.service;
    this.#body = authorizer.config.body;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#callbacks = callbacks;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    const callbacks = this.#callbacks;
    if (callbacks.route() === null) return HeadersStatus.Continue;
    const ofRoute = callbacks.perRouteConfig(CONFIG_TYPE) as ExtAuthzRouteConfig | null;
    if (ofRoute?.disabled === true) return HeadersStatus.Continue;
    if (!this.#authorizer.enabled) return this.#passOrDeny();
    this.#headers = headers;
    if (ofRoute !== null) this.#takeSettings(ofRoute);
    this.#gathers = this.#body !== null && !endStream && callbacks.streamInfo.upgradeType === "";
    if (!this.#gathers) {
      this.#ask(null);
      return this.#waits ? HeadersStatus.StopAllIterationAndWatermark : HeadersStatus.Continue;
    }
    if (!this.#body!.allowsPart) callbacks.setDecoderBufferLimit(this.#body!.bytesMax);
    return HeadersStatus.StopIteration;
  }

  decodeData(data: Buffer, endStream: boolean): DataStatus {
    if (!this.#gathers) return DataStatus.Continue;
    const { allowsPart, bytesMax } = this.#body!;
    const held = this.#callbacks.decodingBuffer();
    const bytes = (held?.length ?? 0) + data.length;
    if (!endStream && (!allowsPart || bytes < bytesMax)) return DataStatus.StopIterationAndBuffer;
    // Too much of it is answered when it is kept.
    if (!allowsPart && bytes > bytesMax) return DataStatus.StopIterationAndBuffer;
    this.#ask(held === null ? data : Buffer.concat([held, data]));
    return this.#waits ? DataStatus.StopIterationAndWatermark : DataStatus.Continue;
  }

  decodeTrailers(): TrailersStatus {
    if (this.#gathers) this.#ask(this.#callbacks.decodingBuffer());
    return this.#waits ? TrailersStatus.StopIteration : TrailersStatus.Continue;
  }

  encodeHeaders(headers: HeaderMap): HeadersStatus {
    for (const [name, value] of this.#toClient) appendHeader(headers, name, value);
    return HeadersStatus.Continue;
  }

  onDestroy(): void {
    this.#call?.reset();
    this.#call = null;
  }

  #passOrDeny(): HeadersStatus {
    this.#authorizer.count("disabled");
    if (!this.#authorizer.deniesAtDisable) return HeadersStatus.Continue;
    replyError(this.#callbacks, this.#authorizer.config.statusOnError);
    return HeadersStatus.StopIteration;
  }

  #takeSettings({ body, service }: ExtAuthzRouteConfig): void {
    if (body !== undefined) this.#body = body;
    if (service !== undefined) this.#service = this.#authorizer.serviceOf(service);
  }

  #ask(body: Buffer | null): void {
    if (this.#waits) return;
    const { requests, config, services } = this.#authorizer;
    const told = requests.headersOf(this.#headers);
    const bytes = body === null || this.#body === null ? null : bodyToTell(body, this.#body, told);
    const { clusters } = services;
    this.#cluster = clusterOfRequest(clusters, this.#callbacks, this.#headers);
    this.#waits = true;
    this.#asking = true;
    this.#call = this.#service.check(
      told,
      bytes,
      this.#callbacks.formatContext,
      config.deniedBodyBytesMax,
      this,
    );
    this.#asking = false;
  }

  onVerdict(verdict: Verdict): void {
    this.#call = null;
    const { config } = this.#authorizer;
    switch (verdict.kind) {
      case "ok":
        this.#authorizer.countOutcome("ok", this.#cluster);
        if (config.clearRouteCache && changesRequest(verdict)) this.#callbacks.clearRouteCache();
        applyToRequest(verdict, this.#headers);
        this.#toClient = verdict.toClient;
        this.#goOn();
        break;
      case "denied":
        this.#authorizer.countOutcome("denied", this.#cluster);
        this.#authorizer.chargeDenial(this.#cluster, verdict.status);
        denyRequest(this.#callbacks, verdict);
        break;
      case "error":
        this.#authorizer.countOutcome("error", this.#cluster);
        if (!config.failureModeAllow) {
          replyError(this.#callbacks, config.statusOnError);
          break;
        }
        this.#authorizer.countOutcome("failure_mode_allowed", this.#cluster);
        if (config.failureModeAllowHeaderAdd)
          appendHeader(this.#headers, "x-envoy-auth-failure-mode-allowed", "true");
        this.#goOn();
    }
  }

  /** What is still to come of the body passes. */
  #goOn(): void {
    this.#gathers = false;
    this.#waits = false;
    if (!this.#asking) this.#callbacks.continueDecoding();
  }
}
