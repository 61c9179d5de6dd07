import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DeltaDiscoveryRequest, DiscoveryRequest } from "../types/discovery-messages.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import type { ConfigUpdate, Rejection, SubscriptionCallbacks, Watch } from "./callbacks.ts";
import type { AnyResponse } from "./discovery-stream.ts";
import type { ModelStream } from "./model-server.test-support.ts";
import { ModelDeltaStream, ModelSotwStream, World } from "./model-server.test-support.ts";
import type { StreamRig } from "./stream-rig.test-support.ts";
import { deltaRig, resourceBytes, sotwRig } from "./stream-rig.test-support.ts";

const NAMES = ["a", "b", "c", "d"];
const WATCHES = 3;

/** Takes all but what is called bad; where the next response repeats everything, nothing together with what is called worst. */
class PickyOwner implements SubscriptionCallbacks {
  readonly has = new Map<string, string>();
  readonly #isRepeated: boolean;

  constructor(isRepeated: boolean) {
    this.#isRepeated = isRepeated;
  }

  onConfigUpdate({ added, removed }: ConfigUpdate): readonly Rejection[] {
    const contents = added.map(({ name, value }) => ({ name, content: contentOf(name, value) }));
    if (this.#isRepeated && contents.some(({ content }) => content.startsWith("worst")))
      return [{ name: null, message: "worst" }];
    const rejections: Rejection[] = [];
    for (const { name, content } of contents) {
      if (/^bad|^worst/.test(content)) rejections.push({ name, message: "bad" });
      else this.has.set(name, content);
    }
    for (const name of removed) this.has.delete(name);
    return rejections;
  }

  onFetchTimeout(): void {}
}

const CONTENTS = ["x", "y", "z", "bad1", "bad2", "worst1"];

function contentOf(name: string, value: Uint8Array): string {
  const found = CONTENTS.find(
    (content) => Buffer.compare(resourceBytes(name, content), value) === 0,
  );
  assert.ok(found !== undefined, `${name} has come as something that was never sent`);
  return found;
}

type Step =
  | { readonly kind: "change"; readonly name: string; readonly content: string | null }
  | { readonly kind: "watch"; readonly index: number; readonly names: readonly string[] }
  | { readonly kind: "cancel"; readonly index: number }
  | { readonly kind: "to-server" | "to-client" | "turn" | "cut" | "pause" | "resume" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: change() },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("watch" as const),
      index: fc.nat(WATCHES - 1),
      names: fc.oneof(fc.constant(["*"]), fc.uniqueArray(fc.constantFrom(...NAMES, "*"))),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), index: fc.nat(2) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("to-server" as const, "to-client" as const, "turn" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("cut" as const, "pause" as const, "resume" as const),
    }),
  },
);

function change(): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constant("change" as const),
    name: fc.constantFrom(...NAMES),
    content: fc.constantFrom(...CONTENTS, null),
  });
}

interface PlayedWatch {
  readonly owner: PickyOwner;
  readonly watch: Watch;
  names: readonly string[];
}

/** A play, whatever its protocol. */
interface Game {
  readonly world: World;
  readonly watches: ReadonlyMap<number, PlayedWatch>;
  do(one: Step): void;
  /** Lets everything arrive. */
  settle(): void;
}

/** A client and a control plane with a network between them that is as slow as the test wants. */
class Play<Request extends DiscoveryRequest | DeltaDiscoveryRequest, Response extends AnyResponse> {
  readonly world: World;
  readonly rig: StreamRig<Request, Response>;
  readonly watches = new Map<number, PlayedWatch>();
  readonly #newServer: (world: World) => ModelStream<Request, Response>;
  readonly #isRepeated: boolean;
  /** Nothing is under way when everything is asked for. */
  settlesBeforeAll = false;
  #server: ModelStream<Request, Response> | null = null;
  #toServer: Request[] = [];
  #toClient: Response[] = [];
  #opened = 0;
  #resume: (() => void) | null = null;

  constructor(
    type: string,
    rig: StreamRig<Request, Response>,
    newServer: (world: World) => ModelStream<Request, Response>,
    isRepeated: boolean,
  ) {
    this.#isRepeated = isRepeated;
    this.world = new World(typeUrlOf(type));
    this.rig = rig;
    this.#newServer = newServer;
  }

  do(one: Step): void {
    switch (one.kind) {
      case "change":
        this.world.set(one.name, one.content);
        this.#toClient.push(...(this.#server?.changed([one.name]) ?? []));
        break;
      case "watch":
        this.#watch(one.index, one.names);
        break;
      case "cancel":
        this.watches.get(one.index)?.watch.cancel();
        this.watches.delete(one.index);
        break;
      case "to-server": {
        const [request] = this.#toServer.splice(0, 1);
        if (request !== undefined) this.#toClient.push(...this.#server!.receive(request));
        break;
      }
      case "to-client": {
        const [response] = this.#toClient.splice(0, 1);
        if (response !== undefined) this.rig.transport.last.events.onMessage(response);
        break;
      }
      case "turn":
        this.rig.clock.advance(0);
        break;
      case "cut":
        this.#cut();
        break;
      case "pause":
        this.#resume ??= this.rig.stream.pause([this.world.typeUrl]);
        break;
      case "resume":
        this.#resume?.();
        this.#resume = null;
        break;
    }
    this.#collect();
  }

  settle(): void {
    this.do({ kind: "resume" });
    for (let turns = 0; ; turns++) {
      assert.ok(turns < 1000, "they never stop talking");
      this.do({ kind: "turn" });
      if (this.#toServer.length === 0 && this.#toClient.length === 0) return;
      while (this.#toServer.length > 0) this.do({ kind: "to-server" });
      while (this.#toClient.length > 0) this.do({ kind: "to-client" });
    }
  }

  #watch(index: number, names: readonly string[]): void {
    // The delta protocol does not tell a response that was under way when everything was asked for from its answer.
    const isAllNew =
      names.includes("*") && ![...this.watches.values()].some((one) => one.names.includes("*"));
    if (isAllNew && this.settlesBeforeAll) this.settle();
    const known = this.watches.get(index);
    if (known !== undefined) {
      known.watch.setNames(names);
      for (const name of known.owner.has.keys())
        if (!wants(names, name)) known.owner.has.delete(name);
      known.names = names;
      return;
    }
    const owner = new PickyOwner(this.#isRepeated);
    const options = { names, callbacks: owner, initialFetchTimeoutMs: 0 };
    const watch = this.rig.stream.subscription(this.world.typeUrl).watch(options);
    this.watches.set(index, { owner, watch, names });
  }

  #cut(): void {
    if (this.#server === null) return;
    this.#server = null;
    this.#toServer = [];
    this.#toClient = [];
    this.rig.transport.last.events.onClose("cut");
    this.rig.clock.advance(30_000);
  }

  #collect(): void {
    const { streams } = this.rig.transport;
    if (streams.length > this.#opened) {
      this.#opened = streams.length;
      this.#server = this.#newServer(this.world);
      this.rig.transport.last.events.onOpen();
    }
    if (streams.length > 0) this.#toServer.push(...this.rig.transport.last.take());
  }
}

function wants(names: readonly string[], name: string): boolean {
  return names.includes("*") || names.includes(name);
}

/** What every owner has in the end is what the control plane has, but for what was refused. */
function assertConverged({ world, watches }: Game, removalsAreTold: boolean): void {
  const isRefused = [...world.contents.values()].some(({ content }) => content.startsWith("worst"));
  for (const { owner, names } of watches.values()) {
    for (const [name, { content }] of world.contents) {
      if (!wants(names, name) || /^bad|^worst/.test(content) || isRefused) continue;
      assert.equal(owner.has.get(name), content, `${name} for [${names.join()}]`);
    }
    for (const name of owner.has.keys()) {
      assert.ok(wants(names, name), `${name} came though nobody asked for it`);
      if (removalsAreTold && !isRefused) assert.ok(world.contents.has(name), `${name} is gone`);
    }
  }
}

/** What is played: a protocol, and whether it tells of what is gone. */
const GAMES: Readonly<Record<string, () => { game: Game; removalsAreTold: boolean }>> = {
  "CDS, state of the world": () => {
    const game = new Play("CDS", sotwRig(), (world) => new ModelSotwStream(world), true);
    return { game, removalsAreTold: true };
  },
  "EDS, state of the world": () => {
    const game = new Play("EDS", sotwRig(), (world) => new ModelSotwStream(world), false);
    return { game, removalsAreTold: false };
  },
  "CDS, delta": () => {
    const game = new Play("CDS", deltaRig(), (world) => new ModelDeltaStream(world), false);
    game.settlesBeforeAll = true;
    return { game, removalsAreTold: true };
  },
};

for (const [name, make] of Object.entries(GAMES)) {
  test(`whatever happens on the way, all converge: ${name}`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
        const { game, removalsAreTold } = make();
        for (const one of steps) game.do(one);
        game.settle();
        assertConverged(game, removalsAreTold);
      }),
      { numRuns: 300 },
    );
  });
}
