import type { IrSessionPersistence } from "../../../ir/route.ts";
import type { SessionPersistence } from "../objects.ts";
import { durationMs } from "./duration.ts";
import type { RuleFaults } from "./faults.ts";
import { checkHeaderName } from "./header-names.ts";
import type { RuleContext } from "./rule-context.ts";

/** How a client stays with its endpoint. A name that is not given is made of the rule's place. */
export function sessionPersistence(
  session: SessionPersistence,
  where: string,
  context: RuleContext,
): IrSessionPersistence {
  const { route, ruleIndex, matches, faults } = context;
  const { sessionName, type = "Cookie" } = session;
  const name = sessionName ?? `nuncio-${route.replaceAll("/", "-").toLowerCase()}-${ruleIndex}`;
  const ttlMs = cookieLifetime(session, where, faults);
  const what = type === "Header" ? "header" : "cookie";
  checkHeaderName(name, `${where}.sessionName`, faults, what);
  if (type === "Header") return { kind: "header", name };
  if (type !== "Cookie") faults.unsupported(where, `expected type Cookie or Header, got ${type}`);
  const path = cookiePath(matches);
  return { kind: "cookie", name, path, ...(ttlMs !== undefined && { ttlMs }) };
}

/** Milliseconds; undefined for a cookie of the session, and for a header. */
function cookieLifetime(
  { absoluteTimeout, type = "Cookie", cookieConfig }: SessionPersistence,
  where: string,
  faults: RuleFaults,
): number | undefined {
  const lifetime = cookieConfig?.lifetimeType ?? "Session";
  if (lifetime !== "Session" && lifetime !== "Permanent")
    faults.unsupported(where, `expected lifetimeType Session or Permanent, got ${lifetime}`);
  const place = `${where}.absoluteTimeout`;
  if (type === "Cookie" && lifetime === "Permanent") {
    const ttlMs = durationMs(absoluteTimeout ?? "");
    if (ttlMs === undefined)
      faults.unsupported(place, `expected a duration such as 1h, got ${absoluteTimeout ?? "none"}`);
    return ttlMs;
  }
  if (absoluteTimeout !== undefined)
    faults.unsupported(
      place,
      "is supported with a cookie of lifetimeType Permanent only: others are not tracked",
    );
  return undefined;
}

/** The path of the rule where it has one, so that cookies of rules do not meet. */
function cookiePath(matches: RuleContext["matches"]): string {
  const [first, ...others] = matches;
  const { type = "PathPrefix", value = "/" } = first?.path ?? {};
  return others.length > 0 || type === "RegularExpression" ? "/" : value;
}
