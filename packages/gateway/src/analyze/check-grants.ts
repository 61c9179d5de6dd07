import type { ReferenceGrant } from "#gen/resources";
import { GATEWAY_GROUP, NUNCIO_GROUP, ROUTE_KINDS } from "../resources/kinds.ts";
import { BACKEND_KINDS } from "../translator/backends/backend-kinds.ts";
import { groupOf, isGranted } from "./check-references.ts";
import type { Check, Finding } from "./mistake.ts";
import { OF_OTHERS, withoutEffect } from "./without-effect.ts";

interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** Kinds with references that need a grant. */
const REFERRERS: readonly GroupKind[] = [
  ...["Gateway", "ListenerSet", ...ROUTE_KINDS].map((kind) => ({ group: GATEWAY_GROUP, kind })),
  { group: NUNCIO_GROUP, kind: "Backend" },
];

/** Kinds that such references lead to. */
const TARGETS: readonly GroupKind[] = [
  { group: "", kind: "Secret" },
  { group: "", kind: "ConfigMap" },
  ...BACKEND_KINDS,
];

/** Entries of grants for kinds that nobody refers with, or to. Other implementations may have such references. */
export const checkGrantKinds: Check = ({ store }) =>
  [...store.table<ReferenceGrant>("ReferenceGrant").values()].flatMap((grant) => {
    const { from, to } = grant.spec;
    return [
      ...unknownKinds(grant, "from", from, REFERRERS),
      ...unknownKinds(grant, "to", to, TARGETS),
    ];
  });

function unknownKinds(
  grant: ReferenceGrant,
  field: "from" | "to",
  entries: readonly GroupKind[],
  known: readonly GroupKind[],
): Finding[] {
  return entries.flatMap(({ group, kind }, index) => {
    if (known.some((one) => one.group === group && one.kind === kind)) return [];
    const direction =
      field === "from"
        ? "nothing of such a kind refers to another namespace"
        : "nothing here refers to such a kind";
    const groups = known.filter((one) => one.kind === kind).map((one) => JSON.stringify(one.group));
    const suggestion =
      groups.length === 0 ? OF_OTHERS : `the group of ${kind} is ${groups.join(" or ")}`;
    const message = `${JSON.stringify(group)} ${kind}: ${direction}`;
    return [withoutEffect(grant, ["spec", field, index, "kind"], message, suggestion)];
  });
}

/** Grants that allow nothing that anybody refers to. */
export const checkGrants: Check = ({ store, references }) =>
  [...store.table<ReferenceGrant>("ReferenceGrant").values()].flatMap((grant): Finding[] => {
    const { namespace } = grant.metadata;
    const used = references.some(
      ({ from, to, field }) =>
        isGranted(field) &&
        to.namespace === namespace &&
        grant.spec.from.some(
          (one) =>
            one.kind === from.kind &&
            one.group === groupOf(from.apiVersion) &&
            one.namespace === from.metadata.namespace,
        ) &&
        grant.spec.to.some(
          (one) =>
            one.kind === to.kind && one.group === to.group && (one.name ?? to.name) === to.name,
        ),
    );
    if (used) return [];
    const message = "allows no reference that there is";
    return [
      {
        rule: "unused-grant",
        severity: "warning",
        object: grant,
        path: [],
        message,
        suggestion: "take it away",
      },
    ];
  });
