/** One value of the runtime, in all the forms in which it can be read. Plain data: main posts it to the workers. */
export interface RuntimeEntry {
  /** As it was written: what /runtime shows. */
  readonly raw: string;
  /** A whole number that is not negative. */
  readonly uint?: number;
  readonly double?: number;
  readonly bool?: boolean;
  readonly fraction?: { readonly numerator: number; readonly denominator: number };
}

/** The values of one layer, or of all of them together, by key. */
export type RuntimeValues = ReadonlyMap<string, RuntimeEntry>;

/** `RuntimeFractionalPercent` as plain data: a share, and the key that may say otherwise. */
export interface FractionConfig {
  readonly numerator: number;
  readonly denominator: number;
  /** Left out: nothing changes it. */
  readonly key?: string;
}

/** `RuntimeUInt32`, `RuntimeDouble` and `RuntimePercent`, as plain data. */
export interface NumberConfig {
  readonly value: number;
  /** Left out: nothing changes it. */
  readonly key?: string;
}

/** `RuntimeFeatureFlag` as plain data. */
export interface FlagConfig {
  readonly enabled: boolean;
  /** Left out: nothing changes it. */
  readonly key?: string;
}
