/** A share of requests: those whose random number, modulo `denominator`, is below `numerator`. */
export interface Sample {
  readonly numerator: number;
  readonly denominator: number;
}

/** Which requests are traced, as a connection manager or a route says (`Tracing`). */
export interface TraceSamples {
  /** Of those that ask for it by `x-client-trace-id`. */
  readonly client: Sample;
  /** Of the others. */
  readonly random: Sample;
  /** Of those that would be traced. */
  readonly overall: Sample;
}
