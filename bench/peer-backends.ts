import { join } from "node:path";
import { startProcess, type StartedProcess } from "../interop/harness/child-process.ts";
import { findCounterpart } from "../interop/harness/counterparts.ts";
import { untilListening } from "./backend.ts";
import { onLoadCore, type Places } from "./places.ts";

/** Starts the backends that nginx cannot be: a gRPC server, and an echo over WebSockets where its program is there. */
export async function startPeerBackends(places: Places): Promise<StartedProcess[]> {
  const grpc = startProcess([
    ...onLoadCore(),
    process.execPath,
    join(import.meta.dirname, "load", "grpc-backend.ts"),
    String(places.grpcPort),
  ]);
  const started = [grpc];
  try {
    await untilListening(places.grpcPort, grpc);
    const peer = findCounterpart("bench-peer");
    if (peer === null) return started;
    const address = `127.0.0.1:${places.webSocketPort}`;
    const command = [...onLoadCore(), peer, "websocket-backend", "-address", address];
    const echo = startProcess(command, { env: { ...process.env, GOMAXPROCS: "1" } });
    started.push(echo);
    await untilListening(places.webSocketPort, echo);
    return started;
  } catch (error) {
    await Promise.all(started.map((one) => one.stop()));
    throw error;
  }
}
