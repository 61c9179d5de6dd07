import type { HeaderMap } from "@nuncio/codec";
import type { HeaderChange } from "./model.ts";

const PSEUDO = [":method", ":scheme", ":authority", ":path"];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What became of the headers between two looks at them, pseudo headers first; repeated lines are joined by `, `. */
export function headerChanges(before: HeaderMap, after: HeaderMap): HeaderChange[] {
  const names = new Set<string>(PSEUDO);
  for (const { entries } of [before, after]) {
    for (let i = 0; i < entries.length; i += 2) names.add(entries[i]!);
  }
  const changes: HeaderChange[] = [];
  for (const name of names) {
    const old = valueOf(before, name);
    const now = valueOf(after, name);
    if (old !== now)
      changes.push({ name, before: old, after: now === null ? null : steadyValue(name, now) });
  }
  return changes;
}

function valueOf(headers: HeaderMap, name: string): string | null {
  const values = headers.getAll(name);
  return values.length === 0 ? null : values.join(", ");
}

/** What stands for a value that is another one each time: a date, a generated id, a duration. */
export function steadyValue(name: string, value: string): string {
  if (name === "date") return "(now)";
  if (name === "x-envoy-upstream-service-time") return "(milliseconds)";
  return name === "x-request-id" && UUID.test(value) ? "(a UUID)" : value;
}
