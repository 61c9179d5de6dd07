import { once } from "node:events";
import net from "node:net";

/** One connection that the origin got. */
export interface OriginConnection {
  readonly socket: net.Socket;
  /** Everything it received. */
  received: string;
}

/** A raw upstream: a function of the bytes so far answers. */
export interface Origin {
  readonly port: number;
  readonly connections: OriginConnection[];
  close(): void;
}

/**
 * Starts an upstream on loopback. `answer` is called whenever bytes came, with the connection; it may write, or not.
 * Without one, each complete head without body is answered with 200 and `hello`.
 */
export async function startOrigin(
  answer: (connection: OriginConnection) => void = sayHello,
): Promise<Origin> {
  const connections: OriginConnection[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const connection = { socket, received: "" };
    connections.push(connection);
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.on("data", (data) => {
      connection.received += data.toString("latin1");
      answer(connection);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as net.AddressInfo).port,
    connections,
    close() {
      server.close();
      for (const { socket } of connections) socket.destroy();
    },
  };
}

function sayHello({ socket, received }: OriginConnection): void {
  if (received.endsWith("\r\n\r\n"))
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
}

/** A client connection that collects what it reads. */
export class RawClient {
  readonly socket: net.Socket;
  received = "";
  ended = false;
  #wake: () => void = () => {};

  constructor(port: number, host = "127.0.0.1") {
    this.socket = net.connect({ port, host, allowHalfOpen: true });
    this.socket.on("error", () => this.#onEnd());
    this.socket.on("end", () => this.#onEnd());
    this.socket.on("close", () => this.#onEnd());
    this.socket.on("data", (data) => {
      this.received += data.toString("latin1");
      this.#wake();
    });
  }

  send(text: string): this {
    this.socket.write(Buffer.from(text, "latin1"));
    return this;
  }

  /** Waits until what was read holds `test`, or the peer ended; returns what was read. */
  async until(test: (received: string) => boolean): Promise<string> {
    while (!test(this.received) && !this.ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.received;
  }

  /** Waits for the peer's end. */
  untilEnd(): Promise<string> {
    return this.until(() => false);
  }

  close(): void {
    this.socket.destroy();
  }

  #onEnd(): void {
    this.ended = true;
    this.#wake();
  }
}
