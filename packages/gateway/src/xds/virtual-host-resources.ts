import { contentVersion, PiecedResource, typeUrlOf, versionedResource } from "@nuncio/xds";
import type { VersionedResource } from "@nuncio/xds";
import type { Cells } from "../incremental/cells.ts";
import type { IrVirtualHost } from "../ir/route.ts";
import { encoded } from "./message.ts";
import { routeRuns, type RouteRun } from "./route-runs.ts";
import { virtualHostMessage } from "./virtual-host.ts";

/** With fewer routes nothing is gained by what is kept of them. */
const KEPT_ROUTES_MIN = 100;

/** Resources of virtual hosts. One with many routes is made of those of its routes that are as they were, and of few others. */
export class VirtualHostResources {
  readonly #runs = new Map<string, readonly RouteRun[]>();

  /** @param hosts what is kept of one that goes is dropped */
  constructor(hosts: Cells<IrVirtualHost>) {
    hosts.onChange((name, host) => {
      if (host === undefined) this.#runs.delete(name);
    });
  }

  of(host: IrVirtualHost): VersionedResource {
    const { name, routes } = host;
    if (routes.length < KEPT_ROUTES_MIN) {
      this.#runs.delete(name);
      return versionedResource(virtualHostMessage(host));
    }
    const runs = routeRuns(routes, this.#runs.get(name) ?? []);
    this.#runs.set(name, runs);
    // Routes are the last field that virtual hosts have here.
    const head = encoded(virtualHostMessage({ ...host, routes: [] }));
    const versions = [contentVersion(head), ...runs.map(({ version }) => version)];
    const version = contentVersion(Buffer.from(versions.join(" ")));
    const pieces = [head, ...runs.map(({ bytes }) => bytes)];
    return new PiecedResource(typeUrlOf("VHDS"), name, version, pieces);
  }
}
