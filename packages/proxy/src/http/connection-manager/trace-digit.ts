/** What the 14th hex digit of a request id, the version of the UUID, says about tracing. */
export const TraceDigit = { NotTraced: "4", Sampled: "9", Forced: "a", Client: "b" } as const;
export type TraceDigit = (typeof TraceDigit)[keyof typeof TraceDigit];

const AT = 14;
const UUID_CHARS = 36;

/** The digit of an id that has one. */
export function traceDigitOf(id: string): string | undefined {
  return id.length === UUID_CHARS ? id[AT] : undefined;
}

/** The id with another digit; one of another length than a UUID's as it is. */
export function withTraceDigit(id: string, digit: TraceDigit): string {
  return id.length === UUID_CHARS ? id.slice(0, AT) + digit + id.slice(AT + 1) : id;
}
