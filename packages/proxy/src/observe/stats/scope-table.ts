import type { ScopeSlots, StatTable } from "./definition.ts";

/** A scope with its table, as the readers of the store see it. */
export interface ScopeEntry {
  readonly scope: ScopeSlots;
  readonly table: StatTable;
}

/** What the owner of the memory does for the scopes in it. */
export interface ScopeMemory {
  /** Slots that nobody had before. Throws when there are none left. */
  allocate(prefix: string, table: StatTable): ScopeSlots;
  /** A scope is there: its slots are those of `allocate`, or of one that is gone. */
  prepare(entry: ScopeEntry): void;
  /** Nobody writes to the scope any more: its values go, and those of the stats that it got on first use. */
  clear(entry: ScopeEntry, dynamicNames: ReadonlySet<string>): void;
}

/** A claim that is never given up. */
const FOR_EVER = Infinity;

/** Somebody's part in a scope. */
export interface Claim {
  readonly entry: ScopeEntry;
  owners: number;
  /** Full names of the stats below its prefix that came on first use. */
  readonly dynamic: Set<string>;
  /** Null while it has owners; then, whether anything may still be written. */
  unused: (() => boolean) | null;
  /** It was unused the last time somebody looked. */
  wasUnused: boolean;
}

/**
 * Which scopes there are and who has them. One without owners is not shown; its slots are cleared and go to the next scope of
 * its table once it was found unused twice.
 */
export class ScopeTable {
  readonly #memory: ScopeMemory;
  readonly #byTable = new Map<StatTable, Map<string, Claim>>();
  /** Those of leases, by prefix. */
  readonly #leased = new Map<string, Set<Claim>>();
  readonly #shown = new Set<Claim>();
  readonly #retired = new Set<Claim>();
  readonly #free = new Map<StatTable, ScopeSlots[]>();
  readonly #hiddenNames = new Set<string>();
  #entries: readonly ScopeEntry[] | null = null;

  constructor(memory: ScopeMemory) {
    this.#memory = memory;
  }

  /** Those that are shown, in order of creation: the same array until there are others. */
  get entries(): readonly ScopeEntry[] {
    return (this.#entries ??= Array.from(this.#shown, ({ entry }) => entry));
  }

  /** For ever. */
  scope(prefix: string, table: StatTable): ScopeSlots {
    const claim = this.#find(prefix, table);
    claim.owners = FOR_EVER;
    return claim.entry.scope;
  }

  /** Pair with `drop`. */
  claim(prefix: string, table: StatTable): Claim {
    const claim = this.#find(prefix, table);
    claim.owners += 1;
    const leased = this.#leased.get(prefix);
    if (leased === undefined) this.#leased.set(prefix, new Set([claim]));
    else leased.add(claim);
    return claim;
  }

  drop(claim: Claim, unused: () => boolean): void {
    claim.owners -= 1;
    if (claim.owners > 0) return;
    claim.unused = unused;
    claim.wasUnused = false;
    this.#retired.add(claim);
    this.#shown.delete(claim);
    this.#entries = null;
    for (const name of claim.dynamic) this.#hiddenNames.add(name);
  }

  /** A stat came on first use: it goes with the scope whose prefix is the longest. */
  adoptDynamic(fullName: string): void {
    if (this.#leased.size === 0) return;
    for (let dot = fullName.lastIndexOf("."); dot >= 0; dot = fullName.lastIndexOf(".", dot - 1)) {
      const claims = this.#leased.get(fullName.slice(0, dot + 1));
      if (claims !== undefined) {
        const [claim] = claims;
        claim!.dynamic.add(fullName);
        if (claim!.unused !== null) this.#hiddenNames.add(fullName);
        return;
      }
      if (dot === 0) return;
    }
  }

  /** Whether a stat that came on first use has gone out of sight with its scope. */
  hides(fullName: string): boolean {
    return this.#hiddenNames.has(fullName);
  }

  /** Frees what was unused in the last sweep and still is. */
  sweep(): void {
    for (const claim of this.#retired) {
      if (!claim.unused!()) continue;
      if (claim.wasUnused) this.#discard(claim);
      else claim.wasUnused = true;
    }
  }

  #find(prefix: string, table: StatTable): Claim {
    let prefixes = this.#byTable.get(table);
    if (prefixes === undefined) this.#byTable.set(table, (prefixes = new Map()));
    let claim = prefixes.get(prefix);
    if (claim === undefined) {
      claim = this.#create(prefix, table);
      prefixes.set(prefix, claim);
    } else if (claim.unused === null) {
      return claim;
    }
    claim.unused = null;
    this.#retired.delete(claim);
    for (const name of claim.dynamic) this.#hiddenNames.delete(name);
    this.#shown.add(claim);
    this.#entries = null;
    return claim;
  }

  #create(prefix: string, table: StatTable): Claim {
    const old = this.#free.get(table)?.pop();
    const scope = old === undefined ? this.#memory.allocate(prefix, table) : { ...old, prefix };
    const entry = { scope, table };
    this.#memory.prepare(entry);
    return { entry, owners: 0, dynamic: new Set(), unused: null, wasUnused: false };
  }

  #discard(claim: Claim): void {
    const { entry, dynamic } = claim;
    const { scope, table } = entry;
    this.#retired.delete(claim);
    for (const name of dynamic) this.#hiddenNames.delete(name);
    this.#byTable.get(table)!.delete(scope.prefix);
    const leased = this.#leased.get(scope.prefix)!;
    leased.delete(claim);
    if (leased.size === 0) this.#leased.delete(scope.prefix);
    this.#memory.clear(entry, dynamic);
    const free = this.#free.get(table);
    if (free === undefined) this.#free.set(table, [scope]);
    else free.push(scope);
  }
}
