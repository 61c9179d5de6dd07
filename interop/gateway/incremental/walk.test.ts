import assert from "node:assert/strict";
import { test } from "node:test";
import { CONTROLLER_NAME } from "@nuncio/gateway";
import { testCertificate } from "@nuncio/gateway/testing/test-certificates";
import { Random } from "../../harness/random.ts";
import { mutate } from "../documents/mutate.ts";
import {
  gatewayClass,
  randomDocument,
  type DocumentKeyPair,
} from "../documents/random-document.ts";
import { CLASS_NAME, GATEWAY_API, object, type DocumentObject } from "../documents/scene.ts";
import { walk } from "./walk.ts";

const WALKS = 16;
const DOCUMENTS = 6;
const MISTAKES = 3;

test("whatever objects come, change and go, all is as if they had come at once", async () => {
  const { certificate: cert, key } = await testCertificate(["localhost"]);
  let facts = 0;
  for (let seed = 0; seed < WALKS; seed += 1) {
    const random = new Random(seed);
    const documents = Array.from({ length: DOCUMENTS }, (_, i) =>
      documentOf(seed * DOCUMENTS + i, { cert, key }, random),
    );
    const result = walk(documents, random);
    assert.equal(result.difference, undefined, `seed ${seed}`);
    facts += result.facts;
  }
  assert.ok(facts > 100 * WALKS, `${facts} facts`);
});

test("so it is with many routes on one host name", () => {
  for (const [seed, filters] of [FILTERS, REDIRECTS, [...FILTERS, ...REDIRECTS]].entries()) {
    const random = new Random(seed);
    const documents = Array.from({ length: 4 }, () => crowdedHost(filters, random));
    assert.equal(walk(documents, random).difference, undefined, `seed ${seed}`);
  }
});

/** Documents of different seeds have the same namespaces and names, so one takes the place of another. */
function documentOf(seed: number, keyPair: DocumentKeyPair, random: Random): DocumentObject[] {
  const right = randomDocument(seed, 0, keyPair);
  const { objects } = seed % 2 === 0 ? right : mutate(right, MISTAKES);
  return [gatewayClass(CONTROLLER_NAME), ...objects.map((one) => dated(one, random))];
}

/** What happens to requests that a rule is for; redirects are a matter of the listener, too. */
const FILTERS: readonly object[] = ["a", "b", "c"].map((value) => ({
  type: "ResponseHeaderModifier",
  responseHeaderModifier: { set: [{ name: "x-a", value }] },
}));
const REDIRECTS: readonly object[] = ["a", "b", "c"].map((name) => ({
  type: "RequestRedirect",
  requestRedirect: { hostname: `${name}.test`, statusCode: 302 },
}));

function crowdedHost(filters: readonly object[], random: Random): DocumentObject[] {
  const metadata = { name: "web", namespace: "default" };
  const listeners = [{ name: "http", protocol: "HTTP", port: 80 }];
  const gateway = object(`${GATEWAY_API}/v1`, "Gateway", metadata, {
    gatewayClassName: CLASS_NAME,
    listeners,
  });
  const routes = Array.from({ length: 250 }, (_, i) => crowdedRoute(`r${i}`, filters, random));
  const all = [gatewayClass(CONTROLLER_NAME), gateway, ...routes];
  // Some are not there, so that routes move in the virtual host.
  return all.filter(({ kind }) => kind !== "HTTPRoute" || !random.oneIn(20));
}

function crowdedRoute(name: string, filters: readonly object[], random: Random): DocumentObject {
  const rule = (): object => {
    const value = `/${"a".repeat(1 + random.below(3))}`;
    const matches = [{ path: { type: random.oneIn(2) ? "Exact" : "PathPrefix", value } }];
    return { matches, filters: [random.pick(filters)] };
  };
  const spec = {
    parentRefs: [{ name: "web" }],
    hostnames: [random.oneIn(9) ? "*.test" : "one.test"],
    rules: random.oneIn(3) ? [rule(), rule()] : [rule()],
  };
  const metadata = { name, namespace: "default" };
  return dated(object(`${GATEWAY_API}/v1`, "HTTPRoute", metadata, spec), random);
}

/** Half of the objects say when they were made, on one of a few days. */
function dated(one: DocumentObject, random: Random): DocumentObject {
  if (random.oneIn(2)) return one;
  const creationTimestamp = `2026-01-0${1 + random.below(3)}T00:00:00Z`;
  return { ...one, metadata: { ...one.metadata, creationTimestamp } };
}
