import { get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const PAUSE_MS = 20;

/**
 * Asks the admin interface until it says LIVE. Resolves to true then, and to false when `signal` aborts before. Never
 * keeps the process alive by itself.
 */
export async function whenReady(adminPort: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await isLive(adminPort, signal)) return true;
    await pause(PAUSE_MS, undefined, { ref: false, signal }).catch(() => {});
  }
  return false;
}

async function isLive(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      { host: "127.0.0.1", port, path: "/ready", agent: false, signal },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.on("error", () => resolve(false));
  });
}
