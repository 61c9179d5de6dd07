import type { JsonObject } from "@bufbuild/protobuf";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { RuntimeValues } from "./model.ts";

/** `layered_runtime`, weakest layer first. */
export interface RuntimeConfig {
  readonly layers: readonly RuntimeLayerConfig[];
}

export type RuntimeLayerConfig =
  | { readonly kind: "static"; readonly name: string; readonly values: RuntimeValues }
  | {
      readonly kind: "disk";
      readonly name: string;
      /** Replaced as a whole when the values change: usually a link. */
      readonly symlinkRoot: string;
      /** Where the values are. */
      readonly folder: string;
    }
  | { readonly kind: "admin"; readonly name: string }
  | {
      readonly kind: "rtds";
      readonly name: string;
      readonly resourceName: string;
      readonly configSource: ConfigSource | undefined;
    };

/** What keeps layers of RTDS up to date: the client of xDS. */
export interface RuntimeLayerSource {
  /** Follows one resource (`envoy.service.runtime.v3.Runtime`) from now on. */
  follow(layer: RuntimeLayerConfig & { readonly kind: "rtds" }, target: RuntimeLayerTarget): void;
  close(): void;
}

/** Where a source brings what it is told of one layer. */
export interface RuntimeLayerTarget {
  /**
   * New values of the layer; the runtime is another one when this returns.
   * @throws RangeError with the text of a rejection; the values of before go on then
   */
  set(layer: JsonObject): void;
  /** The resource is gone: the layer is empty. */
  remove(): void;
}
