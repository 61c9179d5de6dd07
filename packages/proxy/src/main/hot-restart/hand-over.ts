import { isUdpKey, type InheritedSocket } from "../../listener/inherited-sockets.ts";
import { log } from "../../observe/log/log.ts";
import { snapshotStats } from "../../observe/stats/carried-stats.ts";
import type { StatsStore } from "../../observe/stats/store.ts";
import type { NativeIpcPipe } from "../../transport/native-ipc.ts";
import { libc } from "../../transport/native-libc.ts";
import { newUdpSocket } from "../../transport/native-udp.ts";
import { newPipeServer, newTcpServer, type NativeSocket } from "../../transport/native.ts";
import { Channel, type ChannelOwner } from "./channel.ts";
import { HOT_RESTART_VERSION, type FromServing, type ToServing } from "./messages.ts";

type FromSuccessor = Exclude<ToServing, { kind: "hello" | "status" | "restart" }>;

/** How often a drained process looks whether its last connection is gone. */
const LOOK_INTERVAL_MS = 100;

/** How long the successor may take to read the last stats. */
const LAST_WORD_MS = 1_000;

/** What a process that hands over has to give. */
export interface HandOverSource {
  readonly store: StatsStore;
  readonly epoch: number;
  readonly startedMs: number;
  /** Where admin listens; empty without. */
  readonly adminAddress: string;
  /** What keeps it from handing over now; null when nothing does. Then all of the rest can be asked for. */
  readonly busy: string | null;
  /** Descriptors of listening sockets, still this process's own; admin's, too. */
  sockets(): Promise<readonly InheritedSocket[]>;
  /** Gives up admin, the control socket, and its own predecessor. `pid` is the successor's. */
  giveUp(pid: number): Promise<void>;
  /** Parts with the connections over the drain time. Resolves when nothing is accepted any more. */
  drain(): Promise<void>;
  /** Downstream connections that are open. */
  connections(): number;
  /** Ends the process. */
  quit(): void;
  /** `nuncio restart` asks for a successor. */
  onRestart(peer: RestartPeer, timeoutSeconds: number): void;
}

/** Who waits for the outcome of a restart. */
export interface RestartPeer {
  tell(message: FromServing): void;
}

/**
 * The serving process's side of one connection to its control socket: a successor, or `nuncio restart`. A successor that
 * goes away before it took over leaves everything as it was.
 */
export class HandOver implements ChannelOwner<ToServing>, RestartPeer {
  readonly #source: HandOverSource;
  readonly #channel: Channel<ToServing, FromServing>;
  readonly #onGone: (peer: HandOver) => void;
  readonly #log = log.logger("main");
  #state: "stranger" | "successor" | "superseded" | "draining" = "stranger";
  #pid = 0;
  /** Why it could not start, as it said. */
  failure: string | null = null;

  constructor(pipe: NativeIpcPipe, source: HandOverSource, onGone: (peer: HandOver) => void) {
    this.#source = source;
    this.#onGone = onGone;
    this.#channel = new Channel(pipe, this);
    this.#channel.unref();
  }

  get isSuccessor(): boolean {
    return this.#state !== "stranger";
  }

  /** Whether this process has handed over to it. */
  get tookOver(): boolean {
    return this.#state === "superseded" || this.draining;
  }

  get draining(): boolean {
    return this.#state === "draining";
  }

  tell(message: FromServing): void {
    void this.#channel.send(message);
  }

  onMessage(message: ToServing, descriptor: NativeSocket | undefined): void {
    descriptor?.close();
    switch (message.kind) {
      case "hello":
        this.#welcome(message);
        break;
      case "status":
        this.tell({ kind: "status", pid: process.pid, epoch: this.#source.epoch });
        break;
      case "restart":
        this.#source.onRestart(this, message.timeoutSeconds);
        break;
      default:
        // Only who was taken as the successor may ask for more.
        if (this.isSuccessor) this.#onSuccessorMessage(message);
    }
  }

  onEnd(): void {
    this.#onGone(this);
  }

  #welcome({ version, epoch, pid }: Extract<ToServing, { kind: "hello" }>): void {
    const { epoch: own, busy } = this.#source;
    let reason = busy;
    if (version !== HOT_RESTART_VERSION)
      reason = `expected hot restart version ${HOT_RESTART_VERSION}, got ${version}`;
    else if (epoch !== own + 1) reason = `expected restart epoch ${own + 1}, got ${epoch}`;
    if (reason !== null) {
      this.#log.warning(`hot restart: a successor is refused: ${reason}`);
      this.tell({ kind: "refused", reason });
      return;
    }
    this.#state = "successor";
    this.#pid = pid;
    const { startedMs, adminAddress } = this.#source;
    this.tell({ kind: "welcome", pid: process.pid, epoch: own, startedMs, admin: adminAddress });
  }

  #onSuccessorMessage(message: FromSuccessor): void {
    switch (message.kind) {
      case "sockets":
        void this.#sendSockets();
        break;
      case "take_over":
        void this.#giveUp();
        break;
      case "drain":
        void this.#drain(message.parentShutdownTimeSeconds);
        break;
      case "stats":
        this.tell({ kind: "stats", stats: snapshotStats(this.#source.store) });
        break;
      case "terminate":
        this.#end();
        break;
      case "failed":
        this.failure = message.reason;
        break;
    }
  }

  async #sendSockets(): Promise<void> {
    for (const { key, fd } of await this.#source.sockets()) {
      const handle = listeningHandle(key, fd);
      if (handle === null) continue;
      await this.#channel.send({ kind: "socket", key, descriptor: true }, handle);
      handle.close();
    }
    this.tell({ kind: "sockets_end" });
  }

  async #giveUp(): Promise<void> {
    this.#state = "superseded";
    await this.#source.giveUp(this.#pid);
    this.tell({ kind: "taken_over", stats: snapshotStats(this.#source.store) });
  }

  /** Envoy waits for the parent shutdown time in any case; we end as soon as there is nothing left to wait for. */
  async #drain(parentShutdownTimeSeconds: number): Promise<void> {
    this.#state = "draining";
    this.#log.warning("hot restart: the successor serves; draining");
    setTimeout(() => this.#end(), parentShutdownTimeSeconds * 1000).unref();
    await this.#source.drain();
    setInterval(() => {
      if (this.#source.connections() === 0) this.#end();
    }, LOOK_INTERVAL_MS).unref();
  }

  #end(): void {
    const stats = snapshotStats(this.#source.store);
    const quit = (): void => this.#source.quit();
    // A successor that does not read keeps nobody alive.
    setTimeout(quit, LAST_WORD_MS).unref();
    void this.#channel.send({ kind: "drained", stats }).then(quit);
  }
}

/** A handle to send: of a descriptor of its own, since the worker may close its one at any time. */
function listeningHandle(key: string, fd: number): NativeSocket | null {
  const c = libc()!;
  const isUdp = isUdpKey(key);
  // What the number stood for may be gone since the worker told of it.
  if (isUdp ? !c.isDatagram(fd) : !c.isListening(fd)) return null;
  const handle = isUdp
    ? newUdpSocket(null, () => {})
    : key.startsWith("/") || key.startsWith("@")
      ? newPipeServer()
      : newTcpServer();
  if (handle.open(c.duplicate(fd)) === 0) return handle;
  handle.close();
  return null;
}
