import type { GatewayClass } from "#gen/resources";
import { Stage, type Read } from "../../incremental/stage.ts";
import { CONTROLLER_NAME } from "../../resources/kinds.ts";
import type { ResourceStore } from "../../resources/store.ts";
import { finding, observed } from "../../status/condition.ts";
import { findParameters } from "./parameters.ts";
import type { TranslatedClass } from "./translated-class.ts";

/** The version of Gateway API that the schemas of all kinds are of. */
export const GATEWAY_API_VERSION = "v1.6.3";

/** GatewayClasses that name this controller; others are left alone. */
export function classStage(store: ResourceStore): Stage<TranslatedClass> {
  const classes = store.table<GatewayClass>("GatewayClass");
  return new Stage<TranslatedClass>({
    name: "gateway classes",
    compute: (name, read) => {
      const gatewayClass = read.one(classes, name);
      if (gatewayClass?.spec.controllerName !== CONTROLLER_NAME) return undefined;
      return translateClass(read, store, gatewayClass);
    },
  }).forEach(classes);
}

function translateClass(
  read: Read,
  store: ResourceStore,
  { metadata, spec }: GatewayClass,
): TranslatedClass {
  const { name, generation = 0 } = metadata;
  const found =
    spec.parametersRef === undefined ? undefined : findParameters(read, store, spec.parametersRef);
  const problem = found !== undefined && "problem" in found ? found.problem : undefined;
  const accepted =
    problem === undefined
      ? finding("Accepted", "True", "Accepted", "Gateways of this class are served")
      : finding("Accepted", "False", "InvalidParameters", problem);
  const version = finding(
    "SupportedVersion",
    "True",
    "SupportedVersion",
    `Gateway API ${GATEWAY_API_VERSION} is read`,
  );
  return {
    name,
    accepted: problem === undefined,
    conditions: observed([accepted, version], generation),
    ...(found !== undefined && "key" in found && { parameters: found.key }),
  };
}
