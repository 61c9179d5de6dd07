import { Cells } from "./cells.ts";

/**
 * The keys of other cells, by what their values say they belong to: the EndpointSlices of a Service, the routes of a
 * listener. A group is there as long as it has members. Its set is changed in place: read it, do not keep it.
 */
export class Index<V> extends Cells<ReadonlySet<string>> {
  readonly #groupsOf: (value: V, key: string) => Iterable<string>;

  constructor(
    name: string,
    source: Cells<V>,
    groupsOf: (value: V, key: string) => Iterable<string>,
  ) {
    super(name);
    this.#groupsOf = groupsOf;
    source.onChange((key, value, before) => this.#moved(key, value, before));
  }

  #moved(member: string, value: V | undefined, before: V | undefined): void {
    const from = this.#groups(before, member);
    const to = this.#groups(value, member);
    for (const group of from) if (!to.has(group)) this.#leave(group, member);
    for (const group of to) if (!from.has(group)) this.#join(group, member);
  }

  #groups(value: V | undefined, key: string): Set<string> {
    return new Set(value === undefined ? [] : this.#groupsOf(value, key));
  }

  #join(group: string, member: string): void {
    const members = (this.peek(group) ?? new Set()) as Set<string>;
    members.add(member);
    this.put(group, members);
  }

  #leave(group: string, member: string): void {
    const members = this.peek(group) as Set<string>;
    members.delete(member);
    this.put(group, members.size === 0 ? undefined : members);
  }
}
