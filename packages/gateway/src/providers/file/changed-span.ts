/** What differs between two texts: `from` is the same place in both, behind `toBefore` and `toNow` all is equal again. */
export interface ChangedSpan {
  readonly from: number;
  readonly toBefore: number;
  readonly toNow: number;
}

/** Compared at once, before it is halved. */
const STRIDE_BYTES = 64 * 1024;

/** What differs between the bytes of before and now, as one span; `from` is the length of both where nothing does. */
export function changedSpan(before: Buffer, now: Buffer): ChangedSpan {
  const shorter = Math.min(before.length, now.length);
  const from = equalAtStart(before, now, shorter);
  const same = equalAtEnd(before, now, shorter - from);
  return { from, toBefore: before.length - same, toNow: now.length - same };
}

function equalAtStart(a: Buffer, b: Buffer, max: number): number {
  return longest(max, (from, to) => a.compare(b, from, to, from, to) === 0);
}

function equalAtEnd(a: Buffer, b: Buffer, max: number): number {
  const [endA, endB] = [a.length, b.length];
  return longest(
    max,
    (from, to) => a.compare(b, endB - to, endB - from, endA - to, endA - from) === 0,
  );
}

/** The largest length up to `max` for which all spans below it are equal. */
function longest(max: number, isEqual: (from: number, to: number) => boolean): number {
  let known = 0;
  for (let stride = STRIDE_BYTES; stride > 0;) {
    const to = Math.min(known + stride, max);
    if (to > known && isEqual(known, to)) known = to;
    else stride = Math.floor(stride / 2);
  }
  return known;
}
