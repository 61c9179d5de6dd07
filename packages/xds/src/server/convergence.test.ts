// Whatever happens in which order, a client that answers in the end has the newest snapshot, and never anything else
// than what some snapshot had.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { discoverySchemas } from "../types/discovery-messages.ts";
import { resourceTypeOfUrl, shortNameOfUrl, typeUrlOf } from "../types/resource-type.ts";
import { ManualClock } from "./manual-clock.test-support.ts";
import { cluster, edsCluster, endpoints, node, routes } from "./resources.test-support.ts";
import type { XdsResponse } from "./response.ts";
import { XdsServer } from "./server.ts";
import type { ServerStream } from "./server.ts";
import { SnapshotCache } from "./snapshot-cache.ts";
import { Snapshot } from "./snapshot.ts";

const CDS = typeUrlOf("CDS");
const EDS = typeUrlOf("EDS");
const RDS = typeUrlOf("RDS");
const TYPES = [CDS, EDS, RDS];
const NAMES = ["a", "b", "c"];

/** A client that keeps what it accepts, whichever variant it speaks. */
abstract class Model {
  readonly has = new Map(TYPES.map((typeUrl) => [typeUrl, new Map<string, string>()]));
  readonly wanted = new Map<string, Set<string>>([
    [CDS, new Set(["*"])],
    [EDS, new Set(["a"])],
    [RDS, new Set(["a", "b"])],
  ]);
  readonly inbox: XdsResponse[] = [];
  protected stream: ServerStream<never> | undefined;

  abstract connect(server: XdsServer): void;
  abstract change(typeUrl: string, names: ReadonlySet<string>): void;
  protected abstract apply(response: XdsResponse): void;
  protected abstract answer(response: XdsResponse, message: string | undefined): void;

  disconnect(): void {
    this.stream?.close();
    this.inbox.length = 0;
  }

  /** Takes what the server has now. */
  receive(): boolean {
    const response = this.stream?.next();
    if (response !== undefined) this.inbox.push(response);
    return response !== undefined;
  }

  /** Answers the oldest response. That something is gone is not refused: it would not be said again. */
  process(refuse: boolean): boolean {
    const response = this.inbox.shift();
    if (response === undefined) return false;
    const isRefused = refuse && response.resources.length > 0 && response.removed.length === 0;
    if (!isRefused) this.apply(response);
    this.answer(response, isRefused ? "no" : undefined);
    return true;
  }

  settle(): void {
    while (this.receive() || this.process(false));
  }

  protected wants(typeUrl: string, name: string): boolean {
    const names = this.wanted.get(typeUrl)!;
    return names.has("*") || names.has(name);
  }

  protected keepWanted(typeUrl: string): void {
    const has = this.has.get(typeUrl)!;
    for (const name of has.keys()) if (!this.wants(typeUrl, name)) has.delete(name);
  }
}

class SotwModel extends Model {
  readonly #nonces = new Map<string, string>();
  readonly #versions = new Map<string, string>();

  override connect(server: XdsServer): void {
    this.stream = server.openSotw({ onReady() {} });
    this.#nonces.clear();
    for (const typeUrl of TYPES) this.#request(typeUrl);
  }

  override change(typeUrl: string, names: ReadonlySet<string>): void {
    this.wanted.set(typeUrl, new Set(names));
    this.keepWanted(typeUrl);
    this.#request(typeUrl);
  }

  protected override apply({ typeUrl, version, resources }: XdsResponse): void {
    const has = this.has.get(typeUrl)!;
    if (resourceTypeOfUrl(typeUrl)?.fullState === true) has.clear();
    for (const { name, version: own } of resources) {
      if (this.wants(typeUrl, name)) has.set(name, own);
    }
    this.#versions.set(typeUrl, version);
  }

  protected override answer({ typeUrl, nonce }: XdsResponse, message: string | undefined): void {
    this.#nonces.set(typeUrl, nonce);
    this.#request(typeUrl, message);
  }

  #request(typeUrl: string, message?: string): void {
    const request = create(discoverySchemas().request, {
      node: node(),
      typeUrl,
      resourceNames: [...this.wanted.get(typeUrl)!],
      responseNonce: this.#nonces.get(typeUrl) ?? "",
      versionInfo: this.#versions.get(typeUrl) ?? "",
      ...(message === undefined ? {} : { errorDetail: { code: 3, message } }),
    });
    this.stream?.receive(request as never);
  }
}

class DeltaModel extends Model {
  override connect(server: XdsServer): void {
    this.stream = server.openDelta({ onReady() {} });
    for (const typeUrl of TYPES) {
      this.#request(typeUrl, {
        resourceNamesSubscribe: [...this.wanted.get(typeUrl)!],
        initialResourceVersions: Object.fromEntries(this.has.get(typeUrl)!),
      });
    }
  }

  override change(typeUrl: string, names: ReadonlySet<string>): void {
    const before = this.wanted.get(typeUrl)!;
    this.wanted.set(typeUrl, new Set(names));
    this.keepWanted(typeUrl);
    this.#request(typeUrl, {
      resourceNamesSubscribe: [...names].filter((name) => !before.has(name)),
      resourceNamesUnsubscribe: [...before].filter((name) => !names.has(name)),
    });
  }

  protected override apply({ typeUrl, resources, removed }: XdsResponse): void {
    const has = this.has.get(typeUrl)!;
    for (const { name, version } of resources) {
      if (this.wants(typeUrl, name)) has.set(name, version);
    }
    for (const name of removed) has.delete(name);
  }

  protected override answer({ typeUrl, nonce }: XdsResponse, message: string | undefined): void {
    this.#request(typeUrl, {
      responseNonce: nonce,
      ...(message === undefined ? {} : { errorDetail: { code: 3, message } }),
    });
  }

  #request(typeUrl: string, init: object): void {
    const request = create(discoverySchemas().deltaRequest, { node: node(), typeUrl, ...init });
    this.stream?.receive(request as never);
  }
}

interface Scene {
  readonly model: Model;
  readonly cache: SnapshotCache;
  readonly server: XdsServer;
  readonly clock: ManualClock;
}

type Step = (scene: Scene) => void;

/** A step that is shown by its words in a counterexample. */
function said(what: string, step: Step): Step {
  return Object.assign(step, { [fc.toStringMethod]: () => what });
}

/** Snapshots of any of the names, each resource in any of these versions. */
function snapshotOf(versions: fc.Arbitrary<number>): fc.Arbitrary<Snapshot> {
  const content = fc.dictionary(fc.constantFrom(...NAMES), versions);
  return fc.tuple(content, content, content).map(([clusters, assignments, tables]) =>
    Object.assign(
      new Snapshot([
        ...Object.entries(clusters).map(([name, seconds]) =>
          name === "c" ? cluster(name, `${seconds}s`) : edsCluster(name, `${seconds}s`),
        ),
        ...Object.entries(assignments).map(([name, weight]) => endpoints(name, weight)),
        ...Object.entries(tables).map(([name, target]) => routes(name, `to-${target}`)),
      ]),
      {
        [fc.toStringMethod](this: Snapshot) {
          return contentOf(this);
        },
      },
    ),
  );
}

const snapshot = snapshotOf(fc.integer({ min: 1, max: 3 }));
/** Nothing in it was ever refused: what was is not sent again before it changes. */
const lastSnapshot = snapshotOf(fc.integer({ min: 4, max: 6 }));

const wish = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 });

const step: fc.Arbitrary<Step> = fc.oneof(
  snapshot.map((next) => said(`put ${contentOf(next)}`, ({ cache }) => cache.set("n", next))),
  fc.constant(said("receive", ({ model }) => void model.receive())),
  fc
    .boolean()
    .map((isRefused) =>
      said(isRefused ? "refuse" : "accept", ({ model }) => void model.process(isRefused)),
    ),
  fc
    .tuple(fc.constantFrom(EDS, RDS), wish)
    .map(([typeUrl, names]) =>
      said(`want ${shortNameOfUrl(typeUrl)} ${names.join()}`, ({ model }) =>
        model.change(typeUrl, new Set(names)),
      ),
    ),
  fc.constant(
    said("reconnect", ({ model, server }) => {
      model.disconnect();
      model.connect(server);
    }),
  ),
  fc.constant(said("clear", ({ cache }) => cache.clear("n"))),
  fc
    .integer({ min: 1, max: 6_000 })
    .map((ms) => said(`wait ${ms} ms`, ({ clock }) => clock.advance(ms))),
);

/** `CDS a@1f2e, EDS a@77ab`: resources with the beginning of their version. */
function contentOf(content: Snapshot): string {
  return TYPES.flatMap((typeUrl) =>
    Array.from(
      content.ofType(typeUrl).resources.values(),
      ({ name, version }) => `${shortNameOfUrl(typeUrl)} ${name}@${version.slice(0, 4)}`,
    ),
  ).join(", ");
}

for (const [variant, makeModel] of [
  ["state of the world", () => new SotwModel()],
  ["delta", () => new DeltaModel()],
] as const) {
  test(`${variant}: any history leads to the newest snapshot`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: "max" }), lastSnapshot, (steps, last) => {
        const [cache, clock, model] = [new SnapshotCache(), new ManualClock(), makeModel()];
        const server = new XdsServer({ cache, clock });
        model.connect(server);
        for (const run of steps) run({ model, cache, server, clock });
        cache.set("n", last);
        model.settle();
        clock.advance(5_000);
        model.settle();
        for (const typeUrl of TYPES) assertHas(model, typeUrl, last);
        model.disconnect();
        assert.equal(clock.timers, 0);
        assert.deepEqual(server.status(), []);
      }),
      { numRuns: 300 },
    );
  });
}

/** All that is wanted and there is there in its newest version; what is not there is only kept where nothing says so. */
function assertHas(model: Model, typeUrl: string, last: Snapshot): void {
  const wanted = model.wanted.get(typeUrl)!;
  const expected = [...last.ofType(typeUrl).resources.values()]
    .filter(({ name }) => wanted.has("*") || wanted.has(name))
    .map(({ name, version }): [string, string] => [name, version]);
  const isPartial = model instanceof SotwModel && typeUrl !== CDS;
  const has = [...model.has.get(typeUrl)!].filter(
    ([name]) => !isPartial || last.ofType(typeUrl).resources.has(name),
  );
  assert.deepEqual(new Map(has), new Map(expected), typeUrl);
}
