import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Step } from "./case.ts";

/** One client of UDP: a socket that sends to the listener and notes what comes. */
export class UdpClient {
  /** `127.0.0.1:port` of its end. */
  readonly local: string;
  /** What came, as Latin-1. */
  readonly received: string[] = [];
  readonly #socket: Socket;
  readonly #port: number;

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    this.local = `127.0.0.1:${socket.address().port}`;
    socket.on("message", (data) => this.received.push(data.toString("latin1")));
  }

  /** Sends to `port`. */
  static async open(port: number): Promise<UdpClient> {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new UdpClient(socket, port);
  }

  /** Does a step: sends, and awaits so many answers, or pauses. */
  async run({ datagram, wait = 1, pause_ms: pauseMs }: Step, patienceMs: number): Promise<void> {
    if (pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (datagram === undefined) return;
    const wanted = this.received.length + wait;
    this.#socket.send(Buffer.from(datagram, "latin1"), this.#port, "127.0.0.1");
    const signal = AbortSignal.timeout(patienceMs);
    while (this.received.length < wanted && !signal.aborted)
      await once(this.#socket, "message", { signal }).catch(() => {});
  }

  close(): void {
    this.#socket.close();
  }
}
