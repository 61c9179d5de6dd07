import { create, toBinary } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import type { Node, NodeSchema } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { CompiledBootstrap } from "./compile-bootstrap.ts";

/** The bootstrap's node, with what the flags filled in: who this proxy is for control planes. */
export function nodeMessage({ node, bootstrap }: CompiledBootstrap): Node {
  const desc = nodeSchema();
  const { id, cluster, region, zone, subZone } = node;
  const locality = region + zone + subZone === "" ? {} : { locality: { region, zone, subZone } };
  const given = bootstrap.node ?? create(desc);
  const { $typeName: _type, $unknown: _unknown, ...fields } = given;
  return create(desc, { ...fields, ...locality, id, cluster, userAgentName: "nuncio" });
}

/** The same for workers, which have no descriptors. */
export function encodedNode(compiled: CompiledBootstrap): Uint8Array {
  return toBinary(nodeSchema(), nodeMessage(compiled));
}

function nodeSchema(): typeof NodeSchema {
  return envoyTypes().getMessage("envoy.config.core.v3.Node")! as typeof NodeSchema;
}
