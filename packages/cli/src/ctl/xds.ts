import type { XdsReport } from "@nuncio/proxy";
import { ADMIN_FLAG, DEFAULT_ADMIN, getAdminJson } from "../admin.ts";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import type { Flag, GivenFlags } from "../flags.ts";
import { painter } from "../painter.ts";
import { Table } from "../table.ts";

const FLAGS: readonly Flag[] = [
  ADMIN_FLAG,
  { name: "filter", value: "TEXT", help: "only resources whose name holds this" },
  { name: "bad", help: "only what was refused, or waits for something" },
  { name: "json", help: "print JSON; docs/xds.md has its shape" },
  HELP_FLAG,
];

/** `nuncio ctl xds` */
export const CTL_XDS_COMMAND: Command = {
  usage: ["[flags]"],
  about: `
What control planes gave a running proxy: of each resource the version in use, since when, what of it was refused and
why, and what it waits for. Exit code 0; 3 when something was refused.`,
  flags: FLAGS,
  run: ({ given }) => run(given),
};

const EXIT_REFUSED = 3;

type Resource = XdsReport["sources"][number]["types"][number]["resources"][number];

async function run(given: GivenFlags): Promise<number> {
  const admin = given.get("admin")?.[0] ?? DEFAULT_ADMIN;
  const filter = given.get("filter")?.[0];
  const query = filter === undefined ? [] : [["filter", filter] as const];
  const report = (await getAdminJson(admin, "/xds", query)) as XdsReport;
  const wanted = given.has("bad") ? onlyBad(report) : report;
  if (given.has("json")) process.stdout.write(`${JSON.stringify(wanted, null, 2)}\n`);
  else print(wanted);
  const refused = resourcesOf(report).some(({ error }) => error !== null);
  return refused ? EXIT_REFUSED : 0;
}

function onlyBad({ sources }: XdsReport): XdsReport {
  return {
    sources: sources.map((source) => ({
      ...source,
      types: source.types.map((type) => ({ ...type, resources: type.resources.filter(isBad) })),
    })),
  };
}

function isBad({ error, waits_for: waitsFor }: Resource): boolean {
  return error !== null || waitsFor !== null;
}

function resourcesOf({ sources }: XdsReport): Resource[] {
  return sources.flatMap(({ types }) => types.flatMap(({ resources }) => resources));
}

function print({ sources }: XdsReport): void {
  const paint = painter();
  const write = (text: string): void => void process.stdout.write(text);
  if (sources.length === 0) write("nothing comes from a control plane or a file\n");
  for (const source of sources) {
    write(`${paint("bold", source.name)}: ${streamText(source)}\n`);
    const table = new Table(["TYPE", "NAME", "STATE", "VERSION", "ACCEPTED", "WHY"], write, paint);
    for (const { type_url: typeUrl, resources } of source.types) {
      const type = typeUrl.slice(typeUrl.lastIndexOf(".") + 1);
      for (const one of resources) {
        const { name, state, version, last_accepted: accepted } = one;
        table.add([type, name, state, version ?? "-", accepted ?? "-", whyOf(one)]);
      }
    }
    table.end();
  }
}

function whyOf({ error, waits_for: waitsFor }: Resource): string {
  if (error !== null) return `${error.message.replaceAll("\n", "; ")} (${error.at})`;
  return waitsFor === null ? "" : `waits for ${waitsFor}`;
}

function streamText(source: XdsReport["sources"][number]): string {
  const { stream, connected_since: since, last_disconnect: last, next_attempt: next } = source;
  if (since !== null) return `${stream} since ${since}`;
  const why = last === null ? "" : `, ${last.reason} (${last.at})`;
  return next === null ? `${stream}${why}` : `${stream}, next attempt ${next}${why}`;
}
