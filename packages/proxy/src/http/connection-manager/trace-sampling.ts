import type { HeaderMap } from "@nuncio/codec";
import type { Sample, TraceSamples } from "../trace-samples.ts";
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
  readonly #random: () => number;

  /** `random`: in [0, 1). */
  constructor(samples: TraceSamples, id: RequestIdConfig, random: () => number) {
    this.#samples = samples;
    this.#id = id;
    this.#random = random;
  }

  /** `ofRoute`: what the route says instead, if it does. */
  apply(headers: HeaderMap, ofRoute: TraceSamples | null): TraceReason {
    if (!this.#id.usedForSampling) return "random_sampling";
    const id = headers.get("x-request-id");
    const number = numberOf(id);
    if (number < 0) return "not_traceable";
    const before = this.#reasonIn(id!);
    const samples = ofRoute ?? this.#samples;
    let reason = before === "not_traceable" ? this.#reasonFor(headers, number, samples) : before;
    if (!holds(samples.overall, number)) reason = "not_traceable";
    if (reason !== before && this.#id.packTraceReason)
      headers.set("x-request-id", withTraceDigit(id!, DIGIT_OF_REASON[reason]));
    return reason;
  }

  #reasonIn(id: string): TraceReason {
    const digit = this.#id.packTraceReason ? traceDigitOf(id) : undefined;
    return (digit === undefined ? undefined : REASON_OF_DIGIT[digit]) ?? "not_traceable";
  }

  #reasonFor(headers: HeaderMap, number: number, { client, random }: TraceSamples): TraceReason {
    if (
      headers.has("x-client-trace-id") &&
      holds(client, Math.floor(this.#random() * client.denominator))
    )
      return "client_enabled";
    if (headers.has("x-envoy-force-trace")) return "service_forced";
    return holds(random, number) ? "random_sampling" : "not_traceable";
  }
}

function holds({ numerator, denominator }: Sample, number: number): boolean {
  return number % denominator < numerator;
}

const DIGITS = 8;

/** The first digits of an id as a number; -1 when they are none. */
function numberOf(id: string | undefined): number {
  if (id === undefined || !/^[0-9a-f]{8}/i.test(id)) return -1;
  return Number.parseInt(id.slice(0, DIGITS), 16);
}
