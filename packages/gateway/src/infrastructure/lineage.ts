import { randomInt } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { adminStats } from "./admin-stats.ts";
import { SHARED_MEMORY_LINK } from "./process-guard.ts";
import type { XdsAddress } from "./xds-address.ts";

/** Envoy's memory of a base id. It outlives its processes: only who started them knows that none comes any more. */
const SHARED_MEMORY = "/dev/shm/envoy_shared_memory_";
/** Envoy has so many numbers for the epochs of a base id. */
const EPOCHS_OF_BASE_ID = 10;
const BASE_ID_MAX = 100_000_000;
const SERVES = "^(server.hot_restart_epoch|listener_manager.workers_started)$";

/** Envoy's longest one, in the folder of a lineage. */
export const LONGEST_SOCKET_NAME = `${BASE_ID_MAX}/hot-restart_udp_parent_${BASE_ID_MAX * EPOCHS_OF_BASE_ID}`;

/**
 * What processes share of which each takes over from the one before by hot restart: a base id, sockets, Envoy's memory. The sockets are files in a
 * folder, not abstract names: Envoy hands what it listens on to whoever asks. Nobody else has sockets there, so a base id has to be new for the
 * memory alone, which all users of a host share.
 */
export class Lineage {
  readonly #isEnvoy: boolean;
  readonly #baseId: number;
  readonly #folder: string;

  /** `parent`: a folder that nobody but this user may enter. A process guard of it removes Envoy's memory, too. */
  constructor(parent: string, kind: "Nuncio" | "Envoy") {
    this.#isEnvoy = kind === "Envoy";
    do this.#baseId = randomInt(1, BASE_ID_MAX);
    while (existsSync(this.#sharedMemory));
    this.#folder = join(parent, String(this.#baseId));
    mkdirSync(this.#folder);
    if (this.#isEnvoy) symlinkSync(this.#sharedMemory, join(this.#folder, SHARED_MEMORY_LINK));
  }

  /** Of the command line of an epoch, Nuncio or Envoy. */
  flags(epoch: number): string[] {
    const path = (name: string): string => join(this.#folder, name);
    const flags = ["--base-id", String(this.#baseId), "--restart-epoch", String(epoch)];
    flags.push("--socket-path", path("hot-restart"), "--admin-address-path", this.#adminAddress);
    // The one before may have handed over already, to one that is gone.
    if (epoch > 0) flags.push("--skip-hot-restart-on-no-parent");
    return flags;
  }

  /** Where an admin interface listens that nobody asked for: a successor is known by it. */
  get admin(): XdsAddress {
    return { path: join(this.#folder, "admin") };
  }

  /** Whether a successor finds what it needs: others clean up temporary files, and shared memory of users who log out. */
  isThere(): boolean {
    return existsSync(this.#folder) && (!this.#isEnvoy || existsSync(this.#sharedMemory));
  }

  /** Whether this epoch accepts, as its admin interface has it. The one before has that until it hands over, or a new one starts. */
  async serves(epoch: number): Promise<boolean> {
    try {
      const stats = await adminStats(readFileSync(this.#adminAddress, "utf8").trim(), SERVES);
      const has = (stat: string): boolean => stats.split("\n").includes(stat);
      return (
        has(`server.hot_restart_epoch: ${epoch}`) && has("listener_manager.workers_started: 1")
      );
    } catch {
      return false;
    }
  }

  /**
   * An epoch has ended before it served. The last eight bytes of Envoy's memory say that one starts, and then no other one may. Only the one that
   * started takes that back.
   */
  forgetStart(): void {
    if (!this.isThere() || !this.#isEnvoy) return;
    const file = openSync(this.#sharedMemory, "r+");
    try {
      const memory = readFileSync(file);
      // It begins with its size.
      const isKnown = memory.length > 16 && memory.readBigUInt64LE() === BigInt(memory.length);
      if (isKnown) writeSync(file, Buffer.alloc(8), 0, 8, memory.length - 8);
    } finally {
      closeSync(file);
    }
  }

  /** No process of it is left. */
  remove(): void {
    if (this.#isEnvoy) rmSync(this.#sharedMemory, { force: true });
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #sharedMemory(): string {
    return `${SHARED_MEMORY}${this.#baseId * EPOCHS_OF_BASE_ID}`;
  }

  get #adminAddress(): string {
    return join(this.#folder, "admin-address");
  }
}
