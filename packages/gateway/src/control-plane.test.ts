import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ALL_GATEWAYS, ControlPlane } from "./control-plane.ts";
import type { Resource } from "./resources/object.ts";
import { readResources } from "./resources/read/read-resources.ts";
import { TestDataPlane } from "./testing/data-plane.ts";
import { DEFAULT_GATEWAY_CLASS } from "./translator/classes/default-class.ts";

const BASE = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web, namespace: default }
spec: { gatewayClassName: nuncio, listeners: [{ name: http, protocol: HTTP, port: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: service, namespace: default }
spec: { ports: [{ port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: service-1, namespace: default, labels: { kubernetes.io/service-name: service } }
addressType: IPv4
ports: [{ port: 9000 }]
endpoints: [{ addresses: [127.0.0.1] }]
`;
const LISTENER = "default/web/tcp-8080";
const CLUSTER = "default/web/service/default/service/80";

function route(name: string, path = "/"): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: default }
spec:
  parentRefs: [{ name: web }]
  hostnames: [${name}.example.com]
  rules:
    - matches: [{ path: { type: PathPrefix, value: ${path} } }]
      backendRefs: [{ name: service, port: 80 }]
`;
}

function objects(...texts: string[]): Resource[] {
  const { resources, problems } = readResources({ name: "test", content: texts.join("\n---\n") });
  assert.deepEqual(problems, []);
  return resources.map(({ resource }) => resource);
}

function fixture(...texts: string[]): {
  controlPlane: ControlPlane;
  put(...texts: string[]): void;
  /** What waits for its time. */
  readonly timers: (() => void)[];
  /** Of the Gateway: its condition Programmed. */
  programmed(): string;
} {
  const timers: (() => void)[] = [];
  const controlPlane = new ControlPlane({
    dataPlanes: "one",
    clock: {
      nowMs: () => 0,
      setTimer(_, callback) {
        timers.push(callback);
        return {
          cancel: () => {
            const at = timers.indexOf(callback);
            if (at >= 0) timers.splice(at, 1);
          },
        };
      },
    },
    xds: { host: "127.0.0.1", port: 0 },
    onDefect: (stage, key, error) => assert.fail(`${stage} ${key}: ${String(error)}`),
  });
  const put = (...more: string[]): void => {
    for (const object of objects(...more)) controlPlane.store.put(object);
    controlPlane.settle();
  };
  controlPlane.store.put(DEFAULT_GATEWAY_CLASS);
  put(BASE, ...texts);
  return {
    controlPlane,
    timers,
    put,
    programmed() {
      const status = controlPlane.pipeline.statuses
        .map((cells) => cells.peek("Gateway/default/web"))
        .find((found) => found !== undefined)?.status;
      const condition = status?.conditions?.find(({ type }) => type === "Programmed");
      return `${condition?.status} ${condition?.reason}: ${condition?.message}`;
    },
  };
}

/** A data plane that asks for what Envoy would ask for. */
function dataPlane({ server }: ControlPlane): TestDataPlane {
  const plane = new TestDataPlane(server, ALL_GATEWAYS);
  plane.want("CDS");
  plane.want("LDS");
  plane.settle();
  plane.want("EDS", CLUSTER);
  plane.want("RDS", "default/web/8080");
  plane.want("VHDS", "default/web/8080");
  plane.settle();
  return plane;
}

test("a data plane is given all that a Gateway needs, and then what changes", () => {
  const { controlPlane, put } = fixture(route("a"), route("b"));
  const plane = dataPlane(controlPlane);
  assert.deepEqual(plane.log.splice(0), [
    `CDS ${CLUSTER}`,
    `EDS ${CLUSTER}`,
    `LDS ${LISTENER}`,
    "RDS default/web/8080",
    "VHDS default/web/8080/*",
    "VHDS default/web/8080/a.example.com",
    "VHDS default/web/8080/b.example.com",
  ]);
  put(route("b", "/other"));
  plane.settle();
  assert.deepEqual(plane.log.splice(0), ["VHDS default/web/8080/b.example.com"]);
  controlPlane.store.remove("HTTPRoute", "default/a");
  controlPlane.settle();
  plane.settle();
  assert.deepEqual(plane.log.splice(0), ["VHDS -default/web/8080/a.example.com"]);
});

test("the first route whose service is told a set of headers changes its listener, others of the set do not", () => {
  const asking = (name: string, ...allowedHeaders: string[]): string =>
    `${route(name)}      filters: [{ type: ExternalAuth, externalAuth: ${JSON.stringify({
      protocol: "GRPC",
      backendRef: { name: "service", port: 80 },
      grpc: { allowedHeaders },
    })} }]\n`;
  const { controlPlane, put } = fixture(route("a"), asking("b", "x-a"));
  const plane = dataPlane(controlPlane);
  plane.want("EDS", `${CLUSTER}/grpc`);
  plane.settle();
  plane.log.length = 0;
  const pushed = (text: string): string[] => {
    put(text);
    plane.settle();
    return plane.log.splice(0);
  };
  const host = (name: string): string => `VHDS default/web/8080/${name}.example.com`;
  assert.deepEqual(pushed(asking("c", "X-A")), [host("c")]);
  // The listener comes first, so that nothing goes by a route whose filter is not there.
  assert.deepEqual(pushed(asking("c", "x-a", "x-b")), [`LDS ${LISTENER}`, host("c")]);
  // What the others have been told does not matter: the old route may be asked for when the listener is there.
  assert.deepEqual(pushed(asking("c", "x-a")), [host("c")]);
  assert.deepEqual(pushed(route("c")), [host("c")]);
  assert.deepEqual(pushed(asking("c", "x-a", "x-b")), [host("c")]);
});

test("one changed route is computed alone, and an equal one not at all", () => {
  const names = Array.from({ length: 200 }, (_, index) => `r${index}`);
  const { controlPlane, put } = fixture(...names.map((name) => route(name)));
  const { order } = controlPlane.pipeline;
  const computed = (): number => Object.values(order.counts()).reduce((a, b) => a + b, 0);
  const before = computed();
  assert.ok(before > 600, "each route, virtual host and resource was computed");
  put(route("r7"));
  assert.equal(computed(), before);
  const counts = order.counts();
  put(route("r7", "/other"));
  const differences = Object.entries(order.counts())
    .map(([stage, count]) => [stage, count - counts[stage]!] as const)
    .filter(([, difference]) => difference > 0);
  assert.deepEqual(
    differences.map(([, difference]) => difference),
    differences.map(() => 1),
    `once each: ${JSON.stringify(differences)}`,
  );
});

test("a change that comes to the same is sent to nobody", () => {
  const { controlPlane, put } = fixture(route("a"), route("b"));
  const plane = dataPlane(controlPlane);
  plane.log.length = 0;
  const labelled = route("a").replace(
    "metadata: {",
    "metadata: { labels: { team: a }, generation: 7,",
  );
  const before = controlPlane.pipeline.order.counts();
  put(labelled);
  assert.notDeepEqual(controlPlane.pipeline.order.counts(), before, "it was looked at");
  put(BASE.replace("metadata: {", "metadata: { labels: { team: a },"));
  plane.settle();
  assert.deepEqual(plane.log, []);
  put(route("a", "/other"));
  plane.settle();
  assert.deepEqual(plane.log, ["VHDS default/web/8080/a.example.com"]);
});

test("a Gateway is programmed when a data plane has taken its listeners", async () => {
  const { controlPlane, programmed, put } = fixture(route("a"));
  assert.equal(programmed(), "False Pending: waits for a data plane");
  const plane = dataPlane(controlPlane);
  await turn();
  assert.match(programmed(), /^True Programmed/);
  put(route("b"));
  assert.match(programmed(), /^True Programmed/, "routes are no business of a Gateway");
  plane.close();
  await turn();
  assert.match(programmed(), /^True Programmed/, "what is served goes on being served");
});

test("a listener whose port is taken is told of, and tried again until the port is free", async () => {
  const { controlPlane, timers } = fixture();
  const accepted = (): string | undefined => {
    const listener = controlPlane.pipeline.statuses
      .map((cells) => cells.peek("Gateway/default/web"))
      .find((found) => found !== undefined)?.status.listeners?.[0];
    const found = listener?.conditions.find(({ type }) => type === "Accepted");
    return found && `${found.reason}: ${found.message}`;
  };
  const plane = new TestDataPlane(controlPlane.server, ALL_GATEWAYS);
  plane.refusals.set(LISTENER, "cannot bind '0.0.0.0:8080': Address already in use");
  plane.want("LDS");
  plane.settle();
  await turn();
  const taken = "PortUnavailable: cannot bind '0.0.0.0:8080': Address already in use";
  assert.equal(accepted(), taken);

  for (const _ of [1, 2]) {
    plane.log.length = 0;
    assert.equal(timers.length, 1);
    timers.shift()!();
    controlPlane.settle();
    assert.equal(accepted(), taken, "asked again, it is no news");
    plane.settle();
    await turn();
    assert.deepEqual([plane.log, accepted()], [[`LDS ${LISTENER}`], taken]);
  }
  plane.refusals.clear();
  timers.shift()!();
  plane.settle();
  await turn();
  assert.equal(accepted(), "Accepted: the listener is valid");
  assert.equal(timers.length, 0);
});

for (const words of ["Address not available", "Cannot assign requested address"]) {
  test(`an address that cannot be had is no port that cannot be had: ${words}`, async () => {
    const { controlPlane, programmed } = fixture();
    const plane = new TestDataPlane(controlPlane.server, ALL_GATEWAYS);
    plane.refusals.set(LISTENER, `cannot bind '192.0.2.1:8080': ${words}`);
    plane.want("LDS");
    plane.settle();
    await turn();
    assert.equal(programmed(), `False AddressNotUsable: cannot bind '192.0.2.1:8080': ${words}`);
    controlPlane.dataPlaneStates.close();
  });
}

test("a refused virtual host is said of its Gateway, until a good one is taken", async () => {
  const { controlPlane, put, programmed } = fixture(route("a"));
  const plane = dataPlane(controlPlane);
  plane.refusals.set("default/web/8080/a.example.com", "no such thing");
  put(route("a", "/bad"));
  plane.settle();
  await turn();
  assert.equal(programmed(), "False Invalid: VHDS default/web/8080/a.example.com: no such thing");
  plane.refusals.clear();
  put(route("a", "/good"));
  plane.settle();
  await turn();
  assert.match(programmed(), /^True Programmed/);
});
