// @ts-check
import { spawn } from "node:child_process";
import os from "node:os";

/**
 * What a service manager or a shell sends to a proxy; TERM and INT end it, USR1 reopens its logs.
 *
 * @type {readonly NodeJS.Signals[]}
 */
const FORWARDED =
  process.platform === "win32"
    ? ["SIGINT", "SIGTERM"]
    : ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGQUIT"];

/**
 * Turns this process into `node args…`. Where this Node can replace itself (23.11 and later, not Windows) nothing of it
 * stays in memory; elsewhere a child takes over terminal, signals and exit code, and this process waits.
 *
 * @param {string} node path of the binary
 * @param {readonly string[]} args
 */
export function execNode(node, args) {
  if (typeof process.execve === "function") {
    // Node calls execve experimental and says so on stderr, which belongs to the program.
    process.removeAllListeners("warning");
    process.execve(node, [node, ...args], process.env);
  }
  const child = spawn(node, args, { stdio: "inherit" });
  for (const signal of FORWARDED) {
    // A terminal sends Ctrl-C to both of us: passed on as well, it would look like the impatient second one.
    const fromTerminal = signal === "SIGINT" && process.stdin.isTTY;
    process.on(signal, () => fromTerminal || child.kill(signal));
  }
  child.on("error", (error) => {
    process.stderr.write(`nuncio: cannot run ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    // Ends the way the child did, so that the caller sees the same.
    for (const name of FORWARDED) process.removeAllListeners(name);
    if (process.platform === "win32") process.exitCode = 128 + os.constants.signals[signal];
    else process.kill(process.pid, signal);
  });
}
