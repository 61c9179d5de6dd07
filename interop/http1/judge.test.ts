import assert from "node:assert/strict";
import { test } from "node:test";
import { findCounterpart } from "../harness/counterparts.ts";
import { sharedCases } from "../harness/repository.ts";
import { runHttp1 } from "./run-http1.ts";

const file = sharedCases("http1-cases.json");
const missing =
  file === null
    ? "../shared/cases is missing"
    : findCounterpart("envoy") === null
      ? "envoy is not installed"
      : null;

/** Verdicts on Envoy that differ from its class in the file, with the reason. */
const KNOWN: { readonly [name: string]: string } = {
  "http1 downgrade d-h2cl-short":
    "the body comes with the head here, before Envoy sends anything on",
  "http1 response rs-status-1000": "Envoy passes the status on",
  "http1 response rs-101-unasked": "Envoy passes the 101 on",
};

test(
  "the judge finds at Envoy what was found there before",
  missing === null ? {} : { skip: missing },
  async () => {
    const surprising = [];
    for (const { name, outcome, detail, envoyClass } of await runHttp1("envoy", file!)) {
      const expected = envoyClass.startsWith("lenient") ? "failed" : "passed";
      if (outcome !== expected && KNOWN[name] === undefined)
        surprising.push(`${name}: ${envoyClass}, ${detail}`);
    }
    assert.deepEqual(surprising, []);
  },
);
