import type { Metadata } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import { NUNCIO_GROUP, ROUTE_KINDS, type RouteKindName } from "../resources/kinds.ts";
import type { Init } from "./message.ts";

const KIND_OF_PREFIX = new Map<string, RouteKindName>(
  ROUTE_KINDS.map((kind) => [kind.toLowerCase(), kind]),
);

/** What a thing of Envoy's was made of: `kind`, `namespace`, `name`, and the rule's name. */
export function originOf(origin: {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly sectionName?: string;
}): Init<Metadata> {
  const { kind, namespace, name, sectionName } = origin;
  const fields = {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(sectionName === undefined ? {} : { sectionName }),
  };
  return { filterMetadata: { [NUNCIO_GROUP]: fields } };
}

/** The same of a route, whose name begins with `httproute/<namespace>/<name>/`. Undefined of routes that nobody wrote. */
export function originOfRoute(name: string, ruleName?: string): Init<Metadata> | undefined {
  const [prefix = "", namespace, object] = name.split("/", 3);
  const kind = KIND_OF_PREFIX.get(prefix);
  if (kind === undefined || namespace === undefined || object === undefined) return undefined;
  const sectionName = ruleName === undefined ? {} : { sectionName: ruleName };
  return originOf({ kind, namespace, name: object, ...sectionName });
}
