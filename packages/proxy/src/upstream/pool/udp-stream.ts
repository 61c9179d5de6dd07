import { type CapsuleError, datagramPrefix, DatagramReader, HeaderMap } from "@nuncio/codec";
import { UdpSocket, type UdpSocketOwner } from "../../transport/udp-socket.ts";
import type { PoolRequest } from "./pool-request.ts";
import type { UdpPool } from "./udp-pool.ts";
import type { UpstreamCarrier, UpstreamStream } from "./upstream-stream.ts";

const NO_CONNECTION = { id: 0, tls: null };

/**
 * A request for UDP (RFC 9298) that ends here: the packets in its capsules go to the host, and what the host sends comes
 * back in capsules. It answers the request itself, as soon as there is a socket.
 */
export class UdpStream implements UpstreamStream, UdpSocketOwner {
  readonly upgraded = true;
  readonly headerBytesSent = 0;
  readonly headerBytesReceived = 0;
  readonly trailerBytesReceived = 0;
  /** Of packets sent, and of capsules made, as Envoy counts. */
  wireBytesSent = 0;
  wireBytesReceived = 0;
  readonly #pool: UdpPool;
  readonly #socket: UdpSocket;
  readonly #reader = new DatagramReader((payload) => this.#onPacket(payload));
  /** Null behind the end of the exchange. */
  #request: PoolRequest | null;

  constructor(pool: UdpPool, request: PoolRequest) {
    this.#pool = pool;
    this.#request = request;
    this.#socket = new UdpSocket(pool.services.transport, this);
  }

  /** Returns 0, or a negative errno. */
  connect(sourceIp: string): number {
    return this.#socket.connect(this.#pool.host.address, sourceIp);
  }

  get carrier(): UpstreamCarrier {
    return {
      socket: NO_CONNECTION,
      localAddress: this.#socket.localAddress,
      startMs: -1,
      connectedMs: -1,
      protocol: "",
    };
  }

  /** A request with `upgrade` is one of HTTP/1, where 101 is the success (RFC 9298 3.3). */
  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    const request = this.#request!;
    const answer = new HeaderMap();
    // Without a stream there is nothing that capsules could come in.
    const upgrade = headers.get("upgrade") ?? "";
    answer.status = endStream ? 400 : upgrade === "" ? 200 : 101;
    if (endStream) {
      this.#end();
      request.onUpstreamHeaders(answer, true);
      return;
    }
    if (upgrade !== "") {
      answer.add("connection", "upgrade");
      answer.add("upgrade", upgrade);
    }
    answer.add("capsule-protocol", "?1");
    request.onUpstreamHeaders(answer, false);
  }

  encodeData(data: Buffer, endStream: boolean): void {
    this.#failWith(this.#reader.read(data));
    if (endStream) this.#failWith(this.#reader.finish());
  }

  encodeTrailers(): void {}

  readDisable(disable: boolean): void {
    this.#socket.readDisable(disable);
  }

  resetRequest(): void {
    if (this.#request !== null) this.#end();
  }

  /** From the client. */
  #onPacket(payload: Buffer): void {
    if (this.#request === null) return;
    this.wireBytesSent += payload.length;
    this.#socket.send(Buffer.from(payload));
  }

  /** From the host. */
  onDatagram(data: Buffer): void {
    const request = this.#request;
    if (request === null) return;
    const capsule = Buffer.concat([Buffer.from(datagramPrefix(data.length), "latin1"), data]);
    this.wireBytesReceived += capsule.length;
    request.onUpstreamData(capsule, false);
  }

  /** A datagram may be lost anyway. */
  onReceiveError(): void {}

  #failWith(error: CapsuleError | null): void {
    const request = this.#request;
    if (error === null || request === null) return;
    this.#end();
    request.onUpstreamReset("protocol_error", error, false);
  }

  #end(): void {
    const request = this.#request!;
    this.#request = null;
    this.#socket.close();
    request.onPoolRelease();
  }
}
