import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_ADMIN, DEFAULT_GATEWAY_ADMIN, getAdminText } from "../admin.ts";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { DATA_FORMATS, dataText, nowText } from "../output.ts";
import { UsageError } from "../usage-error.ts";
import { VERSION } from "../version.ts";

/** What a proxy tells, Nuncio or Envoy, and the files that have it. Private keys are not shown there. */
const PROXY_PAGES: Readonly<Record<string, string>> = {
  "server_info.json": "/server_info",
  "config_dump.json": "/config_dump?include_eds",
  "clusters.json": "/clusters?format=json",
  "listeners.json": "/listeners?format=json",
  "certs.json": "/certs",
  "runtime.json": "/runtime",
  "memory.json": "/memory",
  "stats.prom": "/stats/prometheus",
};

const GATEWAY_PAGES: Readonly<Record<string, string>> = {
  "status.json": "/status",
  "config.json": "/config",
  "xds.json": "/xds?resources",
  "stats.prom": "/stats/prometheus",
};

/** `nuncio ctl collect` */
export const CTL_COLLECT_COMMAND: Command = {
  usage: ["FOLDER [--admin URL ...] [--gateway-admin URL]"],
  about: `
Writes all that running proxies and the control plane of their gateway tell of themselves to a folder that is not there yet:
for whoever has to find out what is wrong. Private keys are not told; names, addresses and paths are.
Exit code 0; 1 when somebody did not answer, and what the others told is there all the same.`,
  flags: [
    {
      name: "admin",
      value: "URL",
      repeatable: true,
      help: `admin interface of a proxy; may be given more than once; default: ${DEFAULT_ADMIN}`,
    },
    {
      name: "gateway-admin",
      value: "URL",
      help: `of the control plane; none: there is no one; default: ${DEFAULT_GATEWAY_ADMIN}`,
    },
    HELP_FLAG,
  ],
  operand: "FOLDER",
  run: async ({ given, operands: [folder, more] }) => {
    if (folder === undefined || more !== undefined)
      throw new UsageError(`expected one folder; got ${folder === undefined ? "none" : "more"}`);
    mkdirSync(folder);
    const about = { nuncio: VERSION, node: process.versions.node, at: nowText() };
    writeFileSync(join(folder, "collected.json"), dataText(about, DATA_FORMATS[1]));
    const proxies = given.get("admin") ?? [DEFAULT_ADMIN];
    const gateway = given.get("gateway-admin")?.[0] ?? DEFAULT_GATEWAY_ADMIN;
    const places = proxies.map(
      (admin, i) => [admin, `proxy${i === 0 ? "" : `-${i + 1}`}`, PROXY_PAGES] as const,
    );
    let isWhole = true;
    for (const [admin, name, pages] of [
      ...(gateway === "none" ? [] : [[gateway, "gateway", GATEWAY_PAGES] as const]),
      ...places,
    ])
      isWhole = (await collect(admin, join(folder, name), pages)) && isWhole;
    return isWhole ? 0 : 1;
  },
};

/** Says whether all pages were there. Who does not answer the first one is not asked for the others. */
async function collect(
  admin: string,
  folder: string,
  pages: Readonly<Record<string, string>>,
): Promise<boolean> {
  mkdirSync(folder);
  let isWhole = true;
  for (const [i, [file, page]] of Object.entries(pages).entries()) {
    try {
      writeFileSync(join(folder, file), await getAdminText(admin, page));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      isWhole = false;
      process.stderr.write(`${join(folder, file)}: ${error.message}\n`);
      if (i === 0) return false;
    }
  }
  process.stdout.write(`${admin}: ${folder}\n`);
  return isWhole;
}
