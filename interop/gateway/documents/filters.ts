import { chance, someAtLeastOne, type Scene } from "./scene.ts";

const ORIGINS = ["https://a.example.com", "https://*.example.com", "http://b.test:8080"];
const MODIFIED = ["x-one", "x-two", "x-three"];

/**
 * The filters of a rule of an HTTPRoute. Not ExternalAuth: the original drops such a rule ("unsupported filter type
 * ExternalAuth"), looks at nothing else of it, and answers its requests with 500.
 */
export function randomFilters(scene: Scene, what: "forward" | "redirect" | "rewrite"): object[] {
  const filters: object[] = [];
  if (what === "redirect") filters.push(redirect(scene));
  if (what === "rewrite") filters.push(rewrite(scene));
  filters.push(...headerModifiers(scene, 20));
  if (what !== "redirect") filters.push(...mirrors(scene));
  if (chance(scene, 10)) filters.push(cors(scene));
  return filters;
}

/** The filters of a rule of a GRPCRoute. */
export function grpcFilters(scene: Scene): object[] {
  return [...headerModifiers(scene, 20), ...mirrors(scene)];
}

/** Changes of headers of requests and of answers, each `percent` times in a hundred. */
export function headerModifiers(scene: Scene, percent: number): object[] {
  return (["Request", "Response"] as const)
    .filter(() => chance(scene, percent))
    .map((side) => headerModifier(scene, side));
}

/** Sets, adds and removes headers; each is named once. */
function headerModifier({ random }: Scene, side: "Request" | "Response"): object {
  const [set, add, remove] = MODIFIED.map((name) => ({ name, value: `${random.below(10)}` }));
  const parts = {
    ...(random.oneIn(2) && { set: [set] }),
    ...(random.oneIn(2) && { add: [add] }),
    ...(random.oneIn(3) && { remove: [remove!.name] }),
  };
  const modifier = Object.keys(parts).length === 0 ? { set: [set] } : parts;
  return side === "Request"
    ? { type: "RequestHeaderModifier", requestHeaderModifier: modifier }
    : { type: "ResponseHeaderModifier", responseHeaderModifier: modifier };
}

function redirect(scene: Scene): object {
  const { random } = scene;
  const path = pathModifier(scene);
  const requestRedirect = {
    ...(random.oneIn(2) && { scheme: random.pick(["http", "https"]) }),
    ...(random.oneIn(2) && { hostname: "else.example.com" }),
    ...(random.oneIn(3) && { port: random.pick([80, 443, 8080]) }),
    ...(random.oneIn(2) && { path }),
    ...(random.oneIn(2) && { statusCode: random.pick([301, 302, 303, 307, 308]) }),
  };
  return { type: "RequestRedirect", requestRedirect };
}

/**
 * The filters of a backend of an HTTPRoute.
 *
 * @param hasPrefix whether requests have a prefix that can be exchanged
 */
export function backendFilters(scene: Scene, hasPrefix: boolean): object[] {
  const filters = headerModifiers(scene, 6);
  if (chance(scene, 8)) filters.push(backendRewrite(scene, hasPrefix));
  if (chance(scene, 2)) filters.push(mirror(scene));
  return filters;
}

/** More often of the host name alone, which the original does as well. */
function backendRewrite(scene: Scene, hasPrefix: boolean): object {
  const hostname = { hostname: scene.random.pick(["backend.example.com", "b.test"]) };
  const path = hasPrefix
    ? pathModifier(scene)
    : { type: "ReplaceFullPath", replaceFullPath: "/backend" };
  const urlRewrite = scene.random.pick([hostname, hostname, { path }, { ...hostname, path }]);
  return { type: "URLRewrite", urlRewrite };
}

function rewrite(scene: Scene): object {
  const hostname = scene.random.oneIn(2) && { hostname: "inside.example.com" };
  const path = pathModifier(scene);
  return { type: "URLRewrite", urlRewrite: { ...hostname, ...(chance(scene, 80) && { path }) } };
}

function pathModifier({ random }: Scene): object {
  return random.oneIn(3)
    ? { type: "ReplaceFullPath", replaceFullPath: "/whole" }
    : {
        type: "ReplacePrefixMatch",
        replacePrefixMatch: random.pick(["/new", "/", "/new/", "/a/b"]),
      };
}

function mirrors(scene: Scene): object[] {
  const count = scene.random.pick([0, 0, 0, 0, 0, 1, 1, 2]);
  return Array.from({ length: count }, () => mirror(scene));
}

function mirror(scene: Scene): object {
  const { random, other } = scene;
  const wrong = random.below(12);
  const backendRef = {
    name: wrong === 0 ? "missing" : random.pick(["s1", "s2"]),
    port: wrong === 1 ? 1_234 : 8080,
    ...(wrong === 2 && { namespace: other }),
  };
  const share = random.pick([
    {},
    {},
    { percent: random.pick([0, 50, 100]) },
    { fraction: { numerator: random.below(5), denominator: random.pick([4, 7, 1_000]) } },
  ]);
  return { type: "RequestMirror", requestMirror: { backendRef, ...share } };
}

/** All origins stand alone. */
function cors(scene: Scene): object {
  const { random } = scene;
  const allowOrigins = random.oneIn(4) ? ["*"] : someAtLeastOne(scene, ORIGINS, 2);
  const headers = (): string[] => (random.oneIn(4) ? ["*"] : someAtLeastOne(scene, MODIFIED, 2));
  const policy = {
    allowOrigins,
    ...(random.oneIn(2) && { allowMethods: random.pick([["GET"], ["PUT", "DELETE"], ["*"]]) }),
    ...(random.oneIn(2) && { allowHeaders: headers() }),
    ...(random.oneIn(3) && { exposeHeaders: headers() }),
    ...(random.oneIn(3) && { maxAge: 1 + random.below(100) }),
    ...(random.oneIn(3) && { allowCredentials: random.oneIn(2) }),
  };
  return { type: "CORS", cors: policy };
}
