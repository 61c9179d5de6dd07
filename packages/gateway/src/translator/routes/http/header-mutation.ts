import type { IrHeaderMutation } from "../../../ir/route.ts";
import type { HeaderFilter } from "../objects.ts";
import type { RuleFaults } from "./faults.ts";
import { checkHeaderName } from "./header-names.ts";

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
    checkHeaderName(name, where, faults);
    if (names.indexOf(name) < i)
      faults.unsupported(where, `expected one action for each header, got more for ${name}`);
  }
  if ([...added, ...mutation.remove].includes("host"))
    faults.unsupported(where, "a request has one Host: expected set, got add or remove");
  const framing = names.find((name) => FRAMING.has(name) && !isRemoval(mutation, name));
  if (framing !== undefined)
    faults.unsupported(where, `${framing} says where a message ends, which is not a rule's to say`);
  return mutation;
}

/** With another length than the body has, a peer would take what follows for a message of its own. */
const FRAMING: ReadonlySet<string> = new Set(["content-length", "transfer-encoding"]);

/** Without its length a body is sent in chunks; those are not to be taken away. */
function isRemoval({ remove }: IrHeaderMutation, name: string): boolean {
  return name === "content-length" && remove.includes(name);
}

function firstOfEach(headers: HeaderFilter["set"] = []): Header[] {
  const byName = new Map<string, Header>();
  for (const { name, value } of headers) {
    const key = name.toLowerCase();
    if (!byName.has(key)) byName.set(key, [key, value]);
  }
  return [...byName.values()];
}
