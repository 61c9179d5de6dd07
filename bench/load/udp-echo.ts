/**
 * Clients of UDP and the host behind the proxy, as one program:
 * `node udp-echo.ts PORT HOST_PORT SECONDS CLIENTS IN_FLIGHT BYTES`.
 *
 * The host sends back what it gets. Each client has so many datagrams under way and sends one more for each echo. A datagram
 * that is lost is noticed when its client has heard nothing for a while, and sent again.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const QUIET_MS = 500;
/** Datagrams that wait for a reader; the system may allow less. */
const SOCKET_BYTES = 4 * 1024 * 1024;

const [port = 0, hostPort = 0, seconds = 0, clients = 0, inFlight = 0, bytes = 0] = process.argv
  .slice(2, 8)
  .map(Number);
const datagram = Buffer.alloc(bytes, "x");

interface Client {
  readonly socket: Socket;
  heardMs: number;
}

let echoes = 0;
let lost = 0;

const host = open();
host.bind(hostPort, "127.0.0.1");
await once(host, "listening");
host.on("message", (data, peer) => host.send(data, peer.port, peer.address));

const all = await Promise.all(Array.from({ length: clients }, openClient));
for (const client of all) fill(client);
const startMs = performance.now();
const timer = setInterval(refill, QUIET_MS);
setTimeout(finish, seconds * 1000);

function open(): Socket {
  return createSocket({ type: "udp4", recvBufferSize: SOCKET_BYTES, sendBufferSize: SOCKET_BYTES });
}

async function openClient(): Promise<Client> {
  const client: Client = { socket: open(), heardMs: 0 };
  client.socket.connect(port, "127.0.0.1");
  await once(client.socket, "connect");
  client.socket.on("message", (data) => {
    if (data.length !== bytes) throw new Error(`expected ${bytes} bytes, seen ${data.length}`);
    echoes += 1;
    client.heardMs = performance.now();
    client.socket.send(datagram);
  });
  return client;
}

function fill({ socket }: Client): void {
  for (let i = 0; i < inFlight; i += 1) socket.send(datagram);
}

function refill(): void {
  const now = performance.now();
  for (const client of all) {
    if (now - client.heardMs < QUIET_MS) continue;
    lost += inFlight;
    fill(client);
  }
}

function finish(): void {
  clearInterval(timer);
  console.log(JSON.stringify({ echoes, lost, seconds: (performance.now() - startMs) / 1000 }));
  process.exit(0);
}
