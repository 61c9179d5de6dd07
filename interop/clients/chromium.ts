import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { attempt, type CheckResult } from "../check.ts";
import type { Certificate } from "../harness/certificate.ts";
import { startProcess, type StartedProcess } from "../harness/child-process.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { ASSET_COUNT, assetHashes } from "./page.ts";

const READY_WITHIN_MS = 30_000;
const LOADED_WITHIN_MS = 60_000;

interface PageReport {
  readonly hashes: readonly string[];
  readonly ran: readonly number[];
  readonly protocols: readonly string[];
}

/** Chromium loads a page of many assets over TLS and HTTP/2; each asset runs, and each one's bytes are right. */
export function checkChromium(
  name: string,
  port: number,
  certificate: Certificate,
): Promise<CheckResult> {
  return attempt(name, async () => {
    const report = await loadPage(`https://localhost:${port}/page/`, certificate);
    assert.deepEqual(report.protocols, ["h2"]);
    assert.deepEqual(
      report.ran,
      Array.from({ length: ASSET_COUNT }, (_, number) => number),
    );
    assert.deepEqual(report.hashes, assetHashes());
  });
}

async function loadPage(url: string, certificate: Certificate): Promise<PageReport> {
  const folder = makeTempFolder("chromium");
  const chromium = startProcess([
    findCounterpart("chromium")!,
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-port=0",
    // Nobody else's certificate would do.
    `--ignore-certificate-errors-spki-list=${certificate.keyHash}`,
    `--user-data-dir=${join(folder, "profile")}`,
    "about:blank",
  ]);
  try {
    return await reportOf(url, await debuggerUrl(chromium));
  } finally {
    await chromium.stop();
    removeTempFolder(folder);
  }
}

/** Chromium says on stderr where its debugger listens. */
async function debuggerUrl(chromium: StartedProcess): Promise<string> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline && !chromium.hasExited()) {
    const url = /DevTools listening on (ws:\S+)/.exec(chromium.output())?.[1];
    if (url !== undefined) return url;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Chromium did not start: ${chromium.output().slice(-400)}`);
}

/** Opens the page with the DevTools protocol and awaits what its script reports. */
async function reportOf(url: string, debuggerAt: string): Promise<PageReport> {
  const socket = new WebSocket(debuggerAt);
  await once(socket, "open");
  const { targetId } = await ask(socket, "Target.createTarget", { url });
  const { sessionId } = await ask(socket, "Target.attachToTarget", { targetId, flatten: true });
  const deadline = performance.now() + LOADED_WITHIN_MS;
  for (;;) {
    const expression = "typeof report === 'object' ? report : null";
    const evaluation = { expression, awaitPromise: true, returnByValue: true };
    const said = await ask(socket, "Runtime.evaluate", evaluation, String(sessionId));
    const { value } = said["result"] as { value?: PageReport | null };
    if (value !== undefined && value !== null) {
      socket.close();
      return value;
    }
    if (performance.now() > deadline)
      throw new Error(`the page does not load: ${JSON.stringify(said)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

let lastId = 0;

/** One command of the DevTools protocol, and its result. */
function ask(
  socket: WebSocket,
  method: string,
  params: object,
  sessionId?: string,
): Promise<{ readonly [name: string]: unknown }> {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${method} takes too long`)), LOADED_WITHIN_MS);
    const take = ({ data }: MessageEvent): void => {
      const message = JSON.parse(String(data)) as {
        id?: number;
        result?: object;
        error?: { message: string };
      };
      if (message.id !== id) return;
      clearTimeout(timer);
      socket.removeEventListener("message", take);
      if (message.error === undefined) resolve({ ...message.result });
      else reject(new Error(`${method}: ${message.error.message}`));
    };
    socket.addEventListener("message", take);
    socket.send(JSON.stringify({ id, method, params, sessionId }));
  });
}
