import { chance, some, type Scene } from "./scene.ts";

const PREFIXES = ["/", "/one", "/one/two", "/one/", "/oneself", "/two"];
const EXACT = ["/one", "/one/two", "/two/", "/"];
/** Each is matched by `/one/two` or `/two`. */
const PATTERNS = ["/one/.*", "/tw[a-z]+", "/(one|two)/?.*"];
const METHODS = ["GET", "POST", "DELETE", "OPTIONS"];
const HEADERS = [
  { name: "version", value: "1" },
  { name: "Version", value: "2" },
  { name: "x-color", value: "red" },
  { type: "RegularExpression", name: "x-color", value: "bl[a-z]+" },
  { type: "RegularExpression", name: "x-size", value: "[0-9]+" },
];
const QUERY_PARAMS = [
  { name: "animal", value: "whale" },
  { name: "animal", value: "dolphin" },
  { name: "Animal", value: "whale" },
  { type: "RegularExpression", name: "count", value: "[0-9]+" },
];
const SERVICES = ["foo.Bar", "foo.Other"];
const RPCS = ["Get", "Put"];
const GRPC_HEADERS = HEADERS;

/** One of the matches of a rule of an HTTPRoute. */
export function httpMatch(scene: Scene): object {
  const { random } = scene;
  const type = random.pick(["PathPrefix", "PathPrefix", "Exact", "RegularExpression"] as const);
  const values = { PathPrefix: PREFIXES, Exact: EXACT, RegularExpression: PATTERNS }[type];
  return {
    ...(chance(scene, 80) && { path: { type, value: random.pick(values) } }),
    ...conditions(scene),
  };
}

/** One whose prefix can be replaced. */
export function prefixMatch(scene: Scene): object {
  const path = { type: "PathPrefix", value: scene.random.pick(PREFIXES) };
  return { path, ...conditions(scene) };
}

/** One of the matches of a rule of a GRPCRoute. */
export function grpcMatch(scene: Scene): object {
  const { random } = scene;
  const service = random.pick([...SERVICES, undefined]);
  const rpc = random.pick(service === undefined ? RPCS : [...RPCS, undefined]);
  const method = {
    type: random.pick(["Exact", "Exact", "RegularExpression"]),
    ...(service !== undefined && { service }),
    ...(rpc !== undefined && { method: rpc }),
  };
  const headers = distinct(some(scene, GRPC_HEADERS, 1));
  return {
    ...(chance(scene, 80) && { method }),
    ...(headers.length > 0 && { headers }),
  };
}

function conditions(scene: Scene): object {
  const { random } = scene;
  const headers = chance(scene, 40) ? distinct(some(scene, HEADERS, 2)) : [];
  const queryParams = chance(scene, 30) ? distinct(some(scene, QUERY_PARAMS, 2)) : [];
  return {
    ...(chance(scene, 25) && { method: random.pick(METHODS) }),
    ...(headers.length > 0 && { headers }),
    ...(queryParams.length > 0 && { queryParams }),
  };
}

/** A name may stand once; the original does not know that `Version` is `version`. */
function distinct<T extends { readonly name: string }>(list: readonly T[]): T[] {
  const seen = new Set<string>();
  return list.filter(({ name }) => {
    const known = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    return !known;
  });
}
