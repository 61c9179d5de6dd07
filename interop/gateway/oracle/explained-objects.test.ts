import { deepEqual, notDeepEqual } from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import type { DocumentObject } from "../documents/scene.ts";
import { actionText, type ActionParts } from "./actions.ts";
import { compareTranslations } from "./compare-translations.ts";
import { OracleExplanations } from "./explanations.ts";
import type { PlainRoute } from "./routing.ts";
import { translate, type Translation } from "./translation.ts";

const EXPLAINED = join(import.meta.dirname, "explained.yaml");

/** A ListenerSet that is taken, with a listener without a certificate, and one that is not; a listener with an option; a rewrite of a backend. */
const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: { name: a }
---
apiVersion: v1
kind: Namespace
metadata: { name: b }
---
apiVersion: v1
kind: Service
metadata: { name: s1, namespace: a }
spec: { clusterIP: 10.96.0.1, ports: [{ name: http, protocol: TCP, port: 8080, targetPort: 8080 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw, namespace: a }
spec:
  gatewayClassName: interop
  allowedListeners: { namespaces: { from: Same } }
  listeners:
    - { name: http, protocol: HTTP, port: 80 }
    - { name: optional, protocol: TLS, port: 6443, tls: { mode: Passthrough, options: { example.org/option: x } } }
    - { name: plain, protocol: TLS, port: 6444, tls: { mode: Passthrough } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: { name: taken, namespace: a }
spec:
  parentRef: { name: gw }
  listeners:
    - { name: bare, protocol: HTTPS, port: 443, tls: { certificateRefs: [{ name: missing }] } }
    - { name: more, protocol: HTTP, port: 8080 }
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: { name: refused, namespace: b }
spec:
  parentRef: { name: gw, namespace: a }
  listeners: [{ name: other, protocol: HTTP, port: 81 }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: r0, namespace: a }
spec:
  parentRefs:
    - { name: gw, sectionName: http }
    - { group: gateway.networking.k8s.io, kind: ListenerSet, name: refused, namespace: b }
  rules:
    - matches: [{ path: { type: PathPrefix, value: /one } }]
      filters:
        - { type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /two } } }
      backendRefs:
        - name: s1
          port: 8080
          filters:
            - { type: URLRewrite, urlRewrite: { hostname: b.test } }
            - { type: RequestMirror, requestMirror: { backendRef: { name: s1, port: 8080 } } }
`;

const objects = parseAllDocuments(OBJECTS).map((one) => one.toJS() as DocumentObject);
const ROUTE = "HTTPRoute a/r0";
const GATEWAY = "Gateway a/gw";
const SET = "ListenerSet a/taken";

function ours(): Translation {
  const translation = translate(objects);
  if (typeof translation === "string") throw new Error(translation);
  return translation;
}

type Status = NonNullable<ReturnType<Translation["statuses"]["get"]>>;

/** With something else in a status. */
function told(from: Translation, object: string, change: (status: Status) => Status): Translation {
  const changed = change(structuredClone(from.statuses.get(object)!));
  return { ...from, statuses: new Map([...from.statuses, [object, changed] as const]) };
}

/** With another condition of a listener. */
function condition(
  from: Translation,
  [object, listener, type]: readonly [string, string, string],
  verdict: { readonly status: "True" | "False"; readonly reason: string },
): Translation {
  return told(from, object, (status) => {
    const { conditions } = status.listeners!.find(({ name }) => name === listener)!;
    Object.assign(
      conditions.find((one) => one.type === type)!,
      verdict,
    );
    return status;
  });
}

/** With other routes of HTTP. */
function routed(from: Translation, change: (route: PlainRoute) => PlainRoute): Translation {
  const routing = Array.from(from.routing, ([key, domains]) => {
    const changed = Array.from(domains, ([name, routes]) => [name, routes.map(change)] as const);
    return [key, new Map(changed)] as const;
  });
  return { ...from, routing: new Map(routing) };
}

/** What the original has, for all that it differs in on purpose. */
function original(): Translation {
  const parts = { status: 500, requestHeaders: "", responseHeaders: "" };
  const answered = routed(ours(), ({ name, path, headers, queryParams, isGrpc }) => ({
    name,
    path,
    headers,
    queryParams,
    isGrpc,
    listener: "http",
    parts,
    action: actionText(parts),
  }));
  const valid = condition(answered, [SET, "bare", "Programmed"], {
    status: "False",
    reason: "ListenersNotValid",
  });
  const programmed = { status: "True", reason: "Programmed" } as const;
  const served = condition(valid, [GATEWAY, "optional", "Programmed"], programmed);
  const accepted = { status: "True", reason: "Accepted" } as const;
  return told(condition(served, [GATEWAY, "optional", "Accepted"], accepted), ROUTE, (status) => ({
    ...status,
    parents: status.parents!.filter(({ parentRef }) => parentRef.kind !== "ListenerSet"),
  }));
}

/** The places of differences that nothing explains. */
function unexplained(own: Translation): string[] {
  const differences = compareTranslations(objects, original(), own);
  return new OracleExplanations(EXPLAINED).unexplained(differences).map(({ at }) => at);
}

test("what the original does otherwise with ListenerSets, options and filters of backends is explained", () => {
  deepEqual(unexplained(ours()), []);
  notDeepEqual(compareTranslations(objects, original(), ours()), []);
});

test("a route is not to be accepted by a ListenerSet that its Gateway does not take", () => {
  const planted = told(ours(), ROUTE, (status) => {
    const { conditions } = status.parents!.find(({ parentRef }) => parentRef.name === "refused")!;
    const accepted = conditions.find(({ type }) => type === "Accepted")!;
    Object.assign(accepted, { status: "True", reason: "Accepted" });
    return status;
  });
  deepEqual(unexplained(planted), [`${ROUTE} parent ListenerSet b/refused: Accepted`]);
});

test("a listener of a ListenerSet is to have its own reason for not being programmed", () => {
  for (const verdict of [
    { status: "True", reason: "Programmed" },
    { status: "False", reason: "HostnameConflict" },
  ] as const)
    deepEqual(unexplained(condition(ours(), [SET, "bare", "Programmed"], verdict)), [
      `${SET} listener bare: Programmed`,
    ]);
});

test("a listener is refused for an option alone, and is not served with one", () => {
  const refused = { status: "False", reason: "Invalid" } as const;
  deepEqual(unexplained(condition(ours(), [GATEWAY, "plain", "Programmed"], refused)), [
    `${GATEWAY} listener plain: Programmed`,
  ]);
  const served = { status: "True", reason: "Programmed" } as const;
  deepEqual(unexplained(condition(ours(), [GATEWAY, "optional", "Programmed"], served)), [
    `${GATEWAY} listener optional: Programmed`,
  ]);
});

test("a ListenerSet says what its listeners come to", () => {
  const planted = told(ours(), SET, (status) => {
    Object.assign(
      status.conditions!.find(({ type }) => type === "Programmed")!,
      {
        status: "False",
        reason: "ListenersNotValid",
      },
    );
    return status;
  });
  deepEqual(unexplained(planted), [`${SET} Programmed`]);
});

test("filters of a backend are to be done as the rule and the backend say", () => {
  const changes: readonly ((parts: ActionParts) => ActionParts)[] = [
    (parts) => ({ ...parts, rewrite: { hostname: "b.test" } }),
    (parts) => ({ ...parts, rewrite: { ...parts.rewrite, hostname: "other.test" } }),
    (parts) => ({ ...parts, mirrors: [] }),
    (parts) => ({ ...parts, backends: [{ to: "a/s2:8080", weight: 1, headers: "" }] }),
  ];
  for (const change of changes) {
    const planted = routed(ours(), (route) => ({
      ...route,
      ...(route.shares !== undefined && {
        shares: route.shares.map((one) => ({ ...one, parts: change(one.parts) })),
      }),
    }));
    notDeepEqual(unexplained(planted), []);
  }
});
