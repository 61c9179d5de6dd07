import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import { Stage } from "../../incremental/stage.ts";
import type { IrRouteConfig } from "../../ir/route.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";

/** The route configurations of all listeners of HTTP that are served. */
export function routeConfigStage(gateways: Cells<TranslatedGateway>): Stage<IrRouteConfig> {
  const names = new Index("route configs by name", gateways, ({ listeners }) =>
    listeners.flatMap(({ programmed, routeConfig }) =>
      programmed && routeConfig !== undefined ? [routeConfig] : [],
    ),
  );
  return new Stage<IrRouteConfig>({
    name: "route configs",
    compute: (name, read) => {
      const [gateway] = read.one(names, name) ?? [];
      return gateway === undefined ? undefined : { name, gateway };
    },
  }).forEach(names);
}
