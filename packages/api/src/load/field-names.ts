import type { DescField, DescMessage } from "@bufbuild/protobuf";

const tables = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

/** The fields of a message by each key that a text may use: `stat_prefix` and `statPrefix`. */
export function fieldsByKey(desc: DescMessage): ReadonlyMap<string, DescField> {
  let table = tables.get(desc);
  if (table === undefined) {
    table = new Map(
      desc.fields.flatMap((field) => [
        [field.jsonName, field] as const,
        [field.name, field] as const,
      ]),
    );
    tables.set(desc, table);
  }
  return table;
}
