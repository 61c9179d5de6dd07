// Whatever a client says, its stream ends with an XdsStreamError or goes on; of a type one response is under way at most; and
// a client that comes to its senses has the newest.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { DeltaDiscoveryRequest, DiscoveryRequest } from "../types/discovery-messages.ts";
import { discoverySchemas } from "../types/discovery-messages.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import { ManualClock } from "./manual-clock.test-support.ts";
import { edsCluster, endpoints, node, routes } from "./resources.test-support.ts";
import type { XdsResponse } from "./response.ts";
import { XdsServer } from "./server.ts";
import type { ServerStream } from "./server.ts";
import { SnapshotCache } from "./snapshot-cache.ts";
import { Snapshot } from "./snapshot.ts";
import { XdsStreamError } from "./stream.ts";

const MAX_TYPES = 3;
/** More than a client that answers everything can be sent about so few resources. */
const RESPONSES_MAX = 100;

/** What both kinds of requests have, and what each has alone. */
interface Said {
  readonly kind: "request";
  readonly typeUrl: string;
  readonly nonce: string;
  readonly names: readonly string[];
  readonly unwanted: readonly string[];
  readonly held: Readonly<Record<string, string>>;
  readonly isRefusal: boolean;
}

type Step =
  | Said
  | { readonly kind: "next" }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "put"; readonly names: readonly string[]; readonly version: number };

const name = fc.constantFrom("a", "b", "c", "*", "", "xdstp://x", "xdstp://cp/t/%zz");
const typeUrl = fc.constantFrom(
  ...["CDS", "EDS", "RDS", "LDS"].map(typeUrlOf),
  "type.googleapis.com/unknown.Type",
  "",
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("request" as const),
      typeUrl,
      nonce: fc.constantFrom("", "1", "2", "3", "4", "5", "99", "x"),
      names: fc.array(name, { maxLength: 3 }),
      unwanted: fc.array(name, { maxLength: 2 }),
      held: fc.dictionary(name, fc.constantFrom("", "1"), { maxKeys: 2 }),
      isRefusal: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("next" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat(6_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      names: fc.uniqueArray(fc.constantFrom("a", "b", "c")),
      version: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

/** One stream of either variant, as a client that says anything sees it. */
interface Variant {
  open(server: XdsServer): ServerStream<never>;
  request(said: Omit<Said, "kind">): unknown;
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  "state of the world": {
    open: (server) => server.openSotw({ onReady() {} }),
    request: ({ typeUrl: type, nonce, names, isRefusal }): DiscoveryRequest =>
      create(discoverySchemas().request, {
        node: node(),
        typeUrl: type,
        resourceNames: [...names],
        responseNonce: nonce,
        ...(isRefusal ? { errorDetail: { code: 3, message: "no" } } : {}),
      }),
  },
  delta: {
    open: (server) => server.openDelta({ onReady() {} }),
    request: ({ typeUrl: type, nonce, names, unwanted, held, isRefusal }): DeltaDiscoveryRequest =>
      create(discoverySchemas().deltaRequest, {
        node: node(),
        typeUrl: type,
        resourceNamesSubscribe: [...names],
        resourceNamesUnsubscribe: [...unwanted],
        initialResourceVersions: { ...held },
        responseNonce: nonce,
        ...(isRefusal ? { errorDetail: { code: 3, message: "no" } } : {}),
      }),
  },
};

class Game {
  readonly #cache = new SnapshotCache();
  readonly #clock = new ManualClock();
  readonly #server = new XdsServer({
    cache: this.#cache,
    clock: this.#clock,
    maxTypes: MAX_TYPES,
    maxNames: 4,
  });
  readonly #variant: Variant;
  readonly #stream: ServerStream<never>;
  /** Nonce of the response under way, by type. */
  readonly #underWay = new Map<string, XdsResponse>();
  isOver = false;

  constructor(variant: Variant) {
    this.#variant = variant;
    this.#stream = variant.open(this.#server);
  }

  do(one: Step): void {
    if (one.kind === "put") this.#put(one.names, one.version);
    else if (one.kind === "time") this.#clock.advance(one.ms);
    else if (one.kind === "next") this.#next();
    else this.#say(one);
  }

  /** Answers all that comes, and looks whether it is the newest. */
  settle(): void {
    for (let count = 0; ; count += 1) {
      assert.ok(count < RESPONSES_MAX, "the server never stops");
      for (const { typeUrl: type, nonce } of this.#underWay.values()) {
        const wanted = this.#wanted(type);
        const said = { typeUrl: type, nonce, names: wanted, unwanted: [], held: {} };
        this.#say({ kind: "request", ...said, isRefusal: false }, "ack");
      }
      this.#clock.advance(5_000);
      if (!this.#next()) break;
    }
    for (const { types } of this.#server.status()) {
      for (const { typeUrl: type, newest, pending, resources } of types) {
        assert.equal(pending, undefined, type);
        const set = this.#cache.get("n")?.ofType(type).resources;
        if (newest === undefined || set === undefined) continue;
        for (const { name: one, version } of resources)
          assert.equal(version, set.get(one)?.version, `${type} ${one}`);
      }
    }
  }

  close(): void {
    this.#stream.close();
    assert.equal(this.#clock.timers, 0);
    assert.deepEqual(this.#server.status(), []);
  }

  /** What a client of the older variant has to say again with each answer. */
  #wanted(type: string): string[] {
    const found = this.#server.status()[0]?.types.find((one) => one.typeUrl === type);
    if (found === undefined || this.#variant !== VARIANTS["state of the world"]) return [];
    const names = found.resources.map(({ name: one }) => one);
    return found.wildcard ? ["*"] : names.slice(0, found.names);
  }

  #put(names: readonly string[], version: number): void {
    const resources = names.flatMap((one) => [
      edsCluster(one, `${version}s`),
      endpoints(one, version),
      routes(one, `${one}${version}`),
    ]);
    this.#cache.set("n", new Snapshot(resources));
  }

  #next(): boolean {
    const response = this.#stream.next();
    if (response === undefined) return false;
    assert.equal(this.#underWay.get(response.typeUrl), undefined, "one response at a time");
    this.#underWay.set(response.typeUrl, response);
    return true;
  }

  #say(said: Said, kind?: "ack"): void {
    const request = this.#variant.request(said) as never;
    try {
      this.#stream.receive(request);
    } catch (error) {
      assert.ok(error instanceof XdsStreamError && kind === undefined, String(error));
      this.isOver = true;
    }
    if (this.#underWay.get(said.typeUrl)?.nonce === said.nonce) this.#underWay.delete(said.typeUrl);
  }
}

for (const [what, variant] of Object.entries(VARIANTS)) {
  test(`whatever a client says, the server stays itself: ${what}`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const game = new Game(variant);
        for (const one of steps) {
          if (!game.isOver) game.do(one);
        }
        if (!game.isOver) game.settle();
        game.close();
      }),
      { numRuns: 400 },
    );
  });
}
