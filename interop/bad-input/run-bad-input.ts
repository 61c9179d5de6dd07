import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { checkResult, type CheckResult } from "../check.ts";
import { runToEnd, type StartOptions } from "../harness/child-process.ts";
import { proxyCommand } from "../harness/proxy-process.ts";
import { REPOSITORY } from "../harness/repository.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";

const ENDS_WITHIN_MS = 20_000;
const CUT_BYTES = 1_024;
const LINE_CHARS_MAX = 400;
const NOBODY = 65_534;

/** Command lines and files that cannot work: each must end with one clear line and code 1, and never with a stack. */
export async function runBadInput(): Promise<CheckResult[]> {
  const folder = makeTempFolder("bad-input");
  try {
    return [
      await oneLine(
        "a missing file",
        ["-c", join(folder, "none.yaml")],
        /none\.yaml.*no such file/,
      ),
      await oneLine("a directory instead of a file", ["-c", folder], /directory/),
      await oneLine("no configuration at all", [], /config/),
      await oneLine("an unknown flag", ["--no-such-flag"], /no-such-flag/),
      await oneLine("a mode that is none", ["--mode", "vanish", "-c", "x"], /vanish/),
      await oneLine(
        "a concurrency that is no number",
        ["--concurrency", "many", "-c", "x"],
        /many/,
      ),
      await oneLine("an empty file", ["-c", fileIn(folder, "empty.yaml", "")], /empty\.yaml/),
      await oneLine(
        "a file that is no configuration",
        ["-c", fileIn(folder, "a.txt", "hello")],
        /a\.txt/,
      ),
      await portInUse(folder),
      await noPermission(folder),
      ...(await cutFiles(folder)),
    ];
  } finally {
    removeTempFolder(folder);
  }
}

async function oneLine(
  what: string,
  args: readonly string[],
  expected: RegExp,
  options: StartOptions = {},
): Promise<CheckResult> {
  const { code, output } = await runToEnd(
    [...proxyCommand("nuncio"), ...args],
    ENDS_WITHIN_MS,
    options,
  );
  return checkResult(`bad input: ${what}`, judgeOneLine(code, output, expected));
}

/** What is wrong with the end of a process that was given bad input; null when nothing is. */
export function judgeOneLine(code: number, output: string, expected: RegExp): string | null {
  const lines = output.trim().split("\n");
  if (code !== 1) return `expected exit code 1, seen ${code}: ${output.slice(0, LINE_CHARS_MAX)}`;
  if (lines.length !== 1)
    return `expected one line, seen ${lines.length}: ${output.slice(0, LINE_CHARS_MAX)}`;
  if (output.length > LINE_CHARS_MAX)
    return `expected at most ${LINE_CHARS_MAX} characters, seen ${output.length}`;
  return expected.test(output)
    ? null
    : `expected a line like ${String(expected)}, seen ${lines[0]}`;
}

async function portInUse(folder: string): Promise<CheckResult> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  const address = `{ socket_address: { address: 127.0.0.1, port_value: ${port} } }`;
  const filter =
    '{ name: e, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo } }';
  const text = `static_resources:\n  listeners:\n    - { name: l, address: ${address}, filter_chains: [{ filters: [${filter}] }] }\n`;
  const file = fileIn(folder, "port.yaml", text);
  try {
    return await oneLine(
      "a port in use",
      ["-l", "error", "-c", file],
      new RegExp(`${port}.*in use`),
    );
  } finally {
    holder.close();
  }
}

/** Root may read everything, so the process runs as nobody; where nobody cannot even start it, it is skipped. */
async function noPermission(folder: string): Promise<CheckResult> {
  const name = "bad input: a file without permission";
  const isRoot = process.getuid?.() === 0;
  const inner = join(folder, "closed");
  mkdirSync(inner);
  const file = fileIn(inner, "closed.yaml", "{}");
  chmodSync(file, 0);
  chmodSync(folder, 0o755);
  if (!isRoot) return oneLine("a file without permission", ["-c", file], /permission/);
  const [program = "", ...args] = proxyCommand("nuncio");
  const asNobody = { uid: NOBODY, gid: NOBODY };
  const trial = spawnSync(program, [...args, "--version"], {
    ...asNobody,
    cwd: "/",
    timeout: ENDS_WITHIN_MS,
  });
  if (trial.status !== 0)
    return { name, outcome: "skipped", detail: "an unprivileged user cannot read this clone" };
  chownSync(file, 0, 0);
  return oneLine("a file without permission", ["-c", file], /permission/, {
    ...asNobody,
    cwd: "/",
  });
}

/** A good configuration, cut at every kilobyte: an error with its place, or still a good configuration. */
async function cutFiles(folder: string): Promise<CheckResult[]> {
  const whole = readFileSync(join(REPOSITORY, "examples", "quickstart.yaml"));
  const results: CheckResult[] = [];
  for (let size = CUT_BYTES; size < whole.length; size += CUT_BYTES) {
    const file = fileIn(folder, `cut-${size}.yaml`, whole.subarray(0, size));
    const command = [...proxyCommand("nuncio"), "--mode", "validate", "-c", file];
    const { code, output } = await runToEnd(command, ENDS_WITHIN_MS);
    results.push(
      checkResult(`bad input: quickstart.yaml cut at ${size} bytes`, judgeCut(code, output, file)),
    );
  }
  return results;
}

/** Errors must have their place, and none may be a stack. */
export function judgeCut(code: number, output: string, file: string): string | null {
  if (code === 0) return null;
  if (code !== 1)
    return `expected exit code 0 or 1, seen ${code}: ${output.slice(0, LINE_CHARS_MAX)}`;
  if (/^\s+at /m.test(output)) return `a stack: ${output.slice(0, LINE_CHARS_MAX)}`;
  return output.includes(`${file}:`) ? null : `no place: ${output.slice(0, LINE_CHARS_MAX)}`;
}

function fileIn(folder: string, name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
