/** A header line. */
export type HeaderLine = readonly [name: string, value: string];

/** What becomes of headers. */
export interface HeaderChange {
  /** Lower case. */
  readonly name: string;
  /** A byte string. */
  readonly value: string;
  /** `join`: to a line that is there, with a comma; nothing without one. */
  readonly action: "set" | "add" | "join" | "add_if_absent" | "overwrite_if_exists";
}

/** A query parameter as it stands in a path. */
export type QueryParameter = readonly [name: string, value: string];

/** Told of a question, once. */
export interface VerdictCallbacks {
  onVerdict(verdict: Verdict): void;
}

/** What the service says of a request. */
export type Verdict = (
  | {
      readonly kind: "ok";
      /** In the order in which they are made. */
      readonly changes: readonly HeaderChange[];
      readonly remove: readonly string[];
      /** Of the response, likewise. */
      readonly toClient: readonly HeaderChange[];
      readonly querySet?: readonly QueryParameter[];
      readonly queryRemove?: readonly string[];
    }
  /** `body` is a byte string. */
  | {
      readonly kind: "denied";
      readonly status: number;
      readonly headers: readonly HeaderLine[];
      readonly body: string;
    }
  /** What is left out is as it is configured. */
  | {
      readonly kind: "error";
      readonly status?: number;
      readonly headers?: readonly HeaderLine[];
      readonly body?: string;
    }
) & {
  /** JSON data for the stream's metadata; left out for none. */
  readonly metadata?: Record<string, unknown>;
  /** It asks for an `append_action` that there is not. */
  readonly unknownAction?: boolean;
};

/** A question under way. */
export interface Question {
  /** Gives it up; there will be no verdict. */
  reset(): void;
}
