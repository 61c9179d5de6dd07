import { shortNameOfUrl } from "@nuncio/xds";
import type { ClientStatus, Clock, ResourceStatus, TypeStatus, XdsServer } from "@nuncio/xds";
import { json, type AdminPage } from "./page.ts";

/** The clients of a server of xDS: what each has accepted, and what it has refused, in its words. */
export function xdsPage(server: XdsServer, clock: Clock): AdminPage {
  return {
    help: "connected data planes, what each has acknowledged, what it refused and why; ?resources has all names",
    answer: (query) => {
      const timeOf = timesOf(clock);
      const named = query.has("resources");
      return json({
        clients: server.status().map((client) => clientJson(client, { timeOf, named })),
      });
    },
  };
}

interface Telling {
  readonly timeOf: (atMs: number) => string;
  /** Also resources that nothing is wrong with are told by name. */
  readonly named: boolean;
}

/** The clock of a server begins anywhere. */
function timesOf(clock: Clock): (atMs: number) => string {
  const offsetMs = Date.now() - clock.nowMs();
  return (atMs) => new Date(atMs + offsetMs).toISOString();
}

function clientJson(client: ClientStatus, telling: Telling): object {
  const { id, variant, openedAtMs, node, types } = client;
  return {
    stream: id,
    variant,
    openedAt: telling.timeOf(openedAtMs),
    node: node && { id: node.id, cluster: node.cluster, userAgentName: node.userAgentName },
    types: types.map((type) => typeJson(type, telling)),
  };
}

function typeJson(type: TypeStatus, telling: Telling): object {
  const { typeUrl, wildcard, newest, pending, accepted, refusal, resources } = type;
  const { timeOf, named } = telling;
  return {
    type: shortNameOfUrl(typeUrl),
    typeUrl,
    wildcard,
    newest,
    pending,
    ...(accepted && { accepted: { version: accepted.version, at: timeOf(accepted.atMs) } }),
    ...(refusal && { refused: refusalJson(refusal, timeOf) }),
    counts: Object.fromEntries(
      Array.from(
        Map.groupBy(resources, ({ state }) => state),
        ([state, ofState]) => [state, ofState.length],
      ),
    ),
    resources: resources
      .filter(({ refusal: refused }) => named || refused !== undefined)
      .map((resource) => resourceJson(resource, timeOf)),
  };
}

function resourceJson(
  { name, version, state, refusal }: ResourceStatus,
  timeOf: Telling["timeOf"],
): object {
  return { name, version, state, ...(refusal && { refused: refusalJson(refusal, timeOf) }) };
}

function refusalJson(
  { version, message, atMs }: NonNullable<TypeStatus["refusal"]>,
  timeOf: Telling["timeOf"],
): object {
  return { version, message, at: timeOf(atMs) };
}
