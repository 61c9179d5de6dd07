import { randomUUID } from "node:crypto";
import type { HeaderMap } from "@nuncio/codec";
import type { HeaderRulesConfig } from "./header-rules-model.ts";
import { withTraceDigit, TraceDigit } from "./trace-digit.ts";

/** Gives requests an x-request-id (`UuidRequestIdConfig`): a random UUID, whose 14th hex digit says "not traced". */
export class RequestId {
  readonly #preserves: boolean;
  readonly #packs: boolean;

  constructor(config: HeaderRulesConfig) {
    this.#preserves = config.preserveExternalRequestId;
    this.#packs = config.requestId.packTraceReason;
  }

  /** `present`: the value as it came. Clients at the edge choose their own only with `preserve_external_request_id`. */
  ensure(headers: HeaderMap, present: string | undefined, edge: boolean): void {
    if (present === undefined || present === "" || (edge && !this.#preserves)) {
      headers.set("x-request-id", randomUUID());
    } else if (edge && this.#packs) {
      // An outsider may name its request, but not have it traced.
      const cleared = withTraceDigit(present, TraceDigit.NotTraced);
      if (cleared !== present) headers.set("x-request-id", cleared);
    }
  }
}
