import type { InputMatcherWorkerSide } from "../extension.ts";
import { consistentHashingWorkerSide, runtimeFractionWorkerSide } from "./hash.ts";
import { ipMatcherWorkerSide } from "./ip.ts";
import { metadataMatcherWorkerSide } from "./metadata.ts";

const SIDES: readonly InputMatcherWorkerSide[] = [
  ipMatcherWorkerSide,
  metadataMatcherWorkerSide,
  consistentHashingWorkerSide,
  runtimeFractionWorkerSide,
];

/** Input matchers, worker side, by message type. */
export const inputMatcherWorkerSides: ReadonlyMap<string, InputMatcherWorkerSide> = new Map(
  SIDES.map((side) => [side.configType, side]),
);
