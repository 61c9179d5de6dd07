import type { Tracing } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { FractionalPercent } from "@nuncio/api/types/envoy/type/v3/percent_pb";
import { compileFractionalPercent } from "../../../runtime/compile-values.ts";
import type { FractionConfig } from "../../../runtime/model.ts";
import type { TraceSamples } from "../../trace-samples.ts";

const ALL: FractionConfig = { numerator: 100, denominator: 100 };

/** `Route.tracing`: all of each unless it says otherwise, whatever the connection manager's are. */
export function compileTraceSamples(message: Tracing): TraceSamples {
  return {
    client: sample(message.clientSampling),
    random: sample(message.randomSampling),
    overall: sample(message.overallSampling),
  };
}

function sample(fraction: FractionalPercent | undefined): FractionConfig {
  return fraction === undefined ? ALL : compileFractionalPercent(fraction);
}
