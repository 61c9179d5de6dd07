import { resourceKind, readResources, objectKey, type KeyObject } from "@nuncio/gateway";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { ETCD_FLAGS } from "../etcd/flags.ts";
import { withObjects } from "../etcd/with-objects.ts";
import type { GivenFlags } from "../flags.ts";
import { UsageError } from "../usage-error.ts";
import { NAMESPACE_FLAG, namedKind, namedObject } from "./named-objects.ts";
import { RESOURCES_FLAG, readSources } from "./resource-files.ts";

/** `nuncio ctl delete` */
export const CTL_DELETE_COMMAND: Command = {
  usage: ["KIND NAME... --etcd URL [flags]", "-f FILE|FOLDER|- --etcd URL [flags]"],
  about: `
Takes resources out of an etcd that nuncio gateway run --etcd serves: those that are named, or those of files.
Exit code 0; 1 when one was not there.`,
  flags: [
    { ...RESOURCES_FLAG, help: `${RESOURCES_FLAG.help}; their names alone count` },
    NAMESPACE_FLAG,
    ...ETCD_FLAGS,
    HELP_FLAG,
  ],
  operand: "KIND",
  run: async ({ given, operands }) => {
    const wanted = given.has("file") ? await ofFiles(given, operands) : ofNames(given, operands);
    let areAllGone = true;
    await withObjects(given, async (objects) => {
      for (const object of wanted) {
        const isGone = await objects.remove(object);
        areAllGone &&= isGone;
        const what = `${object.kind.kind} ${object.key}`;
        if (isGone) process.stdout.write(`${what} deleted\n`);
        else process.stderr.write(`${what} is not there\n`);
      }
    });
    return areAllGone ? 0 : 1;
  },
};

function ofNames(given: GivenFlags, [word, ...names]: readonly string[]): KeyObject[] {
  if (word === undefined || names.length === 0)
    throw new UsageError("expected a kind and names, or --file");
  const kind = namedKind(word);
  return names.map((name) => namedObject(kind, name, given));
}

/** What is wrong with an object is of no concern here, as long as its name can be read. */
async function ofFiles(given: GivenFlags, operands: readonly string[]): Promise<KeyObject[]> {
  if (operands.length > 0) throw new UsageError(`expected no arguments, got "${operands[0]}"`);
  const sources = await readSources(given.get("file") ?? []);
  return sources.flatMap((source) => {
    const { resources, refused, complete } = readResources(source);
    if (!complete) throw new UsageError(`${source.name}: cannot be read as a whole`);
    const good = resources.map(({ resource: { apiVersion, kind, metadata } }) => ({
      group: apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "",
      kind,
      name: metadata.name,
      namespace: metadata.namespace ?? "",
    }));
    return [...good, ...refused].flatMap(({ group, kind, namespace, name }) => {
      const known = resourceKind(group, kind);
      if (known === undefined || name === "") return [];
      return [{ kind: known, key: objectKey(namespace === "" ? undefined : namespace, name) }];
    });
  });
}
