import {
  XDS_TREE_TYPES,
  irTree,
  objectsWithStatus,
  staticBootstrapJson,
  xdsTree,
  type IrGatewayTree,
  type Translation,
  type XdsGatewayTree,
} from "@nuncio/gateway";
import { nowText } from "../output.ts";
import { printTable } from "../table.ts";
import { irRows } from "./ir-rows.ts";
import { printStatusRows } from "./print-status-rows.ts";
import { statusRows } from "./status-rows.ts";
import type { TranslationRow } from "./translation-row.ts";
import { xdsRows } from "./xds-rows.ts";

/** What resources can become. */
export const TO = ["ir", "xds", "gateway-api"] as const;
export type To = (typeof TO)[number];

/** Where data planes look for a control plane in the bootstrap that is printed. */
const XDS = { host: "127.0.0.1", port: 18_000 };

export interface TranslationOptions {
  /** Of xDS. */
  readonly type: (typeof XDS_TREE_TYPES)[number] | "all" | "static";
  /** `namespace/name`; none: all. */
  readonly gateway: string | undefined;
  readonly showSecrets: boolean;
}

interface Shown {
  readonly data: (translation: Translation, options: TranslationOptions) => object;
  /** As a table. */
  readonly print: (translation: Translation, options: TranslationOptions) => void;
}

/** How each of them is shown. */
export const TRANSLATIONS: Readonly<Record<To, Shown>> = {
  ir: { data: ir, print: (...all) => printRows(irRows(ir(...all))) },
  xds: {
    data: (translation, options) =>
      options.type === "static"
        ? staticBootstrapJson(translation.pipeline.pieces, options)
        : xds(translation, options),
    print: (...all) => printRows(xdsRows(xds(...all))),
  },
  "gateway-api": {
    data: (translation) => ({
      apiVersion: "v1",
      kind: "List",
      items: translatedObjects(translation),
    }),
    print: (translation) => printStatusRows(translatedObjects(translation).flatMap(statusRows)),
  },
};

function ir(
  { pipeline: { pieces } }: Translation,
  { gateway, showSecrets }: TranslationOptions,
): Record<string, IrGatewayTree> {
  return only(irTree(pieces, { showSecrets }), gateway);
}

function xds(
  { pipeline: { pieces } }: Translation,
  { type, gateway, showSecrets }: TranslationOptions,
): Record<string, XdsGatewayTree> {
  const types = XDS_TREE_TYPES.filter((one) => type === "all" || one === type);
  return only(xdsTree(pieces, { types, showSecrets, xds: XDS }), gateway);
}

function only<T>(tree: Record<string, T>, gateway: string | undefined): Record<string, T> {
  return gateway === undefined ? tree : { [gateway]: tree[gateway]! };
}

/** The objects, each with its status. */
export function translatedObjects({
  store,
  pipeline,
}: Translation): ReturnType<typeof objectsWithStatus> {
  return objectsWithStatus(store, pipeline, nowText());
}

function printRows(rows: readonly TranslationRow[]): void {
  printTable(
    ["GATEWAY", "TYPE", "NAME", "ABOUT"],
    rows.map(({ gateway, type, name, about }) => [gateway, type, name, about]),
  );
}
