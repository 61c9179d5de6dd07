import type { NetworkServices } from "../../network/services.ts";
import { LISTENER_UDP_STATS } from "../../observe/stats/tables/udp-proxy.ts";
import { ShedPoint } from "../../overload/points.ts";
import { UdpFilterStatus, type UdpListenerFilter } from "../../udp/filter.ts";
import type { UdpFilterConfig } from "../../udp/model.ts";
import type { ActiveListener } from "../active-listener.ts";
import type { Drain } from "../drain.ts";
import type { InheritedSocket, InheritedSockets } from "../inherited-sockets.ts";
import type { ListenAddress, ListenerSettings, ListenerUpdate } from "../model.ts";
import { isSameAddress } from "../same-address.ts";
import { UdpAddress } from "./udp-address.ts";
import type { UdpOpening, UdpServerOwner, UdpServerSocket } from "./udp-server-socket.ts";

export type BuildUdpFilter = (config: UdpFilterConfig) => UdpListenerFilter;

/** One address, and the filters that get its datagrams. */
interface Served {
  readonly sockets: UdpAddress;
  readonly receiver: Receiver;
}

/**
 * A UDP listener on one worker: what the kernel gives this worker's sockets, which share the port with those of the others,
 * goes to its filters. A next version is another listener, which takes the sockets: the sessions of filters end, as in Envoy.
 */
export class UdpListener implements ActiveListener {
  readonly settings: ListenerSettings;
  inherited: InheritedSockets | null = null;
  readonly #services: NetworkServices;
  readonly #build: BuildUdpFilter;
  #served: readonly Served[] = [];
  #stopped = false;

  constructor(settings: ListenerSettings, services: NetworkServices, build: BuildUdpFilter) {
    this.settings = settings;
    this.#services = services;
    this.#build = build;
  }

  get listening(): readonly InheritedSocket[] {
    return this.#served.flatMap(({ sockets }) => sockets.listening);
  }

  canBecome(): boolean {
    return false;
  }

  update(
    { settings: { addresses, reusePort } }: ListenerUpdate,
    _drain: Drain,
    onDrained: () => void,
    before: ActiveListener | null,
  ): string | null {
    const { worker } = this.#services;
    const known = before instanceof UdpListener ? before : null;
    // Who was told to stop goes on with it under another version.
    this.#stopped = known !== null && known.#stopped;
    if (!this.#stopped && (reusePort || worker.workerId === 0)) {
      const error = this.#open(addresses, known);
      if (error !== null) return error;
    }
    onDrained();
    return null;
  }

  stopAccepting(): void {
    this.#stopped = true;
    this.#close();
  }

  resumeAccepting(): void {
    for (const { receiver } of this.#served) receiver.resume();
  }

  /** There are no connections that could be told. */
  drain(): void {}
  lastCall(): void {}

  retire(_drain: Drain, onRetired: () => void): void {
    this.stopAccepting();
    onRetired();
  }

  closeConnections(): void {
    this.#close();
  }

  /** Opens what `before` has not, and takes the rest. Returns what went wrong; nothing has changed then. */
  #open(addresses: readonly ListenAddress[], before: UdpListener | null): string | null {
    const opening: UdpOpening = {
      loop: this.#services.transport.loop,
      reusePort: this.settings.reusePort,
      inherited: this.inherited,
    };
    const left = new Set(before === null ? [] : before.#served);
    const opened: UdpAddress[] = [];
    const all: UdpAddress[] = [];
    for (const address of addresses) {
      const same = [...left].find(({ sockets }) => isSameAddress(sockets.address, address));
      if (same !== undefined) left.delete(same);
      const sockets = same?.sockets ?? UdpAddress.open(address, opening);
      if ("error" in sockets) {
        for (const fresh of opened) fresh.close();
        return `cannot bind '${address.ip}:${address.port}': ${sockets.error}`;
      }
      if (same === undefined) opened.push(sockets);
      all.push(sockets);
    }
    before?.keepOnly(left);
    this.#served = all.map((sockets) => {
      const receiver = this.#newReceiver(sockets);
      sockets.handTo(receiver, opening);
      return { sockets, receiver };
    });
    return null;
  }

  /** The sockets of the others have another owner now. */
  keepOnly(left: ReadonlySet<Served>): void {
    const gone = this.#served.filter((each) => !left.has(each));
    this.#served = [...left];
    for (const { receiver } of gone) receiver.close();
  }

  #newReceiver(sockets: UdpAddress): Receiver {
    const filters = this.settings.udp!.filters.map((config) => this.#build(config));
    return new Receiver(this.settings, this.#services, sockets, filters);
  }

  #close(): void {
    const served = this.#served;
    this.#served = [];
    for (const { sockets, receiver } of served) {
      sockets.close();
      receiver.close();
    }
  }
}

/** Gives what comes to an address to its filters. */
class Receiver implements UdpServerOwner {
  readonly #sockets: UdpAddress;
  readonly #services: NetworkServices;
  readonly #filters: readonly UdpListenerFilter[];
  readonly #maxBytes: number;
  readonly #droppedSlot: number;
  /** What was read before it was known that nothing is to be read. */
  #held: (() => void)[] = [];

  constructor(
    { udp }: ListenerSettings,
    services: NetworkServices,
    sockets: UdpAddress,
    filters: readonly UdpListenerFilter[],
  ) {
    this.#sockets = sockets;
    this.#services = services;
    this.#filters = filters;
    this.#maxBytes = udp!.socket.maxRxDatagramBytes;
    this.#droppedSlot = udp!.scope.base + LISTENER_UDP_STATS.at.downstream_rx_datagram_dropped;
  }

  onDatagram(data: Buffer, ip: string, port: number, socket: UdpServerSocket): void {
    if (this.#services.overload.isSaturated(ShedPoint.StopAcceptingConnections)) {
      const own = Buffer.from(data);
      this.#held.push(() => this.#pass(own, ip, port, socket));
      this.#sockets.readDisable(true);
      return;
    }
    this.#pass(data, ip, port, socket);
  }

  onReceiveError(): void {
    for (const filter of this.#filters)
      if (filter.onReceiveError() === UdpFilterStatus.StopIteration) return;
  }

  onDropped(count: number): void {
    this.#services.worker.stats.slots[this.#droppedSlot]! += count;
  }

  resume(): void {
    for (const pass of this.#held.splice(0)) pass();
    this.#sockets.readDisable(false);
  }

  close(): void {
    for (const filter of this.#filters) filter.close();
  }

  #pass(data: Buffer, ip: string, port: number, socket: UdpServerSocket): void {
    if (data.length > this.#maxBytes) {
      this.onDropped(1);
      return;
    }
    for (const filter of this.#filters)
      if (filter.onDatagram(data, ip, port, socket) === UdpFilterStatus.StopIteration) return;
  }
}
