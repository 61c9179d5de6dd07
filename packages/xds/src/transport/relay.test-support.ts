import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** What becomes of one connection. */
export interface Fault {
  /** So many bytes of the server's go through. */
  readonly fromServer: number;
  /** So many bytes of the client's go through. */
  readonly fromClient: number;
  /** What the client reads then, before the connection ends. */
  readonly instead?: Buffer;
}

/** Stands between a client and a server, and does to each new connection what the next fault says; without one, nothing. */
export class Relay {
  readonly faults: Fault[] = [];
  /** Of the newest connection that had no fault. */
  bytesFromServer: Buffer = Buffer.alloc(0);
  bytesFromClient = 0;
  readonly #clients = new Set<Socket>();
  readonly #server: Server;
  readonly #target: number;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  static async open(target: number): Promise<Relay> {
    const relay = new Relay(target);
    await new Promise<void>((resolve) => {
      relay.#server.listen(0, "127.0.0.1", resolve);
    });
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection there is. */
  cut(): void {
    // The other side of each follows.
    for (const client of this.#clients) client.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #join(client: Socket): void {
    const fault = this.faults.shift();
    const server = connect(this.#target, "127.0.0.1");
    const end = (): void => {
      this.#clients.delete(client);
      client.destroy();
      server.destroy();
    };
    this.#clients.add(client);
    for (const socket of [client, server]) {
      socket.on("error", end);
      socket.on("close", end);
    }
    if (fault === undefined) {
      this.bytesFromServer = Buffer.alloc(0);
      this.bytesFromClient = 0;
      server.on("data", (data: Buffer) => {
        this.bytesFromServer = Buffer.concat([this.bytesFromServer, data]);
      });
      client.on("data", ({ length }: Buffer) => {
        this.bytesFromClient += length;
      });
      client.pipe(server);
      server.pipe(client);
      return;
    }
    passOn(client, server, fault.fromClient, end);
    passOn(server, client, fault.fromServer, () => {
      if (fault.instead === undefined) end();
      // Whoever reads it may hang up first.
      else client.write(fault.instead, end);
    });
  }
}

/** Hands on `left` bytes; then `onLast`, once. */
function passOn(from: Socket, to: Socket, left: number, onLast: () => void): void {
  if (left === 0) {
    onLast();
    return;
  }
  from.on("data", (data: Buffer) => {
    if (left <= 0) return;
    const piece = data.subarray(0, left);
    left -= data.length;
    if (left > 0) to.write(piece);
    else to.write(piece, onLast);
  });
}
