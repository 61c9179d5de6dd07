import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { RouteConfigSource } from "../../config/context.ts";
import type { RouteTableConfig } from "../../http/route/model.ts";
import type { ToWorker } from "../../worker/messages.ts";
import type { LiveParts } from "./live-parts.ts";
import { RouteConfig, type RouteConfigOptions } from "./route-config.ts";
import { sourceKey } from "./source-key.ts";
import type { OnFound } from "./waiting.ts";

/**
 * The route configurations that come by RDS. Each is received once and compiled once, whoever uses it; workers have it
 * by a number, so that new routes leave listeners and connections alone.
 */
export class RouteConfigs implements RouteConfigSource {
  readonly #entries = new Map<string, RouteConfig>();
  #parts: LiveParts | null = null;
  #count = 0;

  /** From now on what is needed is asked for. */
  start(parts: LiveParts): void {
    this.#parts = parts;
  }

  of(name: string, source: ConfigSource, statPrefix: string): RouteConfig {
    const key = `${sourceKey(source)} ${name}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = this.#enter(key, { routeName: name, from: source, statPrefix });
    }
    return entry.hold();
  }

  withVirtualHosts(message: RouteConfiguration, table: RouteTableConfig): RouteConfig {
    const key = `given ${this.#count + 1}`;
    const from = { message, table };
    return this.#enter(key, { routeName: message.name, from, statPrefix: "" }).hold();
  }

  /** The routes that workers have under this number; null while none came. */
  tableOf(id: number): RouteTableConfig | null {
    for (const entry of this.#entries.values()) if (entry.id === id) return entry.table;
    return null;
  }

  /** Those with virtual hosts that came by themselves, all of them together. */
  hostedMessages(): RouteConfiguration[] {
    return [...this.#entries.values()].flatMap((entry) => entry.hostedMessage() ?? []);
  }

  /** Asks for a virtual host of the routes of that number; see `VirtualHosts.demand`. */
  demandHost(id: number, host: string, onFound: OnFound): void {
    const entry = [...this.#entries.values()].find((each) => each.id === id);
    if (entry === undefined) onFound(false);
    else entry.demandHost(host, onFound);
  }

  /** What a successor of a dead worker must hear, before the listeners. */
  messages(): ToWorker[] {
    return [...this.#entries.values()].flatMap((entry) => entry.messages());
  }

  #enter(key: string, options: RouteConfigOptions): RouteConfig {
    const entry = new RouteConfig(++this.#count, options, {
      parts: () => this.#parts,
      end: () => this.#entries.delete(key),
    });
    this.#entries.set(key, entry);
    return entry;
  }
}
