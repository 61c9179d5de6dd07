import { RESOURCE_KINDS, resourceKind, type ResourceKind } from "../../resources/kinds.ts";
import { objectKey, type ObjectKey } from "../../resources/object.ts";

/** An object that a key is of. */
export interface KeyObject {
  readonly kind: ResourceKind;
  /** `namespace/name`, or `name` where there is no namespace. */
  readonly key: ObjectKey;
}

/** Which key is of what. All of them are below one prefix. */
export class KeySpace {
  /** Objects: `<prefix>resources/<group or core>/<kind>/<namespace>/<name>`, without the namespace where there is none. */
  readonly resources: string;
  /** Their statuses: `<prefix>status/` with the same behind it. */
  readonly status: string;
  /** Says which control plane writes statuses. */
  readonly leader: string;

  /** @param prefix `/nuncio/` unless given */
  constructor(prefix = "/nuncio/") {
    const folder = prefix.endsWith("/") ? prefix : `${prefix}/`;
    this.resources = `${folder}resources/`;
    this.status = `${folder}status/`;
    this.leader = `${folder}leader`;
  }

  resourceKey(object: KeyObject): string {
    return this.resources + pathOf(object);
  }

  /** @param kind one of those that are read */
  statusKey(kind: string, key: ObjectKey): string {
    const known = RESOURCE_KINDS.find((each) => each.kind === kind);
    if (known === undefined) throw new Error(`no kind named ${kind}`);
    return this.status + pathOf({ kind: known, key });
  }

  /** The resource that a key below `status` is of. */
  resourceKeyOfStatus(key: string): string {
    return this.resources + key.slice(this.status.length);
  }

  /** The status of a key below `resources`. */
  statusKeyOfResource(key: string): string {
    return this.status + key.slice(this.resources.length);
  }

  /** What a key below `resources` is of; or why it is of nothing. */
  objectOf(key: string): KeyObject | string {
    const [group = "", kindName = "", ...rest] = key.slice(this.resources.length).split("/");
    const kind = resourceKind(group === "core" ? "" : group, kindName);
    if (kind === undefined) return `no kind ${kindName} of group ${group} is read`;
    const expected = kind.namespaced ? ["<namespace>", "<name>"] : ["<name>"];
    if (rest.length !== expected.length || rest.includes(""))
      return `expected ${[group, kindName, ...expected].join("/")} behind ${this.resources}`;
    const [name = "", namespace] = rest.toReversed();
    return { kind, key: objectKey(namespace, name) };
  }
}

function pathOf({ kind, key }: KeyObject): string {
  return `${kind.group === "" ? "core" : kind.group}/${kind.kind}/${key}`;
}

/** The end of the range of all keys that begin with a text: the first key behind them. */
export function rangeEndOf(prefix: Uint8Array): Uint8Array {
  const end = Uint8Array.from(prefix);
  for (let i = end.length - 1; i >= 0; i--) {
    const byte = end[i];
    if (byte === undefined || byte === 0xff) continue;
    end[i] = byte + 1;
    return end.subarray(0, i + 1);
  }
  return Uint8Array.of(0);
}
