/** Messages that an expression may make, with their fields. */
const MESSAGES: ReadonlyMap<string, readonly string[]> = new Map([
  ["google.protobuf.Any", ["type_url", "value"]],
  ["google.protobuf.Duration", ["seconds", "nanos"]],
  ["google.protobuf.Timestamp", ["seconds", "nanos"]],
  ["google.protobuf.Struct", ["fields"]],
  ["google.protobuf.ListValue", ["values"]],
  [
    "google.protobuf.Value",
    ["null_value", "number_value", "string_value", "bool_value", "struct_value", "list_value"],
  ],
  ...["Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64"].map(
    (type): [string, string[]] => [`google.protobuf.${type}Value`, ["value"]],
  ),
]);

/** What is wrong with making such a message, in Envoy's words; null when nothing is. */
export function checkMessage(name: string, fields: readonly string[]): string | null {
  const known = MESSAGES.get(name.replace(/^\./, ""));
  if (known === undefined) return `Invalid struct creation: missing type info for '${name}'`;
  const unknown = fields.find((field) => !known.includes(field));
  return unknown === undefined
    ? null
    : `Invalid message creation: field '${unknown}' not found in '${name}'`;
}
