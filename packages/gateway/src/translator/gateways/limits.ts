/** What one Gateway may have at most. */
export interface GatewayLimits {
  /** Listeners, those of ListenerSets among them. */
  readonly listenersMax: number;
}

/** 64 listeners of its own, and 15 full ListenerSets. */
export const DEFAULT_GATEWAY_LIMITS: GatewayLimits = { listenersMax: 1024 };
