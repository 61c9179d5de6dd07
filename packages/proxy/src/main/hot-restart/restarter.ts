import type { ChildProcess } from "node:child_process";
import { log } from "../../observe/log/log.ts";
import type { RestartPeer } from "./hand-over.ts";

/** What a restart needs of its process. */
export interface RestarterSource {
  readonly epoch: number;
  /** Starts the successor; a text when it cannot have one. */
  spawn(): ChildProcess | string;
}

/** Who hears of it. */
export interface RestarterEvents {
  starts(): void;
  /** The successor does not serve. */
  failed(): void;
}

/** A successor that `nuncio restart` asked for: until it serves, or does not. One at a time. */
export class Restarter {
  readonly #source: RestarterSource;
  readonly #events: RestarterEvents;
  readonly #log = log.logger("main");
  #peer: RestartPeer | null = null;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Why the successor does not serve, when it said so or was ended. */
  #reason: string | null = null;

  constructor(source: RestarterSource, events: RestarterEvents) {
    this.#source = source;
    this.#events = events;
  }

  restart(peer: RestartPeer, timeoutSeconds: number): void {
    if (this.#peer !== null) {
      peer.tell({ kind: "not_live", reason: "another restart is under way" });
      return;
    }
    const child = this.#source.spawn();
    if (typeof child === "string") {
      peer.tell({ kind: "not_live", reason: child });
      return;
    }
    this.#peer = peer;
    this.#child = child;
    this.#reason = null;
    this.#events.starts();
    child.once("error", (error) => this.#fail(`it cannot be started: ${error.message}`));
    child.once("exit", (code, signal) =>
      this.#fail(this.#reason ?? `it exited with ${signal ?? code}; its output says why`),
    );
    this.#timer = setTimeout(() => {
      this.#reason = `it was not live after ${timeoutSeconds} s`;
      child.kill("SIGTERM");
    }, timeoutSeconds * 1000);
    if (child.pid !== undefined)
      peer.tell({ kind: "started", pid: child.pid, epoch: this.#source.epoch + 1 });
  }

  /** The successor said why it cannot start, before it exits. */
  onSaid(reason: string | null): void {
    this.#reason ??= reason;
  }

  /** The successor serves. */
  live(): void {
    const pid = this.#child?.pid ?? 0;
    this.#finish()?.tell({ kind: "live", pid, epoch: this.#source.epoch + 1 });
  }

  #fail(reason: string): void {
    const peer = this.#finish();
    if (peer === null) return;
    this.#log.error(`hot restart: the successor does not serve: ${reason}`);
    peer.tell({ kind: "not_live", reason });
    this.#events.failed();
  }

  /** Who waits for the outcome, once. */
  #finish(): RestartPeer | null {
    clearTimeout(this.#timer);
    const peer = this.#peer;
    this.#peer = null;
    this.#child = null;
    return peer;
  }
}
