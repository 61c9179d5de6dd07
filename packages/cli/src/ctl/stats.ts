import { ADMIN_FLAG, DEFAULT_ADMIN, DEFAULT_GATEWAY_ADMIN, getAdminText } from "../admin.ts";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { readChoice } from "../flag-values.ts";
import type { Flag, GivenFlags } from "../flags.ts";
import { TABLE_FORMATS, dataText } from "../output.ts";
import { printTable } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { prometheusSamples, type Sample } from "./prometheus-samples.ts";

const FORMATS = [...TABLE_FORMATS, "prometheus"] as const;

const FLAGS: readonly Flag[] = [
  ADMIN_FLAG,
  { name: "filter", value: "REGEX", help: "only those whose name matches somewhere" },
  { name: "used", help: "only those that are not 0" },
  { name: "output", short: "o", value: "FORMAT", choices: FORMATS, help: "default: table" },
  HELP_FLAG,
];

/** `nuncio ctl stats` */
export const CTL_STATS_COMMAND: Command = {
  usage: ["[--admin URL] [flags]"],
  about: `
Counters, gauges and histograms of a running proxy, Nuncio's or Envoy's, or of the control plane of a gateway
(--admin ${DEFAULT_GATEWAY_ADMIN}), by the names that Prometheus has them under. A table has no buckets of histograms.`,
  flags: FLAGS,
  run: async ({ given }) => {
    const format = readChoice(given, "output", FORMATS, "table");
    if (format === "prometheus" && (given.has("filter") || given.has("used")))
      throw new UsageError("--output: prometheus takes neither --filter nor --used");
    const isWanted = wanted(given);
    const admin = given.get("admin")?.[0] ?? DEFAULT_ADMIN;
    const text = await getAdminText(admin, "/stats/prometheus");
    if (format === "prometheus") {
      process.stdout.write(text);
      return 0;
    }
    const samples = prometheusSamples(text).filter(isWanted);
    if (format === "table") printSamples(samples);
    else process.stdout.write(dataText({ stats: samples }, format));
    return 0;
  },
};

function wanted(given: GivenFlags): (sample: Sample) => boolean {
  const filter = given.get("filter")?.[0] ?? "";
  let pattern: RegExp;
  try {
    pattern = new RegExp(filter, "u");
  } catch (error) {
    throw new UsageError(`--filter: ${(error as Error).message}`);
  }
  return ({ name, value }) => pattern.test(name) && (value !== 0 || !given.has("used"));
}

function printSamples(samples: readonly Sample[]): void {
  const rows = samples
    .filter(({ labels, type }) => type !== "histogram" || labels["le"] === undefined)
    .map(({ name, labels, value }) => [
      name,
      Object.entries(labels)
        .map(([label, text]) => `${label}=${text}`)
        .join(",") || "-",
      String(value),
    ]);
  printTable(["NAME", "LABELS", "VALUE"], rows);
}
