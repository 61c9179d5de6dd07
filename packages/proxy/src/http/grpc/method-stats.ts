import type { WorkerStats } from "../../observe/stats/definition.ts";

/** The statuses that gRPC defines are 0 to 16. */
const CODES = 17;

/** The counters of one method in one cluster, or of all methods that have none of their own. */
export class GrpcMethodStats {
  readonly #stats: WorkerStats;
  readonly #prefix: string;
  readonly #otherCodes: (name: string) => number | null;
  #total = -1;
  #success = -1;
  #failure = -1;
  #requestMessages = -1;
  #responseMessages = -1;
  #time = -1;
  readonly #codes: number[] = Array.from({ length: CODES }, () => -1);

  /**
   * `prefix` is that of the names, with the final dot. `otherCodes` gives the slot of a status that gRPC does not know,
   * by its full name, or null for none.
   */
  constructor(stats: WorkerStats, prefix: string, otherCodes: (name: string) => number | null) {
    this.#stats = stats;
    this.#prefix = prefix;
    this.#otherCodes = otherCodes;
  }

  /** Counts an outcome: `grpc-status` as it came. */
  countStatus(status: string): void {
    this.countOutcome(status === "0");
    const code = CODE.test(status) ? Number(status) : CODES;
    if (code < CODES) {
      if (this.#codes[code]! < 0) this.#codes[code] = this.#slot(status);
      this.#add(this.#codes[code]!, 1);
      return;
    }
    const slot = this.#otherCodes(`${this.#prefix}${status}`);
    if (slot !== null) this.#add(slot, 1);
  }

  /** Counts an outcome that has no gRPC status. */
  countOutcome(success: boolean): void {
    if (success) {
      if (this.#success < 0) this.#success = this.#slot("success");
      this.#add(this.#success, 1);
    } else {
      if (this.#failure < 0) this.#failure = this.#slot("failure");
      this.#add(this.#failure, 1);
    }
    if (this.#total < 0) this.#total = this.#slot("total");
    this.#add(this.#total, 1);
  }

  addRequestMessages(count: number): void {
    if (this.#requestMessages < 0) this.#requestMessages = this.#slot("request_message_count");
    this.#add(this.#requestMessages, count);
  }

  addResponseMessages(count: number): void {
    if (this.#responseMessages < 0) this.#responseMessages = this.#slot("response_message_count");
    this.#add(this.#responseMessages, count);
  }

  /** From the last byte of the request to the upstream to the last byte of its response, in milliseconds. */
  recordTime(ms: number): void {
    if (this.#time < 0)
      this.#time = this.#stats.dynamicHistogram(`${this.#prefix}upstream_rq_time`);
    this.#stats.record(this.#time, ms);
  }

  #slot(name: string): number {
    return this.#stats.dynamicCounter(`${this.#prefix}${name}`);
  }

  #add(slot: number, count: number): void {
    this.#stats.slots[slot]! += count;
  }
}

/** As gRPC writes it; `05` is another text, and counted as such. */
const CODE = /^(?:\d|1\d)$/;
