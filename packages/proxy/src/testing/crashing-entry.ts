import { parentPort } from "node:worker_threads";
import "../worker/entry.ts";

// A worker that can be told to die of an exception that nobody catches.
parentPort!.on("message", (message: { readonly kind: string }) => {
  if (message.kind === "crash") throw new Error("crash asked for by a test");
});
