import {
  ALL_GATEWAYS,
  ControlPlane,
  HostDataPlanes,
  StatusFile,
  StatusList,
  dataPlaneBootstrap,
  addressText,
  type IrInfrastructure,
  type KindName,
  type ListeningAdmin,
  type XdsAddress,
} from "@nuncio/gateway";
import { collectGarbage, hotRestartVersion, runProxy } from "@nuncio/proxy";
import { proxyOptions } from "../proxy/options.ts";
import { startAdmin } from "./admin.ts";
import { complain, textOf } from "./complain.ts";
import { dataPlaneCommand } from "./data-plane-command.ts";
import { startExample } from "./example.ts";
import type { RunOptions } from "./flags.ts";
import { followResources, started } from "./follow-resources.ts";
import { openXdsSocket } from "./xds-socket.ts";

const LOOPBACK = "127.0.0.1";

/**
 * Serves until it is told to end; resolves to the exit code.
 *
 * @throws UsageError
 */
export async function runGateway(options: RunOptions): Promise<number> {
  const hasNone = options.resources.length === 0 && options.etcd === undefined;
  const example = hasNone ? await startExample() : undefined;
  const socket = openXdsSocket(options);
  const controlPlane = controlPlaneOf(options, socket.address);
  const { statuses, statusFile } = statusesOf(options, controlPlane);
  const keeper = statusFile ?? (options.admin && statuses);
  const providers = followResources(controlPlane, options, {
    example,
    keeper,
    arrivals: statusFile?.arrivals,
  });
  let notReady: string | undefined = "resources are being read";
  let admin: ListeningAdmin | undefined;
  try {
    const lookedAt = { controlPlane, statuses, notReady: () => notReady };
    admin = await startAdmin(options.admin, lookedAt);
    await started(providers);
    if (options.infrastructure === "embedded") warnOfProcesses(controlPlane);
    const xds = await controlPlane.listen();
    notReady = undefined;
    process.stdout.write(example?.hints ?? `xDS on ${addressText(xds)}${adminText(admin)}\n`);
    return options.infrastructure === "embedded"
      ? await serveHere(options, xds)
      : await serveOnHost(controlPlane, options, xds);
  } finally {
    await providers.close();
    statusFile?.close();
    await admin?.close();
    await controlPlane.close();
    socket.close();
    await example?.close();
  }
}

function controlPlaneOf({ infrastructure, limits }: RunOptions, xds: XdsAddress): ControlPlane {
  return new ControlPlane({
    dataPlanes: infrastructure === "embedded" ? "one" : "each",
    xds,
    limits,
    onDefect: (stage, key, error) => complain(`a defect in ${stage} of ${key}: ${textOf(error)}`),
  });
}

function statusesOf(
  { statusFile: path }: RunOptions,
  { store }: ControlPlane,
): {
  readonly statuses: StatusList;
  readonly statusFile?: StatusFile;
} {
  if (path === undefined) return { statuses: new StatusList() };
  const statusFile = new StatusFile({
    path,
    arrivalOf: (kind, key) => store.table(kind as KindName).peek(key)?.metadata.arrival,
    onError: complain,
  });
  return { statuses: statusFile.statuses, statusFile };
}

function adminText(admin: ListeningAdmin | undefined): string {
  return admin === undefined ? "" : `, admin on ${admin.address}`;
}

/** What a Gateway says of the process that serves it is of no use where there is none. */
function warnOfProcesses({ pipeline, dataPlaneStates }: ControlPlane): void {
  pipeline.pieces.infrastructure.onChange((gateway, wanted) => {
    const isEnvoy = wanted?.dataPlane === "Envoy";
    const why = "NuncioProxy asks for Envoy, which needs --infrastructure host";
    dataPlaneStates.failed(gateway, isEnvoy ? why : undefined);
    for (const field of wanted === undefined ? [] : fieldsOfProcess(wanted))
      complain(
        `warning: Gateway ${gateway}: ${field} needs --infrastructure host, and is not applied`,
      );
  });
}

function fieldsOfProcess(wanted: IrInfrastructure): string[] {
  const { concurrency, logLevel, adminPort, drainSeconds, terminationSeconds } = wanted;
  const values = { concurrency, logLevel, adminPort, drainSeconds, terminationSeconds };
  const { labels, annotations } = wanted;
  const given = (fields: object, isGiven: (value: unknown) => boolean): string[] =>
    Object.entries(fields).flatMap(([field, value]) => (isGiven(value) ? [field] : []));
  return [
    ...given(values, (value) => value !== undefined).map((field) => `${field} of NuncioProxy`),
    ...given({ labels, annotations }, (value) => Object.keys(value as object).length > 0).map(
      (field) => `infrastructure.${field}`,
    ),
  ];
}

/** One proxy of Nuncio for all Gateways, in this process. It ends on signals by itself. */
function serveHere(
  { adminPort, concurrency, logLevel }: RunOptions,
  xds: XdsAddress,
): Promise<number> {
  const admin = { host: LOOPBACK, port: adminPort };
  const bootstrap = dataPlaneBootstrap({ group: ALL_GATEWAYS, id: ALL_GATEWAYS, xds, admin });
  return runProxy(
    proxyOptions(
      new Map([
        ["config-yaml", [JSON.stringify(bootstrap)]],
        ["concurrency", [String(concurrency)]],
        ["log-level", [logLevel]],
        // Its control plane is this process's own, so no other one could take over.
        ["disable-hot-restart", [""]],
      ]),
    ),
  );
}

/** A process for each Gateway, until a signal comes. */
async function serveOnHost(
  controlPlane: ControlPlane,
  options: RunOptions,
  xds: XdsAddress,
): Promise<number> {
  const planes = new HostDataPlanes({
    infrastructure: controlPlane.pipeline.pieces.infrastructure,
    xds,
    dataPlane: options.dataPlane === "envoy" ? "Envoy" : "Nuncio",
    hotRestart: hotRestartVersion(false) !== "disabled",
    command: (wanted, file, restartFlags) => dataPlaneCommand(options, wanted, file, restartFlags),
    onState: (gateway, failure) => controlPlane.dataPlaneStates.failed(gateway, failure),
    onError: complain,
  });
  // What reading needed: nothing of this size is to be done afterwards.
  collectGarbage();
  await new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await planes.close();
  return 0;
}
