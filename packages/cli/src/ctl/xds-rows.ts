import type { XdsGatewayTree } from "@nuncio/gateway";
import { aboutResource, type Json } from "./config-rows.ts";
import type { TranslationRow } from "./translation-row.ts";

/** A row for each resource that the data planes of the gateways are given. */
export function xdsRows(tree: Readonly<Record<string, XdsGatewayTree>>): TranslationRow[] {
  return Object.entries(tree).flatMap(([gateway, { bootstrap, ...types }]) => [
    ...(bootstrap === undefined
      ? []
      : [
          {
            gateway,
            type: "bootstrap",
            name: gateway,
            about: aboutResource("bootstrap", bootstrap as Json),
          },
        ]),
    ...Object.entries(types).flatMap(([type, resources]) =>
      (resources as readonly Json[]).map((resource) => ({
        gateway,
        type,
        name: String(resource["name"] ?? resource["cluster_name"]),
        about: aboutResource(type as keyof typeof types, resource),
      })),
    ),
  ]);
}
