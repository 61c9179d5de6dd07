import { type Profiler, Session } from "node:inspector";

/** Tells whether the code that ran since the last call did something that no run before it did. */
export interface Novelty {
  take(): boolean;
}

interface KnownFunction {
  /** Blocks that were ever reported, as start and end in turn. */
  readonly blocks: number[];
  /** What was reported and looked at already. */
  readonly reports: Set<string>;
  /** Block number and class of its count, as one number each. */
  readonly seen: Set<number>;
}

/** Counts of one class are alike: what a loop does the hundredth time is rarely new. */
const COUNT_CLASSES = 8;

/** Novelty of the JavaScript of some folders, by V8's precise block coverage. In use by one at a time. */
export class Coverage implements Novelty {
  readonly #session = new Session();
  readonly #folders: readonly string[];
  readonly #functions = new Map<string, KnownFunction>();

  /** `folders`: parts of the URLs of scripts that count. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Blocks that were ever told apart. */
  get blocks(): number {
    let count = 0;
    for (const { seen } of this.#functions.values()) count += seen.size;
    return count;
  }

  take(): boolean {
    let scripts: Profiler.ScriptCoverage[] = [];
    this.#session.post("Profiler.takePreciseCoverage", (error, answer) => {
      if (error !== null) throw error;
      scripts = answer.result;
    });
    let isNew = false;
    for (const { url, functions } of scripts) {
      if (!this.#folders.some((folder) => url.includes(folder))) continue;
      for (const { ranges } of functions) {
        if (ranges[0]!.count > 0 && this.#look(url, ranges)) isNew = true;
      }
    }
    return isNew;
  }

  close(): void {
    this.#session.post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }

  #look(url: string, ranges: readonly Profiler.CoverageRange[]): boolean {
    const [outer] = ranges;
    const key = `${outer!.startOffset}-${outer!.endOffset} ${url}`;
    let known = this.#functions.get(key);
    if (known === undefined) {
      known = { blocks: [], reports: new Set(), seen: new Set() };
      this.#functions.set(key, known);
    }
    let report = "";
    for (const { startOffset, endOffset, count } of ranges)
      report += `${startOffset}-${endOffset}:${classOf(count)} `;
    if (known.reports.has(report)) return false;
    known.reports.add(report);
    addBlocks(known.blocks, ranges);
    return addSeen(known, ranges);
  }
}

function addBlocks(blocks: number[], ranges: readonly Profiler.CoverageRange[]): void {
  for (const { startOffset, endOffset } of ranges) {
    let isKnown = false;
    for (let i = 0; i < blocks.length && !isKnown; i += 2)
      isKnown = blocks[i] === startOffset && blocks[i + 1] === endOffset;
    if (!isKnown) blocks.push(startOffset, endOffset);
  }
}

/** A block that ran as often as what is around it is not reported, so that each known one is looked up in the innermost. */
function addSeen(known: KnownFunction, ranges: readonly Profiler.CoverageRange[]): boolean {
  const { blocks, seen } = known;
  const before = seen.size;
  for (let i = 0; i < blocks.length; i += 2) {
    let count = 0;
    // Ranges come from the outer to the inner ones.
    for (const range of ranges) {
      if (range.startOffset <= blocks[i]! && range.endOffset >= blocks[i + 1]!) count = range.count;
    }
    seen.add(i * COUNT_CLASSES + classOf(count));
  }
  return seen.size > before;
}

function classOf(count: number): number {
  if (count <= 3) return count;
  if (count < 8) return 4;
  if (count < 32) return 5;
  return count < 128 ? 6 : 7;
}
