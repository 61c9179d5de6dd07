import { didYouMean } from "@nuncio/api";
import type { Read } from "../incremental/stage.ts";
import { resourceKind, type KindName } from "../resources/kinds.ts";
import { objectKey } from "../resources/object.ts";
import type { ResourceStore } from "../resources/store.ts";
import { ReferenceGrants } from "../translator/references/reference-grants.ts";
import type { Check, Finding } from "./mistake.ts";
import { isTaken, type Reference } from "./references.ts";

const PEEK: Read = { one: (cells, key) => cells.peek(key) };

/** References to what is not there, and those to other namespaces that nobody allows. */
export const checkReferences: Check = ({ store, references }) => {
  const grants = new ReferenceGrants(store);
  return references.flatMap((reference): Finding[] => {
    const { from, path, to, field } = reference;
    const known = resourceKind(to.group, to.kind);
    if (known === undefined || !isTaken(reference)) return [];
    const namespace = known.namespaced ? to.namespace : undefined;
    if (known.namespaced && namespace === undefined) return [];
    const key = objectKey(namespace, to.name);
    const found: Finding[] = [];
    if (store.table(known.kind as KindName).peek(key) === undefined)
      found.push({
        rule: "missing-object",
        severity: "error",
        object: from,
        path: field === "gatewayClassName" ? path : [...path, "name"],
        message: `${to.kind} ${key} does not exist`,
        ...suggested(store, reference, known.kind as KindName),
      });
    if (isGranted(field) && namespace !== from.metadata.namespace && namespace !== undefined) {
      const referrer = {
        group: groupOf(from.apiVersion),
        kind: from.kind,
        namespace: from.metadata.namespace ?? "",
      };
      if (!grants.permits(PEEK, referrer, { ...to, namespace }))
        found.push({
          rule: "missing-grant",
          severity: "error",
          object: from,
          path: [...path, "namespace"],
          message: `no ReferenceGrant in namespace ${namespace} allows ${from.kind}s of ${referrer.namespace} to refer to ${to.kind} ${to.name}`,
          suggestion: grantText(referrer, { ...to, namespace }),
        });
    }
    return found;
  });
};

/** `gateway.networking.k8s.io` of `gateway.networking.k8s.io/v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.split("/", 1)[0]! : "";
}

/** Who may attach to a parent, the parent says itself; who makes classes may name whatever parameters there are. */
export function isGranted(field: string): boolean {
  return !["parentRef", "parentRefs", "gatewayClassName", "parametersRef"].includes(field);
}

function suggested(
  store: ResourceStore,
  { to }: Reference,
  kind: KindName,
): { readonly suggestion?: string } {
  const all = Array.from(store.table(kind).values(), ({ metadata }) => metadata);
  const here = all.filter(({ namespace }) => namespace === undefined || namespace === to.namespace);
  const near = didYouMean(
    to.name,
    here.map(({ name }) => name),
  );
  if (near !== "") return { suggestion: near.slice(", ".length) };
  const elsewhere = all.find(({ name }) => name === to.name);
  return elsewhere === undefined
    ? {}
    : { suggestion: `there is one in namespace ${elsewhere.namespace}` };
}

interface Referrer {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

function grantText(from: Referrer, to: Reference["to"]): string {
  const name = `${from.kind}s-of-${from.namespace}`.toLowerCase();
  return `this would allow it:
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: ${name}, namespace: ${to.namespace} }
spec:
  from: [{ group: ${from.group}, kind: ${from.kind}, namespace: ${from.namespace} }]
  to: [{ group: ${JSON.stringify(to.group)}, kind: ${to.kind}, name: ${to.name} }]`;
}
