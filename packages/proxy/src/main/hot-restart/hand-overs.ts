import type { ChildProcess } from "node:child_process";
import type { InheritedSocket } from "../../listener/inherited-sockets.ts";
import { log } from "../../observe/log/log.ts";
import type { StatsStore } from "../../observe/stats/store.ts";
import { errnoText } from "../../transport/errno.ts";
import type { ProxyOptions } from "../options.ts";
import type { ServiceManager } from "../service-manager/service-manager.ts";
import { ControlSocket, controlSocketName } from "./control-socket.ts";
import { HandOver, type HandOverSource, type RestartPeer } from "./hand-over.ts";
import { Restarter } from "./restarter.ts";
import type { ServingProcess } from "./serving-process.ts";
import { spawnSuccessor, successorCommand } from "./spawn-successor.ts";

/** Admin's socket travels under this and its address. */
export const ADMIN_KEY = "admin ";

/** A process is nobody's child when it is the first of its container, and everything ends with it. */
const INIT_PID = 1;

/** The serving process's side of hot restart: its control socket, and who came over it. */
export class HandOvers implements HandOverSource {
  readonly #options: ProxyOptions;
  readonly #manager: ServiceManager;
  readonly #log = log.logger("main");
  readonly #peers = new Set<HandOver>();
  readonly #restarter: Restarter;
  #baseId: number;
  #control: ControlSocket | null = null;
  #process: ServingProcess | null = null;
  /** Ends the process before this one, when a third one comes. */
  #endPredecessor: () => void = () => {};
  #superseded = false;

  constructor(options: ProxyOptions, manager: ServiceManager) {
    this.#options = options;
    this.#manager = manager;
    this.#baseId = options.baseId;
    this.#restarter = new Restarter(this, {
      starts: () => manager.reloading(),
      failed: () => manager.ready(options.restartEpoch),
    });
  }

  /** Listens under a base id. Returns why not, EADDRINUSE when another process serves under it. */
  async listen(baseId: number): Promise<{ readonly errno: number } | null> {
    const { socketPath, socketMode } = this.#options;
    const name = controlSocketName(socketPath, baseId);
    const control = await ControlSocket.listen(name, socketMode, (pipe) => {
      this.#peers.add(new HandOver(pipe, this, (peer) => this.#onPeerGone(peer)));
    });
    if (typeof control === "number") return { errno: control };
    this.#baseId = baseId;
    this.#control = control;
    return null;
  }

  /** From now on there is something to hand over. */
  serve(process: ServingProcess, endPredecessor: () => void): void {
    this.#process = process;
    this.#endPredecessor = endPredecessor;
  }

  /** Whether another process has taken over. */
  get superseded(): boolean {
    return this.#superseded;
  }

  close(): void {
    this.#control?.close();
    this.#control = null;
  }

  // What one hand-over asks.

  get epoch(): number {
    return this.#options.restartEpoch;
  }

  get store(): StatsStore {
    return this.#process!.server.store;
  }

  get startedMs(): number {
    return this.#process!.server.firstEpochMs;
  }

  get adminAddress(): string {
    return this.#process?.admin?.address ?? "";
  }

  get busy(): string | null {
    if (this.#process === null) return "it does not serve yet";
    if (this.#superseded) return "it has a successor";
    return this.successor === null ? null : "another successor starts";
  }

  get successor(): HandOver | null {
    for (const peer of this.#peers) if (peer.isSuccessor) return peer;
    return null;
  }

  async sockets(): Promise<readonly InheritedSocket[]> {
    const { server, admin } = this.#process!;
    const sockets = await server.sockets.listening();
    const fd = admin?.descriptor;
    return fd === undefined
      ? sockets
      : [...sockets, { key: `${ADMIN_KEY}${this.adminAddress}`, fd }];
  }

  async giveUp(pid: number): Promise<void> {
    this.#superseded = true;
    this.#endPredecessor();
    this.close();
    await this.#process?.admin?.stop();
    this.#manager.handOver(pid);
  }

  async drain(): Promise<void> {
    this.#restarter.live();
    await this.#process?.server.handOver();
  }

  connections(): number {
    return this.#process?.server.connections() ?? 0;
  }

  quit(): void {
    this.#process?.quit();
  }

  onRestart(peer: RestartPeer, timeoutSeconds: number): void {
    this.#restarter.restart(peer, timeoutSeconds);
  }

  spawn(): ChildProcess | string {
    if (this.busy !== null) return this.busy;
    if (process.pid === INIT_PID)
      return "process 1 of a container ends the container; run nuncio under an init or a supervisor";
    const { execPath, execArgv, argv } = process;
    const command = successorCommand({ execPath, execArgv, argv }, this.epoch + 1, this.#baseId);
    if (command === null) return "only nuncio proxy can be restarted";
    return spawnSuccessor(command);
  }

  #onPeerGone(peer: HandOver): void {
    this.#peers.delete(peer);
    if (!peer.isSuccessor) return;
    this.#restarter.onSaid(peer.failure);
    // Until the drain begins nothing is closed that cannot be opened again.
    if (peer.tookOver && !peer.draining) void this.#resume();
  }

  /** The successor died in the middle of taking over; this process still accepts. */
  async #resume(): Promise<void> {
    this.#log.error("hot restart: the successor died while it took over; this process goes on");
    this.#superseded = false;
    const problem = await this.listen(this.#baseId);
    if (problem !== null)
      this.#log.error(`hot restart: no successor will find this: ${errnoText(problem.errno)}`);
    await this.#process?.admin?.listen();
    this.#manager.ready(this.epoch);
  }
}
