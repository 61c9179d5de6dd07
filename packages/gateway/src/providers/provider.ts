import type { ObjectStatus } from "../status/object-status.ts";
import type { SourceContent } from "./source-changes.ts";

/** Where objects come from, and where what becomes of them is told. */
export interface Provider {
  /** What lines about it begin with: `files`, `etcd 127.0.0.1:2379`. */
  readonly name: string;
  /**
   * Begins to hand on objects, and resolves when all that there were have been: until then nobody knows what is missing. A
   * provider that cannot be reached says so to the sink and tries on.
   *
   * @throws when it can never begin; the message says why
   */
  start(sink: ProviderSink): Promise<void>;
  /**
   * Takes statuses that are others than before; undefined for those that are gone. Never called before `start` has resolved.
   * It picks those of its own objects. Undefined where nothing can be written.
   */
  writeStatuses?(changed: StatusChanges): void;
  /** Ends all it does. Safe to call twice. */
  close(): Promise<void>;
}

/** Statuses by `<kind>/<key>`. */
export type StatusChanges = ReadonlyMap<string, ObjectStatus | undefined>;

/** What a provider hands objects to. A source is what is read as one: a file, or a key of a store. */
export interface ProviderSink {
  /** Takes what a source has now, and what is wrong with it, a line each; undefined: the source is gone. */
  update(source: string, content: SourceContent | undefined, problems?: readonly string[]): void;
  /** What is wrong with a source, a line each: none when all is well again. */
  problems(source: string, lines: readonly string[]): void;
  /** Some objects may be others now. Called once for all that came together. */
  changed(): void;
  /** The connection to where objects come from. */
  state(state: ProviderState): void;
}

/** Whether a provider hears of changes; without it all goes on with what there was. */
export type ProviderState =
  | { readonly kind: "connected"; readonly detail: string }
  | { readonly kind: "disconnected"; readonly reason: string };
