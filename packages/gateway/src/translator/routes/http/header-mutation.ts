import type { IrHeaderMutation } from "../../../ir/route.ts";
import type { HeaderFilter } from "../objects.ts";
import type { RuleFaults } from "./faults.ts";

type Header = readonly [name: string, value: string];

/** What a filter does to headers: one action for each name; of equal names in one list the first counts. */
export function headerMutation(
  { set, add, remove = [] }: HeaderFilter,
  where: string,
  faults: RuleFaults,
): IrHeaderMutation {
  const mutation = {
    set: firstOfEach(set),
    add: firstOfEach(add),
    remove: [...new Set(remove.map((name) => name.toLowerCase()))],
  };
  const added = mutation.add.map(([name]) => name);
  const names = [...mutation.set.map(([name]) => name), ...added, ...mutation.remove];
  for (const [i, name] of names.entries()) {
    if (!TOKEN.test(name))
      faults.unsupported(where, `expected the name of a header, got "${name}"`);
    if (names.indexOf(name) < i)
      faults.unsupported(where, `expected one action for each header, got more for ${name}`);
  }
  if ([...added, ...mutation.remove].includes("host"))
    faults.unsupported(where, "a request has one Host: expected set, got add or remove");
  return mutation;
}

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function firstOfEach(headers: HeaderFilter["set"] = []): Header[] {
  const byName = new Map<string, Header>();
  for (const { name, value } of headers) {
    const key = name.toLowerCase();
    if (!byName.has(key)) byName.set(key, [key, value]);
  }
  return [...byName.values()];
}
