import { connect } from "node:net";

/** A connection of HTTP/1.1 with at most one request under way. */
export interface OneConnection {
  /** The body of the answer, or its status where that is not 200. */
  get(path: string, host?: string): Promise<string>;
  close(): void;
}

/** Connects to a proxy on this machine. */
export async function answers(port: number): Promise<OneConnection> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  let seen = "";
  let settle: ((body: string) => void) | null = null;
  let fail: ((error: Error) => void) | null = null;
  socket.on("data", (data: Buffer) => {
    seen += data.toString("latin1");
    const end = seen.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(seen)?.[1] ?? 0);
    if (seen.length < end + 4 + length) return;
    const status = seen.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
    const body = seen.slice(end + 4);
    seen = "";
    settle?.(status === "200" ? body : status);
  });
  socket.on("error", (error) => fail?.(error));
  socket.on("close", () => fail?.(new Error("the proxy closed the connection")));
  return {
    get: (path, host = "bench") =>
      new Promise((resolve, reject) => {
        settle = resolve;
        fail = reject;
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, "latin1");
      }),
    close: () => void socket.destroy(),
  };
}
