import assert from "node:assert/strict";
import { readResources } from "@nuncio/gateway";
import { pieceLists } from "@nuncio/gateway/testing/piece-lists";
import type { PieceLists } from "@nuncio/gateway/testing/pieces";
import { attempt, type CheckResult } from "../../check.ts";
import { makeCertificate } from "../../harness/certificate.ts";
import { freePorts } from "../../harness/free-ports.ts";
import { makeTempFolder, removeTempFolder } from "../../harness/temp-folder.ts";
import { until } from "../../harness/until.ts";
import { yamlOf } from "../documents/scene.ts";
import { DrivenProxy } from "../driven-proxy.ts";
import { Backends } from "../probes/backends.ts";
import { canConnect } from "../probes/send.ts";
import { AuthServers } from "./auth-servers.ts";
import { backendTls } from "./backend-tls.ts";
import { externalAuth } from "./external-auth.ts";
import type { Feature } from "./feature.ts";
import { GRPC_METHODS } from "./grpc-methods.ts";
import { serviceObjects, webGateway } from "./objects.ts";
import { RETRIES } from "./retries.ts";
import { SESSIONS } from "./sessions.ts";
import { TIMEOUTS } from "./timeouts.ts";

/** What gateways do for clients, from objects to answers, with Envoy and with Nuncio as the proxy. */
export async function checkFeatures(): Promise<CheckResult[]> {
  const folders = [makeTempFolder("shown"), makeTempFolder("stranger")];
  const [shown, stranger] = folders.map((folder) => makeCertificate(folder));
  folders.forEach(removeTempFolder);
  const authServers = await AuthServers.start();
  const features = [
    backendTls(shown!, stranger!),
    SESSIONS,
    TIMEOUTS,
    RETRIES,
    GRPC_METHODS,
    externalAuth(authServers),
  ];
  const backends = new Backends(shown!);
  const results: CheckResult[] = [];
  try {
    for (const kind of ["envoy", "nuncio"] as const) {
      const proxy = await DrivenProxy.start(kind);
      try {
        for (const feature of features)
          results.push(
            await attempt(`gateway: ${feature.name} through ${kind}`, () =>
              tryFeature(proxy, feature, backends),
            ),
          );
      } finally {
        await proxy.close();
      }
    }
  } finally {
    backends.close();
    authServers.close();
  }
  return results;
}

async function tryFeature(proxy: DrivenProxy, feature: Feature, backends: Backends): Promise<void> {
  const [port] = (await freePorts(1)) as [number];
  await proxy.show(await placed(feature, backends, port));
  await until(`${proxy.kind} listens`, () => canConnect(port));
  assert.deepEqual(await feature.ask(port), feature.expected);
}

/** All that becomes of the objects, at a port of 127.0.0.1. */
async function placed(feature: Feature, backends: Backends, port: number): Promise<PieceLists> {
  const services = Object.entries(feature.services).map(async ([name, count]) => {
    const servers = Array.from({ length: count }, (_, i) => backends.portOf(`${name}-${i}`));
    return serviceObjects(name, await Promise.all(servers));
  });
  const objects = [...webGateway(port), ...(await Promise.all(services)).flat()];
  const content = yamlOf([...objects, ...feature.objects]);
  const { resources, problems } = readResources({ name: `${feature.name}.yaml`, content });
  assert.deepEqual(problems, []);
  const lists = pieceLists(resources.map(({ resource }) => resource));
  const listeners = lists.listeners?.map((one) => ({ ...one, addresses: ["127.0.0.1"] })) ?? [];
  return { ...lists, listeners };
}
