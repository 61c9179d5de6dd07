import type { Cells } from "../../incremental/cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import { namespaceOf, type ObjectKey } from "../../resources/object.ts";
import { BackendReferences, type ReferenceSources } from "../backends/backend-references.ts";
import type { RouteAttachment, TranslatedParent, TranslatedRoute } from "../translated-route.ts";
import type { RouteRefusal } from "./attach.ts";
import { parentConditions, refusalOfRules } from "./conditions.ts";
import { GRPC_RULES } from "./grpc/matches.ts";
import { HTTP_RULES } from "./http/matches.ts";
import { translateRules, type DroppedRule, type TranslatedRules } from "./http/rules.ts";
import { translateL4Rule } from "./l4/rules.ts";
import type { GrpcRouteObject, RouteObject } from "./objects.ts";
import type { ClaimedParent, RouteClaim } from "./route-claims.ts";
import { splitRouteKey } from "./route-keys.ts";

export interface RouteInputs extends ReferenceSources {
  readonly claims: Cells<RouteClaim>;
  /** Listeners on which a route stands back behind one of another kind, by the key of the route. */
  readonly lost: Cells<ReadonlySet<string>>;
  /** Ids of listeners that leave TLS to the backends. */
  readonly passthrough: Cells<ReadonlySet<string>>;
}

/** By the key of the route (`HTTPRoute/ns/name`). */
export function translatedRoutes(inputs: RouteInputs): Stage<TranslatedRoute> {
  const { store, claims } = inputs;
  return new Stage<TranslatedRoute>({
    name: "routes",
    compute: (route, read) => {
      const claim = read.one(claims, route);
      const object = read.one(
        store.table<RouteObject>(splitRouteKey(route).kind),
        claim?.key ?? "",
      );
      if (claim === undefined || object === undefined) return undefined;
      const lost = read.one(inputs.lost, route) ?? new Set();
      const generation = object.metadata.generation ?? 0;
      const translation = new RouteTranslation(inputs, read, object, claim.kind);
      return {
        kind: claim.kind,
        key: claim.key,
        generation,
        age: claim.age,
        parents: claim.parents.map((parent) => translation.parent(withoutLost(parent, lost))),
      };
    },
  }).forEach(claims);
}

function withoutLost(parent: ClaimedParent, lost: ReadonlySet<string>): ClaimedParent {
  const attachments = parent.attachments.filter(({ listener }) => !lost.has(listener));
  if (attachments.length === parent.attachments.length) return parent;
  if (attachments.length > 0) return { ...parent, attachments };
  const kinds = "an older route of the other kind (HTTPRoute, GRPCRoute)";
  return {
    ...parent,
    attachments,
    refusal: { reason: "HostnameConflict", message: `${kinds} has hostnames of this one` },
  };
}

/** The rules of one route, translated once for each Gateway. */
class RouteTranslation {
  readonly #inputs: RouteInputs;
  readonly #read: Read;
  readonly #object: RouteObject;
  readonly #kind: TranslatedRoute["kind"];
  readonly #byGateway = new Map<
    ObjectKey,
    { rules: TranslatedRules; backends: BackendReferences }
  >();

  constructor(inputs: RouteInputs, read: Read, object: RouteObject, kind: TranslatedRoute["kind"]) {
    this.#inputs = inputs;
    this.#read = read;
    this.#object = object;
    this.#kind = kind;
  }

  parent(claimed: ClaimedParent): TranslatedParent {
    return this.#kind === "HTTPRoute" || this.#kind === "GRPCRoute"
      ? this.#http(claimed, this.#kind)
      : this.#l4(claimed, this.#kind);
  }

  #http(claimed: ClaimedParent, kind: "HTTPRoute" | "GRPCRoute"): TranslatedParent {
    const { gateway } = claimed;
    let done = this.#byGateway.get(gateway);
    if (done === undefined) {
      const backends = this.#references(gateway);
      const rules =
        kind === "HTTPRoute"
          ? translateRules(this.#object, HTTP_RULES, backends)
          : translateRules(this.#object as GrpcRouteObject, GRPC_RULES, backends);
      done = { rules, backends };
      this.#byGateway.set(gateway, done);
    }
    const { http, precedence, filters, dropped } = done.rules;
    const refusal =
      claimed.refusal ?? refusalOfRules(dropped, this.#object.spec.rules?.length ?? 0);
    const parent = this.#parent(claimed, claimed.attachments, { refusal, dropped }, done.backends);
    return claimed.attachments.length === 0 ? parent : { ...parent, http, precedence, filters };
  }

  #l4(claimed: ClaimedParent, kind: "TLSRoute" | "TCPRoute" | "UDPRoute"): TranslatedParent {
    const backends = this.#references(claimed.gateway);
    const { refusal } = claimed;
    const attachments = claimed.attachments.map((attachment) => {
      const isPassthrough =
        this.#read.one(this.#inputs.passthrough, attachment.listener) !== undefined;
      const protocol = kind === "UDPRoute" ? "udp" : isPassthrough ? "tls" : "tcp";
      const l4 = translateL4Rule(this.#object, kind, { backends, protocol });
      return l4 === undefined ? attachment : { ...attachment, l4 };
    });
    // Also a route that nobody takes says what its references are.
    if (attachments.length === 0)
      translateL4Rule(this.#object, kind, {
        backends,
        protocol: kind === "UDPRoute" ? "udp" : "tcp",
      });
    return this.#parent(claimed, attachments, { refusal, dropped: [] }, backends);
  }

  #references(gateway: ObjectKey): BackendReferences {
    const namespace = namespaceOf(this.#object);
    return new BackendReferences(this.#read, this.#inputs, {
      kind: this.#kind,
      namespace,
      gateway,
    });
  }

  #parent(
    { parentRef, gateway }: ClaimedParent,
    attachments: readonly RouteAttachment[],
    outcome: { refusal: RouteRefusal | undefined; dropped: readonly DroppedRule[] },
    { problems, demands }: BackendReferences,
  ): TranslatedParent {
    const generation = this.#object.metadata.generation ?? 0;
    return {
      parentRef,
      gateway,
      conditions: parentConditions({ ...outcome, generation, problems }),
      attachments,
      // A route that is attached nowhere needs nothing.
      backends: attachments.length === 0 ? [] : [...demands.values()],
    };
  }
}
