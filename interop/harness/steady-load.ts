import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import type { Certificate } from "./certificate.ts";

/** What a client saw. */
export interface Tally {
  answered: number;
  /** How often a connection was opened. */
  connections: number;
  /** Streams of HTTP/2 that came after the server's last GOAWAY, which says that nobody saw them, and were asked again. */
  refused: number;
  readonly failures: string[];
}

/** Requests without pause over some protocol, until it is told to stop. */
export interface Load {
  readonly name: string;
  readonly tally: Tally;
  /** Lets what is under way come to its end. */
  stop(): Promise<void>;
}

/** A response of this length, which is the request's own name again and again. */
const BODY_BYTES = 2_000;
const PAUSE_MS = 3;
const TIMEOUT_MS = 20_000;
/** Every so many requests come over a connection of their own. */
const FRESH_EVERY = 10;

/** An upstream that answers each path with its body. */
export async function startBodyUpstream(): Promise<http.Server> {
  const server = http.createServer((request, response) => response.end(bodyOf(request.url ?? "")));
  // It is not what is tested: it never closes first.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** What the upstream answers to a path. */
function bodyOf(path: string): string {
  return path.repeat(Math.ceil(BODY_BYTES / path.length));
}

/**
 * HTTP/1.1 as a browser speaks it: connections are kept and used again, unless the response says `connection: close`. Nothing is
 * tried twice: a connection that is closed while a request is on its way is a failure.
 */
export function http1Load(port: number, clients: number, tls: Certificate | null): Load {
  const tally: Tally = { answered: 0, connections: 0, refused: 0, failures: [] };
  const module = tls === null ? http : https;
  const secure = tls === null ? {} : { ca: tls.cert, servername: "localhost" };
  const agents = Array.from(
    { length: clients },
    () => new module.Agent({ keepAlive: true, maxSockets: 1, ...secure }),
  );
  const get = (agent: http.Agent | false, path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port, path, agent, timeout: TIMEOUT_MS, ...secure };
      const request = module.get(options, (response) => {
        let text = `${response.statusCode} `;
        response.setEncoding("utf8");
        response.on("data", (piece: string) => (text += piece));
        response.on("end", () => resolve(text));
        response.on("error", reject);
      });
      request.on("socket", (socket) => {
        if (socket.connecting) tally.connections += 1;
      });
      request.on("timeout", () => request.destroy(new Error("no answer in time")));
      request.on("error", reject);
    });
  const loop = runLoops(tally, clients, (client, number, path) =>
    get(number % FRESH_EVERY === 0 ? false : agents[client]!, path),
  );
  const stop = async (): Promise<void> => {
    await loop.stop();
    for (const agent of agents) agent.destroy();
  };
  return { name: tls === null ? "HTTP/1.1" : "HTTP/1.1 over TLS", tally, stop };
}

/**
 * HTTP/2: streams on few connections; after GOAWAY new streams go to a new connection, and those that are open end. One that
 * left too late for the server, which GOAWAY tells, is asked again as RFC 9113 6.8 has it.
 */
export function http2Load(port: number, clients: number, tls: Certificate | null): Load {
  const tally: Tally = { answered: 0, connections: 0, refused: 0, failures: [] };
  const url = `${tls === null ? "http" : "https"}://127.0.0.1:${port}`;
  const secure = tls === null ? {} : { ca: tls.cert };
  const open = new Map<number, http2.ClientHttp2Session>();
  const sessions = new Set<http2.ClientHttp2Session>();
  const session = (slot: number): http2.ClientHttp2Session => {
    const known = open.get(slot);
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    tally.connections += 1;
    const fresh = http2.connect(url, secure);
    // Its streams tell of it.
    fresh.on("error", () => {});
    fresh.on("goaway", () => {
      if (open.get(slot) === fresh) open.delete(slot);
    });
    fresh.on("close", () => sessions.delete(fresh));
    open.set(slot, fresh);
    sessions.add(fresh);
    return fresh;
  };
  const loop = runLoops(tally, clients, async (client, _number, path) => {
    const slot = client >> 2;
    try {
      return await openStream(session(slot), path);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("REFUSED_STREAM"))) throw error;
      tally.refused += 1;
      return openStream(session(slot), path);
    }
  });
  const stop = async (): Promise<void> => {
    await loop.stop();
    for (const each of sessions) each.destroy();
  };
  return { name: tls === null ? "HTTP/2" : "HTTP/2 over TLS", tally, stop };
}

function openStream(session: http2.ClientHttp2Session, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":path": path });
    let text = "";
    stream.setTimeout(TIMEOUT_MS, () => stream.destroy(new Error("no answer in time")));
    stream.on("response", (head) => (text = `${head[":status"]} `));
    stream.setEncoding("utf8");
    stream.on("data", (piece: string) => (text += piece));
    stream.on("end", () => resolve(text));
    stream.on("error", reject);
    stream.on("close", () => reject(new Error("the stream was closed before its end")));
    stream.end();
  });
}

/** `clients` loops of one request after the other. */
function runLoops(
  tally: Tally,
  clients: number,
  ask: (client: number, number: number, path: string) => Promise<string>,
): { stop(): Promise<void> } {
  let stopped = false;
  const run = async (client: number): Promise<void> => {
    for (let number = 1; !stopped; number += 1) {
      const path = `/${client}/${number}/`;
      try {
        const answer = await ask(client, number, path);
        if (answer === `200 ${bodyOf(path)}`) tally.answered += 1;
        else tally.failures.push(`${path}: got ${answer.slice(0, 80)}`);
      } catch (error) {
        tally.failures.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const loops = Array.from({ length: clients }, (_, client) => run(client));
  return {
    stop: async () => {
      stopped = true;
      await Promise.all(loops);
    },
  };
}
