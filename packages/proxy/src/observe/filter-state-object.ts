/** An object in the filter state that says itself how it is shown. Anything else there is plain data. */
export interface FilterStateObject {
  /** `%FILTER_STATE(KEY:PLAIN)%`, and what matchers and expressions see; null when it has no text. */
  readonly filterStateText: string | null;
  /** `%FILTER_STATE(KEY:TYPED)%`: its message as plain JSON. */
  readonly filterStateJson: unknown;
  /** `%FILTER_STATE(KEY:FIELD:name)%`; absent when it has none. */
  readonly filterStateFields?: Readonly<Record<string, unknown>>;
}

/** Whether a value of the filter state is such an object. */
export function isFilterStateObject(value: unknown): value is FilterStateObject {
  return typeof value === "object" && value !== null && "filterStateText" in value;
}
