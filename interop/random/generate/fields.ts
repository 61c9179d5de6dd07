import fc, { type Arbitrary } from "fast-check";
import type { Config } from "../../diff/config-value.ts";

/** A field that is set in so many of a hundred cases, and else left out. */
export function maybe<T>(percent: number, arbitrary: Arbitrary<T>): Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: percent, arbitrary },
    { weight: 100 - percent, arbitrary: fc.constant(undefined) },
  );
}

/** A message; fields whose value is undefined are left out. */
export function message(fields: {
  readonly [name: string]: Arbitrary<unknown>;
}): Arbitrary<Config> {
  return fc
    .record(fields)
    .map((record) =>
      Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)),
    );
}

/** One of `values`, each as likely as the others. */
export function one<T>(...values: readonly T[]): Arbitrary<T> {
  return fc.constantFrom(...values);
}

/** True or false. */
export const flag: Arbitrary<boolean> = fc.boolean();

/** An extension: its name says nothing, its type says all. */
export function extension(type: string, fields: Arbitrary<Config>): Arbitrary<Config> {
  return fields.map((own) => ({
    name: "x",
    typed_config: { "@type": `type.googleapis.com/${type}`, ...own },
  }));
}
