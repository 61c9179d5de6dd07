/** Stands for the type of a filter whose configuration comes by ECDS. No filter's own configuration is of this type. */
export const DISCOVERED = "envoy.config.core.v3.ExtensionConfigSource";

/** What is posted in the place of such a filter's configuration. */
export interface DiscoveredConfig {
  /** The number under which workers have what came. */
  readonly id: number;
}

/** The configuration of a filter, compiled: plain data. */
export interface ExtensionConfig {
  /** Message type name. */
  readonly type: string;
  readonly config: unknown;
}

/** What a worker hears of one filter that comes by ECDS. */
export interface ExtensionConfigUpdate {
  readonly id: number;
  /** Null: there is none, or none any more. */
  readonly config: ExtensionConfig | null;
  /** What the filter holds goes by the new configuration as well, and not only what begins from now on. */
  readonly concernsOld: boolean;
}
