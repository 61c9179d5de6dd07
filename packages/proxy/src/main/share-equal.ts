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

/** Nothing is copied before the first difference: nearly everything is equal nearly always. */
function shareFields(before: Fields, after: Fields): unknown {
  const names = Object.keys(after);
  let shared: { [name: string]: unknown } | null =
    definedCount(before) === definedCount(after) ? null : {};
  names.forEach((name, index) => {
    const part = share(before[name], after[name]);
    if (shared === null && Object.is(part, before[name])) return;
    shared ??= Object.fromEntries(names.slice(0, index).map((same) => [same, before[same]]));
    shared[name] = part;
  });
  return shared ?? before;
}

/** What is undefined is as good as absent. */
function definedCount(fields: Fields): number {
  let count = 0;
  for (const name in fields) if (fields[name] !== undefined) count++;
  return count;
}

function shareList(before: readonly unknown[], after: readonly unknown[]): unknown {
  let shared: unknown[] | null = before.length === after.length ? null : [];
  let named: ReadonlyMap<unknown, unknown> | null = null;
  after.forEach((item, index) => {
    let partner = before[index];
    if (nameOf(partner) !== nameOf(item)) {
      named ??= namedItems(before);
      partner = named.get(nameOf(item)) ?? partner;
    }
    const part = share(partner, item);
    if (shared === null && Object.is(part, before[index])) return;
    shared ??= before.slice(0, index);
    shared.push(part);
  });
  return shared ?? before;
}

/** Empty where names do not tell the items apart. */
function namedItems(list: readonly unknown[]): ReadonlyMap<unknown, unknown> {
  const named = list.filter((item) => typeof nameOf(item) === "string" && nameOf(item) !== "");
  const items = new Map(named.map((item) => [nameOf(item), item]));
  return items.size === list.length ? items : new Map();
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
