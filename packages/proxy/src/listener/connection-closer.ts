import { Timer, type TimerTarget } from "../base/timer-wheel.ts";
import type { ServerConnection } from "../network/filter-manager.ts";
import type { LoopTask } from "../transport/io-loop.ts";
import type { TransportContext } from "../transport/transport-context.ts";
import type { DrainOptions } from "./drain.ts";
import type { FilterChain } from "./filter-chain.ts";

/** One takes some 20 µs; others wait meanwhile. */
const CONNECTIONS_PER_TURN = 100;
/** How much of a gradual drain is over when connections without a response are told, too. */
const LAST_CALL = 0.9;

/**
 * Sees to the connections of chains that say nothing by themselves: near the end of the drain time those that can are told
 * (GOAWAY), at its end what is left is closed. So many in each turn of the loop.
 */
export class ConnectionCloser implements TimerTarget, LoopTask {
  readonly #chains: readonly FilterChain[];
  readonly #transport: TransportContext;
  readonly #onTime: () => void;
  readonly #lastCall: Timer = new Timer(this);
  readonly #end: Timer = new Timer(this);
  #ended = false;
  /** Those whose turn it is, and how many had it. */
  #connections: ServerConnection[] = [];
  #done = 0;

  /** `onTime`: what else is to be done at the end. */
  constructor(
    chains: Iterable<FilterChain>,
    transport: TransportContext,
    onTime: () => void = () => {},
  ) {
    this.#chains = [...chains];
    this.#transport = transport;
    this.#onTime = onTime;
  }

  /** `closes`: what is left at the end of the drain time is closed. */
  start({ timeMs, strategy }: DrainOptions, closes = true): void {
    const { timers } = this.#transport;
    timers.arm(this.#lastCall, strategy === "immediate" ? 0 : timeMs * LAST_CALL);
    if (closes) timers.arm(this.#end, timeMs);
  }

  /** Nothing is left to be closed. */
  cancel(): void {
    this.#transport.timers.cancel(this.#lastCall);
    this.#transport.timers.cancel(this.#end);
    this.#connections = [];
  }

  onTimer(timer: Timer): void {
    // A short time may end both at once, in any order.
    if (this.#ended) return;
    this.#ended = timer === this.#end;
    const connections: ServerConnection[] = [];
    for (const chain of this.#chains)
      for (let each = chain.first; each !== null; each = each.next) connections.push(each);
    const waits = this.#connections.length > 0;
    this.#connections = connections;
    this.#done = 0;
    if (this.#ended) this.#onTime();
    if (connections.length > 0 && !waits) this.#transport.loop.soon(this);
  }

  onTurn(): void {
    const end = Math.min(this.#done + CONNECTIONS_PER_TURN, this.#connections.length);
    while (this.#done < end) {
      const server = this.#connections[this.#done++]!;
      if (this.#ended) server.connection.close("local");
      else server.onDrain();
      // What was closed last may have ended it all.
      if (this.#connections.length === 0) return;
    }
    if (this.#done < this.#connections.length) this.#transport.loop.soon(this);
    else this.#connections = [];
  }
}
