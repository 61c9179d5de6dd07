import type { HeaderMap } from "@nuncio/codec";
import type { DecoderFilterCallbacks } from "../../filter.ts";
import type { BodyConfig } from "./model.ts";
import type { Question, VerdictCallbacks } from "./verdict.ts";

/** What a service may be told of a request. */
export interface CheckedRequest {
  readonly headers: HeaderMap;
  /** Null when it is not told. */
  readonly body: Buffer | null;
  /** How much of it is told. */
  readonly bodyConfig: BodyConfig | null;
  readonly callbacks: DecoderFilterCallbacks;
  /** `context_extensions` of the routes, the most specific one for each key; null for none. */
  readonly contextExtensions: ReadonlyMap<string, string> | null;
}

/** A service that is asked about requests, on a worker. */
export interface AuthorizationService {
  /** Asks. The verdict may come before this returns: then, and where there is nothing to cancel, it is null. */
  check(request: CheckedRequest, callbacks: VerdictCallbacks): Question | null;
}
