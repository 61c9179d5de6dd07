import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtensionConfigs } from "../../extension/extension-configs.ts";
import type { NetworkFilterWorkerSide } from "../extension.ts";
import type { NetworkFilter, NetworkFilterCallbacks } from "../filter.ts";
import type { NetworkServices } from "../services.ts";
import { discoveredNetworkFilterSide } from "./filter.ts";

const CALLBACKS = {} as NetworkFilterCallbacks;

function rig(): {
  readonly events: string[];
  readonly side: NetworkFilterWorkerSide<{ readonly id: number }>;
  readonly configs: ExtensionConfigs;
  readonly services: NetworkServices;
} {
  const events: string[] = [];
  const filter = { onClose: () => {} } as unknown as NetworkFilter;
  const plain: NetworkFilterWorkerSide<string> = {
    configType: "plain",
    build: (name) => ({
      halfClose: name === "half",
      create: () => filter,
      close: () => void events.push(`closed ${name}`),
    }),
  };
  const configs = new ExtensionConfigs();
  const side = discoveredNetworkFilterSide(
    new Map([["plain", plain as unknown as NetworkFilterWorkerSide]]),
  );
  return { events, side, configs, services: { extensionConfigs: configs } as NetworkServices };
}

function update(config: string | null): Parameters<ExtensionConfigs["set"]>[0] {
  return {
    id: 1,
    config: config === null ? null : { type: "plain", config },
    concernsOld: false,
  };
}

test("a configuration is closed with the last connection that began with it", () => {
  const { events, side, configs, services } = rig();
  configs.set(update("one"));
  const factory = side.build({ id: 1 }, services);
  const [first, second] = [factory.create(CALLBACKS), factory.create(CALLBACKS)];
  configs.set(update("half"));
  assert.deepEqual([factory.halfClose, events], [true, []]);
  first.onClose("remote");
  assert.deepEqual(events, []);
  second.onClose("remote");
  assert.deepEqual(events, ["closed one"]);
  factory.close();
  factory.close();
  assert.deepEqual(events, ["closed one", "closed half"]);
});

test("it is missing until it comes, and when it goes; who closed the chain hears no more", () => {
  const { events, side, configs, services } = rig();
  const factory = side.build({ id: 1 }, services);
  assert.equal(factory.isMissing, true);
  configs.set(update("one"));
  assert.equal(factory.isMissing, false);
  configs.set(update(null));
  assert.deepEqual([factory.isMissing, events], [true, ["closed one"]]);
  factory.close();
  configs.set(update("two"));
  assert.equal(factory.isMissing, true);
});
