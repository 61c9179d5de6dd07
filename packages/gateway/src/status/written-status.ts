import { sameData } from "../incremental/same-data.ts";
import { CONTROLLER_NAME } from "../resources/kinds.ts";
import type { Condition, WrittenCondition } from "./condition.ts";
import type { StatusFields } from "./object-status.ts";

/** `status` of an object as it is written: plain JSON. */
export type WrittenStatus = Readonly<Record<string, unknown>>;

/**
 * What `status` of an object is to be: ours in place of what we said before. Conditions that we do not know, and parents
 * and ancestors of other controllers, stay. A condition keeps its time as long as its status is the same.
 *
 * @param before what is there now
 * @param now RFC 3339, in whole seconds
 * @returns `before` itself when nothing is to be written
 */
export function writeStatus(
  ours: StatusFields,
  before: WrittenStatus | undefined,
  now: string,
): WrittenStatus {
  const old = (before ?? {}) as Partial<OldStatus>;
  const { conditions, listeners, parents, ancestors, ...plain } = ours;
  const {
    addresses: _,
    attachedListenerSets: __,
    supportedFeatures: ___,
    ...others
  } = before ?? {};
  const written = {
    ...others,
    ...plain,
    ...(conditions !== undefined && { conditions: stamped(conditions, old.conditions, now) }),
    ...(listeners !== undefined && {
      listeners: listeners.map((listener) => ({
        ...listener,
        conditions: stamped(listener.conditions, oldListener(old, listener.name), now),
      })),
    }),
    ...(parents !== undefined && { parents: shared(parents, old.parents, "parentRef", now) }),
    ...(ancestors !== undefined && {
      ancestors: shared(ancestors, old.ancestors, "ancestorRef", now),
    }),
  };
  return before !== undefined && sameData(written, before) ? before : written;
}

interface OldStatus {
  readonly conditions: readonly WrittenCondition[];
  readonly listeners: readonly {
    readonly name: string;
    readonly conditions?: readonly WrittenCondition[];
  }[];
  readonly parents: readonly OldEntry[];
  readonly ancestors: readonly OldEntry[];
}

/** What a controller says of a parent or ancestor. */
interface OldEntry {
  readonly controllerName: string;
  readonly parentRef?: object;
  readonly ancestorRef?: object;
  readonly conditions?: readonly WrittenCondition[];
}

function oldListener(
  { listeners = [] }: Partial<OldStatus>,
  name: string,
): readonly WrittenCondition[] | undefined {
  return listeners.find((listener) => listener.name === name)?.conditions;
}

/** `maxLength` of `message` in `metav1.Condition`: an API server takes no status with a longer one. */
const MESSAGE_CHARACTERS_MAX = 32_768;

function cut(message: string): string {
  if (message.length <= MESSAGE_CHARACTERS_MAX) return message;
  return `${message.slice(0, MESSAGE_CHARACTERS_MAX - 1).toWellFormed()}…`;
}

/** Ours with their times, behind them those that are not ours. */
function stamped(
  ours: readonly Condition[],
  before: readonly WrittenCondition[] = [],
  now: string,
): WrittenCondition[] {
  const old = new Map(before.map((one) => [one.type, one]));
  const types = new Set(ours.map(({ type }) => type));
  return [
    ...ours.map((one) => {
      const same = old.get(one.type);
      const kept = same?.status === one.status ? same.lastTransitionTime : now;
      return { ...one, message: cut(one.message), lastTransitionTime: kept };
    }),
    ...before.filter(({ type }) => !types.has(type) && !OURS.has(type)),
  ];
}

/** Types of conditions that go when we no longer say them. */
const OURS: ReadonlySet<string> = new Set([
  "Accepted",
  "Programmed",
  "ResolvedRefs",
  "Conflicted",
  "OverlappingTLSConfig",
  "InsecureFrontendValidationMode",
  "PartiallyInvalid",
  "SupportedVersion",
  "DefaultGateway",
]);

type SharedEntry = Omit<OldEntry, "conditions"> & { readonly conditions: readonly Condition[] };

/** A list that controllers share: theirs stay where they are, ours stand behind them. */
function shared(
  ours: readonly object[],
  before: readonly OldEntry[] = [],
  reference: "parentRef" | "ancestorRef",
  now: string,
): readonly object[] {
  const mine = before.filter(({ controllerName }) => controllerName === CONTROLLER_NAME);
  const theirs = before.filter(({ controllerName }) => controllerName !== CONTROLLER_NAME);
  return [
    ...theirs,
    ...(ours as readonly SharedEntry[]).map((entry) => {
      const old = mine.find((one) => sameData(one[reference], entry[reference]));
      return { ...entry, conditions: stamped(entry.conditions, old?.conditions, now) };
    }),
  ];
}
