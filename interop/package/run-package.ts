import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, type CheckResult } from "../check.ts";
import { answers } from "../harness/answers.ts";
import { runToEnd, startProcess } from "../harness/child-process.ts";
import { freePorts } from "../harness/free-ports.ts";
import { gatewayYaml } from "../harness/gateway-yaml.ts";
import { REPOSITORY } from "../harness/repository.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";

const WITHIN_MS = 120_000;
/** Needs no backend: the answer says that the gateway serves. */
const ROUTE = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: elsewhere }
spec:
  parentRefs: [{ name: web }]
  rules: [{ filters: [{ type: RequestRedirect, requestRedirect: { hostname: elsewhere.test } }] }]
`;

/** The package, as a user has it: made, installed where nothing else is, and run by the Node that is on the path. */
export async function runPackage(): Promise<CheckResult[]> {
  const folder = makeTempFolder("package");
  try {
    const installed = await attempt("package: installs from its file", () => install(folder));
    if (installed.outcome !== "passed") return [installed];
    return [
      installed,
      await attempt("package: the command is of this version", () => tellsVersion(folder)),
      await attempt("package: there are manual pages", () => hasManual(folder)),
      await attempt("package: nothing is installed beside it but Node", () => standsAlone(folder)),
      await attempt("package: the gateway serves", () => serves(folder, [])),
      await attempt("package: the gateway serves by a process of its own", () =>
        serves(folder, ["--infrastructure", "host"]),
      ),
    ];
  } finally {
    removeTempFolder(folder);
  }
}

async function install(folder: string): Promise<void> {
  const release = join(folder, "release");
  const make = ["npm", "--prefix", REPOSITORY, "run", "--silent", "package", "--", release];
  const file = (await output(make, folder)).trim().split("\n").at(-1)!;
  writeFileSync(join(folder, "package.json"), "{}");
  await output(["npm", "install", "--silent", "--prefer-offline", file], folder);
}

async function tellsVersion(folder: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
    version: string;
  };
  const line = await output([command(folder), "version"], folder);
  if (!line.startsWith(`nuncio ${version} `))
    throw new Error(`expected nuncio ${version}, got ${line}`);
}

function hasManual(folder: string): void {
  const page = join(folder, "node_modules/nuncio/man/nuncio-gateway-run.1");
  if (!existsSync(page)) throw new Error(`${page} is missing`);
}

function standsAlone(folder: string): void {
  const others = readdirSync(join(folder, "node_modules")).filter(
    (name) => !/^(\..*|nuncio|node-.*)$/.test(name),
  );
  if (others.length > 0) throw new Error(`expected Node alone, got ${others.join(", ")}`);
}

async function serves(folder: string, flags: readonly string[]): Promise<void> {
  const [port] = (await freePorts(1)) as [number];
  const resources = join(folder, `${port}.yaml`);
  writeFileSync(resources, [gatewayYaml("web", port), ROUTE].join("---\n"));
  const own = ["--resources", resources, "--admin", "none", "--admin-port", "0"];
  const gateway = startProcess([command(folder), "gateway", "run", ...own, ...flags], {
    cwd: folder,
  });
  try {
    await answers(port, "/", "302");
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${gateway.output()}`, { cause: error });
  } finally {
    await gateway.stop();
  }
}

function command(folder: string): string {
  return join(folder, "node_modules/.bin/nuncio");
}

/** What a command prints; throws that when it fails. */
async function output(argv: readonly string[], cwd: string): Promise<string> {
  const { code, output: text } = await runToEnd(argv, WITHIN_MS, { cwd });
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${text.slice(-2_000)}`);
  return text;
}
