import { crc32 } from "node:zlib";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { contentVersion } from "@nuncio/xds";
import type { IrRoute } from "../ir/route.ts";
import { encoded } from "./message.ts";
import { routeMessage } from "./virtual-host.ts";

/** `VirtualHost.routes` */
const ROUTES_FIELD = 3;
/** One of so many routes is the last one of a run; less one, as a mask. */
const RUN_MASK = 63;

/** Some routes that follow each other in a virtual host, as bytes. */
export interface RouteRun {
  readonly routes: readonly IrRoute[];
  /** Their fields in `VirtualHost`. */
  readonly bytes: Uint8Array;
  /** Where the field of each route ends in them. */
  readonly ends: readonly number[];
  /** A hash of the bytes. */
  readonly version: string;
  /** The last route is one that ends a run; false where the run ends only because there are no more routes. */
  readonly isWhole: boolean;
}

/**
 * Cuts routes into runs and encodes them. What was there before as the same objects is taken as it is: runs, and routes
 * of runs in which others have changed. Where a run ends is a matter of the route that stands there, so runs move as they
 * are when routes come and go in front of them, and equal routes have equal runs, whatever they were before.
 *
 * @param encode gives the bytes of a route's field
 */
export function routeRuns(
  routes: readonly IrRoute[],
  before: readonly RouteRun[],
  encode: (route: IrRoute) => Uint8Array = encodedRoute,
): RouteRun[] {
  const left = new Map(before.map((run) => [run.routes[0], run]));
  const runs: (RouteRun | readonly IrRoute[])[] = [];
  for (let at = 0; at < routes.length;) {
    const found = left.get(routes[at]);
    if (found !== undefined && stands(found, routes, at)) {
      left.delete(routes[at]);
      runs.push(found);
      at += found.routes.length;
    } else {
      const end = endOfRun(routes, at);
      runs.push(routes.slice(at, end));
      at = end;
    }
  }
  const known = knownBytes(left.values());
  return runs.map((run) =>
    "bytes" in run ? run : runOf(run, (route) => known.get(route) ?? encode(route)),
  );
}

function stands(
  { routes: own, isWhole }: RouteRun,
  routes: readonly IrRoute[],
  at: number,
): boolean {
  for (let i = 0; i < own.length; i++) if (own[i] !== routes[at + i]) return false;
  return isWhole || at + own.length === routes.length;
}

function endOfRun(routes: readonly IrRoute[], from: number): number {
  let end = from;
  while (end < routes.length) if (endsRun(routes[end++]!)) break;
  return end;
}

function endsRun({ name }: IrRoute): boolean {
  return (crc32(name) & RUN_MASK) === 0;
}

function knownBytes(runs: Iterable<RouteRun>): Map<IrRoute, Uint8Array> {
  const known = new Map<IrRoute, Uint8Array>();
  for (const { routes, bytes, ends } of runs)
    for (const [i, route] of routes.entries())
      known.set(route, bytes.subarray(ends[i - 1] ?? 0, ends[i]));
  return known;
}

function runOf(routes: readonly IrRoute[], bytesOf: (route: IrRoute) => Uint8Array): RouteRun {
  const fields = routes.map(bytesOf);
  let end = 0;
  const ends = fields.map(({ length }) => (end += length));
  const bytes = new Uint8Array(end);
  for (const [i, field] of fields.entries()) bytes.set(field, ends[i - 1] ?? 0);
  const isWhole = endsRun(routes.at(-1)!);
  return { routes, bytes, ends, version: contentVersion(bytes), isWhole };
}

function encodedRoute(route: IrRoute): Uint8Array {
  const writer = new BinaryWriter().tag(ROUTES_FIELD, WireType.LengthDelimited);
  return writer.bytes(encoded(routeMessage(route))).finish();
}
