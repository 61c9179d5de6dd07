import type { Contender } from "./contenders.ts";
import type { DynamicSample } from "./measure-dynamic.ts";
import type { GatewaySample } from "./measure-gateway.ts";
import type { LatencySample } from "./measure-latency.ts";
import type { MemorySample } from "./measure-memory.ts";
import type { RateSample } from "./measure-rate.ts";
import type { TlsMemorySample } from "./measure-tls-memory.ts";
import type { RoutingSample } from "./micro/routes.ts";
import { median } from "./statistics.ts";

/** All samples of one row, a list per contender, a place per round. */
export type Samples<T> = ReadonlyMap<Contender, readonly T[]>;

export interface RateResult {
  readonly name: string;
  readonly title: string;
  readonly ownBase: string | null;
  readonly bar: number | null;
  readonly samples: Samples<RateSample>;
}

export interface Results {
  readonly rates: readonly RateResult[];
  readonly latency: { readonly rate: number; readonly samples: Samples<LatencySample> } | null;
  readonly memory: Samples<MemorySample> | null;
  readonly tlsMemory: Samples<TlsMemorySample> | null;
  readonly dynamic: Samples<DynamicSample> | null;
  /** Nuncio's own, a list per size, a place per round. */
  readonly gateway: readonly (readonly GatewaySample[])[] | null;
  /** Nuncio's own, a place per round. */
  readonly routing: readonly RoutingSample[] | null;
}

/** The median of one figure. */
export function middle<T>(
  samples: readonly T[] | undefined,
  figure: (sample: T) => number,
): number {
  return median((samples ?? []).map(figure));
}

/**
 * The median over the rounds of one contender's figure divided by Envoy's of the same round: what changes slowly
 * on a machine, its clock or its neighbours, meets both alike.
 */
export function medianRatio<T>(
  samples: Samples<T>,
  contender: Contender,
  figure: (sample: T) => number,
): number {
  const envoy = samples.get("envoy") ?? [];
  const own = samples.get(contender) ?? [];
  return median(
    own.flatMap((sample, round) =>
      envoy[round] === undefined ? [] : [figure(sample) / figure(envoy[round])],
    ),
  );
}
