import type { StoredObject } from "@nuncio/gateway";
import { parse } from "yaml";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { ETCD_FLAGS } from "../etcd/flags.ts";
import { withObjects } from "../etcd/with-objects.ts";
import { readChoice } from "../flag-values.ts";
import type { GivenFlags } from "../flags.ts";
import { TABLE_FORMATS, dataText } from "../output.ts";
import { printTable } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { namedKind } from "./named-objects.ts";
import { isBadRow, statusRows, type ObjectWithStatus } from "./status-rows.ts";

/** `nuncio ctl get` */
export const CTL_GET_COMMAND: Command = {
  usage: ["[KIND [NAME...]] --etcd URL [flags]"],
  about: `
What resources an etcd has, and what control planes say of them: ok, or the conditions that are not as they should be.
Exit code 0; 1 when one that was named is not there.`,
  flags: [
    { name: "namespace", short: "n", value: "NAME", help: "objects of this namespace alone" },
    { name: "output", short: "o", value: "FORMAT", choices: TABLE_FORMATS, help: "default: table" },
    ...ETCD_FLAGS,
    HELP_FLAG,
  ],
  operand: "KIND",
  run: async ({ given, operands: [word, ...names] }) => {
    const format = readChoice(given, "output", TABLE_FORMATS, "table");
    const kind = word === undefined ? undefined : namedKind(word);
    const all = await withObjects(given, (objects) => objects.list());
    const found = all.filter(
      (each) =>
        (kind === undefined || each.kind === kind) &&
        isOfNamespace(each, given) &&
        (names.length === 0 || names.includes(nameOf(each))),
    );
    if (format === "table") printObjects(found);
    else
      process.stdout.write(
        dataText({ apiVersion: "v1", kind: "List", items: found.map(withStatus) }, format),
      );
    const missing = names.filter((name) => !found.some((each) => nameOf(each) === name));
    for (const name of missing) process.stderr.write(`${kind?.kind} ${name} is not there\n`);
    return missing.length > 0 ? 1 : 0;
  },
};

function nameOf({ key }: StoredObject): string {
  return key.slice(key.indexOf("/") + 1);
}

function namespaceOf({ key }: StoredObject): string | undefined {
  return key.includes("/") ? key.slice(0, key.indexOf("/")) : undefined;
}

function isOfNamespace(object: StoredObject, given: GivenFlags): boolean {
  const wanted = given.get("namespace")?.[0];
  return wanted === undefined || namespaceOf(object) === wanted;
}

/** @throws UsageError for a value that is no YAML: nothing can be told of what is in it */
function withStatus({ kind, key, text, status }: StoredObject): object {
  let object: unknown;
  try {
    object = parse(text);
  } catch (error) {
    throw new UsageError(`${kind.kind} ${key}: ${(error as Error).message}`);
  }
  return status === undefined
    ? (object as object)
    : { ...(object as object), status: JSON.parse(status) };
}

function printObjects(objects: readonly StoredObject[]): void {
  const rows = objects.map((object) => [
    namespaceOf(object) ?? "-",
    object.kind.kind,
    nameOf(object),
    stateOf(object),
  ]);
  printTable(["NAMESPACE", "KIND", "NAME", "STATUS"], rows);
}

/** `ok`, `ResolvedRefs=False BackendNotFound`; `-` where nobody says anything. */
function stateOf({ kind, key, status }: StoredObject): string {
  if (status === undefined) return "-";
  const metadata = { name: key };
  const said = { apiVersion: "", kind: kind.kind, metadata, status: JSON.parse(status) };
  const bad = statusRows(said as ObjectWithStatus).filter(isBadRow);
  if (bad.length === 0) return "ok";
  return bad
    .map(({ condition }) =>
      condition === null ? "-" : `${condition.type}=${condition.status} ${condition.reason}`,
    )
    .join(", ");
}
