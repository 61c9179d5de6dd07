import { keyOf, type Resource } from "../resources/object.ts";

/** What was read of a source: a file, or a key of a store. */
export interface SourceContent {
  readonly objects: readonly Resource[];
  /** Objects of the source that were refused: what they were before stays. */
  readonly refused: readonly { readonly kind: string; readonly key: string }[];
  /** False when part of the source could not be read: whatever was in it before may still be. */
  readonly complete: boolean;
}

/** `HTTPRoute default/a` */
export type ObjectId = string;

/** What a source had when it was last looked at. */
export interface SourceObjects {
  /** As they were read. */
  readonly objects: readonly Resource[];
  /** As they are used. */
  readonly byId: Map<ObjectId, Resource>;
  /** Both are the same. */
  readonly isPlain: boolean;
}

export const NO_OBJECTS: SourceObjects = { objects: [], byId: new Map(), isPlain: true };

/** What is other than before in a source. */
export interface SourceChanges {
  readonly gone: Iterable<ObjectId>;
  readonly come: Iterable<readonly [ObjectId, Resource]>;
  /** Objects that are there more than once, whether or not they have changed. */
  readonly twice: readonly ObjectId[];
}

/** Whether the source has nothing but its objects. */
export function isAllRead({ refused, complete }: SourceContent): boolean {
  return complete && refused.length === 0;
}

/** Compares by identity: what is the same object was not read again. */
export function sourceChanges(
  before: SourceObjects,
  content: SourceContent | undefined,
): SourceChanges {
  if (content === undefined) return { gone: [...before.byId.keys()], come: [], twice: [] };
  const few =
    before.isPlain && isAllRead(content) ? changedSpan(before, content.objects) : undefined;
  return few ?? allChanges(before, content);
}

/** Looks no further than at what lies between the first and the last difference. Undefined where objects are there twice. */
function changedSpan(
  { objects: old, byId }: SourceObjects,
  now: readonly Resource[],
): SourceChanges | undefined {
  let from = 0;
  while (from < old.length && old[from] === now[from]) from += 1;
  let to = old.length;
  let toNow = now.length;
  while (to > from && toNow > from && old[to - 1] === now[toNow - 1]) {
    to -= 1;
    toNow -= 1;
  }
  const gone = new Set(old.slice(from, to).map(idOf));
  const come = new Map(now.slice(from, toNow).map((object) => [idOf(object), object]));
  if (come.size < toNow - from) return undefined;
  for (const [id, object] of come) {
    const known = byId.get(id);
    if (known !== undefined && !gone.delete(id)) return undefined;
    if (known === object) come.delete(id);
  }
  return { gone, come, twice: [] };
}

function allChanges({ byId }: SourceObjects, content: SourceContent): SourceChanges {
  const now = new Map<ObjectId, Resource>();
  const twice: ObjectId[] = [];
  for (const object of content.objects) {
    const id = idOf(object);
    if (now.has(id)) twice.push(id);
    else now.set(id, object);
  }
  const stays = content.complete
    ? content.refused.map(({ kind, key }) => `${kind} ${key}`)
    : byId.keys();
  for (const id of stays) {
    const old = byId.get(id);
    if (old !== undefined && !now.has(id)) now.set(id, old);
  }
  const gone = [...byId.keys()].filter((id) => !now.has(id));
  const come = [...now].filter(([id, object]) => byId.get(id) !== object);
  return { gone, come, twice };
}

function idOf(object: Resource): ObjectId {
  return `${object.kind} ${keyOf(object)}`;
}
