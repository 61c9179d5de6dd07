import type { ReceivedResource, Rejection } from "./callbacks.ts";

/** What one response says, whichever protocol it came by. */
export interface TypeUpdate {
  readonly version: string;
  readonly resources: readonly ReceivedResource[];
  /** Resources that live on as they are. */
  readonly heartbeats: readonly Heartbeat[];
  readonly removed: readonly string[];
  /** Resources of the response that cannot be used; the others are. */
  readonly rejected: readonly Rejection[];
  /** Resources that the control plane could not make, and why. They stay as they are. */
  readonly errors: readonly { readonly name: string; readonly message: string }[];
  /** Whatever else is held is gone (LDS and CDS in the state-of-the-world protocol). */
  readonly isFullState: boolean;
}

/** A sign of life of a resource that has a time to live. */
export interface Heartbeat {
  readonly name: string;
  /** Undefined: from now on it lives for ever. */
  readonly ttlMs: number | undefined;
}

/** A response that cannot be used at all: the text of the NACK. */
export interface ResponseProblem {
  readonly problem: string;
}
