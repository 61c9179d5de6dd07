import type { BackendReferences } from "../../backends/backend-references.ts";
import type { HttpRouteMatch } from "../objects.ts";
import type { RuleFaults } from "./faults.ts";

/** What the parts of a rule are translated with. */
export interface RuleContext {
  /** `HTTPRoute/<namespace>/<name>` */
  readonly route: string;
  readonly kind: "HTTPRoute" | "GRPCRoute";
  readonly ruleIndex: number;
  /** Of a rule of an HTTPRoute. */
  readonly matches: readonly HttpRouteMatch[];
  readonly backends: BackendReferences;
  readonly faults: RuleFaults;
}
