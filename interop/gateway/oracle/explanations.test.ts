import { deepEqual, notDeepEqual } from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { CLASS_NAME, GATEWAY_API, object, type DocumentObject } from "../documents/scene.ts";
import { compareTranslations } from "./compare-translations.ts";
import { OracleExplanations } from "./explanations.ts";
import type { PlainRoute } from "./routing.ts";
import { translate, type Translation } from "./translation.ts";

const V1 = `${GATEWAY_API}/v1`;
const EXPLAINED = join(import.meta.dirname, "explained.yaml");
const POLICY = "BackendTLSPolicy a/policy";

/** Two Gateways; of the first a route uses the target of a policy. A listener of each takes no route, and is not served. */
function objects(parent: object = {}): DocumentObject[] {
  const listener = (name: string, more: object): object => ({
    name,
    protocol: "HTTP",
    port: 80,
    ...more,
  });
  const gateway = (name: string): DocumentObject =>
    object(
      V1,
      "Gateway",
      { name, namespace: "a" },
      {
        gatewayClassName: CLASS_NAME,
        listeners: [
          listener("all", {}),
          listener("narrow", { hostname: "*.example.com" }),
          listener("wrong", {
            hostname: "a.example.com",
            allowedRoutes: { kinds: [{ kind: "TCPRoute" }] },
          }),
        ],
      },
    );
  const ports = [{ name: "http", protocol: "TCP", port: 8080, targetPort: 8080 }];
  return [
    object("v1", "Namespace", { name: "a" }),
    object("v1", "Service", { name: "s1", namespace: "a" }, { clusterIP: "10.96.0.1", ports }),
    gateway("gw-1"),
    gateway("gw-2"),
    object(
      V1,
      "HTTPRoute",
      { name: "r0", namespace: "a" },
      {
        parentRefs: [{ name: "gw-1", ...parent }],
        hostnames: ["a.example.com"],
        rules: [{ backendRefs: [{ name: "s1", port: 8080 }] }],
      },
    ),
    object(
      V1,
      "BackendTLSPolicy",
      { name: "policy", namespace: "a" },
      {
        targetRefs: [{ group: "", kind: "Service", name: "s1" }],
        validation: { hostname: "inside.example.com", wellKnownCACertificates: "System" },
      },
    ),
  ];
}

function ours(from = objects()): Translation {
  const translation = translate(from);
  if (typeof translation === "string") throw new Error(translation);
  return translation;
}

/** What the original would have, if it did not differ. */
function alike(from = objects()): Translation {
  return withRoutes(ours(from), (routes) =>
    routes.map((route) => ({ ...route, listener: "narrow" })),
  );
}

/** The places of differences that nothing explains. */
function unexplained(theirs: Translation, own: Translation, from = objects()): string[] {
  const differences = compareTranslations(from, theirs, own);
  return new OracleExplanations(EXPLAINED).unexplained(differences).map(({ at }) => at);
}

/** With the ancestors of the policy, each by its Gateway and maybe a listener of it. */
function withAncestors(
  translation: Translation,
  refs: readonly (readonly [name: string, sectionName?: string])[],
): Translation {
  const status = translation.statuses.get(POLICY);
  const [ancestor] = status?.ancestors ?? [];
  const ancestors = refs.map(([name, sectionName]) => ({
    ...ancestor!,
    ancestorRef: {
      ...ancestor!.ancestorRef,
      name,
      ...(sectionName !== undefined && { sectionName }),
    },
  }));
  const statuses = new Map([...translation.statuses, [POLICY, { ...status, ancestors }] as const]);
  return { ...translation, statuses };
}

function withRoutes(
  translation: Translation,
  change: (routes: readonly PlainRoute[]) => PlainRoute[],
): Translation {
  const routing = Array.from(translation.routing, ([key, domains]) => {
    const changed = Array.from(domains, ([domain, routes]) => [domain, change(routes)] as const);
    return [key, new Map(changed)] as const;
  });
  return { ...translation, routing: new Map(routing) };
}

test("namespaces that are not said are those of the object, and only Services are targets", () => {
  const changed = (kind: string, change: object): DocumentObject[] =>
    objects().map((one) =>
      one.kind === kind ? { ...one, spec: { ...one.spec, ...change } } : one,
    );
  const narrow = { name: "narrow", protocol: "HTTP", port: 80, hostname: "*.example.com" };
  const ofSame = { ...narrow, allowedRoutes: { namespaces: {} } };
  for (const from of [
    changed("Gateway", { listeners: [ofSame] }),
    changed("BackendTLSPolicy", { targetRefs: [{ group: "", kind: "ConfigMap", name: "s1" }] }),
  ])
    deepEqual(unexplained(alike(from), ours(from), from), []);
});

test("ancestors that the original has beside those of the specification are explained", () => {
  const theirs = withAncestors(alike(), [["gw-1", "narrow"], ["gw-2"]]);
  deepEqual(unexplained(theirs, ours()), []);
});

test("ancestors are to be those of the specification, whatever the original has", () => {
  const theirs = withAncestors(alike(), [["gw-1", "narrow"], ["gw-2"]]);
  notDeepEqual(unexplained(theirs, withAncestors(ours(), [])), []);
  notDeepEqual(unexplained(withAncestors(alike(), []), withAncestors(ours(), [["gw-2"]])), []);
});

test("a condition of an ancestor that the original does not name is to be what the specification says", () => {
  const refused = structuredClone(ours().statuses.get(POLICY)!);
  const [condition] = refused.ancestors![0]!.conditions;
  Object.assign(condition!, { status: "False", reason: "Conflicted" });
  const own = { ...ours(), statuses: new Map([...ours().statuses, [POLICY, refused] as const]) };
  const place = `${POLICY} ancestor Gateway a/gw-1: Accepted`;
  deepEqual(unexplained(withAncestors(alike(), []), own), [place]);
});

test("a route that the original does not attach is explained, and nothing beside it", () => {
  const without = withRoutes(ours(), () => []);
  deepEqual(unexplained(without, ours()), []);
  const elsewhere = withRoutes(ours(), (routes) =>
    routes.map((route) => ({ ...route, name: "httproute/a/other/rule/0/match/0" })),
  );
  notDeepEqual(unexplained(without, elsewhere), []);
});

test("a listener with a narrower name has its host names for itself, with ours too", () => {
  const atWider = objects({ sectionName: "all" });
  const served = withRoutes(ours(), (routes) =>
    routes.map((route) => ({ ...route, listener: "all" })),
  );
  const theirs = { ...served, statuses: ours(atWider).statuses };
  deepEqual(unexplained(theirs, ours(atWider), atWider), []);
  const planted = { ...ours(), statuses: theirs.statuses };
  notDeepEqual(unexplained(theirs, planted, atWider), []);
});

test("what ours says of an object of which the original says nothing is a difference", () => {
  const { statuses, ...rest } = alike();
  const without = new Map([...statuses].filter(([key]) => !key.startsWith("HTTPRoute ")));
  notDeepEqual(unexplained({ ...rest, statuses: without }, ours()), []);
});
