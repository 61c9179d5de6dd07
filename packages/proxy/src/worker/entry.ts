import { parentPort, workerData } from "node:worker_threads";
import type { ToWorker, WorkerInit } from "./messages.ts";
import { Worker } from "./worker.ts";

/** A worker thread starts here. */
const port = parentPort!;
const worker = new Worker(workerData as WorkerInit, (message) => port.postMessage(message));

port.on("message", (message: ToWorker) => {
  worker.handle(message);
  if (message.kind === "shutdown") port.close();
});
port.postMessage({ kind: "ready" });
