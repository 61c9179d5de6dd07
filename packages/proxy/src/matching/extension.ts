import type { Message } from "@bufbuild/protobuf";
import type { WorkerContext } from "../base/worker-context.ts";
import type { CompileContext } from "../config/context.ts";

/** What an input gives: most of them text; some a value that only certain matchers understand. */
export type ValueKind = "string" | "metadata";

/**
 * The value of an input: undefined when it is not there yet and may come (the response, while the request is matched),
 * null when there is none. Maps and `value_match` get text, as a byte string.
 */
export type InputValue = unknown;

/** Reads one value; made once per place in a tree. */
export type MatchInput<Data> = (data: Data) => InputValue;

/** Tests a value that is there or null. */
export type ValueTest = (value: InputValue) => boolean;

/** Main side of an input (`envoy.matching.*.input`). */
export interface MatchInputConfigSide<Config extends Message = never, Plain = unknown> {
  /** The message's type name. */
  readonly configType: string;
  readonly valueKind: ValueKind;
  readonly implemented: { readonly [type: string]: readonly string[] | "all" };
  compile(message: Config, ctx: CompileContext): Plain;
}

/** Worker side of an input, for matchers over `Data`. */
export interface MatchInputWorkerSide<Data, Plain = never> {
  readonly configType: string;
  build(plain: Plain): MatchInput<Data>;
}

/** Main side of an input matcher (`envoy.matching.input_matchers`). */
export interface InputMatcherConfigSide<Config extends Message = never, Plain = unknown> {
  readonly configType: string;
  /** Which inputs it may stand behind. */
  readonly takes: readonly ValueKind[];
  readonly implemented: { readonly [type: string]: readonly string[] | "all" };
  compile(message: Config, ctx: CompileContext): Plain;
}

/** Worker side of an input matcher. */
export interface InputMatcherWorkerSide<Plain = never> {
  readonly configType: string;
  build(plain: Plain, worker: WorkerContext): ValueTest;
}

/** Inputs of one kind of matchers, main side, by message type. */
export type MatchInputs = ReadonlyMap<string, MatchInputConfigSide>;

/** The same on a worker. */
export type MatchInputBuilders<Data> = ReadonlyMap<string, MatchInputWorkerSide<Data>>;
