import { createServer, type AddressInfo, type Server } from "node:net";
import { attempt, type CheckResult } from "../../check.ts";
import { freePorts } from "../../harness/free-ports.ts";
import { http1Load, http2Load, startBodyUpstream, type Load } from "../../harness/steady-load.ts";
import { until } from "../../harness/until.ts";
import { RunningGateway, type Settings } from "./running-gateway.ts";

const CLIENTS = 8;
const FIRST: Settings = { label: "a", concurrency: 1 };
const LOOK_INTERVAL_MS = 20;

type Kind = "Nuncio" | "Envoy";
type Run = (gateway: RunningGateway, stopLoads: () => Promise<void>, kind: Kind) => Promise<void>;

/** Other settings for the process of a Gateway, under load: no request fails, and no status says that it is gone. */
export async function checkSettings(): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const kind of ["Nuncio", "Envoy"] as const)
    for (const [what, run] of [
      ["labels and concurrency change", changes],
      ["an admin port that is taken, and then free", failsFirst],
      ["a control plane that is killed during a handover", killed],
    ] as const)
      results.push(await attempt(`gateway: ${what}, ${kind}`, () => underLoad(kind, run)));
  return results;
}

/**
 * One handover for each change, then changes of which the second has to wait for the handover that the first begins. With fewer workers Envoy
 * closes sockets in whose queues connections may wait, so it only gets more.
 */
async function changes(
  gateway: RunningGateway,
  stopLoads: () => Promise<void>,
  kind: Kind,
): Promise<void> {
  const watch = watchStatus(gateway);
  gateway.set({ label: "b", concurrency: 1 });
  await gateway.reaches(1);
  gateway.set({ label: "b", concurrency: 2 });
  await gateway.reaches(2);
  const concurrency = kind === "Nuncio" ? 1 : 2;
  gateway.set({ label: "c", concurrency });
  await until("a handover is under way", () => gateway.dataPlanes().length === 2);
  gateway.set({ label: "d", concurrency });
  await until("it is through", () => gateway.dataPlanes().some(({ epoch }) => epoch === 3));
  gateway.set({ label: "e", concurrency: 3 });
  await gateway.reaches(4);
  await watch.stop();
  await stopLoads();
  process.kill(gateway.dataPlanes()[0]!.pid, "SIGKILL");
  await gateway.reaches(0);
  await gateway.serves();
  await gateway.end("SIGTERM");
}

/** Who has the port says of each connection what it wants, so it is nobody that looks like a data plane. */
async function failsFirst(gateway: RunningGateway, stopLoads: () => Promise<void>): Promise<void> {
  const taken = await listen();
  const { port } = taken.address() as AddressInfo;
  gateway.set({ ...FIRST, adminPort: port });
  await until("the failure is told", () => {
    const { status, message } = gateway.programmed();
    return status === "False" && message.includes("goes on with the settings of before");
  });
  await new Promise((resolve) => taken.close(resolve));
  await gateway.reaches(1);
  await until("it is programmed", () => gateway.programmed().status === "True");
  gateway.set(FIRST);
  await gateway.reaches(2);
  await stopLoads();
  await gateway.end("SIGTERM");
}

async function killed(gateway: RunningGateway, stopLoads: () => Promise<void>): Promise<void> {
  gateway.set({ label: "b", concurrency: 2 });
  await until("a handover is under way", () => gateway.dataPlanes().length === 2);
  await stopLoads();
  await gateway.end("SIGKILL");
}

async function underLoad(kind: Kind, run: Run): Promise<void> {
  const upstream = await startBodyUpstream();
  const [port] = (await freePorts(1)) as [number];
  const backend = (upstream.address() as AddressInfo).port;
  const gateway = await RunningGateway.start(kind, port, backend, FIRST);
  const loads = [http1Load(port, CLIENTS, null), http2Load(port, CLIENTS, null)];
  const stopLoads = async (): Promise<void> => {
    await Promise.all(loads.map((load) => load.stop()));
    loads.forEach(checkLoad);
  };
  try {
    await run(gateway, stopLoads, kind);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${gateway.output()}`, { cause: error });
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
    await gateway.close();
    upstream.close();
    upstream.closeAllConnections();
  }
}

/** The load must not be one that any gateway passes. */
function checkLoad({ name, tally }: Load): void {
  const { failures, answered, connections } = tally;
  if (failures.length > 0)
    throw new Error(
      `${name}: ${failures.length} of ${answered + failures.length} requests failed: ${failures[0]}`,
    );
  if (answered === 0) throw new Error(`${name}: nothing was asked`);
  console.log(
    `  ${name}: ${answered} requests on ${connections} connections, ${tally.refused} asked again, none failed`,
  );
}

/** Looks at the status all the time; `stop` throws when it ever said that the Gateway is not served. */
function watchStatus(gateway: RunningGateway): { stop(): Promise<void> } {
  let found: string | undefined;
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) {
      const { status, message } = gateway.programmed();
      if (status !== "True") found ??= message;
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      await running;
      if (found !== undefined) throw new Error(`Programmed was not True meanwhile: ${found}`);
    },
  };
}

function listen(): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
