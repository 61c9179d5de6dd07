import { readResponse } from "../../../packages/codec/src/http1/testing/drive.ts";
import {
  EVENT_OPTIONS,
  requestEvents,
  responseEvents,
} from "../../../packages/codec/src/http1/testing/events.ts";
import { assertSplitInvariant } from "../split.ts";
import type { FuzzTarget } from "../target.ts";
import { HTTP1_DICTIONARY, REQUEST_SEEDS, RESPONSE_SEEDS } from "./http1-seeds.ts";

const COVERS = ["/codec/src/http1/", "/codec/src/header-map.ts"];

/** Requests as a server reads them, pipelined. */
export const http1Server: FuzzTarget = {
  name: "http1-server",
  covers: COVERS,
  runs: 8_000,
  seeds: REQUEST_SEEDS,
  dictionary: HTTP1_DICTIONARY,
  run(input) {
    const text = input.toString("latin1");
    assertSplitInvariant(input, (cuts) => requestEvents(text, cuts));
  },
};

/** The response to a GET as a client reads it, to the end of the connection. */
export const http1Client: FuzzTarget = {
  name: "http1-client",
  covers: COVERS,
  runs: 8_000,
  seeds: RESPONSE_SEEDS,
  dictionary: HTTP1_DICTIONARY,
  run(input) {
    // Bytes behind a response are an error only when they come later; the connection is lost either way.
    const { left } = readResponse("GET", input.toString("latin1"), false, EVENT_OPTIONS);
    const response = input.subarray(0, input.length - left);
    const text = response.toString("latin1");
    assertSplitInvariant(response, (cuts) => responseEvents(text, cuts));
  },
};
