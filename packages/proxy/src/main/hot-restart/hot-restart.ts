import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { log } from "../../observe/log/log.ts";
import { errnoText } from "../../transport/errno.ts";
import { libc } from "../../transport/native-libc.ts";
import { StartError } from "../errors.ts";
import type { ProxyOptions } from "../options.ts";
import { ServiceManager } from "../service-manager/service-manager.ts";
import { activatedSockets } from "../service-manager/socket-activation.ts";
import { controlSocketName } from "./control-socket.ts";
import { HandOvers } from "./hand-overs.ts";
import { Predecessor } from "./predecessor.ts";
import type { ServingProcess } from "./serving-process.ts";
import { SocketShares } from "./socket-shares.ts";
import { TakeOver } from "./take-over.ts";

const EADDRINUSE = -98;
/** The highest base id: Envoy's own limit keeps room for the epoch in a name. */
const BASE_ID_MAX = 100_000_000;
const DYNAMIC_TRIES_MAX = 100;

/**
 * Hot restart, from both sides, and what the service manager knows of it: this process takes over from the one before it,
 * and hands over to the one after it. docs/hot-restart.md tells the order.
 */
export class HotRestart {
  readonly #options: ProxyOptions;
  readonly #predecessor: Predecessor | null;
  readonly #manager: ServiceManager;
  readonly #handOvers: HandOvers;
  #baseId: number;
  #process: ServingProcess | null = null;
  #takeOver: TakeOver | null = null;
  #serving = false;

  private constructor(options: ProxyOptions, predecessor: Predecessor | null) {
    this.#options = options;
    this.#predecessor = predecessor;
    this.#baseId = options.baseId;
    this.#manager = new ServiceManager(process.env);
    this.#handOvers = new HandOvers(options, this.#manager);
  }

  /**
   * Finds the predecessor; in the first epoch claims the base id.
   * @throws StartError when there should be a predecessor and none takes this process as its successor
   */
  static async begin(options: ProxyOptions): Promise<HotRestart> {
    const enabled = !options.disableHotRestart && options.mode === "serve" && libc() !== null;
    const predecessor = enabled ? await findPredecessor(options) : null;
    const restart = new HotRestart(options, predecessor);
    if (enabled && predecessor === null) await restart.#claimBaseId();
    if (options.baseIdPath !== "") writeFileSync(options.baseIdPath, `${restart.#baseId}`);
    return restart;
  }

  /** As given, or as chosen with `--use-dynamic-base-id`. */
  get baseId(): number {
    return this.#baseId;
  }

  /** Takes over listening sockets, of the predecessor or the service manager. Before the server starts. */
  async inherit(serving: ServingProcess): Promise<void> {
    this.#process = serving;
    const activated = activatedSockets(process.env);
    if (this.#predecessor !== null) {
      this.#takeOver = new TakeOver(this.#options, this.#predecessor, serving);
      await this.#takeOver.inherit();
    } else if (activated.length > 0) {
      const { concurrency } = this.#options;
      serving.server.sockets.inherit(new SocketShares(concurrency, [], activated));
    }
  }

  /** Whether the predecessor answers on admin's address until this process serves. */
  get adminComesLater(): boolean {
    return this.#takeOver?.hasAdmin ?? false;
  }

  /** The server serves. */
  async serving(statsIntervalMs: number): Promise<void> {
    const { server } = this.#process!;
    if (this.#takeOver === null) server.acceptInherited();
    else
      await this.#takeOver.finish(async () => {
        const problem = await this.#handOvers.listen(this.#baseId);
        if (problem !== null) this.#warnOfName(problem.errno);
      }, statsIntervalMs);
    this.#serving = true;
    this.#handOvers.serve(this.#process!, () => this.#takeOver?.endPredecessor());
    this.#manager.ready(this.#options.restartEpoch);
  }

  /** This process will not serve: the predecessor is told why. */
  async failed(reason: string): Promise<void> {
    if (!this.#serving) await this.#predecessor?.failed(reason);
  }

  /** The process ends. Idempotent. */
  close(): void {
    this.#handOvers.close();
    if (this.#serving && !this.#handOvers.superseded) this.#manager.stopping();
    this.#serving = false;
    this.#manager.close();
  }

  async #claimBaseId(): Promise<void> {
    const dynamic = this.#options.useDynamicBaseId;
    for (let tries = 0; tries < DYNAMIC_TRIES_MAX; tries++) {
      const baseId = dynamic ? randomInt(BASE_ID_MAX) : this.#options.baseId;
      const problem = await this.#handOvers.listen(baseId);
      if (problem === null) {
        this.#baseId = baseId;
        return;
      }
      if (dynamic && problem.errno === EADDRINUSE) continue;
      this.#warnOfName(problem.errno);
      return;
    }
  }

  /** Envoy refuses to start; here a second proxy of a host serves without. */
  #warnOfName(errno: number): void {
    const { socketPath } = this.#options;
    const name = controlSocketName(socketPath, this.#baseId);
    log
      .logger("main")
      .warning(`no hot restart: cannot bind '${name}': ${errnoText(errno)} (see --base-id option)`);
  }
}

async function findPredecessor(options: ProxyOptions): Promise<Predecessor | null> {
  const { restartEpoch, socketPath, baseId } = options;
  if (restartEpoch === 0) return null;
  const name = controlSocketName(socketPath, baseId);
  const found = await Predecessor.find(name, restartEpoch);
  if (typeof found !== "number") return found;
  if (options.skipHotRestartOnNoParent) return null;
  throw new StartError(
    `hot restart: no process to take over from at '${name}': ${errnoText(found)}`,
  );
}
