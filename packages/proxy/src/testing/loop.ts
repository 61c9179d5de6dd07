import { TimerWheel } from "../base/timer-wheel.ts";
import { IoLoop } from "../transport/io-loop.ts";
import { TransportContext } from "../transport/transport-context.ts";
import { WorkerClock } from "../worker/clock.ts";

/** A transport on this thread's event loop, for tests; exceptions are collected. */
export function testTransport(): {
  readonly transport: TransportContext;
  readonly exceptions: unknown[];
} {
  const exceptions: unknown[] = [];
  const loop = new IoLoop((error) => exceptions.push(error));
  const timers = new TimerWheel(new WorkerClock(loop));
  return { transport: new TransportContext(loop, timers, 0, 1), exceptions };
}
