import type { Resource } from "../resources/object.ts";
import type { FieldPath } from "../resources/problem.ts";
import type { Condition } from "../status/condition.ts";
import { isBadNews } from "../status/status-lines.ts";
import type { AnalyzedResources, Finding } from "./mistake.ts";
import { statusParts, type StatusPart } from "./status-parts.ts";

/**
 * What the statuses say that is not as it should be: each problem at its place and once, whichever conditions tell of it.
 *
 * @param found what other checks have found: they say more than a status does
 */
export function checkStatuses(
  { store, pipeline }: AnalyzedResources,
  found: readonly Finding[],
): readonly Finding[] {
  const errors = Map.groupBy(
    found.filter(({ severity }) => severity === "error"),
    ({ object }) => object,
  );
  return pipeline.statuses.flatMap((cells) =>
    [...cells.values()].flatMap((status) => {
      const object: Resource | undefined = store.table(status.kind).peek(status.key);
      if (object === undefined) return [];
      const problems = statusParts(status, object).flatMap((part) => problemsOf(object, part));
      const known = errors.get(object) ?? [];
      const unexplained = problems.filter(
        (problem) => !known.some((one) => explains(one, problem)),
      );
      return [...Map.groupBy(unexplained, idOf).values()].map((same) => findingOf(object, same));
    }),
  );
}

/** One thing that is wrong, as one condition tells it. */
interface StatusProblem {
  readonly about: string;
  readonly path: FieldPath;
  /** The message itself says where. */
  readonly isPlaced: boolean;
  readonly condition: Condition;
  /** `ResolvedRefs=False BackendNotFound` */
  readonly told: string;
  readonly text: string;
}

/** They say that something is wrong which another condition tells. */
const SUMMARIES: ReadonlySet<string> = new Set([
  "ListenersNotValid",
  "ListenersNotResolved",
  "Pending",
]);

/** What somebody may have wanted. */
const WARNINGS: ReadonlySet<string> = new Set([
  "OverlappingTLSConfig",
  "InsecureFrontendValidationMode",
]);

function problemsOf(object: Resource, { about, path, base, conditions }: StatusPart) {
  const bad = conditions.filter(isBadNews);
  const causes = bad.filter(({ type }) => type !== "Programmed" || bad.length === 1);
  const problems = causes.flatMap((condition) =>
    piecesOf(condition.message).map((text, index): StatusProblem => {
      const place = pathIn(object, base, text) ?? pathIn(object, ["spec"], text);
      const { type, status, reason } = condition;
      // The reason of a condition is that of its first problem.
      const told = index === 0 ? `${type}=${status} ${reason}` : `${type}=${status}`;
      const common = { about, path: place ?? path, isPlaced: place !== undefined };
      return { ...common, condition, told, text };
    }),
  );
  return problems.filter(
    ({ isPlaced, condition: { reason } }) => isPlaced || !SUMMARIES.has(reason),
  );
}

/** `rules[0].backendRefs[1]: ...` */
const PATH = /^([a-z]\w*(?:\[\d+\])*(?:\.[a-z]\w*(?:\[\d+\])*)*): /i;
const NEXT_PATH = /; (?=[a-z]\w*(?:\[\d+\])*(?:\.[a-z]\w*(?:\[\d+\])*)*: )/;

/** A message tells several problems, each behind its place, which names the rule that is dropped. */
function piecesOf(message: string): readonly string[] {
  return message.replace(/^Dropped Rule [\d, ]+: /, "").split(NEXT_PATH);
}

/** The path that a message begins with, if the object has such a field. */
function pathIn(object: Resource, base: FieldPath, message: string): FieldPath | undefined {
  const text = PATH.exec(message)?.[1];
  if (text === undefined) return undefined;
  const steps = text.match(/\w+/g)!.map((step) => (/^\d/.test(step) ? Number(step) : step));
  const path = [...base, ...steps];
  let value: unknown = object;
  for (const step of path) value = (value as Record<string | number, unknown> | undefined)?.[step];
  return value === undefined ? undefined : path;
}

/** A reference that leads nowhere is told of at one of its members. That no host name fits, at each of them. */
function explains({ rule, path }: Finding, problem: StatusProblem): boolean {
  if (!problem.isPlaced)
    return rule === "foreign-hostname" && problem.condition.reason === "NoMatchingListenerHostname";
  const place = problem.path.join("/");
  return path.join("/") === place || path.slice(0, -1).join("/") === place;
}

function idOf({ path, text }: StatusProblem): string {
  return `${path.join("/")} ${text}`;
}

function findingOf(object: Resource, same: readonly StatusProblem[]): Finding {
  const { path, text } = same[0]!;
  const about = distinct(same.map((one) => one.about)).filter((one) => one !== "");
  const conditions = distinct(same.map(({ told }) => told));
  const isWarning = same.every(({ condition }) => WARNINGS.has(condition.type));
  return {
    rule: "status",
    severity: isWarning ? "warning" : "error",
    object,
    path,
    message: `${about.length === 0 ? "" : `${about.join(", ")}: `}${conditions.join(", ")}: ${text}`,
  };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
