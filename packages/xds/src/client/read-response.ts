import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Any, Duration } from "@bufbuild/protobuf/wkt";
import { durationNanos } from "@nuncio/api";
import { discoverySchemas } from "../types/discovery-messages.ts";
import type {
  DeltaDiscoveryResponse,
  DiscoveryResponse,
  Resource,
} from "../types/discovery-messages.ts";
import { canonicalResourceName } from "../types/resource-name.ts";
import { resourceTypeOfUrl } from "../types/resource-type.ts";
import type { ReceivedResource, Rejection } from "./callbacks.ts";
import { duplicateText } from "./rejection-text.ts";
import type { Heartbeat, ResponseProblem, TypeUpdate } from "./type-update.ts";

const RESOURCE_URL = "type.googleapis.com/envoy.service.discovery.v3.Resource";

/** All types of the table have their name there. */
const NAME_FIELD = 1;

/** The version of what is held under a name. */
export type HeldVersion = (name: string) => string | undefined;

/** Reads a response of the state-of-the-world protocol (also of REST and files) for the resources of one type. */
export function readResponse(
  response: DiscoveryResponse,
  typeUrl: string,
  heldVersion: HeldVersion,
): TypeUpdate | ResponseProblem {
  const resources: ReceivedResource[] = [];
  const heartbeats: Heartbeat[] = [];
  const rejected: Rejection[] = [];
  const names = new Set<string>();
  for (const [index, any] of response.resources.entries()) {
    const read = readAny(any, typeUrl, response.versionInfo);
    if ("problem" in read) return { problem: `resources[${index}]: ${read.problem}` };
    const { name } = read;
    if (names.has(name)) {
      // The first one counts.
      rejected.push({ name, message: duplicateText(typeUrl, name) });
      continue;
    }
    names.add(name);
    if (read.value !== undefined) resources.push(read as ReceivedResource);
    else if (heldVersion(name) === read.version) heartbeats.push(read);
    else return { problem: notAHeartbeat(read, heldVersion(name)) };
  }
  return {
    version: response.versionInfo,
    resources,
    heartbeats,
    removed: [],
    rejected,
    errors: readErrors(response.resourceErrors),
    isFullState: resourceTypeOfUrl(typeUrl)?.fullState === true,
  };
}

/** Reads a response of the delta protocol. Aliases that the control plane could not resolve come as removed. */
export function readDeltaResponse(
  response: DeltaDiscoveryResponse,
  typeUrl: string,
  heldVersion: HeldVersion,
): TypeUpdate | ResponseProblem {
  const resources: ReceivedResource[] = [];
  const heartbeats: Heartbeat[] = [];
  const removed = response.removedResources.map(canonicalResourceName);
  const unresolved: (readonly string[])[] = [];
  const names = new Set<string>();
  for (const resource of response.resources) {
    const read = readWrapped(resource, typeUrl);
    if ("problem" in read) return read;
    const { name } = read;
    if (names.has(name))
      return { problem: `duplicate name ${name} found among added/updated resources` };
    names.add(name);
    if (read.value !== undefined) resources.push(read as ReceivedResource);
    else if (heldVersion(name) === read.version) heartbeats.push(read);
    else if (read.aliases.length > 0) unresolved.push(read.aliases);
    else return { problem: notAHeartbeat(read, heldVersion(name)) };
  }
  for (const name of removed) {
    if (names.has(name))
      return { problem: `duplicate name ${name} found in the union of added+removed resources` };
    names.add(name);
  }
  const version = response.systemVersionInfo;
  const errors = readErrors(response.resourceErrors);
  for (const aliases of unresolved) for (const alias of aliases) removed.push(alias);
  return { version, resources, heartbeats, removed, rejected: [], errors, isFullState: false };
}

function readErrors(errors: DiscoveryResponse["resourceErrors"]): TypeUpdate["errors"] {
  return errors.map(({ resourceName, errorDetail }) => ({
    name: canonicalResourceName(resourceName?.name ?? ""),
    message: errorDetail?.message ?? "",
  }));
}

/** A resource; without a value it may be a heartbeat. */
interface Read extends Omit<ReceivedResource, "value" | "ttlMs"> {
  readonly value: Uint8Array | undefined;
  readonly ttlMs: number | undefined;
}

function readAny(any: Any, typeUrl: string, version: string): Read | ResponseProblem {
  if (any.typeUrl === RESOURCE_URL) {
    let wrapped: Resource;
    try {
      wrapped = fromBinary(discoverySchemas().resource, any.value);
    } catch (error) {
      return { problem: `not a Resource: ${(error as Error).message}` };
    }
    const ofResponse = wrapped.version === "" ? { ...wrapped, version } : wrapped;
    return readWrapped(ofResponse, typeUrl);
  }
  if (any.typeUrl !== typeUrl)
    return {
      problem: `${any.typeUrl} does not match the message-wide type URL ${typeUrl} in DiscoveryResponse`,
    };
  const name = nameInside(any.value, typeUrl);
  if (typeof name !== "string") return name;
  return { name, version, typeUrl, value: any.value, ttlMs: undefined, aliases: [] };
}

function readWrapped(wrapped: Resource, typeUrl: string): Read | ResponseProblem {
  const { resource } = wrapped;
  if (resource !== undefined && resource.typeUrl !== typeUrl)
    return {
      problem: `type URL ${resource.typeUrl} embedded in an individual Any does not match the message-wide type URL ${typeUrl}`,
    };
  const given = wrapped.name !== "" ? wrapped.name : (wrapped.resourceName?.name ?? "");
  const name = given === "" ? nameInside(resource?.value, typeUrl) : canonicalResourceName(given);
  if (typeof name !== "string") return name;
  return {
    name,
    version: wrapped.version,
    typeUrl,
    value: resource?.value,
    ttlMs: wrapped.ttl && ttlMs(wrapped.ttl),
    aliases: wrapped.aliases.map(canonicalResourceName),
  };
}

/** The name of a serialized resource, without reading the rest of it. */
function nameInside(value: Uint8Array | undefined, typeUrl: string): string | ResponseProblem {
  if (value === undefined || resourceTypeOfUrl(typeUrl)?.nameField === undefined)
    return { problem: `a resource of ${typeUrl} without a name` };
  let name = "";
  try {
    const reader = new BinaryReader(value);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === NAME_FIELD && wireType === WireType.LengthDelimited) name = reader.string();
      else reader.skip(wireType, field);
    }
  } catch (error) {
    return { problem: `not a ${typeUrl}: ${(error as Error).message}` };
  }
  if (name === "") return { problem: `a resource of ${typeUrl} without a name` };
  return canonicalResourceName(name);
}

function ttlMs(ttl: Duration): number {
  return Number(durationNanos(ttl)) / 1e6;
}

function notAHeartbeat({ name, version }: Read, held: string | undefined): string {
  const seen = held === undefined ? "which is not known" : `of which version ${held} is held`;
  return `${name}: version ${version} without content, ${seen}`;
}
