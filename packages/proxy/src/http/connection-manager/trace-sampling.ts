import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import type { FractionConfig } from "../../runtime/model.ts";
import type { Runtime } from "../../runtime/snapshot.ts";
import type { TraceSamples } from "../trace-samples.ts";
import type { RequestIdConfig } from "./header-rules-model.ts";
import { TraceDigit, traceDigitOf, withTraceDigit } from "./trace-digit.ts";

/** Why a request is traced, as the stats `tracing.*` name it. */
export type TraceReason = "client_enabled" | "service_forced" | "random_sampling" | "not_traceable";

const REASON_OF_DIGIT: { readonly [digit: string]: TraceReason } = {
  [TraceDigit.Client]: "client_enabled",
  [TraceDigit.Forced]: "service_forced",
  [TraceDigit.Sampled]: "random_sampling",
};
const DIGIT_OF_REASON: { readonly [reason in TraceReason]: TraceDigit } = {
  client_enabled: TraceDigit.Client,
  service_forced: TraceDigit.Forced,
  random_sampling: TraceDigit.Sampled,
  not_traceable: TraceDigit.NotTraced,
};

/**
 * Decides whether a request is traced, and writes the decision into its id, so that all proxies on its way decide alike: the
 * first eight hex digits of the id are the random number (Envoy's `mutateTracingRequestHeader`).
 */
export class TraceSampling {
  readonly #samples: TraceSamples;
  readonly #id: RequestIdConfig;
  readonly #worker: Pick<WorkerContext, "random" | "runtime">;
  #generation = -1;
  /** What the runtime says instead of any configuration. */
  #overrides: Partial<TraceSamples> = {};

  constructor(
    samples: TraceSamples,
    id: RequestIdConfig,
    worker: Pick<WorkerContext, "random" | "runtime">,
  ) {
    this.#samples = samples;
    this.#id = id;
    this.#worker = worker;
  }

  /** `ofRoute`: what the route says instead, if it does. */
  apply(headers: HeaderMap, ofRoute: TraceSamples | null): TraceReason {
    if (!this.#id.usedForSampling) return "random_sampling";
    const id = headers.get("x-request-id");
    const number = numberOf(id);
    if (number < 0) return "not_traceable";
    const before = this.#reasonIn(id!);
    if (this.#generation !== this.#worker.runtime.generation) this.#refresh();
    const samples = ofRoute ?? this.#samples;
    let reason = before === "not_traceable" ? this.#reasonFor(headers, number, samples) : before;
    if (!holds(this.#overrides.overall ?? samples.overall, number)) reason = "not_traceable";
    if (reason !== before && this.#id.packTraceReason)
      headers.set("x-request-id", withTraceDigit(id!, DIGIT_OF_REASON[reason]));
    return reason;
  }

  #refresh(): void {
    const { runtime } = this.#worker;
    this.#generation = runtime.generation;
    this.#overrides = overridesOf(runtime);
  }

  #reasonIn(id: string): TraceReason {
    const digit = this.#id.packTraceReason ? traceDigitOf(id) : undefined;
    return (digit === undefined ? undefined : REASON_OF_DIGIT[digit]) ?? "not_traceable";
  }

  #reasonFor(headers: HeaderMap, number: number, samples: TraceSamples): TraceReason {
    const client = this.#overrides.client ?? samples.client;
    const random = this.#overrides.random ?? samples.random;
    if (
      headers.has("x-client-trace-id") &&
      holds(client, Math.floor(this.#worker.random() * client.denominator))
    )
      return "client_enabled";
    if (headers.has("x-envoy-force-trace")) return "service_forced";
    return holds(random, number) ? "random_sampling" : "not_traceable";
  }
}

/** The keys of Envoy; they count for routes with samples of their own, too. */
function overridesOf(runtime: Runtime): Partial<TraceSamples> {
  const client = runtime.fraction("tracing.client_enabled", null);
  const random = runtime.fraction("tracing.random_sampling", null);
  const overall = runtime.fraction("tracing.global_enabled", null);
  return {
    ...(client !== null && { client }),
    ...(random !== null && { random }),
    ...(overall !== null && { overall }),
  };
}

function holds({ numerator, denominator }: FractionConfig, number: number): boolean {
  return number % denominator < numerator;
}

const DIGITS = 8;

/** The first digits of an id as a number; -1 when they are none. */
function numberOf(id: string | undefined): number {
  if (id === undefined || !/^[0-9a-f]{8}/i.test(id)) return -1;
  return Number.parseInt(id.slice(0, DIGITS), 16);
}
