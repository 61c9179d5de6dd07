import type { StatsStore } from "../../observe/stats/store.ts";
import type { WorkerSockets } from "./worker-sockets.ts";

/** What hot restart needs of a process that serves, or is about to. */
export interface ServingProcess {
  readonly server: RestartableServer;
  /** Null without an admin listener. */
  readonly admin: RestartableAdmin | null;
  /** Ends the process. */
  quit(): void;
}

/** The server, as hot restart sees it. */
export interface RestartableServer {
  readonly store: StatsStore;
  readonly sockets: WorkerSockets;
  /** Wall clock, milliseconds: when the first epoch began. */
  firstEpochMs: number;
  /** Downstream connections of the process before this one, which are among `connections`. */
  parentConnections: () => number;
  /** Accepts on sockets that came from elsewhere, too. */
  acceptInherited(): void;
  /** Stops accepting, and parts with the connections over the drain time. Resolves when nothing is accepted any more. */
  handOver(): Promise<void>;
  /** Downstream connections that are open. */
  connections(): number;
}

/** The admin listener, as hot restart sees it. */
export interface RestartableAdmin {
  /** Where it listens, or will: `127.0.0.1:9901`, or a path. */
  readonly address: string;
  readonly listening: boolean;
  /** What it listens on; undefined for a Unix socket, whose path is bound anew. */
  readonly descriptor: number | undefined;
  /** Takes over a descriptor, or binds. */
  listen(descriptor?: number): Promise<void>;
  /** Closes listener and connections; `listen` opens it again. */
  stop(): Promise<void>;
}
