/** A header line. */
export type HeaderLine = readonly [name: string, value: string];

/** Told of a question, once. */
export interface VerdictCallbacks {
  onVerdict(verdict: Verdict): void;
}

/** What the service says of a request. */
export type Verdict =
  | {
      readonly kind: "ok";
      readonly set: readonly HeaderLine[];
      readonly append: readonly HeaderLine[];
      readonly remove: readonly string[];
      /** Of the response. */
      readonly toClient: readonly HeaderLine[];
    }
  /** `body` is a byte string. */
  | {
      readonly kind: "denied";
      readonly status: number;
      readonly headers: readonly HeaderLine[];
      readonly body: string;
    }
  | { readonly kind: "error" };
