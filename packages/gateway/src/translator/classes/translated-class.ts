import type { ObjectKey } from "../../resources/object.ts";
import type { Condition } from "../../status/condition.ts";

/** A GatewayClass of ours. */
export interface TranslatedClass {
  readonly name: string;
  /** False: its Gateways are not served, and the conditions say why. */
  readonly accepted: boolean;
  readonly conditions: readonly Condition[];
  /** The NuncioProxy whose values its Gateways have, unless they have their own. */
  readonly parameters?: ObjectKey;
}
