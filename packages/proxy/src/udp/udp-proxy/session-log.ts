import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { noteHost } from "../../http/router/upstream-facts.ts";
import {
  connectionContext,
  connectionStreamInfo,
  ResponseFlag,
  type Address,
  type StreamInfo,
} from "../../observe/stream-info.ts";
import { ipAddress, unmappedIp } from "../../transport/address.ts";
import type { Host } from "../../upstream/host.ts";
import { downstreamOf } from "./downstream.ts";
import type { UdpSession } from "./session.ts";
import type { UdpProxy } from "./udp-proxy.ts";

/** What a session has counted, from its client's point of view, as its lines have it. */
export interface SessionCounts {
  rxBytes: number;
  rxDatagrams: number;
  txBytes: number;
  txDatagrams: number;
  txErrors: number;
}

/** Writes the lines of one session (`access_log`). */
export class SessionLog implements TimerTarget {
  readonly #proxy: UdpProxy;
  readonly #session: UdpSession;
  readonly #info: StreamInfo;
  #timer: Timer | null = null;

  constructor(proxy: UdpProxy, session: UdpSession) {
    const { worker, transport } = proxy.services;
    this.#proxy = proxy;
    this.#session = session;
    const remoteAddress = ipAddress(unmappedIp(session.ip), session.port);
    const { localAddress } = session.socket;
    const id = transport.nextConnectionId();
    this.#info = connectionStreamInfo(downstreamOf(remoteAddress, localAddress, id));
    this.#info.startMs = worker.nowMs();
    this.#info.startTimeMs = worker.wallMs();
    this.#info.identity = "own";
  }

  /** The session has a place on its host. */
  begin(host: Host): void {
    noteHost(this.#info.upstream, host);
    const { logIntervalMs } = this.#proxy.config;
    if (logIntervalMs === 0) return;
    this.#timer = new Timer(this);
    this.#proxy.services.worker.timers.arm(this.#timer, logIntervalMs);
  }

  noteUpstream(localAddress: Address | null): void {
    this.#info.upstream.localAddress = localAddress;
  }

  noteOverflow(): void {
    this.#info.responseFlags |= ResponseFlag.UpstreamOverflow;
  }

  onTimer(timer: Timer): void {
    this.#proxy.services.worker.timers.arm(timer, this.#proxy.config.logIntervalMs);
    this.#write("UdpPeriodic");
  }

  end(): void {
    if (this.#timer !== null) this.#proxy.services.worker.timers.cancel(this.#timer);
    this.#write("UdpSessionEnd");
  }

  #write(type: string): void {
    const info = this.#info;
    const { counts, cluster } = this.#session;
    info.accessLogType = type;
    info.endMs = this.#proxy.services.worker.nowMs();
    info.bytesReceived = counts.rxBytes;
    info.bytesSent = counts.txBytes;
    info.dynamicMetadata = {
      "udp.proxy.session": {
        bytes_received: counts.rxBytes,
        bytes_sent: counts.txBytes,
        cluster_name: cluster.name,
        datagrams_received: counts.rxDatagrams,
        datagrams_sent: counts.txDatagrams,
        errors_sent: counts.txErrors,
      },
    };
    const context = connectionContext(info);
    for (const log of this.#proxy.accessLogs) log.log(context);
  }
}
