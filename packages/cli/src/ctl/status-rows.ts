import { isBadNews, type WrittenCondition } from "@nuncio/gateway";

/** An object with its status, as a cluster or a status file has it. */
export interface ObjectWithStatus {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string };
  readonly status?: {
    readonly conditions?: readonly WrittenCondition[];
    readonly listeners?: readonly ({ readonly name: string } & Conditions)[];
    readonly parents?: readonly ({ readonly parentRef: Reference } & Conditions)[];
    readonly ancestors?: readonly ({ readonly ancestorRef: Reference } & Conditions)[];
  };
}

interface Conditions {
  readonly conditions: readonly WrittenCondition[];
}

interface Reference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly sectionName?: string;
  readonly port?: number;
}

/** A condition of an object, of one of its listeners, or of how it stands to another object. */
export interface StatusRow {
  readonly namespace: string;
  /** `httproute/shop` */
  readonly name: string;
  /** The listener, or the other object; `-` for the object itself. */
  readonly parent: string;
  /** Null: nobody says anything of the object. */
  readonly condition: WrittenCondition | null;
}

/** A row for each condition of an object; one without any for an object of which nobody says anything. */
export function statusRows(object: ObjectWithStatus): StatusRow[] {
  const { kind, metadata, status = {} } = object;
  const namespace = metadata.namespace ?? "-";
  const name = `${kind.toLowerCase()}/${metadata.name}`;
  const parts: readonly (readonly [parent: string, conditions: readonly WrittenCondition[]])[] = [
    ["-", status.conditions ?? []],
    ...(status.listeners ?? []).map(
      ({ name: listener, conditions }) => [`listener ${listener}`, conditions] as const,
    ),
    ...(status.parents ?? []).map(
      ({ parentRef, conditions }) => [referenceText(parentRef), conditions] as const,
    ),
    ...(status.ancestors ?? []).map(
      ({ ancestorRef, conditions }) => [referenceText(ancestorRef), conditions] as const,
    ),
  ];
  const rows = parts.flatMap(([parent, conditions]) =>
    conditions.map((condition) => ({ namespace, name, parent, condition })),
  );
  return rows.length > 0 ? rows : [{ namespace, name, parent: "-", condition: null }];
}

/** Whether a row says that something is not as it should be. */
export function isBadRow({ condition }: StatusRow): boolean {
  return condition === null || isBadNews(condition);
}

function referenceText({ kind, namespace, name, sectionName, port }: Reference): string {
  const parts = [kind?.toLowerCase(), namespace, name, sectionName, port];
  return parts.filter((part) => part !== undefined).join("/");
}
