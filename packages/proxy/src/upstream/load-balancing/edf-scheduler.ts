/**
 * Earliest deadline first: entries come up as often as their weights say, spread as evenly as possible. After
 * each pick an entry's next deadline is 1/weight later. Ties go to the entry that was added first.
 *
 * A binary heap over typed arrays: a pick costs O(log n) and allocates nothing.
 */
export class EdfScheduler<T> {
  readonly #entries: readonly T[];
  readonly #weightOf: (entry: T) => number;
  readonly #deadlines: Float64Array;
  /** Rises with every (re-)insertion; breaks ties. */
  readonly #orders: Float64Array;
  readonly #heap: Uint32Array;
  #order = 0;

  /**
   * `weightOf` must be positive and is asked again at each pick, so a weight may depend on load. `picks` is how
   * far the schedule has run already: workers that start at different points do not all hit the same host first.
   */
  constructor(entries: readonly T[], weightOf: (entry: T) => number, picks: number) {
    const size = entries.length;
    this.#entries = entries;
    this.#weightOf = weightOf;
    this.#deadlines = new Float64Array(size);
    this.#orders = new Float64Array(size);
    this.#heap = new Uint32Array(size);
    let sum = 0;
    for (const entry of entries) sum += weightOf(entry);
    let done = 0;
    for (let i = 0; i < size; i++) {
      const weight = weightOf(entries[i]!);
      const picked = Math.floor((weight / sum) * picks);
      done += picked;
      this.#deadlines[i] = (picked + 1) / weight;
      this.#orders[i] = this.#order++;
      this.#heap[i] = i;
    }
    for (let at = (size >> 1) - 1; at >= 0; at--) this.#siftDown(at);
    // Every entry has been rounded down, so fewer picks are left to do than there are entries.
    for (; done < picks && size > 0; done++) this.pick();
  }

  /** The next entry; undefined only when there are none. */
  pick(): T | undefined {
    if (this.#heap.length === 0) return undefined;
    const top = this.#heap[0]!;
    const entry = this.#entries[top]!;
    this.#deadlines[top]! += 1 / this.#weightOf(entry);
    this.#orders[top] = this.#order++;
    this.#siftDown(0);
    return entry;
  }

  #siftDown(start: number): void {
    const heap = this.#heap;
    const size = heap.length;
    const moved = heap[start]!;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, moved)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moved;
  }

  #before(a: number, b: number): boolean {
    const difference = this.#deadlines[a]! - this.#deadlines[b]!;
    return difference === 0 ? this.#orders[a]! < this.#orders[b]! : difference < 0;
  }
}
