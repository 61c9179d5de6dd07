import type { Message } from "@bufbuild/protobuf";
import type { ImplementedPiece } from "@nuncio/api";
import type { CompileContext } from "../../config/context.ts";
import type { AccessLog } from "./access-log.ts";

/** Main side of a kind of access logger that is no file: those are built in, others are handed in. */
export interface AccessLoggerConfigSide<Config extends Message = never, Plain = unknown> {
  /** Full name of its message. */
  readonly configType: string;
  /** Messages and fields that it implements. */
  readonly implemented: ImplementedPiece;
  /** Compiles the message to plain data; null, with a problem, when that cannot be. */
  compile(config: Config, ctx: CompileContext): Plain | null;
}

/** Main sides by message type. */
export type AccessLoggerConfigSides = ReadonlyMap<string, AccessLoggerConfigSide>;

/** Worker side of the same. */
export interface AccessLoggerWorkerSide<Plain = never> {
  readonly configType: string;
  /** A logger without its filter; it is closed when its owner goes. */
  build(config: Plain): AccessLog;
  /** Sends off what is buffered. */
  flush(): void;
}
