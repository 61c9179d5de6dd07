import { log } from "../../observe/log/log.ts";
import { libc } from "../../transport/native-libc.ts";

/**
 * What systemd wants to know of a service (`Type=notify`), over the datagram socket that it names in NOTIFY_SOCKET. Without
 * one nothing is said to anybody. Source: sd_notify(3).
 */
export class ServiceManager {
  readonly #path: string;
  readonly #watchdogMs: number;
  readonly #log = log.logger("main");
  #watchdog: NodeJS.Timeout | null = null;

  constructor(env: NodeJS.ProcessEnv, pid: number = process.pid) {
    this.#path = env["NOTIFY_SOCKET"] ?? "";
    // The successor of a hot restart has the variable of the process before it; it is watched, too.
    const forMe = env["WATCHDOG_PID"] === undefined || env["WATCHDOG_PID"] === String(pid);
    this.#watchdogMs = forMe ? Number(env["WATCHDOG_USEC"] ?? 0) / 1000 : 0;
  }

  /** Serves; `mainPid` when this process took over from another one. Begins to feed the watchdog when there is one. */
  ready(epoch: number): void {
    this.#send(`READY=1\nMAINPID=${process.pid}\nSTATUS=serving, restart epoch ${epoch}`);
    // Twice in the time that is allowed, as systemd advises.
    if (this.#watchdogMs > 0 && this.#watchdog === null)
      this.#watchdog = setInterval(() => this.#send("WATCHDOG=1"), this.#watchdogMs / 2).unref();
  }

  /** A successor starts. `ready`, of either process, is its end. */
  reloading(): void {
    const monotonicUsec = process.hrtime.bigint() / 1000n;
    this.#send(`RELOADING=1\nMONOTONIC_USEC=${monotonicUsec}\nSTATUS=hot restart`);
  }

  /** The main process is another one from now on: only the old one may say so with `NotifyAccess=main`. */
  handOver(pid: number): void {
    this.#send(`MAINPID=${pid}`);
    this.close();
  }

  stopping(): void {
    this.#send("STOPPING=1\nSTATUS=stopping");
    this.close();
  }

  /** Says nothing more. */
  close(): void {
    if (this.#watchdog !== null) clearInterval(this.#watchdog);
    this.#watchdog = null;
  }

  #send(text: string): void {
    if (this.#path === "") return;
    const c = libc();
    try {
      if (c === null) throw new Error("expected Linux and node:ffi");
      c.sendDatagram(this.#path, text);
    } catch (error) {
      this.#log.warning(`cannot notify the service manager: ${(error as Error).message}`);
    }
  }
}
