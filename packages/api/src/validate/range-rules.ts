/** A check of one value: the text of the error, or undefined when the value is fine. */
export type Check<Value> = (value: Value) => string | undefined;

/** The bounds that rules of numbers and durations share; absent where they are not set. */
export interface Bounds<Value> {
  readonly lt?: Value | undefined;
  readonly lte?: Value | undefined;
  readonly gt?: Value | undefined;
  readonly gte?: Value | undefined;
}

/**
 * The check for `lt`, `lte`, `gt` and `gte`. As in protoc-gen-validate, a lower bound above the upper one means outside
 * of the range between them. NaN is in no range.
 * @param order negative, zero or positive, as for sorting; NaN when not comparable
 * @param show how errors write a value
 */
export function boundsCheck<Value>(
  bounds: Bounds<Value>,
  order: (a: Value, b: Value) => number,
  show: (value: Value) => string,
): Check<Value> | undefined {
  const { lt, lte, gt, gte } = bounds;
  const upper = lt ?? lte;
  const lower = gt ?? gte;
  const below = (value: Value): boolean =>
    lt !== undefined ? order(value, lt) < 0 : order(value, lte!) <= 0;
  const above = (value: Value): boolean =>
    gt !== undefined ? order(value, gt) > 0 : order(value, gte!) >= 0;
  if (upper !== undefined && lower !== undefined) {
    const inside =
      order(upper, lower) > 0 ||
      (order(upper, lower) === 0 && lte !== undefined && gte !== undefined);
    const range = `${gt === undefined ? "[" : "("}${show(lower)}, ${show(upper)}${lt === undefined ? "]" : ")"}`;
    if (inside) {
      return (value) =>
        below(value) && above(value)
          ? undefined
          : `value must be inside range ${range}, got ${show(value)}`;
    }
    return (value) =>
      below(value) || above(value)
        ? undefined
        : `value must be below ${show(upper)} or above ${show(lower)}, got ${show(value)}`;
  }
  if (upper !== undefined) {
    const text = lt === undefined ? "less than or equal to" : "less than";
    return (value) =>
      below(value) ? undefined : `value must be ${text} ${show(upper)}, got ${show(value)}`;
  }
  if (lower !== undefined) {
    const text = gt === undefined ? "greater than or equal to" : "greater than";
    return (value) =>
      above(value) ? undefined : `value must be ${text} ${show(lower)}, got ${show(value)}`;
  }
  return undefined;
}
