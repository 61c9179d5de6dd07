import type { FieldPath } from "../resources/problem.ts";
import type { HeaderFilter, HttpRouteRule, RouteFilter } from "../translator/routes/objects.ts";
import { isRoute } from "./is-route.ts";
import type { Check, Finding } from "./mistake.ts";
import { withoutEffect } from "./without-effect.ts";

/** Headers that one list names twice, in another case: the first one counts. */
export const checkNames: Check = ({ objects }) =>
  objects.filter(isRoute<HttpRouteRule>).flatMap((route) =>
    (route.spec.rules ?? []).flatMap((rule, index) =>
      listsOf(rule, ["spec", "rules", index]).flatMap(({ path, names }) =>
        twice(names).map(([name, place]): Finding => {
          const message = `${name} is named before, and the first of equal names counts`;
          return withoutEffect(route, [...path, place, "name"], message);
        }),
      ),
    ),
  );

interface NameList {
  readonly path: FieldPath;
  readonly names: readonly string[];
}

function listsOf({ matches = [], filters, backendRefs = [] }: HttpRouteRule, path: FieldPath) {
  return [
    ...matches.map(({ headers }, index) => named([...path, "matches", index, "headers"], headers)),
    ...ofFilters(filters, path),
    ...backendRefs.flatMap((ref, index) => ofFilters(ref.filters, [...path, "backendRefs", index])),
  ];
}

function ofFilters(filters: readonly RouteFilter[] = [], path: FieldPath): NameList[] {
  return filters.flatMap((filter, index) =>
    (["requestHeaderModifier", "responseHeaderModifier"] as const).flatMap((member) => {
      const { set, add }: HeaderFilter = filter[member] ?? {};
      const at = [...path, "filters", index, member];
      return [named([...at, "set"], set), named([...at, "add"], add)];
    }),
  );
}

function named(path: FieldPath, items: readonly { readonly name: string }[] = []): NameList {
  return { path, names: items.map(({ name }) => name) };
}

function twice(names: readonly string[]): (readonly [name: string, place: number])[] {
  const lower = names.map((name) => name.toLowerCase());
  return names.flatMap((name, place) =>
    lower.indexOf(lower[place]!) < place ? [[name, place] as const] : [],
  );
}
