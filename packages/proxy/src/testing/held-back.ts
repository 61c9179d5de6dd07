import assert from "node:assert/strict";
import type { Readable, Writable } from "node:stream";
import { turnsUntil } from "./turns.ts";

const PIECE = Buffer.alloc(256 * 1024, "x");

/**
 * Sends so many bytes, more than all buffers and windows on the way hold, to a receiver that does not read: the sender
 * must have stopped when `isStopped` says so, and everything must arrive once the receiver reads.
 */
export async function assertHeldBack(
  sender: Writable,
  receiver: Readable,
  bytes: number,
  isStopped: () => boolean,
): Promise<void> {
  receiver.pause();
  let sent = 0;
  const pump = (): void => {
    while (sent < bytes && sender.writableLength < PIECE.length) {
      sent += PIECE.length;
      sender.write(PIECE, pump);
    }
  };
  pump();
  await turnsUntil(isStopped);
  assert.ok(sent < bytes, "the sender is held back");
  let got = 0;
  await new Promise<void>((resolve) => {
    receiver.on("data", (data: Buffer) => {
      got += data.length;
      if (got >= bytes) resolve();
    });
    receiver.resume();
  });
  assert.equal(got, bytes);
}
