import { spawn, type ChildProcess } from "node:child_process";

/** Flags that the successor has in its own way; true for those with a value. */
const REPLACED: ReadonlyMap<string, boolean> = new Map([
  ["--restart-epoch", true],
  ["--base-id", true],
  ["--use-dynamic-base-id", false],
]);

/** How this process was started. */
export interface CommandLine {
  readonly execPath: string;
  /** Node's own flags. */
  readonly execArgv: readonly string[];
  /** As `process.argv`: node, the script, then the command and its flags. */
  readonly argv: readonly string[];
}

/** The same command line for the next epoch; null when this process is not `nuncio proxy`. */
export function successorCommand(
  { execPath, execArgv, argv }: CommandLine,
  epoch: number,
  baseId: number,
): readonly string[] | null {
  const [, script, command, ...flags] = argv;
  if (script === undefined || command !== "proxy") return null;
  const own = ["--restart-epoch", String(epoch), "--base-id", String(baseId)];
  return [execPath, ...execArgv, script, command, ...own, ...withoutReplaced(flags)];
}

/** What stands behind `--` is not looked at, as nobody looks at it. */
function withoutReplaced(flags: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i]!;
    if (flag === "--") return [...kept, ...flags.slice(i)];
    const [name = ""] = flag.split("=", 1);
    const hasValue = REPLACED.get(name);
    if (hasValue === undefined) kept.push(flag);
    else if (hasValue && name === flag) i++;
  }
  return kept;
}

/**
 * Starts it beside this process: with its environment, user, folder, output and control group. What the service manager
 * meant for this process alone is taken out of the environment.
 */
export function spawnSuccessor(command: readonly string[]): ChildProcess {
  const env = { ...process.env };
  delete env["WATCHDOG_PID"];
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ["ignore", "inherit", "inherit"],
    env,
  });
  child.unref();
  return child;
}
