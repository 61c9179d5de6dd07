import type { GrpcServiceConfig } from "../../grpc-client/model.ts";
import type { RetryPolicyConfig } from "../../http/retry/model.ts";
import type { TextPlan } from "../../observe/format/plan.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";

/** A logger of HTTP or TCP that sends its entries by gRPC, as main posts it to workers: plain data. */
export interface GrpcAccessLogConfig {
  readonly destination: LogDestinationConfig;
  readonly entry: EntryConfig;
}

/** Where entries go. Loggers whose `CommonGrpcAccessLogConfig` is the same share a stream, as in Envoy. */
export interface LogDestinationConfig {
  /** Equal for equal destinations. */
  readonly key: string;
  /** What the entries of its messages are. */
  readonly kind: "http" | "tcp";
  /** A byte string. */
  readonly logName: string;
  readonly service: GrpcServiceConfig;
  /** Null: a stream that does not come about is begun with the next entries. */
  readonly retry: RetryPolicyConfig | null;
  /** An entry waits no longer than this. */
  readonly flushIntervalMs: number;
  /** Entries are sent when they are so large together; 0: each at once. */
  readonly bufferBytes: number;
  /** `access_logs.grpc_access_log.` */
  readonly scope: ScopeSlots;
}

/** What is in an entry beside what is always in it. */
export interface EntryConfig {
  /** Keys. */
  readonly filterStateObjects: readonly string[];
  readonly customTags: readonly CustomTagConfig[];
  /** Names in lower case; empty for TCP. */
  readonly requestHeaders: readonly string[];
  readonly responseHeaders: readonly string[];
  readonly responseTrailers: readonly string[];
}

/** A tag of each entry; one without a value is left out. Texts are byte strings. */
export type CustomTagConfig = { readonly tag: string } & (
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "header"; readonly name: string; readonly fallback: string }
  | {
      readonly kind: "metadata";
      readonly of: "request" | "route" | "cluster" | "host";
      /** The namespace, then the keys. */
      readonly path: readonly string[];
      readonly fallback: string;
    }
  | { readonly kind: "format"; readonly value: TextPlan }
);
