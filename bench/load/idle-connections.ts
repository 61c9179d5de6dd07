/**
 * Opens connections, sends one request on each, and holds them idle until it is killed:
 * `node idle-connections.ts PORT COUNT [TLS-GROUPS]`. Prints `ready` when all are there.
 */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const [port = 0, count = 0] = process.argv.slice(2, 4).map(Number);
const groups = process.argv[4];
/** Few at a time, so that the proxy needs few upstream connections. */
const AT_ONCE = 16;

const TLS = { host: "127.0.0.1", rejectUnauthorized: false };

let opened = 0;
const lane = async (): Promise<void> => {
  while (opened < count) {
    opened += 1;
    await openOne();
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, lane));
console.log("ready");

function openOne(): Promise<void> {
  return new Promise((resolve, reject) => {
    const ask = (): boolean => socket.write("GET / HTTP/1.1\r\nHost: bench\r\n\r\n");
    const socket: Socket =
      groups === undefined
        ? connect(port, "127.0.0.1", ask)
        : connectTls({ ...TLS, port, ecdhCurve: groups }, ask);
    socket.once("data", (data: Buffer) => {
      if (data.toString("latin1").startsWith("HTTP/1.1 200 ")) resolve();
      else reject(new Error(`expected 200, seen ${data.toString("latin1", 0, 40)}`));
    });
    socket.on("error", reject);
  });
}
