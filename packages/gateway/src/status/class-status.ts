import type { Cells } from "../incremental/cells.ts";
import { Index } from "../incremental/index-cells.ts";
import { Stage } from "../incremental/stage.ts";
import { SUPPORTED_FEATURES } from "../translator/classes/supported-features.ts";
import type { TranslatedClass } from "../translator/classes/translated-class.ts";
import type { ObjectStatus } from "./object-status.ts";

const FEATURES = SUPPORTED_FEATURES.map((name) => ({ name }));

/** Statuses of GatewayClasses, by `GatewayClass/<name>`. */
export function classStatuses(classes: Cells<TranslatedClass>): Stage<ObjectStatus> {
  const names = new Index("gateway class statuses", classes, ({ name }) => [
    `GatewayClass/${name}`,
  ]);
  return new Stage<ObjectStatus>({
    name: "gateway class statuses",
    compute: (statusKey, read) => {
      const [key] = read.one(names, statusKey) ?? [];
      const found = key === undefined ? undefined : read.one(classes, key);
      if (found === undefined) return undefined;
      const { name, conditions, accepted } = found;
      return {
        kind: "GatewayClass",
        key: name,
        status: { conditions, ...(accepted && { supportedFeatures: FEATURES }) },
      };
    },
  }).forEach(names);
}
