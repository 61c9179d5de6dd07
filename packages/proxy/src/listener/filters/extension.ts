import type { Message } from "@bufbuild/protobuf";
import type { WorkerContext } from "../../base/worker-context.ts";
import type { CompileContext } from "../../config/context.ts";
import type { ListenerFilter } from "./filter.ts";

/** A listener filter's main side, in its `config.ts`. Compiled configuration is plain, structured-cloneable data. */
export interface ListenerFilterConfigSide<Config extends Message = never, Plain = unknown> {
  /** The message's type name: `envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector`. */
  readonly configType: string;
  /** Message type → proto names of the fields that are implemented; all others are refused by name. */
  readonly implemented: { readonly [type: string]: readonly string[] | "all" };
  compile(message: Config, ctx: CompileContext): Plain;
}

/** A listener filter's worker side, in its `filter.ts`: imports no protobuf. */
export interface ListenerFilterWorkerSide<Plain = never> {
  readonly configType: string;
  /** Called once per listener and worker. */
  build(plain: Plain, worker: WorkerContext): ListenerFilter;
}
