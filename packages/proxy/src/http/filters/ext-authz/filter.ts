import type { HeaderMap } from "@nuncio/codec";
import { ResponseFlag } from "../../../observe/stream-info.ts";
import type { Cluster } from "../../../upstream/cluster.ts";
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
import type { AuthorizationService } from "./authorization-service.ts";
import { Authorizer } from "./authorizer.ts";
import type { BodyConfig, ExtAuthzConfig, ExtAuthzRouteConfig } from "./model.ts";
import { denyRequest, replyError, replyInvalid } from "./replies.ts";
import { changesRequest } from "./request-changes.ts";
import { changeResponse } from "./response-changes.ts";
import { noteDecision } from "./shadow.ts";
import type { HeaderChange, Question, Verdict, VerdictCallbacks } from "./verdict.ts";

/** Of the metadata that services give. */
const NAMESPACE = "envoy.filters.http.ext_authz";
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
  #service: AuthorizationService;
  /** What is told of the body; null for nothing. */
  #body: BodyConfig | null;
  #headers!: HeaderMap;
  /** The body is gathered before the service is asked. */
  #gathers = false;
  #waits = false;
  /** The service is being asked: what it says now needs no `continueDecoding`. */
  #asking = false;
  #question: Question | null = null;
  #askedMs = 0;
  /** Where the request goes if it may. */
  #cluster: Cluster | null = null;
  #toClient: readonly HeaderChange[] = [];
  /** The response comes from here. */
  #isLocal = false;

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
    if (!this.#authorizer.isEnabledFor(callbacks.streamInfo)) return this.#passOrDeny();
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
    if (this.#toClient.length === 0) return HeadersStatus.Continue;
    const changes = this.#toClient;
    const info = this.#isLocal ? null : this.#callbacks.streamInfo;
    if (changeResponse(changes, headers, this.#authorizer, info)) return HeadersStatus.Continue;
    this.#toClient = [];
    this.#authorizer.count("response_header_limits_reached");
    replyInvalid(this.#callbacks);
    return HeadersStatus.StopIteration;
  }

  onLocalReply(): void {
    this.#isLocal = true;
  }

  onDestroy(): void {
    this.#question?.reset();
    this.#question = null;
  }

  #passOrDeny(): HeadersStatus {
    this.#authorizer.count("disabled");
    if (!this.#authorizer.deniesAtDisable) return HeadersStatus.Continue;
    const { isShadow, statusOnError } = this.#authorizer.config;
    if (!isShadow) {
      replyError(this.#callbacks, statusOnError);
      return HeadersStatus.StopIteration;
    }
    this.#callbacks.streamInfo.responseFlags |= ResponseFlag.UnauthorizedExternalService;
    this.#authorizer.count("shadow_denied");
    noteDecision(this.#callbacks, { result: "DENIED", status: statusOnError });
    return HeadersStatus.Continue;
  }

  #takeSettings({ body, service }: ExtAuthzRouteConfig): void {
    if (body !== undefined) this.#body = body;
    if (service !== undefined) this.#service = this.#authorizer.serviceOf(service);
  }

  #ask(body: Buffer | null): void {
    if (this.#waits) return;
    const { services } = this.#authorizer;
    this.#cluster = clusterOfRequest(services.clusters, this.#callbacks, this.#headers);
    this.#waits = true;
    this.#asking = true;
    this.#askedMs = this.#authorizer.nowMs();
    const request = {
      headers: this.#headers,
      body: this.#body === null ? null : body,
      bodyConfig: this.#body,
      callbacks: this.#callbacks,
      contextExtensions: this.#contextExtensions(),
    };
    this.#question = this.#service.check(request, this);
    this.#asking = false;
  }

  #contextExtensions(): ReadonlyMap<string, string> | null {
    const configs = this.#callbacks.perRouteConfigs(CONFIG_TYPE) as readonly ExtAuthzRouteConfig[];
    if (configs.length === 0) return null;
    return new Map(configs.flatMap(({ contextExtensions }) => contextExtensions));
  }

  onVerdict(verdict: Verdict): void {
    this.#question = null;
    const { config, changes } = this.#authorizer;
    if (verdict.unknownAction === true && !changes.takesUnknownActions()) {
      this.#reject();
      return;
    }
    this.#takeMetadata(verdict);
    switch (verdict.kind) {
      case "ok":
        this.#onOk(verdict);
        break;
      case "denied":
        this.#authorizer.countOutcome("denied", this.#cluster);
        this.#authorizer.chargeDenial(this.#cluster, verdict.status);
        if (config.isShadow) this.#noteDenial(verdict);
        else if (changes.accepts(verdict.headers))
          denyRequest(this.#callbacks, verdict, config.deniedBodyBytesMax);
        else this.#reject();
        break;
      case "error":
        this.#onError(verdict);
    }
  }

  #onOk(verdict: Extract<Verdict, { readonly kind: "ok" }>): void {
    const { clearRouteCache, clearRouteCacheHeaders, isShadow } = this.#authorizer.config;
    if (clearRouteCache && changesRequest(verdict, clearRouteCacheHeaders))
      this.#callbacks.clearRouteCache();
    if (!this.#apply(verdict)) return;
    this.#authorizer.countOutcome("ok", this.#cluster);
    this.#toClient = verdict.toClient;
    if (isShadow) noteDecision(this.#callbacks, { result: "OK", status: 200 });
    this.#goOn();
  }

  #noteDenial({ status, headers }: Extract<Verdict, { readonly kind: "denied" }>): void {
    this.#authorizer.count("shadow_denied");
    noteDecision(this.#callbacks, { result: "DENIED", status, headers });
    this.#goOn();
  }

  #onError({ status, body, headers }: Extract<Verdict, { readonly kind: "error" }>): void {
    const { config } = this.#authorizer;
    this.#authorizer.countOutcome("error", this.#cluster);
    if (config.isShadow) {
      this.#authorizer.count("shadow_error");
      noteDecision(this.#callbacks, { result: "ERROR", status: status ?? config.statusOnError });
      this.#goOn();
      return;
    }
    if (!config.failureModeAllow) {
      replyError(this.#callbacks, status ?? config.statusOnError, body, headers);
      return;
    }
    this.#authorizer.countOutcome("failure_mode_allowed", this.#cluster);
    if (config.failureModeAllowHeaderAdd)
      appendHeader(this.#headers, "x-envoy-auth-failure-mode-allowed", "true");
    this.#goOn();
  }

  #takeMetadata({ kind, metadata }: Verdict): void {
    if (metadata === undefined) return;
    if (!this.#authorizer.config.ingestsMetadata) {
      this.#authorizer.count("ignored_dynamic_metadata");
      return;
    }
    const { streamInfo } = this.#callbacks;
    const took = Math.floor(this.#authorizer.nowMs() - this.#askedMs);
    streamInfo.dynamicMetadata = {
      ...streamInfo.dynamicMetadata,
      [NAMESPACE]: {
        ...streamInfo.dynamicMetadata?.[NAMESPACE],
        ...metadata,
        ...(kind === "ok" && { ext_authz_duration: took }),
      },
    };
  }

  #apply(verdict: Extract<Verdict, { readonly kind: "ok" }>): boolean {
    const limits = this.#callbacks.requestHeaderLimits;
    const outcome = this.#authorizer.changes.apply(verdict, this.#headers, limits);
    if (outcome === "applied") return true;
    if (outcome === "too_large") this.#authorizer.count("request_header_limits_reached");
    this.#reject();
    return false;
  }

  #reject(): void {
    this.#authorizer.countOutcome("invalid", this.#cluster);
    replyInvalid(this.#callbacks);
  }

  /** What is still to come of the body passes. */
  #goOn(): void {
    this.#gathers = false;
    this.#waits = false;
    if (!this.#asking) this.#callbacks.continueDecoding();
  }
}
