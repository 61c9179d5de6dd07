import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import { widerDomains } from "../hostnames.ts";
import type { RouteClaim } from "./route-claims.ts";
import { bySeniority } from "./seniority.ts";

/** HTTPRoutes and GRPCRoutes of a listener that stand back, as an older route of the other kind has names of theirs. */
interface KindConflicts {
  readonly losers: readonly string[];
}

/**
 * By the id of the listener, for those with both kinds of routes. The older route is accepted (GRPCRouteSpec.hostnames).
 * All names of such a listener are walked when one of them changes; a listener with routes of one kind costs nothing.
 */
export function kindConflicts(claims: Cells<RouteClaim>): Stage<KindConflicts> {
  const http = claimsByListener(claims, "HTTPRoute");
  const grpc = claimsByListener(claims, "GRPCRoute");
  return new Stage<KindConflicts>({
    name: "kind conflicts",
    compute: (listener, read) => {
      const ofGrpc = read.one(grpc, listener);
      const ofHttp = ofGrpc === undefined ? undefined : read.one(http, listener);
      if (ofGrpc === undefined || ofHttp === undefined) return undefined;
      const losers = loserKeys(read, claims, listener, [...ofHttp, ...ofGrpc]);
      return losers.length === 0 ? undefined : { losers };
    },
  }).forEach(grpc);
}

/** The listeners on which a route stands back, by the key of the route. */
export function lostListeners(conflicts: Cells<KindConflicts>): Index<KindConflicts> {
  return new Index("lost listeners", conflicts, ({ losers }) => losers);
}

function claimsByListener(
  claims: Cells<RouteClaim>,
  wanted: RouteClaim["kind"],
): Index<RouteClaim> {
  return new Index(`${wanted} claims by listener`, claims, ({ kind, parents }) =>
    kind === wanted
      ? parents.flatMap(({ attachments }) => attachments.map(({ listener }) => listener))
      : [],
  );
}

function loserKeys(
  read: Read,
  claims: Cells<RouteClaim>,
  listener: string,
  keys: readonly string[],
): string[] {
  const taken = { HTTPRoute: new TakenDomains(), GRPCRoute: new TakenDomains() };
  const losers: string[] = [];
  const routes = keys.map((key) => ({ id: key, claim: read.one(claims, key)! }));
  for (const { id, claim } of routes.toSorted((a, b) => bySeniority(a.claim, b.claim))) {
    const domains = claim.parents
      .flatMap(({ attachments }) => attachments)
      .filter((attachment) => attachment.listener === listener)
      .flatMap((attachment) => attachment.domains);
    const [own, other] =
      claim.kind === "GRPCRoute"
        ? [taken.GRPCRoute, taken.HTTPRoute]
        : [taken.HTTPRoute, taken.GRPCRoute];
    if (domains.some((domain) => other.meets(domain))) losers.push(id);
    else for (const domain of domains) own.add(domain);
  }
  return losers;
}

/** Domains, and whether another one has names in common with one of them. */
class TakenDomains {
  readonly #domains = new Set<string>();
  /** All that are wider than one that is taken. */
  readonly #wider = new Set<string>();

  add(domain: string): void {
    this.#domains.add(domain);
    for (const wider of widerDomains(domain)) this.#wider.add(wider);
  }

  meets(domain: string): boolean {
    if (this.#domains.has(domain) || this.#wider.has(domain)) return true;
    return widerDomains(domain).some((wider) => this.#domains.has(wider));
  }
}
