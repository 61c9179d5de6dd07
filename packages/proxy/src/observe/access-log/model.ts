import type { ExpressionPlan } from "../../expression/model.ts";
import type { FractionConfig, NumberConfig } from "../../runtime/model.ts";
import type { FormatPlan } from "../format/plan.ts";
import type { ScopeSlots } from "../stats/definition.ts";
import type { ValueMatcherConfig } from "../value-matcher/value-matcher.ts";

/** One access logger as main posts it to the workers: plain data. */
export type AccessLogConfig = LineLogConfig | ExtensionLogConfig;

/** What was compiled by the one who implements it. */
export interface ExtensionLogConfig {
  readonly kind: "extension";
  /** Full name of its message. */
  readonly type: string;
  readonly config: unknown;
  readonly filter: AccessLogFilterConfig | null;
}

/** Lines of text, or JSON. */
export interface LineLogConfig {
  readonly kind: "lines";
  readonly target: AccessLogTarget;
  readonly format: FormatPlan;
  /** Null logs every stream. */
  readonly filter: AccessLogFilterConfig | null;
  /** `filesystem.`. */
  readonly scope: ScopeSlots;
}

/** A file by its path, or a stream of the process by its descriptor. */
export type AccessLogTarget =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "stdout" }
  | { readonly kind: "stderr" };

export type ComparisonOp = "EQ" | "GE" | "LE" | "NE";

/** What a stream must be like to be logged. */
export type AccessLogFilterConfig =
  | { readonly kind: "status_code"; readonly op: ComparisonOp; readonly value: NumberConfig }
  /** Milliseconds. */
  | { readonly kind: "duration"; readonly op: ComparisonOp; readonly value: NumberConfig }
  | { readonly kind: "not_health_check" }
  /** Logs this share of the streams; a number of the runtime is its numerator. */
  | {
      readonly kind: "runtime";
      readonly sample: FractionConfig;
      readonly independentRandomness: boolean;
    }
  | { readonly kind: "and" | "or"; readonly filters: readonly AccessLogFilterConfig[] }
  /** What the header matcher's compile function gave. */
  | { readonly kind: "header"; readonly matcher: unknown }
  /** Bits of `ResponseFlag`; any of them. All ones without a list. */
  | { readonly kind: "response_flag"; readonly flags: number }
  | {
      readonly kind: "grpc_status";
      readonly statuses: readonly number[];
      readonly exclude: boolean;
    }
  | {
      readonly kind: "metadata";
      /** The namespace, then the keys. */
      readonly path: readonly string[];
      /** Null: the value need only be there. */
      readonly value: ValueMatcherConfig | null;
      readonly matchIfKeyNotFound: boolean;
    }
  | { readonly kind: "expression"; readonly expression: ExpressionPlan }
  | { readonly kind: "traceable" }
  | { readonly kind: "log_type"; readonly types: readonly string[]; readonly exclude: boolean };
