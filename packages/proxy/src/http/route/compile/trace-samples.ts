import type { Tracing } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { FractionalPercent } from "@nuncio/api/types/envoy/type/v3/percent_pb";
import type { Sample, TraceSamples } from "../../trace-samples.ts";

/** By `envoy.type.v3.FractionalPercent.DenominatorType`. */
const DENOMINATORS = [100, 10_000, 1_000_000];
const ALL: Sample = { numerator: 100, denominator: 100 };

/** `Route.tracing`: all of each unless it says otherwise, whatever the connection manager's are. */
export function compileTraceSamples(message: Tracing): TraceSamples {
  return {
    client: sample(message.clientSampling),
    random: sample(message.randomSampling),
    overall: sample(message.overallSampling),
  };
}

function sample(fraction: FractionalPercent | undefined): Sample {
  if (fraction === undefined) return ALL;
  return { numerator: fraction.numerator, denominator: DENOMINATORS[fraction.denominator]! };
}
