import { backendFilters, grpcFilters, headerModifiers, randomFilters } from "./filters.ts";
import { grpcMatch, httpMatch, prefixMatch } from "./matches.ts";
import { chance, type Scene } from "./scene.ts";

/** Not an endless attempt within a limit: the original gives such requests no time at all. */
const TIMEOUTS = [
  { request: "7s" },
  { request: "0s" },
  { backendRequest: "3s" },
  { backendRequest: "0s" },
  { request: "7s", backendRequest: "3s" },
  { request: "0s", backendRequest: "3s" },
];

/** A rule of an HTTPRoute. */
export function httpRule(scene: Scene): object {
  const { random } = scene;
  const what = random.pick(["forward", "forward", "forward", "redirect", "rewrite"] as const);
  // Another prefix can only be put in the place of one.
  const matches =
    what === "forward"
      ? Array.from({ length: random.below(3) }, () => httpMatch(scene))
      : [prefixMatch(scene)];
  const filters = randomFilters(scene, what);
  return {
    ...(matches.length > 0 && { matches }),
    ...(filters.length > 0 && { filters }),
    ...(what !== "redirect" && {
      backendRefs: withFilters(backendRefs(scene, 8080), () =>
        backendFilters(scene, what === "rewrite"),
      ),
    }),
    ...(what !== "redirect" && forwarding(scene)),
  };
}

/** How requests are sent on. */
function forwarding(scene: Scene): object {
  const { random } = scene;
  const retry = {
    ...(random.oneIn(2) && { attempts: 1 + random.below(4) }),
    ...(random.oneIn(2) && { codes: random.pick([[500], [502, 503]]) }),
    ...(random.oneIn(2) && { backoff: random.pick(["100ms", "1s"]) }),
  };
  return {
    ...(chance(scene, 20) && { timeouts: random.pick(TIMEOUTS) }),
    ...(chance(scene, 10) && { retry }),
    ...session(scene),
  };
}

function session(scene: Scene): object {
  if (!chance(scene, 10)) return {};
  const { random } = scene;
  const sessionName = random.pick(["session-a", "session-b"]);
  const permanent = { absoluteTimeout: "1h", cookieConfig: { lifetimeType: "Permanent" } };
  const type = random.pick([{ type: "Header" }, { type: "Cookie" }, {}, permanent]);
  return { sessionPersistence: { sessionName, ...type } };
}

/** A rule of a GRPCRoute. Without sessions: the original does not read them. */
export function grpcRule(scene: Scene): object {
  const matches = Array.from({ length: scene.random.below(3) }, () => grpcMatch(scene));
  const filters = grpcFilters(scene);
  return {
    ...(matches.length > 0 && { matches }),
    ...(filters.length > 0 && { filters }),
    backendRefs: withFilters(backendRefs(scene, 8080), () => headerModifiers(scene, 6)),
  };
}

function withFilters(refs: readonly BackendRef[], filtersOf: () => object[]): object[] {
  return refs.map((ref) => {
    const filters = filtersOf();
    return filters.length === 0 ? ref : { ...ref, filters };
  });
}

/** The only rule of a route below HTTP. */
export function l4Rule(scene: Scene, kind: "TLSRoute" | "TCPRoute" | "UDPRoute"): object {
  const refs = backendRefs(scene, kind === "UDPRoute" ? 5353 : 9090);
  return {
    backendRefs: refs.length === 0 ? [{ name: "s1", port: 9090 }] : refs,
  };
}

interface BackendRef {
  readonly name: string;
  readonly namespace?: string;
  readonly port: number;
  readonly kind?: string;
  readonly group?: string;
  readonly weight?: number;
}

/** Most of them lead somewhere. */
function backendRefs(scene: Scene, usualPort: number): BackendRef[] {
  const count = scene.random.pick([0, 1, 1, 1, 1, 2, 2, 3]);
  return Array.from({ length: count }, () => backendRef(scene, usualPort));
}

function backendRef(scene: Scene, usualPort: number): BackendRef {
  const { random, other } = scene;
  const wrong = random.below(20);
  return {
    name: wrong === 0 ? "missing" : random.pick(["s1", "s1", "s2", "s3"]),
    port: wrong === 1 ? 1_234 : usualPort,
    ...(wrong === 2 && { kind: "ConfigMap" }),
    ...(wrong === 3 && { group: "example.org", kind: "Thing" }),
    ...(chance(scene, 15) && { namespace: other }),
    ...(chance(scene, 40) && { weight: random.pick([0, 1, 2, 3, 10]) }),
  };
}
