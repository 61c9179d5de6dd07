import type { FractionConfig } from "../runtime/model.ts";

/** Which requests are traced, as a connection manager or a route says (`Tracing`). */
export interface TraceSamples {
  /** Of those that ask for it by `x-client-trace-id`. */
  readonly client: FractionConfig;
  /** Of the others. */
  readonly random: FractionConfig;
  /** Of those that would be traced. */
  readonly overall: FractionConfig;
}
