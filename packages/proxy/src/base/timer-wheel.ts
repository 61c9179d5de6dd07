import { TimerKind, type TimerScale } from "./timer-scale.ts";

/** Told when one of its timers runs out. The timer itself says which, so no closure is made per timer. */
export interface TimerTarget {
  onTimer(timer: Timer): void;
}

/**
 * A timeout that can be armed many times. It is a node of the wheel's own lists: arming, extending and
 * cancelling allocate nothing.
 */
export class Timer {
  readonly target: TimerTarget;
  /** Monotonic milliseconds; meaningful while armed. */
  deadlineMs = 0;
  armed = false;
  /** What it is for, where that may be reduced under pressure; then when it was armed, and for how long without pressure. */
  kind: TimerKind;
  armedMs = 0;
  fullMs = 0;
  /** Links, level and slot; the wheel's business. */
  next: Timer | null = null;
  previous: Timer | null = null;
  list: TimerList | null = null;

  constructor(target: TimerTarget, kind: TimerKind = TimerKind.Fixed) {
    this.target = target;
    this.kind = kind;
  }
}

class TimerList {
  first: Timer | null = null;

  push(timer: Timer): void {
    timer.list = this;
    timer.previous = null;
    timer.next = this.first;
    if (this.first !== null) this.first.previous = timer;
    this.first = timer;
  }

  remove(timer: Timer): void {
    if (timer.previous === null) this.first = timer.next;
    else timer.previous.next = timer.next;
    if (timer.next !== null) timer.next.previous = timer.previous;
    timer.next = null;
    timer.previous = null;
    timer.list = null;
  }
}

export type { TimerList };

const SLOT_BITS = 8;
const SLOTS = 1 << SLOT_BITS;
const LEVELS = 3;

/** What the wheel needs of the outside; a test hands in a clock that it moves itself. */
export interface WheelClock {
  nowMs(): number;
  /** Calls `wake` once after `delayMs`; a later call replaces an earlier one. Must not keep the process alive. */
  wakeAfter(delayMs: number, wake: () => void): void;
  /** A target threw. The other timers go on. */
  onException(error: unknown): void;
}

/**
 * Timers that almost never fire: idle, request, per-try. A hierarchical wheel of 3 × 256 slots; the finest slot is
 * 16 ms wide, so a timer fires up to 16 ms late and never early. The whole worker has one system timer, armed only while
 * something is in the wheel. Delays above 74 hours fire after 74 hours at the latest check and are re-armed.
 */
export class TimerWheel {
  static readonly TICK_MS = 16;

  readonly #clock: WheelClock;
  readonly #levels: TimerList[][] = [];
  readonly #originMs: number;
  /** The last tick whose slot was emptied. */
  #tick = 0;
  #count = 0;
  #wakeTick = Infinity;
  #scale: TimerScale | null = null;
  readonly #wake = (): void => this.#onWake();

  constructor(clock: WheelClock) {
    this.#clock = clock;
    this.#originMs = clock.nowMs();
    for (let level = 0; level < LEVELS; level++) {
      this.#levels.push(Array.from({ length: SLOTS }, () => new TimerList()));
    }
  }

  /** Timers that are armed. */
  get size(): number {
    return this.#count;
  }

  /**
   * Arms `timer` to fire `delayMs` from now. A timer that is armed already and moves to a later time stays where it
   * is and is moved when its old time comes: pushing an idle timeout forward costs one store.
   */
  arm(timer: Timer, delayMs: number): void {
    let deadlineMs = this.#clock.nowMs() + delayMs;
    if (timer.kind !== TimerKind.Fixed) deadlineMs = this.#scaled(timer, delayMs);
    if (timer.armed) {
      const later = deadlineMs >= timer.deadlineMs;
      timer.deadlineMs = deadlineMs;
      if (later) return;
      timer.list!.remove(timer);
      this.#count--;
    }
    timer.deadlineMs = deadlineMs;
    timer.armed = true;
    // With nothing in the wheel there is nothing to pass by: jump over the ticks of the idle time.
    if (this.#count === 0) this.#tick = Math.max(this.#tick, this.#tickOf(this.#clock.nowMs()));
    this.#insert(timer);
  }

  /** From now on timers of a kind run for what is left of their time, those that are armed as well. */
  rescale(scale: TimerScale): void {
    this.#scale = scale;
    for (const level of this.#levels) for (const list of level) this.#rescaleList(list);
  }

  #scaled(timer: Timer, fullMs: number): number {
    timer.armedMs = this.#clock.nowMs();
    timer.fullMs = fullMs;
    return (
      timer.armedMs + (this.#scale === null ? fullMs : this.#scale.delayMs(timer.kind, fullMs))
    );
  }

  #rescaleList(list: TimerList): void {
    let next: Timer | null;
    for (let timer = list.first; timer !== null; timer = next) {
      next = timer.next;
      if (timer.kind === TimerKind.Fixed) continue;
      const deadlineMs = timer.armedMs + this.#scale!.delayMs(timer.kind, timer.fullMs);
      const sooner = deadlineMs < timer.deadlineMs;
      timer.deadlineMs = deadlineMs;
      // One that moves to a later time is moved when its old time comes.
      if (!sooner) continue;
      list.remove(timer);
      this.#count--;
      this.#insert(timer);
    }
  }

  cancel(timer: Timer): void {
    if (!timer.armed) return;
    timer.armed = false;
    timer.list!.remove(timer);
    this.#count--;
  }

  #insert(timer: Timer, earliest: number = this.#tick + 1): void {
    const tick = Math.max(
      earliest,
      Math.ceil((timer.deadlineMs - this.#originMs) / TimerWheel.TICK_MS),
    );
    this.#count++;
    const delta = tick - this.#tick;
    if (delta < SLOTS) {
      this.#levels[0]![tick & (SLOTS - 1)]!.push(timer);
      this.#scheduleAt(tick);
    } else if (delta < SLOTS * SLOTS) {
      this.#levels[1]![(tick >> SLOT_BITS) & (SLOTS - 1)]!.push(timer);
      this.#scheduleAt(this.#nextCascade());
    } else {
      const far = Math.min(tick, this.#tick + SLOTS * SLOTS * (SLOTS - 1));
      this.#levels[2]![Math.floor(far / (SLOTS * SLOTS)) & (SLOTS - 1)]!.push(timer);
      this.#scheduleAt(this.#nextCascade());
    }
  }

  #tickOf(timeMs: number): number {
    return Math.floor((timeMs - this.#originMs) / TimerWheel.TICK_MS);
  }

  #nextCascade(): number {
    return ((this.#tick >> SLOT_BITS) + 1) << SLOT_BITS;
  }

  #scheduleAt(tick: number): void {
    if (tick >= this.#wakeTick) return;
    this.#wakeTick = tick;
    const atMs = this.#originMs + tick * TimerWheel.TICK_MS;
    this.#clock.wakeAfter(Math.max(1, Math.ceil(atMs - this.#clock.nowMs())), this.#wake);
  }

  #onWake(): void {
    this.#wakeTick = Infinity;
    const nowTick = this.#tickOf(this.#clock.nowMs());
    while (this.#tick < nowTick && this.#count > 0) {
      this.#tick++;
      const slot = this.#tick & (SLOTS - 1);
      if (slot === 0) this.#cascade();
      this.#expire(this.#levels[0]![slot]!);
    }
    if (this.#count > 0) this.#scheduleNext();
  }

  #cascade(): void {
    const slot = (this.#tick >> SLOT_BITS) & (SLOTS - 1);
    if (slot === 0) {
      this.#respread(this.#levels[2]![Math.floor(this.#tick / (SLOTS * SLOTS)) & (SLOTS - 1)]!);
    }
    this.#respread(this.#levels[1]![slot]!);
  }

  #respread(list: TimerList): void {
    let timer = list.first;
    list.first = null;
    while (timer !== null) {
      const next = timer.next;
      timer.list = null;
      this.#count--;
      // The slot of this very tick is emptied next, so it may still take timers.
      this.#insert(timer, this.#tick);
      timer = next;
    }
  }

  #expire(list: TimerList): void {
    const nowMs = this.#clock.nowMs();
    // A callback may cancel any other timer, so the list is taken apart from its head, never by a kept link.
    while (list.first !== null) {
      const timer = list.first;
      list.remove(timer);
      this.#count--;
      if (timer.deadlineMs > nowMs) {
        // It was pushed forward: to the slot of its new time, which is never this one.
        this.#insert(timer);
        continue;
      }
      timer.armed = false;
      try {
        timer.target.onTimer(timer);
      } catch (error) {
        this.#clock.onException(error);
      }
    }
  }

  #scheduleNext(): void {
    const level = this.#levels[0]!;
    const boundary = this.#nextCascade();
    for (let tick = this.#tick + 1; tick < boundary; tick++) {
      if (level[tick & (SLOTS - 1)]!.first !== null) {
        this.#scheduleAt(tick);
        return;
      }
    }
    this.#scheduleAt(boundary);
  }
}
