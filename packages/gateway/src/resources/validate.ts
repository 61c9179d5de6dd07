import { newestApiVersion } from "./kinds.ts";
import type { ResourceKind } from "./kinds.ts";
import { checkMetadata } from "./metadata.ts";
import type { ObjectMeta, Resource } from "./object.ts";
import { Report } from "./schema/report.ts";
import type { Finding } from "./schema/report.ts";
import { checksOf } from "./schema/schemas.ts";

/** What came out of checking an object: it itself, or why it is refused. */
export interface Validated {
  /** In the newest version of its kind, with defaults and without status. Undefined when there are findings. */
  readonly resource: Resource | undefined;
  readonly findings: readonly Finding[];
  /** What whoever uses its version is told; undefined when nothing. */
  readonly deprecationWarning: string | undefined;
}

/**
 * Checks an object of a kind and version that are known, as the API server of Kubernetes would with strict fields.
 * @param object is changed and becomes the resource
 */
export function validateObject(
  object: Record<string, unknown>,
  kind: ResourceKind,
  version: string,
): Validated {
  const { check, deprecationWarning } = checksOf(kind, version);
  const report = new Report();
  const metadata = checkMetadata(object["metadata"], kind, report);
  // What a controller writes about an object is no part of what somebody wants.
  delete object["status"];
  check(object, report);
  const { findings } = report;
  if (metadata === undefined || findings.length > 0)
    return { resource: undefined, findings, deprecationWarning };
  const resource = { ...object, apiVersion: newestApiVersion(kind), kind: kind.kind, metadata };
  return { resource: asServed(resource), findings, deprecationWarning };
}

/** What the API server adds to some kinds. */
function asServed(resource: Resource): Resource {
  if (resource.kind === "Namespace") return withOwnName(resource);
  if (resource.kind === "Secret") return withStringData(resource);
  return resource;
}

function withOwnName(namespace: Resource): Resource {
  const { name, labels } = namespace.metadata;
  const metadata: ObjectMeta = {
    ...namespace.metadata,
    labels: { ...labels, "kubernetes.io/metadata.name": name },
  };
  return { ...namespace, metadata };
}

/** `stringData` is another way to write `data`. */
function withStringData(secret: Resource & { readonly stringData?: unknown }): Resource {
  const { stringData, ...rest } = secret;
  if (typeof stringData !== "object" || stringData === null) return secret;
  const encoded = Object.entries(stringData as Readonly<Record<string, string>>).map(
    ([key, value]) => [key, Buffer.from(value).toString("base64")] as const,
  );
  const { data = {} } = rest as { readonly data?: Readonly<Record<string, string>> };
  return { ...rest, data: { ...data, ...Object.fromEntries(encoded) } } as Resource;
}
