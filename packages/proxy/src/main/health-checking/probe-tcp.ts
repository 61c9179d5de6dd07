import net from "node:net";
import { isPipe } from "../../transport/address.ts";
import { pipePath } from "../../transport/connect.ts";
import type { CheckedHost, CheckResult, TcpCheckConfig } from "./model.ts";

/** A host that sends so much without the expected has failed. */
const RECEIVED_BYTES_MAX = 64 * 1024;

/** Connects, and looks for what is to come, where something is. */
export function probeTcp(
  { address }: CheckedHost,
  { send, receive }: TcpCheckConfig,
  signal: AbortSignal,
  end: (result: CheckResult) => void,
): void {
  const socket = isPipe(address)
    ? net.connect(pipePath(address.text))
    : net.connect(address.port, address.ip);
  signal.addEventListener("abort", () => void socket.destroy(), { once: true });
  let received = Buffer.alloc(0);
  socket.on("error", () => end({ kind: "network" }));
  socket.on("close", () => end({ kind: "network" }));
  socket.on("connect", () => {
    if (receive.length === 0) end({ kind: "success" });
    else if (send !== null) socket.write(send);
  });
  socket.on("data", (data: Buffer) => {
    received = Buffer.concat([received, data]);
    if (hasAll(received, receive)) end({ kind: "success" });
    else if (received.length > RECEIVED_BYTES_MAX) end({ kind: "failure" });
  });
}

/** Whether all pieces are there, each behind the one before. */
function hasAll(received: Buffer, pieces: readonly Uint8Array[]): boolean {
  let from = 0;
  for (const piece of pieces) {
    const at = received.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return true;
}
