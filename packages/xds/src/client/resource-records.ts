import type { ReceivedResource, Rejection } from "./callbacks.ts";

/** Why a resource was not taken, or could not be had. */
export interface ResourceError {
  readonly message: string;
  /** Where in the resource, when the owner knows it. */
  readonly place: string | null;
  /** Version that was refused; empty when it has none. */
  readonly version: string;
  /** Milliseconds of the client's clock. */
  readonly atMs: number;
  /** The control plane could not make it; the owner was never asked. */
  readonly isFromControlPlane: boolean;
}

/** What is known of one resource, whether it came or not. */
export interface ResourceRecord {
  readonly name: string;
  /** Since when somebody wants it, or since when it is there; milliseconds of the client's clock. */
  readonly sinceMs: number;
  /** The last content that was accepted. */
  held: ReceivedResource | null;
  acceptedAtMs: number | null;
  /** When it is dropped unless the control plane says that it lives on. */
  expiresAtMs: number | null;
  /** The last refusal, until a newer content is accepted. */
  error: ResourceError | null;
  /** Why there is none, when that is known. */
  absence: "does-not-exist" | "timeout" | null;
  /** A content that one owner refused, and is not held for that, was taken by another. */
  isTakenBySome: boolean;
  /** What is held came while nobody wanted it: no owner has judged it yet. */
  isUnjudged: boolean;
  /** What the owner still needs before it uses the resource. */
  waitsFor: string | null;
}

/** The states of envoy.admin.v3.ClientResourceStatus that apply to a client. */
export type ResourceState =
  | "REQUESTED"
  | "DOES_NOT_EXIST"
  | "ACKED"
  | "NACKED"
  | "RECEIVED_ERROR"
  | "TIMEOUT";

/** The state of a record, as CSDS names it. */
export function stateOf(record: ResourceRecord): ResourceState {
  if (record.error !== null) return record.error.isFromControlPlane ? "RECEIVED_ERROR" : "NACKED";
  if (record.held !== null) return "ACKED";
  if (record.absence === "does-not-exist") return "DOES_NOT_EXIST";
  return record.absence === "timeout" ? "TIMEOUT" : "REQUESTED";
}

/** The resources of one type from one source. */
export class ResourceRecords {
  readonly #records = new Map<string, ResourceRecord>();
  /** Those that expire: few, or none. */
  readonly #mortal = new Set<ResourceRecord>();

  get(name: string): ResourceRecord | undefined {
    return this.#records.get(name);
  }

  all(): IterableIterator<ResourceRecord> {
    return this.#records.values();
  }

  /** The accepted content of a name. */
  held(name: string): ReceivedResource | undefined {
    return this.#records.get(name)?.held ?? undefined;
  }

  /** When the next resource expires; Infinity when none does. */
  nextExpiryMs(): number {
    let nextMs = Infinity;
    for (const { expiresAtMs } of this.#mortal) nextMs = Math.min(nextMs, expiresAtMs ?? Infinity);
    return nextMs;
  }

  /** Names of the resources that have expired. */
  expired(nowMs: number): string[] {
    const names: string[] = [];
    for (const { name, expiresAtMs } of this.#mortal)
      if (expiresAtMs !== null && expiresAtMs <= nowMs) names.push(name);
    return names;
  }

  /** The record of a name, made when there is none. */
  ensure(name: string, nowMs: number): ResourceRecord {
    let record = this.#records.get(name);
    if (record === undefined) {
      record = {
        name,
        sinceMs: nowMs,
        held: null,
        acceptedAtMs: null,
        expiresAtMs: null,
        error: null,
        absence: null,
        isTakenBySome: false,
        isUnjudged: false,
        waitsFor: null,
      };
      this.#records.set(name, record);
    }
    return record;
  }

  /** True of a resource that would change nothing, and that nobody refused. */
  isSame({ name, value }: ReceivedResource): boolean {
    const record = this.#records.get(name);
    if (record === undefined || record.held === null) return false;
    if (record.error?.isFromControlPlane === false) return false;
    return Buffer.compare(record.held.value, value) === 0;
  }

  accept(resource: ReceivedResource, nowMs: number, isUnjudged: boolean): void {
    const record = this.ensure(resource.name, nowMs);
    record.held = resource;
    record.acceptedAtMs = nowMs;
    record.error = null;
    record.absence = null;
    record.isTakenBySome = false;
    record.isUnjudged = isUnjudged;
    this.live(resource.name, resource.ttlMs, nowMs);
  }

  /** The content that is held came again, maybe under a new version. */
  renew(resource: ReceivedResource, nowMs: number): void {
    const record = this.#records.get(resource.name);
    if (record === undefined || record.held === null) return;
    record.held = { ...resource, value: record.held.value };
    record.error = null;
    this.live(resource.name, resource.ttlMs, nowMs);
  }

  /** From now on a resource lives for `ttlMs`, or for ever. */
  live(name: string, ttlMs: number | undefined, nowMs: number): void {
    const record = this.#records.get(name);
    if (record === undefined || record.held === null) return;
    record.expiresAtMs = ttlMs === undefined ? null : nowMs + ttlMs;
    if (ttlMs === undefined) this.#mortal.delete(record);
    else this.#mortal.add(record);
  }

  reject(name: string, { message, place }: Rejection, version: string, nowMs: number): void {
    const reason = { message, place: place ?? null, version, atMs: nowMs };
    this.ensure(name, nowMs).error = { ...reason, isFromControlPlane: false };
  }

  /** An owner was told what is held: what it refused is no longer, unless somebody took it before. */
  judge(name: string, isTaken: boolean): void {
    const record = this.#records.get(name);
    if (record === undefined || !record.isUnjudged) return;
    record.isUnjudged = false;
    if (!isTaken) this.#drop(record);
  }

  /** Not all owners refused it: those who did not have to hear when it is gone. */
  takenBySome(name: string): void {
    const record = this.#records.get(name);
    if (record !== undefined) record.isTakenBySome = true;
  }

  /** True of a name that some owner has a content of. */
  isWithOwners(name: string): boolean {
    const record = this.#records.get(name);
    return record !== undefined && (record.held !== null || record.isTakenBySome);
  }

  /** The control plane says that it cannot give a resource. */
  fail(name: string, message: string, nowMs: number): void {
    const record = this.#records.get(name);
    if (record === undefined) return;
    const reason = { message, place: null, version: "", atMs: nowMs };
    record.error = { ...reason, isFromControlPlane: true };
  }

  /** The resource is gone; who asked for it by name is still waiting. */
  remove(name: string, isAskedFor: boolean): void {
    const record = this.#records.get(name);
    if (record === undefined) return;
    if (!isAskedFor) {
      this.forget(name);
      return;
    }
    this.#drop(record);
    record.error = null;
    record.absence = "does-not-exist";
    record.isTakenBySome = false;
  }

  #drop(record: ResourceRecord): void {
    this.#mortal.delete(record);
    record.held = null;
    record.acceptedAtMs = null;
    record.expiresAtMs = null;
  }

  /** Nothing is known of a name any more. */
  forget(name: string): void {
    const record = this.#records.get(name);
    if (record === undefined) return;
    this.#records.delete(name);
    this.#mortal.delete(record);
  }
}
