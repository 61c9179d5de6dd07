import type { Drain } from "./drain.ts";
import type { InheritedSocket, InheritedSockets } from "./inherited-sockets.ts";
import type { ListenerSettings, ListenerUpdate } from "./model.ts";

/** One listener on one worker, of whatever protocol. */
export interface ActiveListener {
  readonly settings: ListenerSettings;
  /** Sockets that it takes instead of binding; null for none. */
  inherited: InheritedSockets | null;
  /** What it accepts on. The descriptors stay its own. */
  readonly listening: readonly InheritedSocket[];
  /** Whether `next` can be a version of this one, else it is another listener. */
  canBecome(next: ListenerSettings): boolean;
  /**
   * Takes the first or next version. What is gone with the one before drains, and `onDrained` is called, perhaps at once, when
   * nothing of it is left.
   * @param before the listener that this one takes the place of; its sockets are taken over where they serve
   * @returns what went wrong, in one line; nothing has changed then
   */
  update(
    update: ListenerUpdate,
    drain: Drain,
    onDrained: () => void,
    before: ActiveListener | null,
  ): string | null;
  /** Closes its sockets, for good. */
  stopAccepting(): void;
  /** `stop_accepting_connections` is over. */
  resumeAccepting(): void;
  /** From now on it parts with its peers when it can. */
  drain(drain: Drain): void;
  /** While it drains: peers that say nothing by themselves are told, if they can be. */
  lastCall(): void;
  /** It is no more: stops accepting, drains. Calls back, perhaps at once, when nothing is left of it. */
  retire(drain: Drain, onRetired: () => void): void;
  /** Ends everything now. */
  closeConnections(): void;
}
