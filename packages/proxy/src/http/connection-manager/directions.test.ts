import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { HeadersStatus, type HttpFilter } from "../filter.ts";
import type { ActiveStream } from "./active-stream.ts";
import { EncodeIteration } from "./directions.ts";

void test("a response that a filter replaced by a reply goes no further", () => {
  const sent: string[] = [];
  const stream = {
    destroyed: false,
    encode: null as EncodeIteration | null,
    sendHeaders: ({ status }: HeaderMap) => sent.push(String(status)),
  };
  const filters: HttpFilter[] = [];
  const begin = (status: number): void => {
    const headers = new HeaderMap();
    headers.status = status;
    stream.encode = new EncodeIteration(stream as unknown as ActiveStream, filters);
    stream.encode.start(headers, false);
  };
  filters.push({
    encodeHeaders({ status }) {
      if (status === 200) begin(500);
      return HeadersStatus.Continue;
    },
  });
  begin(200);
  assert.deepEqual(sent, ["500"]);
});
