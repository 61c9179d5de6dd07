import type { Socket } from "node:net";
import type { StatTable, StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import { touchScope } from "../../observe/stats/definition.ts";
import { ADMIN_HCM_STATS } from "../../observe/stats/tables/http-connection-manager.ts";
import { HTTP1_STATS } from "../../observe/stats/tables/http1.ts";
import {
  ADMIN_LISTENER_STATS,
  LISTENER_HTTP_STATS,
  LISTENER_WORKER_STATS,
} from "../../observe/stats/tables/listener.ts";

/** Counts what happens on the admin listener: `listener.admin.*`, `http.admin.*`. */
export class AdminListenerStats {
  readonly #registry: StatsRegistry;
  readonly #stats: WorkerStats;
  /** Bytes that are in the stats already. */
  readonly #counted = new WeakMap<Socket, { read: number; written: number }>();

  constructor(registry: StatsRegistry, stats: WorkerStats) {
    this.#registry = registry;
    this.#stats = stats;
    registry.scope("listener.admin.", ADMIN_LISTENER_STATS);
    registry.scope("listener.admin.main_thread.", LISTENER_WORKER_STATS);
    registry.scope("listener.admin.http.admin.", LISTENER_HTTP_STATS);
    registry.scope("http.admin.", ADMIN_HCM_STATS);
  }

  /** Counts a connection from now until it closes. */
  connection(socket: Socket): void {
    const startMs = performance.now();
    touchScope(this.#stats, this.#registry.scope("http1.", HTTP1_STATS), HTTP1_STATS);
    this.#listener("downstream_cx_total", 1);
    this.#listener("downstream_cx_active", 1);
    this.#add("listener.admin.main_thread.", LISTENER_WORKER_STATS, "downstream_cx_total", 1);
    this.#add("listener.admin.main_thread.", LISTENER_WORKER_STATS, "downstream_cx_active", 1);
    this.#record(
      "listener.admin.",
      ADMIN_LISTENER_STATS,
      "connections_accepted_per_socket_event",
      1,
    );
    this.#http("downstream_cx_total", 1);
    this.#http("downstream_cx_active", 1);
    this.#http("downstream_cx_http1_total", 1);
    this.#http("downstream_cx_http1_active", 1);
    this.#counted.set(socket, { read: 0, written: 0 });
    let ended = false;
    socket.once("end", () => (ended = true));
    socket.once("close", () => {
      const lengthMs = performance.now() - startMs;
      this.#listener("downstream_cx_destroy", 1);
      this.#listener("downstream_cx_active", -1);
      this.#record("listener.admin.", ADMIN_LISTENER_STATS, "downstream_cx_length_ms", lengthMs);
      this.#add("listener.admin.main_thread.", LISTENER_WORKER_STATS, "downstream_cx_active", -1);
      this.#http("downstream_cx_destroy", 1);
      this.#http(ended ? "downstream_cx_destroy_remote" : "downstream_cx_destroy_local", 1);
      this.#http("downstream_cx_active", -1);
      this.#http("downstream_cx_http1_active", -1);
      this.#countBytes(socket);
      this.#record("http.admin.", ADMIN_HCM_STATS, "downstream_cx_length_ms", lengthMs);
    });
  }

  requestStarted(socket: Socket): void {
    this.#countBytes(socket);
    this.#http("downstream_rq_total", 1);
    this.#http("downstream_rq_http1_total", 1);
    this.#http("downstream_rq_active", 1);
  }

  /** The head of the response is known; Envoy counts a request as completed then. */
  responseStarted(status: number): void {
    const codes = `downstream_rq_${Math.trunc(status / 100)}xx` as "downstream_rq_2xx";
    this.#http("downstream_rq_completed", 1);
    this.#http(codes, 1);
    this.#add("listener.admin.http.admin.", LISTENER_HTTP_STATS, "downstream_rq_completed", 1);
    this.#add("listener.admin.http.admin.", LISTENER_HTTP_STATS, codes, 1);
  }

  requestEnded(socket: Socket, durationMs: number): void {
    this.#countBytes(socket);
    this.#http("downstream_rq_active", -1);
    this.#record("http.admin.", ADMIN_HCM_STATS, "downstream_rq_time", durationMs);
  }

  /** Adds what went over the socket since the last time. */
  #countBytes(socket: Socket): void {
    const counted = this.#counted.get(socket);
    if (counted === undefined) return;
    this.#http("downstream_cx_rx_bytes_total", socket.bytesRead - counted.read);
    this.#http("downstream_cx_tx_bytes_total", socket.bytesWritten - counted.written);
    counted.read = socket.bytesRead;
    counted.written = socket.bytesWritten;
  }

  #listener(name: keyof (typeof ADMIN_LISTENER_STATS)["at"], by: number): void {
    this.#add("listener.admin.", ADMIN_LISTENER_STATS, name, by);
  }

  #http(name: keyof (typeof ADMIN_HCM_STATS)["at"], by: number): void {
    this.#add("http.admin.", ADMIN_HCM_STATS, name, by);
  }

  #add<Name extends string>(prefix: string, table: StatTable<Name>, name: Name, by: number): void {
    this.#stats.slots[this.#registry.scope(prefix, table).base + table.at[name]]! += by;
  }

  #record<Name extends string>(
    prefix: string,
    table: StatTable<Name>,
    name: Name,
    value: number,
  ): void {
    this.#stats.record(this.#registry.scope(prefix, table).histogramBase + table.at[name], value);
  }
}
