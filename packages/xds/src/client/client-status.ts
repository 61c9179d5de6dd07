import type { ResourceError, ResourceRecord, ResourceState } from "./resource-records.ts";
import { stateOf } from "./resource-records.ts";
import type { StreamStatus } from "./stream-status.ts";
import type { TypeSubscription } from "./type-subscription.ts";

/** What a client has, and how it is doing. All times are milliseconds of the client's clock. */
export interface XdsClientStatus {
  readonly nowMs: number;
  readonly sources: readonly SourceStatus[];
}

/** One connection, poll or file. */
export interface SourceStatus {
  /** `ads`, or what the source is: `grpc CDS from xds_cluster`. */
  readonly name: string;
  readonly stream: StreamStatus;
  readonly types: readonly WatchedType[];
}

/** One type from one source. */
export interface WatchedType {
  readonly typeUrl: string;
  /** Of the last response that was accepted whole. */
  readonly version: string;
  readonly resources: readonly WatchedResource[];
}

/** One resource, whether it came or not. */
export interface WatchedResource {
  readonly name: string;
  readonly state: ResourceState;
  /** Of what is in use; null when nothing is. */
  readonly version: string | null;
  /** The serialized message that is in use; null when none is. Not to be changed. */
  readonly content: Uint8Array | null;
  readonly acceptedAtMs: number | null;
  /** Since when it is wanted, or there. */
  readonly sinceMs: number;
  /** When it is dropped unless the control plane says that it lives on. */
  readonly expiresAtMs: number | null;
  /** The last refusal, until a newer content is accepted. */
  readonly error: ResourceError | null;
  /** What has to come before it is of use; null when nothing has. */
  readonly waitsFor: string | null;
}

/** The status of one type. */
export function typeStatus(subscription: TypeSubscription, stream: StreamStatus): WatchedType {
  return {
    typeUrl: subscription.typeUrl,
    version: subscription.version,
    resources: Array.from(subscription.records(), (record) => resourceStatus(record, stream)),
  };
}

function resourceStatus(record: ResourceRecord, stream: StreamStatus): WatchedResource {
  const { name, held, acceptedAtMs, sinceMs, expiresAtMs, error } = record;
  return {
    name,
    state: stateOf(record),
    version: held?.version ?? null,
    content: held?.value ?? null,
    acceptedAtMs,
    sinceMs,
    expiresAtMs,
    error,
    waitsFor: record.waitsFor ?? (held === null ? missing(record, stream) : null),
  };
}

function missing({ error }: ResourceRecord, stream: StreamStatus): string {
  if (error?.isFromControlPlane === false) return "a content that is not refused";
  return stream.state === "connected"
    ? "an answer of the control plane"
    : "a connection to the control plane";
}
