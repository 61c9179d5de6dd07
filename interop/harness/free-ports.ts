import { createServer } from "node:net";

/** Below Linux's ephemeral range, so that no outgoing connection takes a port between its choice and its use. */
const FIRST = 12_000;
const LAST = 31_999;

let next = FIRST + Math.floor(Math.random() * (LAST - FIRST));

/**
 * Finds `count` TCP ports of 127.0.0.1 that nobody listens on. Five digits each, so texts keep their length, and no round
 * number, which might be a timeout.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries += 1) {
    if (tries > LAST - FIRST)
      throw new Error(`no ${count} free ports between ${FIRST} and ${LAST}`);
    next = next >= LAST ? FIRST : next + 1;
    const port = next;
    if (port % 1_000 !== 0 && (await isFree(port))) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
