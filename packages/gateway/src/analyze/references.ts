import { GATEWAY_GROUP, NUNCIO_GROUP } from "../resources/kinds.ts";
import type { Resource } from "../resources/object.ts";
import type { FieldPath } from "../resources/problem.ts";
import { BACKEND_KINDS } from "../translator/backends/backend-kinds.ts";

/** A field of an object that names another object. */
export interface Reference {
  readonly from: Resource;
  readonly path: FieldPath;
  /** `backendRefs`, `certificateRefs` and so on. */
  readonly field: string;
  readonly to: {
    readonly group: string;
    readonly kind: string;
    /** Undefined for what is of no namespace. */
    readonly namespace: string | undefined;
    readonly name: string;
  };
  readonly port?: number;
}

const SECRET = "/Secret";
const AUTHORITIES = ["/ConfigMap", SECRET];
const BACKENDS = BACKEND_KINDS.map(({ group, kind }) => `${group}/${kind}`);
const PARENTS = [`${GATEWAY_GROUP}/Gateway`, `${GATEWAY_GROUP}/ListenerSet`];

/** What each field can lead to, as `<group>/<kind>`; of anything else the status says that it cannot. */
const TAKEN: { readonly [field: string]: readonly string[] } = {
  parentRef: PARENTS,
  parentRefs: PARENTS,
  gatewayClassName: [`${GATEWAY_GROUP}/GatewayClass`],
  parametersRef: [`${NUNCIO_GROUP}/NuncioProxy`],
  certificateRefs: [SECRET],
  clientCertificateRef: [SECRET],
  caCertificateRefs: AUTHORITIES,
  backendRef: BACKENDS,
  backendRefs: BACKENDS,
  targetRefs: BACKENDS,
};

/** Whether something of this kind is what the field is for. */
export function isTaken({ field, to: { group, kind } }: Reference): boolean {
  return TAKEN[field]?.includes(`${group}/${kind}`) ?? false;
}

/** What a reference leads to that does not say its group and kind. */
const KINDS: { readonly [field: string]: { readonly group: string; readonly kind: string } } = {
  parentRef: { group: GATEWAY_GROUP, kind: "Gateway" },
  parentRefs: { group: GATEWAY_GROUP, kind: "Gateway" },
  certificateRefs: { group: "", kind: "Secret" },
  clientCertificateRef: { group: "", kind: "Secret" },
};

/** All that the `spec` of an object refers to: fields that end in `Ref` or `Refs`, and the class of a Gateway. */
export function referencesOf(object: Resource): Reference[] {
  const found: Reference[] = [];
  const { spec } = object as { readonly spec?: unknown };
  walk(spec, ["spec"], (path, field, value) => {
    const { group, kind, name, port } = value as { [member: string]: string | undefined };
    const usual = KINDS[field] ?? { group: "", kind: "Service" };
    const namespace = (value as { namespace?: string }).namespace ?? object.metadata.namespace;
    if (name === undefined) return;
    found.push({
      from: object,
      path,
      field,
      to: { group: group ?? usual.group, kind: kind ?? usual.kind, namespace, name },
      ...(typeof port === "number" && { port }),
    });
  });
  const { gatewayClassName } = (spec ?? {}) as { readonly gatewayClassName?: string };
  if (object.kind === "Gateway" && gatewayClassName !== undefined) {
    const field = "gatewayClassName";
    const to = { group: GATEWAY_GROUP, kind: "GatewayClass", namespace: undefined };
    found.push({
      from: object,
      path: ["spec", field],
      field,
      to: { ...to, name: gatewayClassName },
    });
  }
  return found;
}

function walk(
  value: unknown,
  path: FieldPath,
  found: (path: FieldPath, field: string, value: object) => void,
): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value) as [string, unknown][]) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (typeof member === "object" && member !== null) {
      if (key.endsWith("Ref")) found(at, key, member);
      else if (key.endsWith("Refs") && Array.isArray(member))
        for (const [index, item] of (member as object[]).entries())
          found([...at, index], key, item);
    }
    walk(member, at, found);
  }
}
