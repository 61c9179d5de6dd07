import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import {
  LinearCache,
  RESOURCE_TYPES,
  typeUrlOf,
  versionedResource,
  type ResourceCache,
  type ResourceTable,
} from "@nuncio/xds";
import type { Cells } from "../incremental/cells.ts";
import type { ObjectKey } from "../resources/object.ts";
import { secretMessage } from "./secret.ts";
import { systemAuthorities } from "./system-authorities.ts";
import type { GatewayResource } from "./xds-stages.ts";

const SECRETS = typeUrlOf("SDS");

/** All resources of the data planes of one group. */
type Group = ReadonlyMap<string, LinearCache>;

/**
 * What data planes are given. Each names its group as `node.cluster`; a change of a resource costs what those who want it
 * cost.
 */
export class GatewayCache implements ResourceCache {
  readonly #groupOf: (gateway: ObjectKey) => string;
  readonly #groups = new Map<string, Group>();

  /** @param groupOf the data planes that serve a gateway */
  constructor(sources: readonly Cells<GatewayResource>[], groupOf: (gateway: ObjectKey) => string) {
    this.#groupOf = groupOf;
    for (const source of sources)
      source.onChange((_, value, before) => this.#changed(value, before));
  }

  /** Data planes of a group are about to come; they are told that there is nothing as long as that is so. */
  open(name: string): void {
    this.#group(name);
  }

  /** No data plane of the group is left. */
  close(name: string): void {
    this.#groups.delete(name);
  }

  tableFor({ cluster }: Node, typeUrl: string): ResourceTable | undefined {
    const resources = this.#groups.get(cluster)?.get(typeUrl);
    if (typeUrl === SECRETS) addSystemAuthorities(resources);
    return resources?.tableFor({ cluster } as Node, typeUrl);
  }

  #changed(value: GatewayResource | undefined, before: GatewayResource | undefined): void {
    const to = value && this.#groupOf(value.gateway);
    const from = before && this.#groupOf(before.gateway);
    if (before !== undefined && from !== undefined && from !== to)
      this.#groups.get(from)?.get(before.resource.typeUrl)?.update([], [before.resource.name]);
    if (value !== undefined && to !== undefined)
      this.#group(to).get(value.resource.typeUrl)?.update([value.resource]);
  }

  #group(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new Map(RESOURCE_TYPES.map(({ typeUrl }) => [typeUrl, new LinearCache(typeUrl)]));
      this.#groups.set(name, group);
    }
    return group;
  }
}

/** Not before somebody asks for secrets: they are read from the machine. */
function addSystemAuthorities(secrets: LinearCache | undefined): void {
  const authorities = systemAuthorities();
  if (secrets === undefined || secrets.get(authorities.name) !== undefined) return;
  secrets.update([versionedResource(secretMessage(authorities))]);
}
