import type { InheritedSocket } from "../../listener/inherited-sockets.ts";
import { log } from "../../observe/log/log.ts";
import { CarriedStats, type StatsSnapshot } from "../../observe/stats/carried-stats.ts";
import type { ProxyOptions } from "../options.ts";
import { ADMIN_KEY } from "./hand-overs.ts";
import type { Predecessor, PredecessorEvents } from "./predecessor.ts";
import type { ServingProcess } from "./serving-process.ts";
import { SocketShares } from "./socket-shares.ts";

/** The new process's side of a hot restart, step by step. */
export class TakeOver implements PredecessorEvents {
  readonly #options: ProxyOptions;
  readonly #predecessor: Predecessor;
  readonly #process: ServingProcess;
  readonly #carried: CarriedStats | null;
  readonly #log = log.logger("main");
  #adminSocket: InheritedSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #gone = false;

  constructor(options: ProxyOptions, predecessor: Predecessor, process: ServingProcess) {
    this.#options = options;
    this.#predecessor = predecessor;
    this.#process = process;
    const { server } = process;
    this.#carried = options.skipHotRestartParentStats ? null : new CarriedStats(server.store);
    server.firstEpochMs = predecessor.startedMs;
    server.parentConnections = (): number =>
      this.#carried?.listenerSum("downstream_cx_active") ?? 0;
  }

  /** The listening sockets of the predecessor, which goes on to accept on them. Before the server starts. */
  async inherit(): Promise<void> {
    const sockets = await this.#predecessor.sockets();
    const adminKey = `${ADMIN_KEY}${this.#process.admin?.address ?? ""}`;
    this.#adminSocket = sockets.find(({ key }) => key === adminKey);
    const { server } = this.#process;
    const ours = sockets.filter(({ key }) => !key.startsWith(ADMIN_KEY));
    server.sockets.inherit(new SocketShares(this.#options.concurrency, ours, []));
  }

  /** Whether the predecessor answers on admin's address until then. */
  get hasAdmin(): boolean {
    return this.#process.admin?.address === this.#predecessor.adminAddress;
  }

  /** This process accepts: from now on it alone. */
  async finish(listen: () => Promise<void>, statsIntervalMs: number): Promise<void> {
    const predecessor = this.#predecessor;
    const stats = await predecessor.takeOver(this);
    if (stats !== null) this.onStats(stats);
    await listen();
    const { admin } = this.#process;
    if (admin !== null && !admin.listening) await admin.listen(this.#adminSocket?.fd);
    this.#process.server.acceptInherited();
    // What comes until the workers do so waits in the sockets.
    predecessor.drain(this.#options.parentShutdownTimeSeconds);
    if (this.#carried !== null && !this.#gone)
      this.#timer = setInterval(() => predecessor.askForStats(), statsIntervalMs).unref();
    this.#log.info(`hot restart: took over from process ${predecessor.pid}`);
  }

  /** A third process takes over: this one's predecessor ends. */
  endPredecessor(): void {
    if (!this.#gone) this.#predecessor.terminate();
  }

  onStats(stats: StatsSnapshot): void {
    this.#carried?.apply(stats);
  }

  onGone(): void {
    this.#gone = true;
    clearInterval(this.#timer);
    this.#carried?.end();
    this.#log.info("hot restart: the process before this one is gone");
  }
}
