import { Timer, type TimerTarget } from "../base/timer-wheel.ts";
import {
  EOF,
  READ_BYTES_OR_ERROR,
  streamState,
  type NativeHandle,
  type NativeTcp,
} from "../transport/native.ts";
import type { TransportContext } from "../transport/transport-context.ts";
import { ListenerFilterStatus, type AcceptedFacts, type ListenerFilter } from "./filters/filter.ts";
import type { ListenerFilterPredicate } from "./filters/model.ts";
import { meets } from "./filters/predicate.ts";

/** A listener filter, and the connections that pass it by. */
export interface ListenerFilterSlot {
  readonly filter: ListenerFilter;
  readonly disabled: ListenerFilterPredicate | null;
}

/** Why a connection ended before it had a filter chain. */
export type EarlyEnd = "filter" | "timeout" | "remote_close" | "error" | "local";

/** Told what becomes of a connection in its listener filters; one of both, once. */
export interface AcceptedSocketOwner {
  readonly listenerFiltersTimeoutMs: number;
  readonly continueOnTimeout: boolean;
  /** The filters are through with it. `early`: bytes behind what they took, borrowed; null for none. */
  onInspected(socket: AcceptedSocket, early: Buffer | null, timeout: boolean): void;
  /** It is closed. */
  onEarlyEnd(socket: AcceptedSocket, end: EarlyEnd): void;
}

/**
 * A connection between accept and the choice of its filter chain: reads the raw socket until all listener filters have
 * seen what they look for. In nearly all cases that is one read, into the memory that all connections share.
 */
export class AcceptedSocket implements TimerTarget {
  readonly handle: NativeHandle;
  readonly facts: AcceptedFacts;

  readonly #owner: AcceptedSocketOwner;
  readonly #slots: readonly ListenerFilterSlot[];
  readonly #context: TransportContext;
  /** The filter that is asked, and whether it was told of the connection. */
  #index = 0;
  #entered = false;
  /** Bytes that nobody took yet: in memory of its own, from the second read on. */
  #held: Buffer | null = null;
  #heldBytes = 0;
  #timer: Timer | null = null;
  #done = false;

  constructor(
    handle: NativeHandle,
    facts: AcceptedFacts,
    slots: readonly ListenerFilterSlot[],
    context: TransportContext,
    owner: AcceptedSocketOwner,
  ) {
    this.handle = handle;
    this.facts = facts;
    this.#slots = slots;
    this.#context = context;
    this.#owner = owner;
  }

  /** Asks the filters; starts reading when one wants to see bytes. */
  start(): void {
    const { handle } = this;
    try {
      this.#run(NOTHING, 0, 0);
    } catch (error) {
      this.#onException(error);
    }
    if (this.#done) return;
    handle.connection = this;
    handle.onread = onRead;
    handle.useUserBuffer(this.#context.buffers.shared);
    handle.readStart();
    if (this.#owner.listenerFiltersTimeoutMs === 0) return;
    this.#timer = new Timer(this);
    this.#context.timers.arm(this.#timer, this.#owner.listenerFiltersTimeoutMs);
  }

  /** Ends it. */
  close(end: EarlyEnd): void {
    if (this.#done) return;
    this.#finish();
    closeUnread(this.handle, this.#heldBytes);
    this.#owner.onEarlyEnd(this, end);
  }

  onTimer(): void {
    if (!this.#owner.continueOnTimeout) {
      this.close("timeout");
      return;
    }
    this.#finish();
    const held = this.#heldBytes === 0 ? null : this.#held!.subarray(0, this.#heldBytes);
    this.#owner.onInspected(this, held, true);
  }

  /** Called by the native handle. */
  onNativeRead(count: number): void {
    const { loop, buffers } = this.#context;
    loop.enter();
    try {
      if (count > 0) this.#onBytes(buffers.shared, count);
      else if (count === EOF) this.close("remote_close");
      else if (count < 0) this.close("error");
    } catch (error) {
      this.#onException(error);
    }
    loop.leave();
  }

  #onException(error: unknown): void {
    this.#context.loop.onException(error);
    this.close("error");
    // It may be that the filters were through, and who got it did not take it.
    this.handle.close();
  }

  #onBytes(shared: Buffer, count: number): void {
    if (this.#held === null) {
      this.#run(shared, 0, count);
    } else {
      this.#hold(shared, 0, count);
      if (this.#heldBytes >= this.facts.neededBytes) this.#run(this.#held, 0, this.#heldBytes);
    }
  }

  /** Asks one filter after the other, until one waits or the connection has another owner. */
  #run(buffer: Buffer, start: number, end: number): void {
    const { facts } = this;
    let at = start;
    while (this.#index < this.#slots.length) {
      const status = this.#ask(this.#slots[this.#index]!, buffer, at, end);
      if (status === ListenerFilterStatus.Wait) {
        if (this.#held === null || at > start) this.#keep(buffer, at, end);
        return;
      }
      if (status === ListenerFilterStatus.Close) {
        this.#heldBytes = end - at;
        this.close("filter");
        return;
      }
      at += facts.consumedBytes;
      this.#index++;
      this.#entered = false;
    }
    this.#finish();
    this.#owner.onInspected(this, at === end ? null : buffer.subarray(at, end), false);
  }

  #ask(
    { filter, disabled }: ListenerFilterSlot,
    buffer: Buffer,
    start: number,
    end: number,
  ): ListenerFilterStatus {
    const { facts } = this;
    facts.consumedBytes = 0;
    facts.neededBytes = 0;
    if (!this.#entered) {
      this.#entered = true;
      const port = facts.localAddress.ip.startsWith("/") ? 0 : facts.localAddress.port;
      if (disabled !== null && meets(disabled, port)) return ListenerFilterStatus.Continue;
      const status = filter.onAccept(facts);
      if (status !== ListenerFilterStatus.Wait) return status;
    }
    if (start === end) return ListenerFilterStatus.Wait;
    return filter.onData(buffer, start, end, facts);
  }

  /** From now on these bytes are what there is. */
  #keep(buffer: Buffer, start: number, end: number): void {
    if (this.#held === buffer) {
      buffer.copyWithin(0, start, end);
      this.#heldBytes = end - start;
      return;
    }
    if (start === end) return;
    this.#hold(buffer, start, end);
  }

  #hold(buffer: Buffer, start: number, end: number): void {
    const bytes = this.#heldBytes + end - start;
    if (this.#held === null || this.#held.length < bytes) {
      const larger = Buffer.allocUnsafe(Math.max(HELD_BYTES_MIN, 2 * bytes));
      this.#held?.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    buffer.copy(this.#held, this.#heldBytes, start, end);
    this.#heldBytes = bytes;
  }

  #finish(): void {
    this.#done = true;
    if (this.#timer !== null) this.#context.timers.cancel(this.#timer);
    this.#timer = null;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
const HELD_BYTES_MIN = 512;

/** Closes a socket: with a reset when it leaves bytes unread, as the kernel does where they were not read at all. */
export function closeUnread(handle: NativeHandle, unreadBytes: number): void {
  if (unreadBytes > 0 && "reset" in handle) (handle as NativeTcp).reset();
  else handle.close();
}

function onRead(this: NativeHandle): undefined {
  (this.connection as AcceptedSocket).onNativeRead(streamState[READ_BYTES_OR_ERROR]!);
}
