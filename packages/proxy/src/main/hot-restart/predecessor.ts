import type { InheritedSocket } from "../../listener/inherited-sockets.ts";
import type { StatsSnapshot } from "../../observe/stats/carried-stats.ts";
import type { NativeIpcPipe } from "../../transport/native-ipc.ts";
import { libc } from "../../transport/native-libc.ts";
import type { NativeSocket } from "../../transport/native.ts";
import { StartError } from "../errors.ts";
import { Channel, type ChannelOwner } from "./channel.ts";
import { connectControlSocket } from "./control-socket.ts";
import { HOT_RESTART_VERSION, type FromServing, type ToServing } from "./messages.ts";

type Welcome = Extract<FromServing, { kind: "welcome" }>;

/** What comes of the predecessor while it drains. */
export interface PredecessorEvents {
  onStats(stats: StatsSnapshot): void;
  /** It is gone. */
  onGone(): void;
}

/** The new process's side of a hot restart: the process before it, over a channel. */
export class Predecessor implements ChannelOwner<FromServing> {
  readonly #channel: Channel<FromServing, ToServing>;
  readonly #waiting: ((message: FromServing | null) => void)[] = [];
  readonly #sockets: InheritedSocket[] = [];
  #welcome: Welcome | null = null;
  #events: PredecessorEvents | null = null;

  private constructor(pipe: NativeIpcPipe) {
    this.#channel = new Channel(pipe, this);
  }

  /**
   * Greets the process that serves under a control socket; a negative errno when there is none.
   * @throws StartError when it does not take this process as its successor
   */
  static async find(socketName: string, epoch: number): Promise<Predecessor | number> {
    const pipe = await connectControlSocket(socketName);
    if (typeof pipe === "number") return pipe;
    const predecessor = new Predecessor(pipe);
    await predecessor.#greet(epoch);
    return predecessor;
  }

  async #greet(epoch: number): Promise<void> {
    const { pid } = process;
    const answer = await this.#ask({ kind: "hello", version: HOT_RESTART_VERSION, epoch, pid });
    if (answer?.kind === "welcome") {
      this.#welcome = answer;
      return;
    }
    this.#channel.close();
    const reason = answer?.kind === "refused" ? answer.reason : "it went away";
    throw new StartError(`hot restart: the process before this one says no: ${reason}`);
  }

  get pid(): number {
    return this.#welcome?.pid ?? 0;
  }

  /** Wall clock, milliseconds: when the first epoch began. */
  get startedMs(): number {
    return this.#welcome?.startedMs ?? Date.now();
  }

  /** Where its admin listens; empty without one. */
  get adminAddress(): string {
    return this.#welcome?.admin ?? "";
  }

  /** Its listening sockets, several for an address: one of each worker. The caller owns the descriptors. */
  async sockets(): Promise<readonly InheritedSocket[]> {
    if ((await this.#ask({ kind: "sockets" })) === null)
      throw new StartError("hot restart: the process before this one went away");
    return this.#sockets.splice(0);
  }

  /** It gives up its admin and its control socket. Resolves to its stats; null when it is gone. */
  async takeOver(events: PredecessorEvents): Promise<StatsSnapshot | null> {
    const answer = await this.#ask({ kind: "take_over" });
    this.#events = events;
    // Without events before the drain, a process that waits for nothing else ends.
    this.#channel.unref();
    return answer?.kind === "taken_over" ? answer.stats : null;
  }

  drain(parentShutdownTimeSeconds: number): void {
    void this.#channel.send({ kind: "drain", parentShutdownTimeSeconds });
  }

  askForStats(): void {
    void this.#channel.send({ kind: "stats" });
  }

  terminate(): void {
    void this.#channel.send({ kind: "terminate" });
  }

  /** This process will not serve, for this reason. */
  async failed(reason: string): Promise<void> {
    await this.#channel.send({ kind: "failed", reason });
    this.#channel.close();
  }

  /** Hears nothing more. */
  close(): void {
    this.#channel.close();
  }

  onMessage(message: FromServing, descriptor: NativeSocket | undefined): void {
    if (message.kind === "socket") {
      this.#onSocket(message.key, descriptor);
    } else if (this.#events !== null && "stats" in message) {
      this.#events.onStats(message.stats);
    } else {
      this.#waiting.shift()?.(message);
    }
  }

  onEnd(): void {
    for (const waiting of this.#waiting.splice(0)) waiting(null);
    this.#events?.onGone();
    this.#events = null;
  }

  /** The handle is only how the descriptor travelled: workers make handles of their own of the number. */
  #onSocket(key: string, descriptor: NativeSocket | undefined): void {
    if (descriptor === undefined) return;
    this.#sockets.push({ key, fd: libc()!.duplicate(descriptor.fd) });
    descriptor.close();
  }

  #ask(message: ToServing): Promise<FromServing | null> {
    if (!this.#channel.open) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      void this.#channel.send(message);
    });
  }
}
