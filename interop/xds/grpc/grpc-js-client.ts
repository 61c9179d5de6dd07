/**
 * `node grpc-js-client.ts xds:///NAME CALLERS`: grpc-js with its xDS extension. Calls until SIGTERM, as `grpc-peer xds` does:
 * each call that fails is a line, the last line says how many there were. The management server is in
 * GRPC_XDS_BOOTSTRAP_CONFIG.
 */
import { loadPackage } from "../../harness/counterparts.ts";

const CALL_WITHIN_MS = 10_000;
const AFTER_FAILURE_MS = 10;

interface GrpcClient {
  makeUnaryRequest(
    path: string,
    serialize: (value: Buffer) => Buffer,
    deserialize: (value: Buffer) => Buffer,
    request: Buffer,
    options: { deadline: number },
    callback: (error: Error | null) => void,
  ): void;
}

const grpc = loadPackage("@grpc/grpc-js") as {
  readonly Client: new (target: string, credentials: unknown) => GrpcClient;
  readonly credentials: { createInsecure(): unknown };
};
const xds = loadPackage("@grpc/grpc-js-xds") as { register(): void };
xds.register();

const [target = "", callers = "8"] = process.argv.slice(2);
const client = new grpc.Client(target, grpc.credentials.createInsecure());
let isOver = false;
let calls = 0;
let failed = 0;
process.on("SIGTERM", () => (isOver = true));
await Promise.all(Array.from({ length: Number(callers) }, keepCalling));
process.stdout.write(`${calls} calls, ${failed} failed\n`);
process.exit(0);

async function keepCalling(): Promise<void> {
  while (!isOver) {
    const error = await call();
    calls += 1;
    if (error === null) continue;
    failed += 1;
    process.stdout.write(`failed: ${error.message}\n`);
    await new Promise((resolve) => setTimeout(resolve, AFTER_FAILURE_MS));
  }
}

function call(): Promise<Error | null> {
  const bytes = (value: Buffer): Buffer => value;
  const options = { deadline: Date.now() + CALL_WITHIN_MS };
  return new Promise((resolve) => {
    client.makeUnaryRequest("/interop.Peer/Echo", bytes, bytes, Buffer.from("x"), options, resolve);
  });
}
