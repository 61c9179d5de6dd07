import type { GatewayClass } from "#gen/resources";
import { CONTROLLER_NAME, GATEWAY_GROUP } from "../../resources/kinds.ts";

/** The GatewayClass that is there with files, unless they have one of this name. */
export const DEFAULT_GATEWAY_CLASS: GatewayClass = {
  apiVersion: `${GATEWAY_GROUP}/v1`,
  kind: "GatewayClass",
  metadata: { name: "nuncio" },
  spec: { controllerName: CONTROLLER_NAME },
};
