import { formatResourceProblem, readResources } from "@nuncio/gateway";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { ETCD_FLAGS } from "../etcd/flags.ts";
import { withObjects } from "../etcd/with-objects.ts";
import { nowText } from "../output.ts";
import { UsageError } from "../usage-error.ts";
import { RESOURCES_FLAG, readSources } from "./resource-files.ts";

/** `nuncio ctl apply` */
export const CTL_APPLY_COMMAND: Command = {
  usage: ["-f FILE|FOLDER|- --etcd URL [flags]"],
  about: `
Puts resources of Gateway API into an etcd that nuncio gateway run --etcd serves. All of them are checked first: when one
is wrong none is put there. Exit code 0; 1 when something is wrong.`,
  flags: [RESOURCES_FLAG, ...ETCD_FLAGS, HELP_FLAG],
  run: async ({ given }) => {
    const sources = await readSources(given.get("file") ?? []);
    const read = sources.map((source) => readResources(source));
    const problems = read.flatMap((each) => each.problems);
    for (const problem of problems) process.stderr.write(`${formatResourceProblem(problem)}\n`);
    if (problems.some(({ severity }) => severity === "error"))
      throw new UsageError("nothing was applied");
    const resources = read.flatMap((each) => each.resources.map(({ resource }) => resource));
    await withObjects(given, async (objects) => {
      for (const resource of resources) {
        const done = await objects.put(resource, nowText());
        const { kind, metadata } = resource;
        const name = [metadata.namespace, metadata.name].filter((part) => part !== undefined);
        process.stdout.write(`${kind} ${name.join("/")} ${done}\n`);
      }
    });
    return 0;
  },
};
