import type { Http2Options } from "@nuncio/codec";
import type { ScopeSlots } from "../observe/stats/definition.ts";

/** HTTP/2 of a listener or of a cluster, as main posts it to the workers. */
export interface Http2Config {
  readonly options: Http2Options;
  /** null: none is sent. */
  readonly keepalive: Http2KeepaliveConfig | null;
  /** `http2.` or `cluster.<name>.http2.`. */
  readonly scope: ScopeSlots;
}

/** `connection_keepalive`: pings that find dead connections. */
export interface Http2KeepaliveConfig {
  /** Between two pings; 0: only the one behind idleness. */
  readonly intervalMs: number;
  /** For the answer. */
  readonly timeoutMs: number;
  /** 0 to 100: by up to how much of itself each interval is longer. */
  readonly intervalJitterPercent: number;
  /** A new stream on a connection from which nothing came for so long is preceded by a ping; 0: off. */
  readonly connectionIdleIntervalMs: number;
}
