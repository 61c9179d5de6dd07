/** An object in the filter state that says itself how it is shown. Anything else there is plain data. */
export interface FilterStateObject {
  /** `%FILTER_STATE(KEY:PLAIN)%`, and what matchers and expressions see; null when it has no text. */
  readonly filterStateText: string | null;
  /** `%FILTER_STATE(KEY:TYPED)%`: its message as plain JSON; undefined when it has none. */
  readonly filterStateJson: unknown;
  /** `%FILTER_STATE(KEY:FIELD:name)%`; absent when it has none. */
  readonly filterStateFields?: Readonly<Record<string, unknown>>;
  /** What address matchers see; absent when it is no address. */
  readonly filterStateIp?: string;
}

/** The text of a value of the filter state; null for what is not there, or has none. */
export function filterStateTextOf(value: unknown): string | null {
  if (isFilterStateObject(value)) return value.filterStateText;
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

/** Whether a value of the filter state is such an object. */
export function isFilterStateObject(value: unknown): value is FilterStateObject {
  return typeof value === "object" && value !== null && "filterStateText" in value;
}
