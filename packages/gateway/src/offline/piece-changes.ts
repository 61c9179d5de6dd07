import type { IrVirtualHost } from "../ir/route.ts";
import type { IrSecret } from "../ir/secret.ts";
import type { Pipeline } from "../pipeline.ts";
import { statusLines } from "../status/status-lines.ts";
import { dataChanges, type DataChange } from "./data-changes.ts";

/** What can differ between two translations. */
export type ChangedType =
  | "listener"
  | "virtual host"
  | "route"
  | "cluster"
  | "endpoints"
  | "secret"
  | "infrastructure"
  | "status";

/** A piece that comes, goes, or is another one. */
export interface PieceChange {
  readonly type: ChangedType;
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
  /** None where the piece comes or goes. */
  readonly fields: readonly DataChange[];
}

/** What a change of resources would do: piece by piece, and what would be said of the resources. */
export function pieceChanges(before: Pipeline, after: Pipeline): PieceChange[] {
  const [old, now] = [allPieces(before), allPieces(after)];
  return (Object.keys(old) as ChangedType[]).flatMap((type) => {
    const names = [...new Set([...old[type].keys(), ...now[type].keys()])].toSorted();
    return names.flatMap((name) => changeOf(type, name, old[type].get(name), now[type].get(name)));
  });
}

function changeOf(type: ChangedType, name: string, old: unknown, now: unknown): PieceChange[] {
  if (old === undefined) return [{ type, name, change: "added", fields: [] }];
  if (now === undefined) return [{ type, name, change: "removed", fields: [] }];
  const fields = dataChanges(old, now);
  return fields.length === 0 ? [] : [{ type, name, change: "changed", fields }];
}

type Pieces = ReadonlyMap<string, unknown>;

function allPieces({ pieces, statuses }: Pipeline): Record<ChangedType, Pieces> {
  const hosts = [...pieces.virtualHosts.entries()];
  return {
    infrastructure: new Map(pieces.infrastructure.entries()),
    listener: new Map(pieces.listeners.entries()),
    "virtual host": new Map(hosts.map(([name, host]) => [name, outlineOf(host)])),
    route: new Map(hosts.flatMap(([, host]) => [...routesOf(host)])),
    cluster: new Map(pieces.clusters.entries()),
    endpoints: new Map(pieces.endpoints.entries()),
    secret: new Map(
      pieces.secrets.flatMap((cells) =>
        Array.from(cells.entries(), ([name, secret]) => [name, withoutKey(secret)] as const),
      ),
    ),
    status: new Map(
      statuses.flatMap((cells) =>
        Array.from(cells.values(), (status) => {
          const { object, good, bad } = statusLines(status);
          return [object, { good, bad }] as const;
        }),
      ),
    ),
  };
}

/** Its routes are told one by one; here only which comes first. */
function outlineOf(host: IrVirtualHost): object {
  return { ...host, routes: [...routesOf(host).keys()] };
}

/** By the name of the virtual host and their own; a match that is made of several routes counts them. */
function routesOf({ name: host, routes }: IrVirtualHost): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const route of routes) {
    const name = `${host} ${route.name}`;
    let number = 1;
    let free = name;
    while (found.has(free)) free = `${name} (${++number})`;
    found.set(free, route);
  }
  return found;
}

/** That there is another key can be seen from the certificate. */
function withoutKey(secret: IrSecret): object {
  return secret.kind === "certificate" ? { ...secret, privateKey: undefined } : secret;
}
