import { ipAddress } from "../../transport/address.ts";
import type {
  DnsConfig,
  EndpointConfig,
  LoadAssignment,
  LocalityEndpoints,
} from "../definition.ts";
import type { Discovery, DiscoveryListener, DiscoveryRuntime, ResolvedHost } from "./discovery.ts";
import { DnsRefresh } from "./dns-refresh.ts";
import type { DnsAddress, DnsAnswer } from "./dns-resolver.ts";
import { resolvedHost } from "./static-discovery.ts";

/** One endpoint of the configuration: a name, and the addresses it stands for now. */
interface Target {
  readonly index: number;
  readonly name: string;
  readonly port: number;
  readonly endpoint: EndpointConfig;
  readonly locality: LocalityEndpoints;
  hosts: readonly ResolvedHost[];
  refresh: DnsRefresh | null;
}

/**
 * STRICT_DNS: every address of every answer is a host. A name that stops to exist loses its hosts; one that
 * cannot be resolved for now keeps them.
 */
export class StrictDnsDiscovery implements Discovery {
  readonly waitsFor: string;
  readonly #dns: DnsConfig;
  readonly #listener: DiscoveryListener;
  readonly #runtime: DiscoveryRuntime;
  readonly #targets: Target[];
  #initialized = false;

  constructor(
    loadAssignment: LoadAssignment,
    dns: DnsConfig,
    listener: DiscoveryListener,
    runtime: DiscoveryRuntime,
  ) {
    this.#dns = dns;
    this.#listener = listener;
    this.#runtime = runtime;
    this.#targets = targetsOf(loadAssignment);
    const names = new Set(this.#targets.map(({ name }) => name));
    this.waitsFor = `the addresses of ${[...names].join(", ")}`;
  }

  start(): void {
    if (this.#targets.length === 0) this.#initialize();
    for (const target of this.#targets) {
      target.refresh = new DnsRefresh(target.name, this.#dns, this.#runtime, {
        onAsk: () => this.#listener.onUpdate("update_attempt"),
        onAnswer: (answer) => this.#onAnswer(target, answer),
      });
      target.refresh.start();
    }
  }

  stop(): void {
    for (const { refresh } of this.#targets) refresh?.stop();
  }

  #onAnswer(target: Target, answer: DnsAnswer): void {
    if (answer.status === "completed") {
      this.#listener.onUpdate("update_success");
      this.#onAddresses(target, answer.addresses);
    } else {
      this.#listener.onUpdate("update_failure");
    }
    // One answer is enough to start with, whichever it is.
    this.#initialize();
  }

  #onAddresses(target: Target, addresses: readonly DnsAddress[]): void {
    const hosts = hostsOf(target, addresses);
    if (sameHosts(target.hosts, hosts)) {
      this.#listener.onUpdate("update_no_rebuild");
      return;
    }
    target.hosts = hosts;
    const { priority } = target.locality;
    const peers = this.#targets.filter(({ locality }) => locality.priority === priority);
    this.#listener.onHosts(
      priority,
      peers.flatMap((peer) => peer.hosts),
    );
  }

  #initialize(): void {
    if (this.#initialized) return;
    this.#initialized = true;
    this.#listener.onInitialized();
  }
}

function targetsOf({ localities }: LoadAssignment): Target[] {
  const targets: Target[] = [];
  for (const locality of localities) {
    for (const endpoint of locality.endpoints) {
      if (!("host" in endpoint.target)) continue;
      const { host: name, port } = endpoint.target;
      targets.push({
        index: targets.length,
        name,
        port,
        endpoint,
        locality,
        hosts: [],
        refresh: null,
      });
    }
  }
  return targets;
}

function hostsOf(target: Target, addresses: readonly DnsAddress[]): ResolvedHost[] {
  const hosts = new Map<string, ResolvedHost>();
  for (const { ip } of addresses) {
    const address = ipAddress(ip, target.port);
    // Two names with one address are two hosts.
    const id = `${address.text}@${target.index}`;
    hosts.set(id, resolvedHost(id, address, target.endpoint, target.locality, target.name));
  }
  return [...hosts.values()];
}

/** Answers come in any order; only other addresses are a change. */
function sameHosts(before: readonly ResolvedHost[], after: readonly ResolvedHost[]): boolean {
  if (before.length !== after.length) return false;
  const ids = new Set(before.map(({ id }) => id));
  return after.every(({ id }) => ids.has(id));
}
