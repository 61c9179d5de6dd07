import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import type { StreamInfo } from "../../observe/stream-info.ts";
import { RuntimeFraction } from "../../runtime/values.ts";
import { HeaderMutationList } from "../header-mutations/header-mutation-list.ts";
import type { MirrorPolicyConfig } from "./model.ts";

/** Random numbers are taken as whole numbers, as in Envoy: below 2^53. */
const RANDOM_RANGE = 2 ** 53;
const SUFFIX = "-shadow";

type Worker = Pick<WorkerContext, "nowMs" | "wallMs" | "runtime">;

/** One mirror policy on a worker. */
export class MirrorPolicy {
  readonly #config: MirrorPolicyConfig;
  readonly #fraction: RuntimeFraction | null;
  readonly #mutations: HeaderMutationList | null;

  constructor(config: MirrorPolicyConfig, worker: Worker) {
    this.#config = config;
    this.#fraction =
      config.fraction === undefined ? null : new RuntimeFraction(config.fraction, worker.runtime);
    this.#mutations =
      config.mutations === undefined ? null : new HeaderMutationList(config.mutations, worker);
  }

  /** `random` is the stream's, in [0, 1): policies with the same fraction pick the same requests, as in Envoy. */
  applies(random: number): boolean {
    return this.#fraction === null || this.#fraction.holds(Math.floor(random * RANDOM_RANGE));
  }

  /** The cluster for a request; empty when its header does not say. */
  clusterName(headers: HeaderMap): string {
    const { cluster, clusterHeader } = this.#config;
    if (clusterHeader === "") return cluster;
    return Buffer.from(headers.get(clusterHeader) ?? "", "latin1").toString("utf8");
  }

  /** Turns a copy of the request's headers into those of the mirrored request; `ownIp` joins x-forwarded-for. */
  prepare(headers: HeaderMap, streamInfo: StreamInfo, ownIp: string): void {
    const { hostRewriteLiteral, keepsHost } = this.#config;
    this.#mutations?.apply(headers, {
      streamInfo,
      requestHeaders: headers,
      responseHeaders: null,
      responseTrailers: null,
      localReplyBody: "",
    });
    if (hostRewriteLiteral !== undefined) headers.authority = hostRewriteLiteral;
    else if (keepsHost !== true) headers.authority = shadowHost(headers.authority);
    headers.set("x-envoy-internal", "true");
    const forwardedFor = headers.get("x-forwarded-for");
    headers.set(
      "x-forwarded-for",
      forwardedFor === undefined || forwardedFor === "" ? ownIp : `${forwardedFor},${ownIp}`,
    );
  }
}

/** Null for an empty list. */
export function buildMirrorPolicies(
  configs: readonly MirrorPolicyConfig[],
  worker: Worker,
): readonly MirrorPolicy[] | null {
  return configs.length === 0 ? null : configs.map((config) => new MirrorPolicy(config, worker));
}

/** The suffix stands before the port; colons within brackets are an address. */
function shadowHost(host: string): string {
  const colon = host.lastIndexOf(":");
  if (colon < 0 || host.lastIndexOf("]") > colon) return host + SUFFIX;
  return host.slice(0, colon) + SUFFIX + host.slice(colon);
}
