/** Envoy's statistics of a control plane, by their names. The owner counts. */
export interface ControlPlaneStats {
  /** `connected_state` */
  setConnected(isConnected: boolean): void;
  /** `pending_requests`: types whose request waits. */
  setPendingRequests(count: number): void;
  /** `rate_limit_enforced`: a request had to wait. */
  rateLimitEnforced(): void;
  /** `identifier`, as the control plane gives it. */
  setIdentifier(identifier: string): void;
}

/** How a stream to a control plane is doing. Times are milliseconds of the client's clock. */
export interface StreamStatus {
  readonly state: "idle" | "connecting" | "connected" | "waiting";
  /** Null: not connected. */
  readonly connectedSinceMs: number | null;
  /** Of the last stream that ended or could not be opened. */
  readonly lastDisconnect: { readonly reason: string; readonly atMs: number } | null;
  /** When the next attempt is made, in state `waiting`. */
  readonly nextAttemptAtMs: number | null;
  /** Attempts since the control plane last answered. */
  readonly attempts: number;
  /** What the control plane calls itself; empty when it did not say. */
  readonly identifier: string;
  /** Types whose request waits for the rate limit or to be resumed. */
  readonly pendingTypeUrls: readonly string[];
  /** Responses of types that nobody ever asked for. */
  readonly ignoredResponses: number;
}
