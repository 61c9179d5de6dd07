/**
 * `after` with each part that means the same as that part of `before` replaced by it; `before` itself when all of it does.
 * For plain, structured-cloneable data. Shared memory is no configuration: pieces of one size are the same, and the old one
 * keeps what it counted. Items of a list belong together by their `name` where they have one, else by their place.
 */
export function shareEqual<Plain>(before: Plain | undefined, after: Plain): Plain {
  return share(before, after) as Plain;
}

function share(before: unknown, after: unknown): unknown {
  if (Object.is(before, after)) return before;
  if (!isObject(before) || !isObject(after)) return after;
  if (Object.getPrototypeOf(before) !== Object.getPrototypeOf(after)) return after;
  if (Array.isArray(after)) return shareList(before as unknown as readonly unknown[], after);
  if (Object.getPrototypeOf(after) === Object.prototype) return shareFields(before, after);
  return isSameValue(before, after) ? before : after;
}

type Fields = { readonly [name: string]: unknown };

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function shareFields(before: Fields, after: Fields): unknown {
  let same = definedCount(before) === definedCount(after);
  const shared: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(after)) {
    const part = share(before[name], value);
    shared[name] = part;
    if (!Object.is(part, before[name])) same = false;
  }
  return same ? before : shared;
}

/** What is undefined is as good as absent. */
function definedCount(fields: Fields): number {
  let count = 0;
  for (const name in fields) if (fields[name] !== undefined) count++;
  return count;
}

function shareList(before: readonly unknown[], after: readonly unknown[]): unknown {
  let same = before.length === after.length;
  const named = namedItems(before);
  const shared = after.map((item, index) => {
    const partner = named?.get(nameOf(item)) ?? before[index];
    const part = share(partner, item);
    if (!Object.is(part, before[index])) same = false;
    return part;
  });
  return same ? before : shared;
}

/** Null where names do not tell the items apart. */
function namedItems(list: readonly unknown[]): Map<unknown, unknown> | null {
  const first = nameOf(list[0]);
  if (typeof first !== "string" || first === "") return null;
  const items = new Map(list.map((item) => [nameOf(item), item]));
  return items.size === list.length ? items : null;
}

function nameOf(item: unknown): unknown {
  return isObject(item) ? item["name"] : undefined;
}

/** Of two values of one class that is not a plain object. */
function isSameValue(before: object, after: object): boolean {
  if (after instanceof SharedArrayBuffer)
    return (before as SharedArrayBuffer).byteLength === after.byteLength;
  if (ArrayBuffer.isView(after)) return bytesOf(before as ArrayBufferView).equals(bytesOf(after));
  if (after instanceof RegExp) return (before as RegExp).toString() === after.toString();
  if (after instanceof Date) return (before as Date).getTime() === after.getTime();
  if (after instanceof Map || after instanceof Set) {
    const entries = [...(before as Map<unknown, unknown> | Set<unknown>)];
    return share(entries, [...after]) === entries;
  }
  return false;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
