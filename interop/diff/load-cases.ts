import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { DiffCase, Step } from "./case.ts";
import { isConfig, merge, type Config } from "./config-value.ts";

const SETUP_KEYS = [
  "bootstrap",
  "admin",
  "validate",
  "runtime",
  "runtime_folder",
  "hcm",
  "routes",
  "virtual_hosts",
  "http_filters",
  "router",
  "filters",
  "udp",
  "listener",
  "listeners",
  "cluster",
  "clusters",
  "log",
  "upstream",
  "upstreams",
  "client",
  "tls",
  "server_tls",
  "cluster_tls",
  "secrets",
  "upstream_tls",
  "upstream_protocol",
  "upstream_http2",
  "upstream_connections",
  "order_by",
  "patience_ms",
  "settle_ms",
  "repeat",
  "ignore",
];
const CASE_KEYS = new Set([...SETUP_KEYS, "name", "steps"]);
const VERBS = [
  "request",
  "raw",
  "datagram",
  "data",
  "rst",
  "frames",
  "wait_bytes",
  "connect",
  "stop_reading",
  "resume_reading",
  "runtime_modify",
  "runtime_files",
  "pause_ms",
  "end",
  "close",
  "reset",
];
const STEP_KEYS = new Set([
  ...VERBS,
  "on",
  "tls",
  "headers",
  "body",
  "body_bytes",
  "host",
  "version",
  "split",
  "wait",
  "stream",
  "scheme",
  "open",
  "together",
  "seen",
  "trailers",
]);

/**
 * Reads all case files of a folder. A file is a list of YAML documents, each a group: `setup` (shared) and
 * `cases`. A case without `steps` is itself one step. Case names get the file's name in front. A group with
 * `variants`, setups by name, has each case once with each of them, and its name behind the case's.
 * Throws on an unknown key, a double name, or a step without exactly one verb.
 */
export function loadCases(folder: string): DiffCase[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort();
  const cases = files.flatMap((file) =>
    parseCases(readFileSync(join(folder, file), "utf8"), basename(file, ".yaml")),
  );
  const names = new Set<string>();
  for (const { name } of cases) {
    if (names.has(name)) throw new Error(`two cases have the name ${name}`);
    names.add(name);
  }
  return cases;
}

interface CaseGroup {
  readonly setup?: Config;
  readonly variants?: { readonly [name: string]: Config };
  readonly cases: Config[];
}

/** Reads one case file; `area` is the first half of its cases' names. */
export function parseCases(text: string, area: string): DiffCase[] {
  return parseAllDocuments(text, { merge: true }).flatMap((document) => {
    if (document.errors[0] !== undefined) throw new Error(`${area}: ${document.errors[0].message}`);
    const { setup = {}, variants, cases } = document.toJS() as CaseGroup;
    if (variants === undefined) return cases.map((own) => toCase(own, setup, area));
    return Object.entries(variants).flatMap(([name, variant]) =>
      cases.map((own) =>
        toCase({ ...own, name: `${String(own["name"])}, ${name}` }, merge(setup, variant), area),
      ),
    );
  });
}

function toCase(own: Config, setup: Config, area: string): DiffCase {
  const name = `${area}/${String(own["name"])}`;
  const runs = (own["validate"] ?? setup["validate"]) !== true;
  const steps = own["steps"] ?? (runs ? [onlyKeys(own, STEP_KEYS)] : []);
  const rest = own["steps"] === undefined ? onlyKeys(own, CASE_KEYS) : own;
  for (const key of [...Object.keys(own), ...Object.keys(setup)]) {
    const known = CASE_KEYS.has(key) || (own["steps"] === undefined && STEP_KEYS.has(key));
    if (!known) throw new Error(`${name}: unknown key ${key}`);
  }
  const merged = merge(setup, rest) as unknown as DiffCase;
  return { ...merged, name, steps: (steps as Config[]).map((step) => checkStep(step, name)) };
}

function checkStep(step: Config, name: string): Step {
  if (!isConfig(step)) throw new Error(`${name}: expected a step, found ${JSON.stringify(step)}`);
  const unknown = Object.keys(step).find((key) => !STEP_KEYS.has(key));
  if (unknown !== undefined) throw new Error(`${name}: unknown key ${unknown} in a step`);
  const verbs = VERBS.filter((verb) => step[verb] !== undefined);
  const isTrailers = verbs.length === 0 && step["trailers"] !== undefined;
  if (verbs.length !== 1 && !isTrailers)
    throw new Error(`${name}: expected one verb in a step, found ${verbs.join(", ") || "none"}`);
  return step;
}

function onlyKeys(config: Config, keys: ReadonlySet<string>): Config {
  return Object.fromEntries(Object.entries(config).filter(([key]) => keys.has(key)));
}
