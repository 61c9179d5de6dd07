import type { Http2Counter, Http2Counters } from "@nuncio/codec";
import { type ScopeSlots, type WorkerStats, touchScope } from "../observe/stats/definition.ts";
import { HTTP2_STATS } from "../observe/stats/tables/http2.ts";

/** The stats of the codecs of one scope on one worker. */
export class Http2CodecStats implements Http2Counters {
  readonly #slots: Float64Array;
  readonly #base: number;

  constructor(stats: WorkerStats, scope: ScopeSlots) {
    touchScope(stats, scope, HTTP2_STATS);
    this.#slots = stats.slots;
    this.#base = scope.base;
  }

  add(counter: Http2Counter, by: number): void {
    this.#slots[this.#base + HTTP2_STATS.at[counter]]! += by;
  }
}
