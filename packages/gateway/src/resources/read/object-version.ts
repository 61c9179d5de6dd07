import { didYouMean, quote } from "@nuncio/api";
import { GATEWAY_GROUP, RESOURCE_KINDS, newestApiVersion, resourceKind } from "../kinds.ts";
import type { ResourceKind } from "../kinds.ts";
import type { ObjectName } from "../problem.ts";
import { describeValue } from "../schema/report.ts";

/** What an object says it is. */
export function nameOf(fields: Record<string, unknown>): ObjectName {
  const { apiVersion, kind } = fields;
  const metadata = fields["metadata"];
  const { name, namespace } = (
    typeof metadata === "object" && metadata !== null ? metadata : {}
  ) as {
    name?: unknown;
    namespace?: unknown;
  };
  const group =
    typeof apiVersion === "string" && apiVersion.includes("/")
      ? apiVersion.slice(0, apiVersion.indexOf("/"))
      : "";
  const kindName = typeof kind === "string" ? kind : "";
  const isNamespaced = resourceKind(group, kindName)?.namespaced ?? typeof namespace === "string";
  return {
    group,
    kind: kindName,
    namespace: !isNamespaced ? "" : typeof namespace === "string" ? namespace : "default",
    name: typeof name === "string" ? name : "",
  };
}

/** What is known of the version of an object: a problem where it is not one that is read. */
export type ObjectVersion =
  | { readonly kind: ResourceKind; readonly version: string }
  | { readonly field: string; readonly message: string; readonly severity: "error" | "warning" };

/** The kind and version of an object; or why it has none that is read. Kinds of groups that are not ours are others' business. */
export function versionOf(
  fields: Record<string, unknown>,
  { group, kind }: ObjectName,
): ObjectVersion {
  const severity = "error";
  const { apiVersion } = fields;
  if (typeof apiVersion !== "string" || apiVersion === "") {
    const message = `expected a version such as "${GATEWAY_GROUP}/v1", got ${describeValue(apiVersion)}`;
    return { field: "apiVersion", message, severity };
  }
  if (kind === "") {
    const message = `expected a kind such as "HTTPRoute", got ${describeValue(fields["kind"])}`;
    return { field: "kind", message, severity };
  }
  const found = resourceKind(group, kind);
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  if (found === undefined) return unknownKind(apiVersion, group, kind);
  if (found.versions.includes(version)) return { kind: found, version };
  const versions = found.versions.map((each) => quote(group === "" ? each : `${group}/${each}`));
  const message = `unknown version ${quote(apiVersion)} of ${kind}, expected ${versions.join(" or ")}`;
  return { field: "apiVersion", message, severity };
}

function unknownKind(apiVersion: string, group: string, kind: string): ObjectVersion {
  const isOurs = /(?:^|\.)(?:gateway\.networking\.(?:x-)?k8s\.io|nuncio\.dev)$/.test(group);
  if (isOurs) {
    const kinds = RESOURCE_KINDS.filter((each) => each.group === group).map((each) => each.kind);
    const message = `unknown kind ${quote(kind)} of ${quote(apiVersion)}${didYouMean(kind, kinds)}`;
    return { field: "kind", message, severity: "error" };
  }
  const same = RESOURCE_KINDS.find((each) => each.kind === kind);
  if (same !== undefined) return otherGroup(apiVersion, group, same);
  const message = `kind ${kind} of ${quote(apiVersion)} is not read`;
  return { field: "kind", message, severity: "warning" };
}

/** A kind of the name of one of ours: its group is written wrong, or it is somebody else's. */
function otherGroup(apiVersion: string, group: string, own: ResourceKind): ObjectVersion {
  const meant = didYouMean(group, [own.group]);
  if (meant !== "") {
    const message = `unknown group ${quote(group)} of ${own.kind}${meant}`;
    return { field: "apiVersion", message, severity: "error" };
  }
  const read = quote(newestApiVersion(own));
  const message = `kind ${own.kind} of ${quote(apiVersion)} is not read, only that of ${read}`;
  return { field: "apiVersion", message, severity: "warning" };
}
