import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ObjectStatus } from "@nuncio/gateway";
import { parse } from "yaml";
import { runToEnd } from "../../harness/child-process.ts";
import { findCounterpart } from "../../harness/counterparts.ts";
import { gatewayClass } from "../documents/random-document.ts";
import { yamlOf, type DocumentObject } from "../documents/scene.ts";
import { theirConnections, type NamedListener, type TheirListeners } from "./their-connections.ts";
import { theirRouting, type TheirHttp } from "./their-routing.ts";
import type { Translation } from "./translation.ts";

const WITHIN_MS = 180_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
/** It ends soon: collecting less often takes a quarter of its time away. */
const GOGC = "400";
const CONTROLLER_NAME = "gateway.envoyproxy.io/gatewayclass-controller";

/** What `egctl` prints, by list. */
type Printed = Readonly<Record<string, readonly PrintedObject[]>> & {
  readonly xdsIR?: Readonly<Record<string, TheirHttp & TheirListeners>>;
};

interface PrintedObject {
  readonly kind?: string;
  readonly metadata?: DocumentObject["metadata"];
  readonly spec?: { readonly listeners?: readonly NamedListener[] };
  readonly status?: ObjectStatus["status"];
}

/** Asks Envoy Gateway's command what becomes of objects; a text when it refuses them. */
export async function askEgctl(
  objects: readonly DocumentObject[],
  folder: string,
): Promise<Translation | string> {
  const file = join(folder, "objects.yaml");
  writeFileSync(file, yamlOf([gatewayClass(CONTROLLER_NAME), ...objects]));
  const egctl = findCounterpart("egctl")!;
  const args = ["x", "translate", "--from", "gateway-api", "--to", "ir", "-f", file];
  const { code, output } = await runToEnd([egctl, ...args], WITHIN_MS, {
    outputBytesMax: OUTPUT_BYTES_MAX,
    env: { ...process.env, GOGC },
  });
  if (code !== 0) return output;
  const printed = parse(output) as Printed;
  const statuses = new Map<string, ObjectStatus["status"]>();
  for (const list of Object.values(printed))
    if (Array.isArray(list))
      for (const { kind, metadata, status } of list as PrintedObject[])
        if (kind !== undefined && status !== undefined)
          statuses.set(`${kind} ${metadata?.namespace}/${metadata?.name}`, status);
  const { xdsIR = {} } = printed;
  const listeners = (printed["gateways"] ?? []).map(
    ({ metadata, spec }) =>
      [`${metadata?.namespace}/${metadata?.name}`, spec?.listeners ?? []] as const,
  );
  const listenersOf = new Map(listeners);
  return {
    statuses,
    routing: theirRouting(xdsIR),
    connections: theirConnections(xdsIR, listenersOf),
  };
}
