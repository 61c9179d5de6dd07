/** What one Gateway may have at most. */
export interface GatewayLimits {
  /** Listeners, those of ListenerSets among them. */
  readonly listenersMax: number;
  /** Filters of authorization of a filter chain that no route uses any more. */
  readonly retiredFiltersMax: number;
}

/** 64 listeners of its own, and 15 full ListenerSets. */
export const DEFAULT_GATEWAY_LIMITS: GatewayLimits = { listenersMax: 1024, retiredFiltersMax: 8 };
