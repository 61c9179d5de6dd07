import type { DnsLookupFamily } from "../definition.ts";
import type { DiscoveryRuntime } from "../discovery/discovery.ts";
import type { DnsAnswer, DnsResolver } from "../discovery/dns-resolver.ts";

interface Question {
  readonly name: string;
  readonly family: DnsLookupFamily;
  readonly callback: (answer: DnsAnswer) => void;
}

/** Time that the test moves, dice that show what the test says, and DNS that the test answers. */
export class FakeRuntime implements DiscoveryRuntime, DnsResolver {
  now = 1_000_000;
  dice = 0;
  /** Questions that wait for an answer. */
  questions: Question[] = [];
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  random(): number {
    return this.dice;
  }

  wallMs(): number {
    return this.now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  resolver(): DnsResolver {
    return this;
  }

  resolve(
    name: string,
    family: DnsLookupFamily,
    callback: (answer: DnsAnswer) => void,
  ): () => void {
    const question = { name, family, callback };
    this.questions.push(question);
    return () => {
      this.questions = this.questions.filter((other) => other !== question);
    };
  }

  /** Answers the oldest question about `name` with addresses that live for `ttlS`, or with a failure. */
  answer(name: string, ips: readonly string[] | "failure", ttlS = 0): void {
    const question = this.questions.find((candidate) => candidate.name === name);
    if (question === undefined) throw new Error(`nobody asks for ${name}`);
    this.questions = this.questions.filter((other) => other !== question);
    question.callback(
      ips === "failure"
        ? { status: "failure", reason: "ETIMEOUT" }
        : { status: "completed", addresses: ips.map((ip) => ({ ip, ttlS })) },
    );
  }

  /** Milliseconds until the next timer; Infinity without one. */
  get nextMs(): number {
    return Math.min(...this.#timers.map(({ atMs }) => atMs)) - this.now;
  }

  /** Moves the clock, and calls back what is due. */
  advance(ms: number): void {
    this.now += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.now);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.now);
    for (const { callback } of due) callback();
  }
}
