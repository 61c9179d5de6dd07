import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { DataStatus, HeadersStatus, TrailersStatus, type HttpFilter } from "../filter.ts";
import { Iteration } from "./iteration.ts";

/** Runs the decode methods of filters and writes down what comes out behind them. */
class Recorder extends Iteration {
  readonly log: string[] = [];
  limit = 1000;
  over = false;

  protected override get ended(): boolean {
    return this.over;
  }
  protected override get limitBytes(): number {
    return this.limit;
  }
  protected override callHeaders(
    filter: HttpFilter,
    headers: HeaderMap,
    endStream: boolean,
  ): HeadersStatus {
    return filter.decodeHeaders?.(headers, endStream) ?? HeadersStatus.Continue;
  }
  protected override callData(filter: HttpFilter, data: Buffer, endStream: boolean): DataStatus {
    return filter.decodeData?.(data, endStream) ?? DataStatus.Continue;
  }
  protected override callTrailers(filter: HttpFilter, trailers: HeaderMap): TrailersStatus {
    return filter.decodeTrailers?.(trailers) ?? TrailersStatus.Continue;
  }
  protected override callComplete(filter: HttpFilter): void {
    filter.decodeComplete?.();
  }
  protected override deliverHeaders(_headers: HeaderMap, endStream: boolean): void {
    this.log.push(`headers${endStream ? " end" : ""}`);
  }
  protected override deliverData(data: Buffer, endStream: boolean): void {
    this.log.push(`data ${data.toString()}${endStream ? " end" : ""}`);
  }
  protected override deliverTrailers(): void {
    this.log.push("trailers");
  }
  protected override onOverLimit(watermark: boolean): void {
    this.log.push(watermark ? "push back" : "too large");
  }
  protected override onBelowLimit(): void {
    this.log.push("let go");
  }
}

function run(filters: readonly HttpFilter[]): Recorder {
  return new Recorder(filters);
}

const data = (text: string): Buffer => Buffer.from(text);

void test("without a stop everything passes at once", () => {
  const way = run([{}, {}]);
  way.start(new HeaderMap(), false);
  way.data(data("a"), false);
  way.data(data("b"), true);
  assert.deepEqual(way.log, ["headers", "data a", "data b end"]);
});

void test("headers stopped: data reaches the filter, its first Continue lets all of it go on", () => {
  const seen: string[] = [];
  const way = run([
    {
      decodeHeaders: () => HeadersStatus.StopIteration,
      decodeData(chunk, endStream) {
        seen.push(chunk.toString());
        return endStream ? DataStatus.Continue : DataStatus.StopIterationAndBuffer;
      },
    },
    {
      decodeHeaders: (_headers, endStream) => (
        seen.push(`second ${endStream}`),
        HeadersStatus.Continue
      ),
    },
  ]);
  way.start(new HeaderMap(), false);
  way.data(data("a"), false);
  way.data(data("b"), true);
  assert.deepEqual(seen, ["a", "b", "second false"]);
  assert.deepEqual(way.log, ["headers", "data ab end"]);
});

void test("continue after a stop on a request without a body ends the stream with the headers", () => {
  const way = run([{ decodeHeaders: () => HeadersStatus.StopIteration }]);
  way.start(new HeaderMap(), true);
  assert.deepEqual(way.log, []);
  way.continueFrom(0);
  assert.deepEqual(way.log, ["headers end"]);
});

void test("stop all: the filter sees nothing until it continues, then all data in one piece", () => {
  const seen: string[] = [];
  const way = run([
    {
      decodeHeaders: () => HeadersStatus.StopAllIterationAndBuffer,
      decodeData: (chunk) => (seen.push(chunk.toString()), DataStatus.Continue),
    },
  ]);
  way.start(new HeaderMap(), false);
  way.data(data("a"), false);
  way.data(data("b"), true);
  assert.deepEqual(seen, []);
  way.continueFrom(0);
  assert.deepEqual(seen, ["ab"]);
  assert.deepEqual(way.log, ["headers", "data ab end"]);
});

void test("data buffered in the middle of the chain goes on together with what follows", () => {
  let hold = true;
  const way = run([
    {},
    { decodeData: () => (hold ? DataStatus.StopIterationAndBuffer : DataStatus.Continue) },
    {},
  ]);
  way.start(new HeaderMap(), false);
  way.data(data("a"), false);
  way.data(data("b"), false);
  assert.equal(way.buffered()?.toString(), "ab");
  hold = false;
  way.data(data("c"), true);
  assert.deepEqual(way.log, ["headers", "data abc end"]);
});

void test("trailers let go what was stopped before them", () => {
  const way = run([
    {
      decodeHeaders: () => HeadersStatus.StopIteration,
      decodeData: () => DataStatus.StopIterationAndBuffer,
    },
  ]);
  way.start(new HeaderMap(), false);
  way.data(data("a"), false);
  way.end(new HeaderMap());
  assert.deepEqual(way.log, ["headers", "data a", "trailers"]);
});

void test("trailers stopped by a filter wait for its continue", () => {
  const way = run([{ decodeTrailers: () => TrailersStatus.StopIteration }]);
  way.start(new HeaderMap(), false);
  way.data(data("a"), false);
  way.end(new HeaderMap());
  assert.deepEqual(way.log, ["headers", "data a"]);
  way.continueFrom(0);
  assert.deepEqual(way.log, ["headers", "data a", "trailers"]);
});

void test("the buffer limit fails the stream, or pushes back and lets go", () => {
  const failing = run([{ decodeData: () => DataStatus.StopIterationAndBuffer }]);
  failing.limit = 3;
  failing.start(new HeaderMap(), false);
  failing.data(data("abcd"), false);
  assert.deepEqual(failing.log, ["headers", "too large"]);
  const pushing = run([{ decodeData: () => DataStatus.StopIterationAndWatermark }]);
  pushing.limit = 3;
  pushing.start(new HeaderMap(), false);
  pushing.data(data("abcd"), false);
  pushing.data(data("ef"), true);
  pushing.continueFrom(0);
  assert.deepEqual(pushing.log, ["headers", "push back", "let go", "data abcdef end"]);
});

void test("nothing is dispatched once the stream ended", () => {
  const way: Recorder = run([
    { decodeHeaders: () => ((way.over = true), HeadersStatus.Continue) },
    {},
  ]);
  way.start(new HeaderMap(), true);
  assert.deepEqual(way.log, []);
});

void test("held data is a copy: the reader may use its buffer again", () => {
  const way = run([{ decodeData: () => DataStatus.StopIterationAndBuffer }]);
  const buffer = data("abc");
  way.start(new HeaderMap(), false);
  way.data(buffer, true);
  buffer.fill("x");
  way.continueFrom(0);
  assert.deepEqual(way.log, ["headers", "data abc end"]);
});

void test("data held for a later filter reaches the filters before it piece by piece, and itself once", () => {
  const seen: string[] = [];
  const note = (who: string, status: DataStatus): HttpFilter => ({
    decodeData: (chunk) => (seen.push(`${who} ${chunk.toString()}`), status),
    decodeTrailers: () => (seen.push(`${who} trailers`), TrailersStatus.Continue),
  });
  const way = run([
    note("first", DataStatus.Continue),
    note("second", DataStatus.StopIterationAndBuffer),
    note("third", DataStatus.Continue),
  ]);
  way.start(new HeaderMap(), false);
  way.data(data("a"), false);
  way.data(data("b"), false);
  way.end(new HeaderMap());
  assert.deepEqual(seen, [
    "first a",
    "second a",
    "first b",
    "second b",
    "first trailers",
    "second trailers",
    "third ab",
    "third trailers",
  ]);
  assert.deepEqual(way.log, ["headers", "data ab", "trailers"]);
});

void test("two filters that wait for all of a message see it one after the other", () => {
  const waits = (): HttpFilter => ({
    decodeHeaders: () => HeadersStatus.StopIteration,
    decodeData: (_chunk, endStream) =>
      endStream ? DataStatus.Continue : DataStatus.StopIterationAndBuffer,
  });
  const withEnd = run([waits(), waits()]);
  withEnd.start(new HeaderMap(), false);
  withEnd.data(data("a"), false);
  withEnd.data(data("b"), true);
  assert.deepEqual(withEnd.log, ["headers", "data ab end"]);
  const withTrailers = run([waits(), waits()]);
  withTrailers.start(new HeaderMap(), false);
  withTrailers.data(data("a"), false);
  withTrailers.end(new HeaderMap());
  assert.deepEqual(withTrailers.log, ["headers", "data a", "trailers"]);
});

void test("a second filter that stops on the headers gets the data that the first one held", () => {
  const seen: string[] = [];
  const way = run([
    { decodeHeaders: () => HeadersStatus.StopAllIterationAndBuffer },
    {
      decodeHeaders: () => HeadersStatus.StopIteration,
      decodeData: (chunk) => (seen.push(chunk.toString()), DataStatus.StopIterationAndBuffer),
    },
  ]);
  way.start(new HeaderMap(), false);
  way.data(data("a"), true);
  way.continueFrom(0);
  assert.deepEqual(seen, ["a"]);
  way.continueFrom(1);
  assert.deepEqual(way.log, ["headers", "data a end"]);
});

void test("trailers behind a filter that stopped everything wait for it alone", () => {
  const way = run([
    { decodeTrailers: () => TrailersStatus.StopIteration },
    { decodeHeaders: () => HeadersStatus.StopAllIterationAndBuffer },
  ]);
  way.start(new HeaderMap(), false);
  way.end(new HeaderMap());
  way.continueFrom(1);
  assert.deepEqual(way.log, ["headers"]);
  way.continueFrom(0);
  assert.deepEqual(way.log, ["headers", "trailers"]);
});

void test("a filter gives other data instead of what it was handed, and more of it with the trailers", () => {
  const way: Recorder = run([
    {
      decodeData: (chunk) => (
        way.replaceData(data(chunk.toString().repeat(2))),
        DataStatus.Continue
      ),
      decodeTrailers: () => (way.addData(0, data("last")), TrailersStatus.Continue),
    },
    {},
  ]);
  way.start(new HeaderMap(), false);
  way.data(data("a"), false);
  way.end(new HeaderMap());
  assert.deepEqual(way.log, ["headers", "data aa", "data last", "trailers"]);
});

void test("what is added with the trailers goes behind what is held", () => {
  const way: Recorder = run([
    {
      decodeData: () => (way.replaceData(data("b")), DataStatus.StopIterationAndBuffer),
      decodeTrailers: () => (way.addData(0, data("c")), TrailersStatus.Continue),
    },
  ]);
  way.start(new HeaderMap(), false);
  way.data(data("a"), false);
  way.end(new HeaderMap());
  assert.deepEqual(way.log, ["headers", "data bc", "trailers"]);
});

void test("a filter adds trailers behind data that end the message, and those behind it see them", () => {
  for (const firstStatus of [HeadersStatus.Continue, HeadersStatus.StopIteration]) {
    const seen: string[] = [];
    const adding: HttpFilter = {
      decodeHeaders: () => firstStatus,
      decodeData(_chunk, endStream) {
        if (!endStream) return DataStatus.StopIterationAndBuffer;
        way.addTrailers(new HeaderMap());
        return DataStatus.Continue;
      },
    };
    const behind: HttpFilter = {
      decodeData: (chunk, endStream) => (
        seen.push(`${chunk.toString()} ${endStream}`),
        DataStatus.Continue
      ),
      decodeTrailers: () => (seen.push("trailers"), TrailersStatus.Continue),
      decodeComplete: () => void seen.push("complete"),
    };
    const way = run([adding, behind]);
    way.start(new HeaderMap(), false);
    way.data(data("a"), false);
    way.data(data("b"), true);
    assert.deepEqual(seen, ["ab false", "trailers", "complete"]);
    assert.deepEqual(way.log, ["headers", "data ab", "trailers"]);
  }
});

void test("a filter gives a body and trailers to headers that end the message", () => {
  const adding: HttpFilter = {
    decodeHeaders() {
      way.addData(0, data("body"));
      way.addTrailers(new HeaderMap());
      return HeadersStatus.Continue;
    },
  };
  const seen: boolean[] = [];
  const behind: HttpFilter = {
    decodeHeaders: (_headers, endStream) => (seen.push(endStream), HeadersStatus.Continue),
  };
  const way = run([adding, behind]);
  way.start(new HeaderMap(), true);
  assert.deepEqual(seen, [false]);
  assert.deepEqual(way.log, ["headers", "data body", "trailers"]);
});
