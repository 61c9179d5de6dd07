import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { OutputFile } from "./output-file.ts";
import { makeTempFolder, removeTempFolder } from "./temp-folder.ts";

/** How much of a process's output is kept for error messages, in bytes. */
const OUTPUT_TAIL_BYTES_MAX = 64 * 1024;
const KILL_AFTER_MS = 5_000;

/** A process that this program started. It leads its own process group, so that nothing it started outlives it. */
export interface StartedProcess {
  readonly pid: number;
  /** The end of stdout and stderr, interleaved as they came. */
  output(): string;
  /** The exit code; -1 after a signal. */
  readonly exited: Promise<number>;
  hasExited(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after five seconds; resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** How much of the output's end is kept, in bytes; default 64 KiB. */
  readonly outputBytesMax?: number;
}

const running = new Set<ChildProcess>();
let hooked = false;

/** Starts `argv[0]` with the rest as its arguments. Every process still running is killed when this one ends. */
export function startProcess(argv: readonly string[], options: StartOptions = {}): StartedProcess {
  hookExit();
  const { outputBytesMax = OUTPUT_TAIL_BYTES_MAX, ...spawnOptions } = options;
  const folder = makeTempFolder("output");
  const output = new OutputFile(join(folder, "output"), outputBytesMax);
  const child = spawn(argv[0]!, argv.slice(1), {
    stdio: ["ignore", output.fd, output.fd],
    detached: true,
    ...spawnOptions,
  });
  running.add(child);
  let gone = false;
  const exited = new Promise<number>((resolve) => {
    const done = (code: number): void => {
      if (gone) return;
      gone = true;
      running.delete(child);
      output.close();
      removeTempFolder(folder);
      resolve(code);
    };
    child.on("error", (error) => {
      if (gone) return;
      output.append(`${error.message}\n`);
      done(-1);
    });
    child.on("close", (code) => done(code ?? -1));
  });
  return {
    pid: child.pid ?? 0,
    output: () => output.tail(),
    exited,
    hasExited: () => gone,
    signal: (signal) => signalGroup(child, signal),
    stop: async () => {
      if (gone) return;
      signalGroup(child, "SIGTERM");
      const timer = setTimeout(() => signalGroup(child, "SIGKILL"), KILL_AFTER_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Runs a command to its end; kills it after `timeoutMs` (then the code is -1). */
export async function runToEnd(
  argv: readonly string[],
  timeoutMs: number,
  options: StartOptions = {},
): Promise<{ code: number; output: string }> {
  const started = startProcess(argv, options);
  const timer = setTimeout(() => started.signal("SIGKILL"), timeoutMs);
  const code = await started.exited;
  clearTimeout(timer);
  return { code, output: started.output() };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function hookExit(): void {
  if (hooked) return;
  hooked = true;
  process.on("exit", () => {
    for (const child of running) signalGroup(child, "SIGKILL");
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => process.exit(130));
  }
}
