import { LISTENER_STATS } from "../observe/stats/tables/listener.ts";
import type { OverloadState } from "../overload/overload-state.ts";
import { ShedPoint } from "../overload/points.ts";
import type { NativeHandle } from "../transport/native.ts";
import type { ListenAddress, ListenerSettings } from "./model.ts";

/** A connection that the kernel has handed over and nobody looks at. */
export interface HeldConnection {
  readonly handle: NativeHandle;
  readonly address: ListenAddress;
}

/**
 * Whether a listener takes a connection, before anything is spent on it: the limit of all connections, what the overload
 * manager says, and those that wait while no connection is to be accepted.
 */
export class Admission {
  readonly #overload: OverloadState;
  readonly #settings: Pick<ListenerSettings, "ignoreGlobalConnLimit" | "bypassOverloadManager">;
  readonly #count: (stat: number) => void;
  #held: HeldConnection[] = [];

  constructor(settings: ListenerSettings, overload: OverloadState, count: (stat: number) => void) {
    this.#overload = overload;
    this.#settings = settings;
    this.#count = count;
  }

  /** Whether a next version of the listener admits by the same rules: connections are counted by those that let them in. */
  isAlso(next: ListenerSettings): boolean {
    const { ignoreGlobalConnLimit, bypassOverloadManager } = this.#settings;
    return (
      next.ignoreGlobalConnLimit === ignoreGlobalConnLimit &&
      next.bypassOverloadManager === bypassOverloadManager
    );
  }

  /**
   * While `stop_accepting_connections` is saturated: true, and the connection waits unread as it would in the kernel's
   * queue. Node takes connections off that queue by itself, so it goes on here, for `heldMax`; who comes later is rejected.
   */
  holds(handle: NativeHandle, address: ListenAddress, heldMax: number): boolean {
    if (!this.#overload.isSaturated(ShedPoint.StopAcceptingConnections)) return false;
    if (this.#held.length < heldMax) this.#held.push({ handle, address });
    else {
      this.#count(LISTENER_STATS.at.downstream_cx_overload_reject);
      handle.close();
    }
    return true;
  }

  /** Those that waited; they wait no more. */
  takeHeld(): readonly HeldConnection[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  /** True when there is a place for it, which is to be released behind its end; else it is closed. */
  admits(handle: NativeHandle): boolean {
    const overload = this.#overload;
    if (!this.#settings.ignoreGlobalConnLimit && !overload.tryAcquireConnection()) {
      this.#count(LISTENER_STATS.at.downstream_global_cx_overflow);
      handle.close();
      return false;
    }
    const rejected =
      overload.sheds(ShedPoint.TcpListenerAccept) ||
      overload.sheds(ShedPoint.RejectIncomingConnections);
    if (!rejected) return true;
    this.release();
    this.#count(LISTENER_STATS.at.downstream_cx_overload_reject);
    handle.close();
    return false;
  }

  /** A connection that was admitted is over. */
  release(): void {
    if (!this.#settings.ignoreGlobalConnLimit) this.#overload.releaseConnection();
  }
}
