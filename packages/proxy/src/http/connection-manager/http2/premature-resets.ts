import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { RequestLimits } from "../request-limits.ts";

/** Finds the client that asks for much and gives most of it up before there is a response (CVE-2023-44487). */
export class PrematureResets {
  readonly #limits: RequestLimits;
  #ended = 0;
  #premature = 0;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** A stream ended. True when the connection has to end as well. */
  onStreamEnd(info: StreamInfo): boolean {
    this.#ended++;
    if (!this.#isPremature(info)) return false;
    this.#premature++;
    const { prematureResetTotalStreamCount: count } = this.#limits;
    // With half of them gone already, nothing that follows could change the verdict.
    return this.#premature * 2 >= Math.max(count, this.#ended);
  }

  #isPremature({ responseCode, startMs, endMs }: StreamInfo): boolean {
    const lifetimeSeconds = Math.floor((endMs - startMs) / 1000);
    return (
      responseCode === 0 && lifetimeSeconds <= this.#limits.prematureResetMinStreamLifetimeSeconds
    );
  }
}
