import assert from "node:assert/strict";
import { test } from "node:test";
import { anyPack } from "@bufbuild/protobuf/wkt";
import type { Any } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { discoverySchemas } from "../types/discovery-messages.ts";
import type { Resource } from "../types/discovery-messages.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import type { ConfigUpdate, Rejection } from "./callbacks.ts";
import {
  anyOf,
  deltaResponse,
  deltaRig,
  response,
  sotwRig,
  wrapped,
} from "./stream-rig.test-support.ts";
import type { TypeSubscription } from "./type-subscription.ts";

/** Refuses by content: one resource, everything, or by an exception. */
class MoodyOwner {
  readonly has = new Map<string, string>();

  onConfigUpdate({ added, removed }: ConfigUpdate): readonly Rejection[] {
    const texts = added.map(({ name, value }) => ({ name, text: textOf(value) }));
    if (texts.some(({ text }) => text.includes("throw"))) throw new Error("broken");
    if (texts.some(({ text }) => text.includes("worst"))) return [{ name: null, message: "all" }];
    const rejections: Rejection[] = [];
    for (const { name, text } of texts) {
      if (text.includes("bad")) rejections.push({ name, message: "bad" });
      else this.has.set(name, text);
    }
    for (const name of removed) this.has.delete(name);
    return rejections;
  }

  onFetchTimeout(): void {}
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString("latin1");
}

/** A resource of a response, right or wrong. */
type Piece =
  | { readonly kind: "plain"; readonly text: string }
  | {
      readonly kind: "wrapped";
      readonly text: string;
      readonly version: string;
      readonly ttlMs?: number;
    }
  | {
      readonly kind: "empty";
      readonly text: string;
      readonly version: string;
      readonly ttlMs?: number;
    }
  | { readonly kind: "other type"; readonly text: string }
  | { readonly kind: "garbage"; readonly bytes: Uint8Array };

type Step =
  | {
      readonly kind: "response";
      readonly nonce: string;
      readonly version: string;
      readonly pieces: readonly Piece[];
      readonly removed: readonly string[];
    }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "cut" };

const name = fc.constantFrom(
  "a",
  "b",
  "c",
  "xdstp://cp/envoy.config.cluster.v3.Cluster/d?y=1&x=2",
  "",
);
const version = fc.constantFrom("", "1", "2");
const text = fc
  .tuple(name, fc.constantFrom("x", "x", "y", "y", "bad", "worst", "throw"))
  .map((parts) => parts.join("="));
const ttl = fc.record({ ttlMs: fc.constantFrom(0, 1, 500, 2 ** 33) }, { requiredKeys: [] });
const piece: fc.Arbitrary<Piece> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("plain" as const), text }) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.record({ kind: fc.constantFrom("wrapped" as const, "empty" as const), text, version }),
        ttl,
      )
      .map(([one, rest]) => ({ ...one, ...rest })),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("other type" as const), text }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("garbage" as const),
      bytes: fc.uint8Array({ maxLength: 6 }),
    }),
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("response" as const),
      nonce: fc.constantFrom("n1", "n2", "n3"),
      version,
      pieces: fc.array(piece, { maxLength: 4 }),
      removed: fc.array(name, { maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat(800) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const) }) },
);

/** As the delta protocol has it, and wrapped for the other one. */
function resourceOf(one: Piece, typeUrl: string): Resource {
  switch (one.kind) {
    case "plain":
      return wrapped(typeUrl, one.text, "");
    case "wrapped":
      return wrapped(typeUrl, one.text, one.version, one);
    case "empty":
      return wrapped(typeUrl, one.text, one.version, { ...one, isEmpty: true });
    case "other type":
      return wrapped(typeUrlOf("LEDS"), one.text, "1");
    case "garbage": {
      const resource = wrapped(typeUrl, "", "1");
      return { ...resource, resource: { ...anyOf(typeUrl, ""), value: one.bytes } };
    }
  }
}

function anyOfPiece(one: Piece, typeUrl: string): Any {
  if (one.kind === "plain") return anyOf(typeUrl, one.text);
  if (one.kind === "other type") return anyOf(typeUrlOf("LEDS"), one.text);
  if (one.kind === "garbage") return { ...anyOf(typeUrl, ""), value: one.bytes };
  return anyPack(discoverySchemas().resource, resourceOf(one, typeUrl));
}

interface Game {
  readonly subscription: TypeSubscription;
  /** Says the response, and returns what the client answers at once. */
  respond(one: Extract<Step, { kind: "response" }>): string[];
  advance(ms: number): void;
  reconnect(): void;
}

function sotwGame(type: string, owner: MoodyOwner): Game {
  const rig = sotwRig();
  const typeUrl = typeUrlOf(type);
  const subscription = rig.stream.subscription(typeUrl);
  subscription.watch({ names: ["*"], callbacks: owner });
  rig.open();
  return {
    subscription,
    respond: ({ nonce, version: is, pieces }) =>
      rig.respond(
        response(
          type,
          is,
          nonce,
          pieces.map((one) => anyOfPiece(one, typeUrl)),
        ),
      ),
    advance: (ms) => rig.clock.advance(ms),
    reconnect: () => rig.reconnect(),
  };
}

function deltaGame(type: string, owner: MoodyOwner): Game {
  const rig = deltaRig();
  const typeUrl = typeUrlOf(type);
  const subscription = rig.stream.subscription(typeUrl);
  subscription.watch({ names: ["*"], callbacks: owner });
  rig.open();
  return {
    subscription,
    respond: ({ nonce, pieces, removed }) =>
      rig.respond(
        deltaResponse(
          type,
          nonce,
          pieces.map((one) => resourceOf(one, typeUrl)),
          removed,
        ),
      ),
    advance: (ms) => rig.clock.advance(ms),
    reconnect: () => rig.reconnect(),
  };
}

const GAMES: Readonly<Record<string, (owner: MoodyOwner) => Game>> = {
  "CDS, state of the world": (owner) => sotwGame("CDS", owner),
  "EDS, state of the world": (owner) => sotwGame("EDS", owner),
  "CDS, delta": (owner) => deltaGame("CDS", owner),
};

for (const [what, make] of Object.entries(GAMES)) {
  test(`whatever a control plane says is answered, and what is held is what the owner took: ${what}`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: "max" }), (steps) => {
        const owner = new MoodyOwner();
        const game = make(owner);
        for (const one of steps) {
          if (one.kind === "time") game.advance(one.ms);
          else if (one.kind === "cut") game.reconnect();
          else {
            const answers = game.respond(one);
            assert.equal(answers.length, 1, answers.join("\n"));
            assert.match(answers[0]!, new RegExp(` n=${one.nonce}( |$)`));
          }
          const held = new Map(
            Array.from(game.subscription.held(), (each) => [each.name, textOf(each.value)]),
          );
          assert.deepEqual(held, owner.has);
        }
      }),
      { numRuns: 500 },
    );
  });
}
