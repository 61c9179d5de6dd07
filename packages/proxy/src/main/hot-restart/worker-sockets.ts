import { socketKey, type InheritedSocket } from "../../listener/inherited-sockets.ts";
import type { ListenAddress } from "../../listener/model.ts";
import type { ToWorker } from "../../worker/messages.ts";
import { SocketShares } from "./socket-shares.ts";

/** What is needed of the workers. */
export interface SocketWorkers {
  /** Who takes messages. */
  readonly living: readonly number[];
  send(id: number, message: ToWorker): void;
  broadcast(message: ToWorker): void;
}

/** Listening sockets between main and the workers: those that came from elsewhere, and those that go on elsewhere. */
export class WorkerSockets {
  readonly #workers: SocketWorkers;
  #shares: SocketShares | null = null;
  #released = false;
  /** Of a question to all workers: who has not answered. */
  readonly #asked = new Set<number>();
  #answers: InheritedSocket[] = [];
  #answered: (() => void)[] = [];

  constructor(workers: SocketWorkers) {
    this.#workers = workers;
  }

  /** Listeners take these instead of binding. Before the workers start. */
  inherit(shares: SocketShares): void {
    this.#shares = shares;
  }

  /** Whether the workers bind nothing for this address. */
  has(address: ListenAddress): boolean {
    return this.#shares?.has(socketKey(address)) ?? false;
  }

  /** What a worker must hear before it hears of listeners. */
  messages(worker: number): ToWorker[] {
    if (this.#shares === null) return [];
    return [{ kind: "sockets", sockets: this.#shares.take(worker), keys: this.#shares.keys }];
  }

  /** What a worker that comes later must hear after it heard of listeners. */
  lastMessages(): ToWorker[] {
    return this.#released ? [{ kind: "release_sockets" }] : [];
  }

  /** The listeners of these addresses are there: they accept on what they took, and what none of them took is closed. */
  release(used: readonly ListenAddress[]): void {
    if (this.#shares === null) return;
    this.#released = true;
    this.#shares.release(new Set(used.map(socketKey)));
    this.#workers.broadcast({ kind: "release_sockets" });
  }

  /** The descriptors that the workers accept on. They stay the workers'. */
  async listening(): Promise<readonly InheritedSocket[]> {
    // An answer must not be older than its question: what was posted before it has been done by then.
    while (this.#asked.size > 0) await this.#allAnswered();
    const answers: InheritedSocket[] = [];
    this.#answers = answers;
    for (const id of this.#workers.living) this.#asked.add(id);
    this.#workers.broadcast({ kind: "list_sockets" });
    if (this.#asked.size > 0) await this.#allAnswered();
    return answers;
  }

  #allAnswered(): Promise<void> {
    return new Promise((resolve) => this.#answered.push(resolve));
  }

  onListed(worker: number, sockets: readonly InheritedSocket[]): void {
    if (this.#asked.has(worker)) this.#answers.push(...sockets);
    this.onDeath(worker);
  }

  /** A worker that died answers nothing; its sockets went with it. */
  onDeath(worker: number): void {
    if (!this.#asked.delete(worker) || this.#asked.size > 0) return;
    for (const answered of this.#answered.splice(0)) answered();
  }
}
