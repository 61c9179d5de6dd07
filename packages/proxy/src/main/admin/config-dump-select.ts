import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";

export interface JsonObject {
  [name: string]: unknown;
}

const ANY = "google.protobuf.Any";

/** A field of a dump by its name: the type of its elements, or null when it is not a list of messages. */
export function findResource(
  typeName: string,
  field: string,
): { readonly elementType: string | null } | null {
  const found = fieldOf(envoyTypes().getMessage(typeName), field);
  if (found === undefined) return null;
  return { elementType: found.fieldKind === "list" ? (messageOf(found)?.typeName ?? null) : null };
}

/**
 * Keeps of a message in JSON what the paths of a field mask name (`cluster.name`). Null when a path does not fit
 * the type. What is inside an Any is not checked.
 */
export function trim(
  typeName: string,
  value: JsonObject,
  paths: readonly string[],
): JsonObject | null {
  const desc = envoyTypes().getMessage(typeName);
  const split = paths.map((path) => path.split("."));
  if (!split.every((path) => fits(desc, path))) return null;
  return keep(value, split) as JsonObject;
}

/** Whether the resource's name, wherever its kind of resource keeps it, passes the test. */
export function matchesName(resource: JsonObject, names: (name: string) => boolean): boolean {
  const name = nameOf(resource);
  return name === undefined || names(name);
}

/** Wrappers around the resource itself in the messages of `envoy.admin.v3`. */
const WRAPPERS = [
  "cluster",
  "listener",
  "route_config",
  "endpoint_config",
  "active_state",
  "warming_state",
  "draining_state",
  "secret",
];

function nameOf(resource: JsonObject): string | undefined {
  for (const field of ["name", "cluster_name"]) {
    if (typeof resource[field] === "string") return resource[field];
  }
  for (const field of WRAPPERS) {
    const inner = resource[field];
    if (typeof inner === "object" && inner !== null) return nameOf(inner as JsonObject);
  }
  return undefined;
}

function fits(desc: DescMessage | undefined, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined || desc?.typeName === ANY) return true;
  const field = fieldOf(desc, first);
  if (field === undefined) return false;
  // A mask goes through single messages only: a list can be its end.
  return rest.length === 0 || (field.fieldKind === "message" && fits(field.message, rest));
}

function keep(value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const result: JsonObject = {};
  for (const [name, inner] of Object.entries(value)) {
    if (name === "@type") {
      result[name] = inner;
      continue;
    }
    const below = paths.filter((path) => path[0] === name).map((path) => path.slice(1));
    if (below.length > 0) result[name] = keep(inner, below);
  }
  return result;
}

function fieldOf(desc: DescMessage | undefined, name: string): DescField | undefined {
  return desc?.fields.find((field) => field.name === name);
}

function messageOf(field: DescField): DescMessage | undefined {
  return field.fieldKind === "list" && field.listKind === "message" ? field.message : undefined;
}
