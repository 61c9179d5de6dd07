import type { FieldPath } from "../resources/problem.ts";
import type { HttpRouteRule, RouteFilter } from "../translator/routes/objects.ts";
import { isRoute } from "./is-route.ts";
import type { Check, Finding } from "./mistake.ts";
import { withoutEffect } from "./without-effect.ts";

/** Of a rule, for requests that are sent to a backend. */
const OF_FORWARDING = ["timeouts", "retry", "sessionPersistence"] as const;

/** How requests are sent on, by rules whose requests are all redirected. */
export const checkForwarding: Check = ({ objects }) =>
  objects.filter(isRoute<HttpRouteRule>).flatMap((route) =>
    (route.spec.rules ?? []).flatMap((rule, index) => {
      if (!isRedirect(rule)) return [];
      return OF_FORWARDING.filter((field) => rule[field] !== undefined).map((field): Finding => {
        const path: FieldPath = ["spec", "rules", index, field];
        return withoutEffect(
          route,
          path,
          "the rule redirects all of its requests, none is sent on",
        );
      });
    }),
  );

function isRedirect({ filters, backendRefs = [] }: HttpRouteRule): boolean {
  const used = backendRefs.filter(({ weight = 1 }) => weight > 0);
  return hasRedirect(filters) || (used.length > 0 && used.every((ref) => hasRedirect(ref.filters)));
}

function hasRedirect(filters: readonly RouteFilter[] = []): boolean {
  return filters.some(({ type }) => type === "RequestRedirect");
}
