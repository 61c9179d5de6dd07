import { BinaryReader } from "@bufbuild/protobuf/wire";

/** `VirtualHost.routes` */
const ROUTES_FIELD = 3;
const BLOCK_BYTES = 4096;

/** Where the routes of a serialized virtual host are. */
export interface RouteFields {
  readonly value: Buffer;
  /** Where the field of each route begins, and ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** All other fields, one behind the other. */
  readonly others: Buffer;
}

/** Finds the routes without reading them; null where the bytes are no message. */
export function routeFields(bytes: Uint8Array): RouteFields | null {
  const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: number[] = [];
  const ends: number[] = [];
  const others: Buffer[] = [];
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const start = reader.pos;
      const [field, wireType] = reader.tag();
      reader.skip(wireType, field);
      if (field === ROUTES_FIELD) {
        starts.push(start);
        ends.push(reader.pos);
      } else others.push(value.subarray(start, reader.pos));
    }
  } catch {
    return null;
  }
  return { value, starts, ends, others: Buffer.concat(others) };
}

/** Which route of `before` has the same bytes, for each of `after`; -1: none. Costs what the change has, and a look at all bytes. */
export function unchangedRoutes(before: RouteFields, after: RouteFields): Int32Array {
  const same = new Int32Array(after.starts.length).fill(-1);
  const first = equalAtBegin(before, after);
  for (let i = 0; i < first; i++) same[i] = i;
  const last = equalAtEnd(before, after, first);
  const shift = before.starts.length - after.starts.length;
  for (let i = after.starts.length - last; i < same.length; i++) same[i] = i + shift;
  const between = new Map<string, number>();
  for (let i = first; i < before.starts.length - last; i++) between.set(textOf(before, i), i);
  for (let i = first; i < after.starts.length - last; i++)
    same[i] = between.get(textOf(after, i)) ?? -1;
  return same;
}

/** How many routes at the beginning have the same bytes at the same places. */
function equalAtBegin({ value, ends }: RouteFields, after: RouteFields): number {
  const bytes = equalBytes(value, after.value);
  let count = 0;
  while (count < ends.length && ends[count]! <= bytes && ends[count] === after.ends[count]) count++;
  return count;
}

/** How many of the other routes, from the end, have the same bytes at the same places before the end. */
function equalAtEnd(before: RouteFields, after: RouteFields, others: number): number {
  const shift = before.value.length - after.value.length;
  const most = Math.min(before.starts.length, after.starts.length) - others;
  let count = 0;
  while (count < most) {
    const i = before.starts.length - 1 - count;
    const k = after.starts.length - 1 - count;
    const [start, end] = [after.starts[k]!, after.ends[k]!];
    if (before.starts[i] !== start + shift || before.ends[i] !== end + shift) break;
    if (before.value.compare(after.value, start, end, start + shift, end + shift) !== 0) break;
    count++;
  }
  return count;
}

function equalBytes(a: Buffer, b: Buffer): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  for (; at < most; at += BLOCK_BYTES) {
    const end = Math.min(at + BLOCK_BYTES, most);
    if (a.compare(b, at, end, at, end) !== 0) break;
  }
  while (at < most && a[at] === b[at]) at++;
  return Math.min(at, most);
}

function textOf({ value, starts, ends }: RouteFields, i: number): string {
  return value.latin1Slice(starts[i]!, ends[i]!);
}
