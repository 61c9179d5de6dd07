import type { ScopeSlots } from "../../../observe/stats/definition.ts";

/** A TLS inspector as main posts it to the workers. */
export interface TlsInspectorConfig {
  readonly scope: ScopeSlots;
  readonly ja3: boolean;
  readonly ja4: boolean;
  /** A ClientHello that takes more, its record headers counted, closes the connection. */
  readonly maxClientHelloBytes: number;
  /** What is no ClientHello closes the connection, instead of passing as plain text. */
  readonly closeOnParsingErrors: boolean;
}
