import type { ActiveWatch } from "./active-watch.ts";
import type { ReceivedResource, Rejection } from "./callbacks.ts";
import type { ResourceRecords } from "./resource-records.ts";
import type { TypeUpdate } from "./type-update.ts";
import type { WatchIndex } from "./watch-index.ts";
import { standFor } from "./watch-index.ts";

/** What one watch is told of an update. */
interface Batch {
  readonly added: ReceivedResource[];
  readonly removed: string[];
}

/** What owners said of an update. */
interface Verdict {
  readonly rejections: Rejection[];
  /** By name: what was not taken, and stays as it was. */
  readonly refused: Map<string, Rejection>;
  /** Names that at least one watch took. */
  readonly taken: Set<string>;
}

/** What of an update concerns anybody. */
interface Plan {
  readonly batches: ReadonlyMap<ActiveWatch, Batch>;
  readonly changed: readonly ReceivedResource[];
  /** Those of them that nobody is told of. */
  readonly unheard: ReadonlySet<ReceivedResource>;
  /** Resources whose content is held already. */
  readonly same: readonly ReceivedResource[];
  readonly removed: readonly string[];
}

/**
 * Hands an update to the watches that it concerns, and keeps what they take: a resource that one of them refuses stays
 * what it was, the others are taken. Content that is held already is not handed out again, so that an owner's work is
 * that of the change.
 * What is unwanted since a short time is kept up to date, and nobody is told. Returns all rejections; none when the
 * update was accepted whole.
 */
export function applyUpdate(
  update: TypeUpdate,
  watches: WatchIndex,
  unwanted: ReadonlySet<string>,
  records: ResourceRecords,
  nowMs: () => number,
): readonly Rejection[] {
  const plan = planUpdate(update, watches, unwanted, records);
  const { rejections, refused, taken } = deliver(plan.batches, update.version, nowMs);
  const now = nowMs();
  for (const { name, ttlMs } of update.heartbeats) records.live(name, ttlMs, now);
  for (const resource of plan.same) records.renew(resource, now);
  for (const resource of plan.changed) {
    const rejection = refused.get(resource.name);
    if (rejection === undefined) records.accept(resource, now, plan.unheard.has(resource));
    else {
      records.reject(resource.name, rejection, resource.version, now);
      if (taken.has(resource.name)) records.takenBySome(resource.name);
    }
  }
  for (const name of plan.removed) {
    const rejection = refused.get(name);
    if (rejection === undefined) records.remove(name, watches.has(name));
    else records.reject(name, rejection, "", now);
  }
  for (const rejection of update.rejected) {
    // What nobody wants leaves no trace.
    if (rejection.name === null || records.get(rejection.name) === undefined) continue;
    records.reject(rejection.name, rejection, update.version, now);
  }
  for (const { name, message } of update.errors) records.fail(name, message, now);
  return [...update.rejected, ...rejections];
}

function planUpdate(
  update: TypeUpdate,
  watches: WatchIndex,
  unwanted: ReadonlySet<string>,
  records: ResourceRecords,
): Plan {
  const batches = new Map<ActiveWatch, Batch>();
  for (const watch of watches.wildcards()) batchOf(batches, watch);
  const changed: ReceivedResource[] = [];
  const unheard = new Set<ReceivedResource>();
  const same: ReceivedResource[] = [];
  for (const resource of update.resources) {
    const interested = watches.interestedIn(resource.name, resource.aliases);
    if (records.isSame(resource)) {
      same.push(resource);
      for (const watch of interested) batchOf(batches, watch);
      continue;
    }
    // The control plane may not know yet that nobody wants it: who comes back before it does finds the newest.
    const isKept =
      interested.size > 0 ||
      watches.hasNamespaces ||
      standFor(unwanted, resource.name, resource.aliases);
    if (!isKept) continue;
    const copy = copyOf(resource);
    changed.push(copy);
    if (interested.size === 0) unheard.add(copy);
    for (const watch of interested) batchOf(batches, watch).added.push(copy);
  }
  const removed = removedNames(update, watches, records);
  for (const name of removed)
    for (const watch of toldOfRemoval(name, watches, records))
      batchOf(batches, watch).removed.push(name);
  return { batches, changed, unheard, same, removed };
}

/** A view would keep the whole response alive. */
function copyOf(resource: ReceivedResource): ReceivedResource {
  return { ...resource, value: resource.value.slice() };
}

function batchOf(batches: Map<ActiveWatch, Batch>, watch: ActiveWatch): Batch {
  let batch = batches.get(watch);
  if (batch === undefined) {
    batch = { added: [], removed: [] };
    batches.set(watch, batch);
  }
  return batch;
}

function removedNames(
  update: TypeUpdate,
  watches: WatchIndex,
  records: ResourceRecords,
): readonly string[] {
  if (!update.isFullState) return update.removed.filter((name) => isMissed(name, watches, records));
  const present = new Set<string | null>();
  for (const { name } of update.resources) present.add(name);
  for (const { name } of update.heartbeats) present.add(name);
  for (const { name } of update.rejected) present.add(name);
  for (const { name } of update.errors) present.add(name);
  const removed: string[] = [];
  for (const { name } of records.all()) {
    if (present.has(name)) continue;
    if (records.isWithOwners(name)) removed.push(name);
    else if (!watches.has(name)) records.forget(name);
  }
  return removed;
}

/** True for those who had it, or asked for it by name. Of what was only refused nothing is kept. */
function isMissed(name: string, watches: WatchIndex, records: ResourceRecords): boolean {
  if (records.isWithOwners(name) || watches.has(name)) return true;
  records.forget(name);
  return false;
}

function toldOfRemoval(
  name: string,
  watches: WatchIndex,
  records: ResourceRecords,
): Iterable<ActiveWatch> {
  const interested = watches.interestedIn(name, records.held(name)?.aliases);
  // Watches of all resources never had it.
  return records.isWithOwners(name)
    ? interested
    : [...interested].filter((watch) => watch.names.has(name));
}

function deliver(
  batches: ReadonlyMap<ActiveWatch, Batch>,
  version: string,
  nowMs: () => number,
): Verdict {
  const verdict: Verdict = { rejections: [], refused: new Map(), taken: new Set() };
  for (const [watch, batch] of batches) {
    // An owner that was called before may have cancelled it.
    if (!watch.isActive) continue;
    const isFirst = watch.namespaces.size > 0 && !watch.hasHeard;
    const isNews =
      batch.added.length > 0 || batch.removed.length > 0 || watch.isWildcard || isFirst;
    if (!isNews) {
      watch.succeeded(version, 0);
      continue;
    }
    const taken = new Set(batch.added.map(({ name }) => name));
    for (const rejection of watch.deliver({ ...batch, version }, nowMs)) {
      verdict.rejections.push(rejection);
      const names = rejection.name === null ? [...taken, ...batch.removed] : [rejection.name];
      for (const name of names) {
        verdict.refused.set(name, rejection);
        taken.delete(name);
      }
    }
    for (const name of taken) verdict.taken.add(name);
  }
  return verdict;
}
