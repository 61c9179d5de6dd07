/**
 * A client that sends at a constant rate and prints latencies, as a program of its own:
 * `node constant-rate.ts PORT RATE WARM_UP_SECONDS SECONDS CONNECTIONS BODY_BYTES [PATH]`, `/` by default.
 *
 * wrk sends as fast as it is answered, and h2load prints no percentiles, so this is our own. Requests are due at
 * fixed times (every millisecond a share of the rate), whether or not earlier ones were answered. A request that
 * finds no idle connection waits its turn, and its latency still counts from the time when it was due: a proxy
 * that pauses is charged for everything that came due meanwhile (no coordinated omission).
 */
import { connect, type Socket } from "node:net";
import { Quantiles } from "../statistics.ts";

const TICK_MS = 1;
const MAX_MICROS = 10_000_000;
const DRAIN_MS = 2_000;

const [port = 0, rate = 0, warmUpSeconds = 0, seconds = 0, connections = 0, bodyBytes = 0] =
  process.argv.slice(2, 8).map(Number);
const path = process.argv[8] ?? "/";
const REQUEST = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`, "latin1");

/** A connection with at most one request under way. */
interface Lane {
  readonly socket: Socket;
  /** When its request was due, in milliseconds; 0 when idle. */
  dueMs: number;
  head: string;
  bodySeen: number;
}

const latencies = new Quantiles(MAX_MICROS);
const idle: Lane[] = [];
/** Due times of requests that found no idle connection; taken from `waitingFrom` on. */
const waiting: number[] = [];
let waitingFrom = 0;
let wrong = 0;
let unanswered = 0;

for (let number = 0; number < connections; number += 1) idle.push(await openLane());
const startMs = performance.now();
const endMs = startMs + (warmUpSeconds + seconds) * 1000;
let sent = 0;
tick(0);

function tick(number: number): void {
  const dueMs = startMs + number * TICK_MS;
  const total = Math.floor(((number + 1) * TICK_MS * rate) / 1000);
  for (; sent < total; sent += 1) schedule(dueMs);
  const nextMs = dueMs + TICK_MS;
  const nowMs = performance.now();
  if (nextMs >= endMs) setTimeout(finish, DRAIN_MS);
  else if (nextMs > nowMs) setTimeout(tick, nextMs - nowMs, number + 1);
  else setImmediate(tick, number + 1);
}

function schedule(dueMs: number): void {
  const lane = idle.pop();
  if (lane === undefined) waiting.push(dueMs);
  else send(lane, dueMs);
}

function send(lane: Lane, dueMs: number): void {
  lane.dueMs = dueMs;
  lane.socket.write(REQUEST);
}

async function openLane(): Promise<Lane> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const lane: Lane = { socket, dueMs: 0, head: "", bodySeen: 0 };
  socket.on("data", (data: Buffer) => receive(lane, data));
  socket.on("close", () => {
    wrong += 1;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", () => resolve());
    socket.once("error", reject);
  });
  socket.on("error", () => {});
  return lane;
}

function receive(lane: Lane, data: Buffer): void {
  if (lane.bodySeen > 0) lane.bodySeen += data.length;
  else {
    lane.head += data.toString("latin1");
    const end = lane.head.indexOf("\r\n\r\n");
    if (end < 0) return;
    lane.bodySeen = lane.head.length - end - 4;
    if (!lane.head.startsWith("HTTP/1.1 200 ")) wrong += 1;
  }
  if (lane.bodySeen >= bodyBytes) complete(lane);
}

function complete(lane: Lane): void {
  if (lane.bodySeen !== bodyBytes) wrong += 1;
  if (lane.dueMs >= startMs + warmUpSeconds * 1000)
    latencies.add((performance.now() - lane.dueMs) * 1000);
  lane.dueMs = 0;
  lane.head = "";
  lane.bodySeen = 0;
  const next = waiting[waitingFrom];
  if (next === undefined) {
    idle.push(lane);
    return;
  }
  waitingFrom += 1;
  send(lane, next);
}

function finish(): void {
  unanswered = sent - latencies.total - Math.floor(warmUpSeconds * rate);
  const micros = (q: number): number => latencies.at(q);
  const result = {
    requests: latencies.total,
    unanswered,
    wrong,
    p50: micros(0.5),
    p90: micros(0.9),
    p99: micros(0.99),
    p999: micros(0.999),
    max: micros(1),
  };
  console.log(JSON.stringify(result));
  process.exit(0);
}
