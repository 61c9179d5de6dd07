import type { RouteRefusal } from "../attach.ts";

/** What is wrong with a rule: it is not served then. */
export class RuleFaults {
  readonly messages: string[] = [];
  /** The first reason counts. */
  reason: RouteRefusal["reason"] | undefined;
  /** Requests that match must get an error, not what another rule has for them. */
  fails = false;

  /** `where` as in `rules[0].matches[1].path`. */
  unsupported(where: string, message: string): void {
    this.#add("UnsupportedValue", where, message);
  }

  incompatible(where: string, message: string): void {
    this.#add("IncompatibleFilters", where, message);
  }

  get any(): boolean {
    return this.messages.length > 0;
  }

  #add(reason: RouteRefusal["reason"], where: string, message: string): void {
    this.reason ??= reason;
    this.messages.push(`${where}: ${message}`);
  }
}
