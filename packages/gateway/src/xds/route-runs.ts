import { crc32 } from "node:zlib";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { contentVersion } from "@nuncio/xds";
import type { IrRoute } from "../ir/route.ts";
import { encoded } from "./message.ts";
import { routeMessage } from "./virtual-host.ts";

/** `VirtualHost.routes` */
const ROUTES_FIELD = 3;
/** One of so many routes is the last one of a run; less one, as a mask. */
const RUN_MASK = 15;

/** Some routes that follow each other in a virtual host, as bytes. */
export interface RouteRun {
  readonly routes: readonly IrRoute[];
  /** Their fields in `VirtualHost`. */
  readonly bytes: Uint8Array;
  /** A hash of the bytes. */
  readonly version: string;
  /** The last route is one that ends a run; false where the run ends only because there are no more routes. */
  readonly isWhole: boolean;
}

/**
 * Cuts routes into runs and encodes them. A run that was there before and has the same objects is taken as it is. Where a
 * run ends is a matter of the route that stands there, so runs move as they are when routes come and go in front of them,
 * and equal routes have equal runs, whatever they were before.
 */
export function routeRuns(routes: readonly IrRoute[], before: readonly RouteRun[]): RouteRun[] {
  const known = new Map(before.map((run) => [run.routes[0], run]));
  const runs: RouteRun[] = [];
  for (let at = 0; at < routes.length;) {
    const found = known.get(routes[at]);
    const run = found !== undefined && stands(found, routes, at) ? found : encodedRun(routes, at);
    runs.push(run);
    at += run.routes.length;
  }
  return runs;
}

function stands(run: RouteRun, routes: readonly IrRoute[], at: number): boolean {
  const { routes: own, isWhole } = run;
  for (let i = 0; i < own.length; i++) if (own[i] !== routes[at + i]) return false;
  return isWhole || at + own.length === routes.length;
}

function encodedRun(routes: readonly IrRoute[], from: number): RouteRun {
  const writer = new BinaryWriter();
  let end = from;
  let isWhole = false;
  while (!isWhole && end < routes.length) {
    const route = routes[end++]!;
    writer.tag(ROUTES_FIELD, WireType.LengthDelimited).bytes(encoded(routeMessage(route)));
    isWhole = endsRun(route);
  }
  const bytes = writer.finish();
  return { routes: routes.slice(from, end), bytes, version: contentVersion(bytes), isWhole };
}

function endsRun({ name }: IrRoute): boolean {
  return (crc32(name) & RUN_MASK) === 0;
}
