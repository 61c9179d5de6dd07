import { ipAddress } from "../../transport/address.ts";
import type {
  DnsConfig,
  EndpointConfig,
  LoadAssignment,
  LocalityEndpoints,
} from "../definition.ts";
import type { Discovery, DiscoveryListener, DiscoveryRuntime } from "./discovery.ts";
import { DnsRefresh } from "./dns-refresh.ts";
import type { DnsAnswer } from "./dns-resolver.ts";
import { resolvedHost } from "./static-discovery.ts";

/**
 * LOGICAL_DNS: one host, whose address is the first one of the last answer. Connections to earlier addresses
 * live on, so that names with many changing addresses do not tear them down.
 */
export class LogicalDnsDiscovery implements Discovery {
  readonly waitsFor: string;
  readonly #listener: DiscoveryListener;
  readonly #locality: LocalityEndpoints;
  readonly #endpoint: EndpointConfig;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #refresh: DnsRefresh;
  #initialized = false;

  /** The compiled load assignment has exactly one locality with one named endpoint. */
  constructor(
    loadAssignment: LoadAssignment,
    dns: DnsConfig,
    listener: DiscoveryListener,
    runtime: DiscoveryRuntime,
  ) {
    this.#listener = listener;
    this.#locality = loadAssignment.localities[0]!;
    this.#endpoint = this.#locality.endpoints[0]!;
    this.#target = this.#endpoint.target as { readonly host: string; readonly port: number };
    this.waitsFor = `the addresses of ${this.#target.host}`;
    this.#refresh = new DnsRefresh(this.#target.host, dns, runtime, {
      onAsk: () => listener.onUpdate("update_attempt"),
      onAnswer: (answer) => this.#onAnswer(answer),
    });
  }

  start(): void {
    this.#refresh.start();
  }

  stop(): void {
    this.#refresh.stop();
  }

  #onAnswer(answer: DnsAnswer): void {
    if (answer.status === "completed") {
      this.#listener.onUpdate("update_success");
      const first = answer.addresses[0];
      // A name without addresses keeps the last one it had.
      if (first === undefined) this.#listener.onUpdate("update_empty");
      else this.#onAddress(first.ip);
    } else {
      this.#listener.onUpdate("update_failure");
    }
    if (this.#initialized) return;
    this.#initialized = true;
    this.#listener.onInitialized();
  }

  #onAddress(ip: string): void {
    const { host, port } = this.#target;
    const address = ipAddress(ip, port);
    // The same host as long as its name is the same: a definition that names another one is to get other connections.
    const id = `logical ${host}:${port}`;
    const hosts = [resolvedHost(id, address, this.#endpoint, this.#locality, host)];
    this.#listener.onHosts(this.#locality.priority, hosts);
  }
}
