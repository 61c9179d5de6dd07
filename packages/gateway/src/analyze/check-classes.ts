import type { Gateway, GatewayClass } from "#gen/resources";
import { CONTROLLER_NAME } from "../resources/kinds.ts";
import type { Check, Finding } from "./mistake.ts";

/** Gateways of a class that another controller has: nobody here serves them. */
export const checkClasses: Check = ({ store }) =>
  [...store.table<Gateway>("Gateway").values()].flatMap((gateway): Finding[] => {
    const { gatewayClassName } = gateway.spec;
    const found = store.table<GatewayClass>("GatewayClass").peek(gatewayClassName);
    if (found === undefined || found.spec.controllerName === CONTROLLER_NAME) return [];
    return [
      {
        rule: "other-controller",
        severity: "warning",
        object: gateway,
        path: ["spec", "gatewayClassName"],
        message: `GatewayClass ${gatewayClassName} is one of ${found.spec.controllerName}: this Gateway is not served here`,
        suggestion: `a GatewayClass with controllerName ${CONTROLLER_NAME}, such as nuncio, which is there without one`,
      },
    ];
  });
