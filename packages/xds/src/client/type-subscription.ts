import type { Clock, Timer } from "../types/clock.ts";
import { WILDCARD, canonicalResourceName, isCollectionName } from "../types/resource-name.ts";
import { ActiveWatch, canonicalNames } from "./active-watch.ts";
import { applyUpdate } from "./apply-update.ts";
import type { ReceivedResource, Rejection, Watch, WatchOptions } from "./callbacks.ts";
import { rejectionText } from "./rejection-text.ts";
import type { ResourceRecord } from "./resource-records.ts";
import { ResourceRecords } from "./resource-records.ts";
import type { TypeUpdate } from "./type-update.ts";
import { WatchIndex, isMeant, without } from "./watch-index.ts";

/**
 * All that is wanted of one type from one source, and all that has come of it. Knows nothing of requests, nonces and
 * streams: each protocol asks it for names and versions, and hands it updates.
 */
export class TypeSubscription {
  readonly typeUrl: string;
  /** Of the last response that was accepted whole. */
  version = "";
  readonly #clock: Clock;
  readonly #onInterest: () => void;
  readonly #watches = new WatchIndex();
  readonly #records = new ResourceRecords();
  /** Names that nobody wants any more, the oldest first; the control plane may not know it yet. */
  readonly #unwanted = new Set<string>();
  /** Watches that are told in a moment what was here before them. */
  readonly #late = new Set<ActiveWatch>();
  /** A response came while everything was wanted. */
  #hasAll = false;
  /** Owners are being told; what they take is not here yet. */
  #isApplying = false;
  #expiry: Timer | null = null;

  /** @param onInterest called when a name is wanted that was not before, or is not any more */
  constructor(typeUrl: string, clock: Clock, onInterest: () => void) {
    this.typeUrl = typeUrl;
    this.#clock = clock;
    this.#onInterest = onInterest;
  }

  /** Every name that the control plane is asked for; the wildcard among them. */
  get names(): Iterable<string> {
    return this.#watches.names();
  }

  get isWanted(): boolean {
    return !this.#watches.isEmpty;
  }

  wants(name: string): boolean {
    return this.#watches.isAskedFor(name);
  }

  /** The accepted resources; none of those that expired. */
  *held(): Generator<ReceivedResource> {
    for (const { held } of this.#records.all()) if (held !== null) yield held;
  }

  heldVersion(name: string): string | undefined {
    return this.#records.held(name)?.version;
  }

  /** True when all that is wanted is here, as far as that can be known. */
  get isComplete(): boolean {
    for (const name of this.#watches.names())
      if (name === WILDCARD ? !this.#hasAll : isGroup(name)) return false;
    for (const { held } of this.#records.all()) if (held === null) return false;
    return true;
  }

  /** All that is wanted, whether it came or not. */
  *records(): Generator<ResourceRecord> {
    for (const record of this.#records.all()) if (this.#isWanted(record.name)) yield record;
  }

  watch(options: WatchOptions): Watch {
    const watch = new ActiveWatch(options);
    watch.start(this.#clock, () => this.#timedOut(watch));
    this.#gained(this.#watches.add(watch));
    this.#catchUp(watch, watch.names);
    const rename = (names: ReadonlySet<string>): void => {
      if (!watch.isActive) return;
      const asked = without(names, watch.names);
      const { added, removed } = this.#watches.rename(watch, names);
      this.#lost(removed);
      this.#gained(added);
      this.#catchUp(watch, asked);
    };
    return {
      setNames: (names) => rename(canonicalNames(names)),
      addNames: (names) => rename(new Set([...watch.names, ...canonicalNames(names)])),
      removeNames: (names) => rename(without(watch.names, canonicalNames(names))),
      setWaitsFor: (name, reason) => {
        const key = canonicalResourceName(name);
        // What an owner is just told of has no record before it takes it.
        const record = this.#isApplying
          ? this.#records.ensure(key, this.#clock.nowMs())
          : this.#records.get(key);
        if (record !== undefined) record.waitsFor = reason;
      },
      cancel: () => {
        if (!watch.isActive) return;
        watch.cancel();
        this.#late.delete(watch);
        this.#lost(this.#watches.delete(watch));
      },
    };
  }

  /** Takes in a response. Returns the text of a NACK when something of it was refused. */
  apply(update: TypeUpdate): string | undefined {
    // Who gave everything up and comes back before the control plane knows of it is sent nothing again.
    if (this.#watches.isForAll || this.#unwanted.has(WILDCARD)) this.#hasAll = true;
    const rejections = this.#apply(update);
    if (rejections.length > 0) return rejectionText(this.typeUrl, rejections);
    this.version = update.version;
    return undefined;
  }

  /** A response came that cannot be used at all. */
  reject(): void {
    // Owners may cancel and add watches meanwhile.
    for (const watch of Array.from(this.#watches.all())) if (watch.isActive) watch.unusable();
  }

  /** The control plane cannot be reached; what was accepted stays. */
  connectionFailed(reason: string): void {
    // Owners may cancel and add watches meanwhile.
    for (const watch of Array.from(this.#watches.all())) {
      if (!watch.isActive) continue;
      try {
        watch.connectionFailed(reason);
      } catch (error) {
        this.#clock.setTimer(0, () => {
          throw error;
        });
      }
    }
  }

  /**
   * The control plane has been told what is wanted: what is not is dropped.
   * @param keptMax names to keep nevertheless, the newest ones
   */
  forgetUnwanted(keptMax = 0): void {
    if (this.#unwanted.size <= keptMax) return;
    const names = [...this.#unwanted].slice(0, this.#unwanted.size - keptMax);
    for (const name of names) this.#unwanted.delete(name);
    if (names.includes(WILDCARD)) this.#hasAll = false;
    // A name without a resource may have stood for others: the wildcard, a collection, a namespace, an alias.
    const areSingle = names.every((name) => this.#records.held(name) !== undefined);
    const candidates = areSingle ? names : Array.from(this.#records.all(), ({ name }) => name);
    for (const name of candidates) {
      if (!this.#unwanted.has(name) && !this.#isKept(name)) this.#records.forget(name);
    }
  }

  /** Ends all watches. */
  close(): void {
    this.#expiry?.cancel();
    this.#late.clear();
    for (const watch of Array.from(this.#watches.all())) {
      watch.cancel();
      this.#watches.delete(watch);
    }
  }

  #apply(update: TypeUpdate): readonly Rejection[] {
    // Nobody hears of the older content after the newer one.
    for (const watch of this.#late) this.#tellWhatIsHere(watch);
    this.#isApplying = true;
    const rejections = applyUpdate(update, this.#watches, this.#unwanted, this.#records, () =>
      this.#clock.nowMs(),
    );
    this.#isApplying = false;
    this.#armExpiry();
    return rejections;
  }

  #isWanted(name: string): boolean {
    if (this.#watches.has(name)) return true;
    return this.#watches.interestedIn(name, this.#records.held(name)?.aliases).size > 0;
  }

  #isKept(name: string): boolean {
    // Who asks again for what was not there is to be told by the control plane, not by what we remember.
    const record = this.#records.get(name);
    if (record?.held === null && record.absence !== null) return this.#watches.has(name);
    return this.#watches.hasNamespaces || this.#isWanted(name);
  }

  #gained(names: readonly string[]): void {
    if (names.length === 0) return;
    const nowMs = this.#clock.nowMs();
    for (const name of names) {
      this.#unwanted.delete(name);
      if (!isGroup(name) && this.#watches.isAskedFor(name)) this.#records.ensure(name, nowMs);
    }
    this.#armExpiry();
    this.#onInterest();
  }

  #lost(names: readonly string[]): void {
    if (names.length === 0) return;
    for (const name of names) {
      this.#unwanted.delete(name);
      this.#unwanted.add(name);
    }
    this.#onInterest();
  }

  #timedOut(watch: ActiveWatch): void {
    for (const name of watch.names) {
      const record = this.#records.get(name);
      if (record?.held === null) record.absence ??= "timeout";
    }
  }

  /** What is here already is not sent again: a watch that asks for it hears of it from us, in a moment. */
  #catchUp(watch: ActiveWatch, asked: ReadonlySet<string>): void {
    const isKnown =
      (isForAll(watch, asked) && this.#hasAll) ||
      this.#concerning(watch, asked).some(({ held, absence }) => held !== null || absence !== null);
    if (!isKnown && !this.#isApplying) return;
    for (const name of asked) watch.unheard.add(name);
    if (watch.catchUp !== null) return;
    watch.catchUp = this.#clock.setTimer(0, () => this.#tellWhatIsHere(watch));
    this.#late.add(watch);
  }

  #tellWhatIsHere(watch: ActiveWatch): void {
    watch.catchUp?.cancel();
    watch.catchUp = null;
    this.#late.delete(watch);
    if (!watch.isActive) return;
    const added: ReceivedResource[] = [];
    const removed: string[] = [];
    const asked = new Set([...watch.unheard].filter((name) => watch.names.has(name)));
    watch.unheard.clear();
    for (const { name, held, absence } of this.#concerning(watch, asked)) {
      if (held !== null) added.push(held);
      else if (absence === "does-not-exist") removed.push(name);
    }
    const isNews = added.length > 0 || removed.length > 0 || isForAll(watch, asked);
    if (!isNews) return;
    const update = { added, removed, version: this.version };
    const nowMs = this.#clock.nowMs();
    const rejections = watch.deliver(update, () => this.#clock.nowMs());
    for (const { name, version } of added) {
      const rejection = rejections.find((one) => one.name === null || one.name === name);
      if (rejection !== undefined) this.#records.reject(name, rejection, version, nowMs);
      this.#records.judge(name, rejection === undefined);
    }
  }

  /** Records that some of a watch's names stand for. */
  #concerning(watch: ActiveWatch, names: ReadonlySet<string>): ResourceRecord[] {
    const standForOthers = [...names].some((name) => isGroup(name) || watch.isNamespace(name));
    if (standForOthers)
      return [...this.#records.all()].filter(({ name, held }) =>
        isMeant(names, watch, name, held?.aliases),
      );
    return Array.from(names, (name) => this.#records.get(name)).filter(
      (record) => record !== undefined,
    );
  }

  #armExpiry(): void {
    this.#expiry?.cancel();
    this.#expiry = null;
    if (!this.isWanted) return;
    const nextMs = this.#records.nextExpiryMs();
    if (nextMs === Infinity) return;
    const delayMs = Math.max(0, nextMs - this.#clock.nowMs());
    this.#expiry = this.#clock.setTimer(delayMs, () => this.#expire());
  }

  #expire(): void {
    const nowMs = this.#clock.nowMs();
    const removed = this.#records.expired(nowMs);
    // Asked once: a resource that its owner does not let go would expire again at once.
    for (const name of removed) this.#records.live(name, undefined, nowMs);
    const nothing = { version: "", resources: [], heartbeats: [], rejected: [], errors: [] };
    const update = { ...nothing, removed, isFullState: false };
    this.#apply(update);
  }
}

/** True of names that stand for others and have no resource of their own: the wildcard, and collections of `xdstp://`. */
function isGroup(name: string): boolean {
  return name === WILDCARD || isCollectionName(name);
}

/** True of names whose resources are known when a response to a wish for all has come. */
function isForAll(watch: ActiveWatch, names: ReadonlySet<string>): boolean {
  return names.has(WILDCARD) || [...names].some((name) => watch.isNamespace(name));
}
