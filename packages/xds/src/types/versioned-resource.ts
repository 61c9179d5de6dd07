import { hash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import { resourceTypeOfUrl } from "./resource-type.ts";

/** A resource as it travels: named, versioned, serialized. */
export interface VersionedResource {
  /** What clients subscribe to. */
  readonly name: string;
  /** Differs whenever the content does. */
  readonly version: string;
  /** `type.googleapis.com/envoy.config.cluster.v3.Cluster` */
  readonly typeUrl: string;
  /** The serialized message of the type. */
  readonly value: Uint8Array;
  /** The same, where it is kept in pieces that versions of the resource share: they are sent as they are. */
  readonly pieces?: readonly Uint8Array[] | undefined;
  /** The client drops the resource when it does not hear of it for so long. Undefined: it keeps it. */
  readonly ttlMs?: number;
}

/** What a resource's message does not say by itself. */
export interface ResourceOptions {
  /** Needed for messages without a name of their own (LEDS); for others, stands in for their name. */
  readonly name?: string;
  /** A hash of the content unless given. */
  readonly version?: string;
  /** The client drops the resource when it does not hear of it for so long, in milliseconds. */
  readonly ttlMs?: number;
}

/** Serializes a message once, for all clients. Throws when there is no name, or no time to live is left. */
export function versionedResource(
  message: Message,
  options: ResourceOptions = {},
): VersionedResource {
  const desc = envoyTypes().getMessage(message.$typeName);
  if (desc === undefined) throw new Error(`no descriptor of ${message.$typeName}`);
  const typeUrl = `type.googleapis.com/${message.$typeName}`;
  const name = options.name ?? nameOf(message, typeUrl);
  if (name === undefined || name === "") throw new Error(`a ${message.$typeName} without a name`);
  if (options.ttlMs !== undefined && !(options.ttlMs > 0))
    throw new Error(`${name}: expected a time to live of more than 0 ms, got ${options.ttlMs}`);
  const value = toBinary(desc, message);
  return {
    name,
    version: options.version ?? contentVersion(value),
    typeUrl,
    value,
    ...(options.ttlMs === undefined ? {} : { ttlMs: options.ttlMs }),
  };
}

/** 16 hexadecimal digits of a hash: equal content has an equal version, on every server and after a restart. */
export function contentVersion(value: Uint8Array): string {
  return hash("sha256", value, "hex").slice(0, 16);
}

function nameOf(message: Message, typeUrl: string): string | undefined {
  const field = resourceTypeOfUrl(typeUrl)?.nameField;
  return field && (message as Partial<Record<typeof field, string>>)[field];
}
