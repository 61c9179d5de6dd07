import { createServer } from "node:net";

/** Below Linux's ephemeral range, so that no outgoing connection takes a port between its choice and its use. */
const FIRST = 12_000;
const BLOCKS = 10;
const BLOCK_PORTS = 2_000;

/** Where this process's ports begin. */
let block: Promise<number> | null = null;
let last = 0;

/**
 * Finds `count` TCP ports of 127.0.0.1 that nobody listens on. Five digits each, so texts keep their length, and no round
 * number, which might be a timeout.
 */
export async function freePorts(count: number): Promise<number[]> {
  const first = await (block ??= claimBlock());
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries += 1) {
    if (tries > BLOCK_PORTS) throw new Error(`no ${count} free ports from ${first} on`);
    last = (last + 1) % BLOCK_PORTS;
    const port = first + last;
    if (port % 1_000 !== 0 && (await canListen(port, false))) ports.push(port);
  }
  return ports;
}

/**
 * Programs that run at the same time share no ports, else they might choose the same one before either listens on it: with
 * SO_REUSEPORT two proxies can. Whoever listens on the first port of a block has the others.
 */
async function claimBlock(): Promise<number> {
  const start = Math.floor(Math.random() * BLOCKS);
  for (let tried = 0; tried < BLOCKS; tried += 1) {
    const first = FIRST + ((start + tried) % BLOCKS) * BLOCK_PORTS;
    if (await canListen(first, true)) return first;
  }
  throw new Error(`${BLOCKS} programs have all ports from ${FIRST} on`);
}

/** Whether nobody listens on a port. `keep` goes on to listen as long as this process runs. */
function canListen(port: number, keep: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      if (keep) resolve(server.unref().listening);
      else server.close(() => resolve(true));
    });
  });
}
