import { hash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import type { UnknownField } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { AnySchema, DurationSchema } from "@bufbuild/protobuf/wkt";
import type { Any } from "@bufbuild/protobuf/wkt";
import { discoverySchemas } from "../types/discovery-messages.ts";
import { canonicalResourceName } from "../types/resource-name.ts";
import type { VersionedResource } from "../types/versioned-resource.ts";
import { endpointsOnSameStream } from "./references.ts";

/** `resources` has this number in DiscoveryResponse and in DeltaDiscoveryResponse. */
const RESOURCES_FIELD = 2;
/** `Resource.resource` and `Any.value`. */
const RESOURCE_FIELD = 2;
const VALUE_FIELD = 2;
const NO_BYTES = new Uint8Array();
const RESOURCE_TYPE_URL = "type.googleapis.com/envoy.service.discovery.v3.Resource";

const cached = new WeakMap<VersionedResource, CachedResource>();

/**
 * A resource as a server keeps it. It is encoded once for all clients: its fields of a response are bytes that are
 * copied into each message.
 */
export class CachedResource implements VersionedResource {
  readonly name: string;
  readonly version: string;
  readonly typeUrl: string;
  readonly ttlMs?: number;
  readonly #resource: VersionedResource;
  /** Same for resources with the same name and version; those of a set are added up to the set's version. */
  readonly digest: bigint;
  #sotwField: UnknownField | undefined;
  #deltaField: UnknownField | undefined;
  /** `null`: not looked for yet. */
  #endpointsName: string | undefined | null = null;

  /** Use `cachedResource`. */
  constructor(resource: VersionedResource) {
    this.name = canonicalResourceName(resource.name);
    this.version = resource.version;
    this.typeUrl = resource.typeUrl;
    this.#resource = resource;
    if (resource.ttlMs !== undefined) this.ttlMs = resource.ttlMs;
    this.digest = BigInt(`0x${hash("sha256", `${this.name}\n${this.version}`).slice(0, 16)}`);
  }

  get value(): Uint8Array {
    return this.#resource.value;
  }

  get pieces(): readonly Uint8Array[] | undefined {
    return this.#resource.pieces;
  }

  /** The resource in a DiscoveryResponse. One with a time to live has to be wrapped, to say it. */
  get sotwField(): UnknownField {
    this.#sotwField ??= field(AnySchema, this.ttlMs === undefined ? this.#any() : this.#wrapped());
    return this.#sotwField;
  }

  /** The resource in a DeltaDiscoveryResponse. */
  get deltaField(): UnknownField {
    const { resource } = discoverySchemas();
    this.#deltaField ??= field(resource, create(resource, this.#envelope(this.#any())));
    return this.#deltaField;
  }

  /** The same field, tag and all, of a resource in pieces: its head, then they. Undefined of others. */
  get deltaPieces(): readonly Uint8Array[] | undefined {
    const { pieces } = this;
    if (pieces === undefined) return undefined;
    const { resource } = discoverySchemas();
    const valueBytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const any = begun(VALUE_FIELD, valueBytes, toBinary(AnySchema, this.#any(NO_BYTES)));
    const envelope = toBinary(resource, create(resource, this.#envelope(undefined)));
    const inside = begun(RESOURCE_FIELD, any.length + valueBytes, envelope);
    const head = begun(RESOURCES_FIELD, inside.length + any.length + valueBytes);
    return [Buffer.concat([head, inside, any]), ...pieces];
  }

  /** Says in a DeltaDiscoveryResponse that the resource goes on to live. */
  get heartbeatField(): UnknownField {
    const { resource } = discoverySchemas();
    return field(resource, create(resource, this.#envelope(undefined)));
  }

  /** Of a cluster: the name of the endpoints that its client will ask for on the same stream. */
  get endpointsName(): string | undefined {
    if (this.#endpointsName === null) this.#endpointsName = endpointsOnSameStream(this);
    return this.#endpointsName;
  }

  #any(value: Uint8Array = this.value): Any {
    return create(AnySchema, { typeUrl: this.typeUrl, value });
  }

  #wrapped(): Any {
    const { resource } = discoverySchemas();
    const value = toBinary(resource, create(resource, this.#envelope(this.#any())));
    return create(AnySchema, { typeUrl: RESOURCE_TYPE_URL, value });
  }

  #envelope(resource: Any | undefined): object {
    const ttlMs = this.ttlMs;
    return {
      name: this.name,
      version: this.version,
      ...(resource === undefined ? {} : { resource }),
      ...(ttlMs === undefined ? {} : { ttl: durationOf(ttlMs) }),
    };
  }
}

/** The resource with its encodings; the same object each time, so that a thousand snapshots share them. */
export function cachedResource(resource: VersionedResource): CachedResource {
  if (resource instanceof CachedResource) return resource;
  let found = cached.get(resource);
  if (found === undefined) {
    found = new CachedResource(resource);
    cached.set(resource, found);
  }
  return found;
}

function durationOf(ms: number): object {
  return create(DurationSchema, {
    seconds: BigInt(Math.floor(ms / 1000)),
    nanos: Math.round((ms % 1000) * 1e6),
  });
}

/** The other fields of a message, then one of so many bytes as far as they. */
function begun(fieldNumber: number, bytes: number, others: Uint8Array = NO_BYTES): Uint8Array {
  const writer = new BinaryWriter().raw(others).tag(fieldNumber, WireType.LengthDelimited);
  return writer.uint32(bytes).finish();
}

/** A message as the runtime writes a field that it does not know: the tag, then these bytes. */
function field<Schema extends Parameters<typeof toBinary>[0]>(
  schema: Schema,
  message: Parameters<typeof toBinary<Schema>>[1],
): UnknownField {
  const data = new BinaryWriter().bytes(toBinary(schema, message)).finish();
  return { no: RESOURCES_FIELD, wireType: WireType.LengthDelimited, data };
}
