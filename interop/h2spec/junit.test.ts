import assert from "node:assert/strict";
import { test } from "node:test";
import { readJunit } from "./junit.ts";

test("reads cases by section and place, what failed and what was skipped", () => {
  const xml = `<?xml version="1.0"?><testsuites><testsuite name="5.1" package="http2/5.1">
    <testcase package="http2/5.1" classname="idle: sends DATA" time="0.1"></testcase>
    <testcase package="http2/5.1" classname="a &lt;b&gt;" time="2"><failure>GOAWAY &quot;x&quot;
Timeout</failure></testcase>
    <testcase package="hpack/4.2" classname="c" time="0"><skipped></skipped></testcase>
  </testsuite></testsuites>`;
  assert.deepEqual(readJunit(xml), [
    { id: "http2/5.1/1", text: "idle: sends DATA", outcome: "passed", detail: "" },
    { id: "http2/5.1/2", text: "a <b>", outcome: "failed", detail: 'GOAWAY "x" Timeout' },
    { id: "hpack/4.2/1", text: "c", outcome: "skipped", detail: "" },
  ]);
});
