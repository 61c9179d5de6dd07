import type { HttpRouteRule, ValueMatch } from "../translator/routes/objects.ts";
import { isRoute } from "./is-route.ts";
import type { Check, Finding } from "./mistake.ts";
import { withoutEffect } from "./without-effect.ts";

/** Of one connection alone (RFC 9110, 7.6.1): data planes take them away before they look for a route. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set([
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
]);

/** Matches of headers that no request has any more when routes are looked for. */
export const checkHopHeaders: Check = ({ objects }) =>
  objects.filter(isRoute<HttpRouteRule>).flatMap((route) =>
    (route.spec.rules ?? []).flatMap(({ matches = [] }, rule) =>
      matches.flatMap(({ headers = [] }, match) =>
        headers.flatMap((header, index): Finding[] => {
          if (!isGone(header)) return [];
          const path = ["spec", "rules", rule, "matches", match, "headers", index, "name"];
          const message = `never matches: ${header.name} is of the connection, and taken away before`;
          return [withoutEffect(route, path, message)];
        }),
      ),
    ),
  );

/** `Connection` stays where it asks for an upgrade. */
function isGone({ type, name, value }: ValueMatch): boolean {
  const lower = name.toLowerCase();
  if (lower === "connection") return type !== "RegularExpression" && !/upgrade/i.test(value);
  return OF_CONNECTIONS.has(lower);
}
