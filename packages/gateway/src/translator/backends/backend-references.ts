import type { Backend } from "#gen/resources";
import type { Cells } from "../../incremental/cells.ts";
import type { Read } from "../../incremental/stage.ts";
import { GATEWAY_GROUP, type RouteKindName } from "../../resources/kinds.ts";
import { objectKey, type ObjectKey } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { ReferenceGrants } from "../references/reference-grants.ts";
import type { BackendObjectReference, BackendRef } from "../routes/objects.ts";
import type { BackendDemand } from "../translated-route.ts";
import { hasNames } from "./backend-endpoints.ts";
import { backendKind, unknownKind } from "./backend-kinds.ts";
import { backendProblem, serviceProblem } from "./backend-problems.ts";
import { clusterName } from "./cluster-names.ts";
import type { ServiceObject } from "./objects.ts";

/** A reference that leads nowhere: a reason of the condition ResolvedRefs, and a text. */
export interface ReferenceProblem {
  readonly reason:
    | "InvalidKind"
    | "BackendNotFound"
    | "RefNotPermitted"
    | "UnsupportedProtocol"
    | "UnsupportedValue";
  readonly message: string;
}

/** What references are looked up in. */
export interface BackendSources {
  readonly store: ResourceStore;
  readonly grants: ReferenceGrants;
}

/** What references of routes are looked up in. */
export interface ReferenceSources extends BackendSources {
  /** EndpointSlices of names, by `Service/<namespace>/<name>`. */
  readonly nameSlices: Cells<ReadonlySet<string>>;
}

/** The route that refers, and the Gateway whose clusters it uses. */
export interface Referrer {
  readonly kind: RouteKindName;
  readonly namespace: string;
  readonly gateway: ObjectKey;
}

type Protocol = BackendDemand["protocol"];

/** Looks up what the rules of a route send requests to, and remembers it all. */
export class BackendReferences {
  readonly demands = new Map<string, BackendDemand>();
  readonly problems: ReferenceProblem[] = [];
  readonly #read: Read;
  readonly #sources: ReferenceSources;
  readonly #referrer: Referrer;

  constructor(read: Read, sources: ReferenceSources, referrer: Referrer) {
    this.#read = read;
    this.#sources = sources;
    this.#referrer = referrer;
  }

  /** The name of the cluster; null with a problem more when there is none. `fallbacks`: keys of Backends. */
  resolve(
    ref: BackendObjectReference,
    { protocol, where, fallbacks = [] }: ResolveOptions,
  ): string | null {
    const problem = this.#problem(ref, protocol) ?? this.#fallbackProblem(ref, fallbacks);
    if (problem !== undefined) {
      const { reason, message } = problem;
      const text = `${where}: ${message}`;
      if (!this.problems.some((known) => known.message === text))
        this.problems.push({ reason, message: text });
      return null;
    }
    const { group = "", kind = "Service", name } = ref;
    const namespace = ref.namespace ?? this.#referrer.namespace;
    const port = kind === "Backend" ? 0 : (ref.port ?? 0);
    const { gateway } = this.#referrer;
    const described = { gateway, group, kind, namespace, name, port, protocol };
    const demand = { ...described, ...(fallbacks.length > 0 && { fallbacks }) };
    const cluster = clusterName(demand);
    this.demands.set(cluster, { cluster, ...demand });
    return cluster;
  }

  /** All of a rule, but for Backends that are for when others are gone: these are part of the others' clusters. */
  resolveAll<Ref extends BackendRef>(
    refs: readonly Ref[],
    { protocol, where }: Omit<ResolveOptions, "fallbacks">,
  ): ResolvedRef<Ref>[] {
    const keys = refs.map((ref) => this.#fallbackOf(ref, protocol));
    const areAll = keys.every((key) => key !== undefined);
    const fallbacks = areAll ? [] : keys.filter((key) => key !== undefined);
    return refs.flatMap((ref, index) => {
      if (!areAll && keys[index] !== undefined) return [];
      const cluster = this.resolve(ref, { protocol, where: `${where}[${index}]`, fallbacks });
      return [{ ref, index, cluster, weight: ref.weight ?? 1 }];
    });
  }

  #fallbackOf(ref: BackendObjectReference, protocol: Protocol): ObjectKey | undefined {
    if (backendKind(ref.group ?? "", ref.kind ?? "Service") !== "Backend") return undefined;
    const key = objectKey(ref.namespace ?? this.#referrer.namespace, ref.name);
    if (this.#problem(ref, protocol) !== undefined) return undefined;
    return this.#backend(key)?.spec.fallback === true ? key : undefined;
  }

  #backend(key: ObjectKey): Backend | undefined {
    return this.#read.one(this.#sources.store.table<Backend>("Backend"), key);
  }

  /** Sockets and names do not go into one cluster. */
  #fallbackProblem(
    { kind, namespace, name }: BackendObjectReference,
    fallbacks: readonly ObjectKey[],
  ): ReferenceProblem | undefined {
    if (kind !== "Backend") return undefined;
    const key = objectKey(namespace ?? this.#referrer.namespace, name);
    const hasSocket = this.#backend(key)?.spec.endpoints.some(({ unix }) => unix !== undefined);
    const named = fallbacks.find((fallback) => {
      const backend = this.#backend(fallback);
      return backend !== undefined && hasNames(backend);
    });
    if (hasSocket !== true || named === undefined) return undefined;
    const message = `Backend ${key} has a unix socket: its fallback ${named} cannot have fqdn endpoints`;
    return { reason: "UnsupportedValue", message };
  }

  #problem(ref: BackendObjectReference, protocol: Protocol): ReferenceProblem | undefined {
    const { group = "", kind = "Service", name } = ref;
    const known = backendKind(group, kind);
    if (known === undefined) return { reason: "InvalidKind", message: unknownKind(group, kind) };
    const from = { group: GATEWAY_GROUP, ...this.#referrer };
    const namespace = ref.namespace ?? from.namespace;
    const what = `${known} ${namespace}/${name}`;
    const to = { group, kind, namespace, name };
    if (!this.#sources.grants.permits(this.#read, from, to))
      return {
        reason: "RefNotPermitted",
        message: `${what}: no ReferenceGrant there allows ${from.kind}s of namespace ${from.namespace}`,
      };
    const key = objectKey(namespace, name);
    if (known === "Backend") return backendProblem(this.#backend(key), what, protocol);
    if (this.#read.one(this.#sources.nameSlices, `${known}/${key}`) !== undefined)
      return {
        reason: "UnsupportedValue",
        message: `${what} has EndpointSlices of addressType FQDN: use a Backend with fqdn endpoints`,
      };
    const service = this.#read.one(this.#sources.store.table<ServiceObject>(known), key);
    return serviceProblem(service, what, { ...ref, protocol });
  }
}

/** A reference and where it leads. */
export interface ResolvedRef<Ref> {
  readonly ref: Ref;
  /** Where it stands in `backendRefs`. */
  readonly index: number;
  /** Null: nowhere. */
  readonly cluster: string | null;
  readonly weight: number;
}

interface ResolveOptions {
  readonly protocol: Protocol;
  /** `rules[0].backendRefs[1]` */
  readonly where: string;
  readonly fallbacks?: readonly ObjectKey[];
}
