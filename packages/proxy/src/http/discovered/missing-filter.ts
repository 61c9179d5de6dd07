import { ResponseFlag } from "../../observe/stream-info.ts";
import { HeadersStatus } from "../filter.ts";
import type { DecoderFilterCallbacks, HttpFilter } from "../filter.ts";

/** Answers in the place of a filter whose configuration did not come (Envoy's `MissingConfigFilter`). */
export class MissingFilter implements HttpFilter {
  #callbacks!: DecoderFilterCallbacks;

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#callbacks = callbacks;
  }

  decodeHeaders(): HeadersStatus {
    this.#callbacks.streamInfo.responseFlags |= ResponseFlag.NoFilterConfigFound;
    this.#callbacks.sendLocalReply(500, "", "");
    return HeadersStatus.StopIteration;
  }
}
