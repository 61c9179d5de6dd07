import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";

/** How long main may be busy with one reply at a stretch, in milliseconds. */
const BUSY_MS_MAX = 8;

/**
 * Writes the pieces of a body as fast as the client takes them, and lets main do other work in between. Stops
 * when the client went away. `onBytes` hears how many bytes each piece has.
 */
export async function writeBody(
  response: ServerResponse,
  body: string | Iterable<string>,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let busySinceMs = performance.now();
  const gone = new Promise<void>((resolve) => response.once("close", resolve));
  for (const piece of typeof body === "string" ? [body] : body) {
    if (response.destroyed) return;
    if (piece !== "") {
      onBytes(Buffer.byteLength(piece));
      const free = response.write(piece);
      if (!free && response.writableNeedDrain) {
        await Promise.race([once(response, "drain"), gone]);
        busySinceMs = performance.now();
      }
    }
    if (performance.now() - busySinceMs > BUSY_MS_MAX) {
      await setImmediate();
      busySinceMs = performance.now();
    }
  }
  await new Promise<void>((resolve) => {
    void gone.then(resolve);
    response.end(resolve);
  });
}
