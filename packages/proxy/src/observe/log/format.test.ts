import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileLogFormat, jsonLogPattern } from "./format.ts";
import type { LogRecord } from "./format.ts";
import { LogLevel } from "./level.ts";

const RECORD: LogRecord = {
  level: LogLevel.warning,
  component: "upstream",
  message: 'a "b"\nc',
  timeMs: new Date(2026, 10, 21, 15, 4, 5, 67).getTime() + 0.125,
  sincePreviousMs: 1500.25,
  caller: { file: "packages/proxy/src/upstream/cluster.ts", line: 12, name: "Cluster.add" },
};

function format(pattern: string): string {
  return compileLogFormat(pattern).format(RECORD);
}

describe("compileLogFormat", () => {
  it("prints dates and times", () => {
    assert.equal(format("%Y-%m-%d %H:%M:%S.%e"), "2026-11-21 15:04:05.067");
    assert.equal(format("%T %f %F %R %I %p"), "15:04:05 067125 067125000 15:04 03 PM");
    assert.equal(format("%a %A %b %B %h"), "Sat Saturday Nov November Nov");
    assert.equal(
      format("%D|%x|%X|%r|%c|%C"),
      "11/21/26|11/21/26|15:04:05|03:04:05 PM|Sat Nov 21 15:04:05 2026|26",
    );
    assert.equal(format("%E"), String(Math.floor(RECORD.timeMs / 1000)));
    assert.match(format("%z"), /^[+-]\d\d:\d\d$/);
  });

  it("prints what happened since the message before", () => {
    assert.equal(format("%O %o %i %u"), "1 1500 1500250 1500250000");
  });

  it("prints level, component, place and message", () => {
    assert.equal(format("[%l][%L][%n] %v"), '[warning][W][upstream] a "b"\nc');
    assert.equal(
      format("%g|%s|%#|%@|%!|"),
      "packages/proxy/src/upstream/cluster.ts|cluster.ts|12|packages/proxy/src/upstream/cluster.ts:12|Cluster.add|",
    );
    assert.equal(format("%_ %j"), String.raw`a \"b\"\nc a \"b\"\nc`);
    assert.equal(format("%P"), String(process.pid));
    assert.match(format("%t"), /^\d+$/);
    assert.equal(format("%^x%$%%"), "x%");
  });

  it("pads and cuts", () => {
    assert.equal(
      format("[%10l][%-10l][%=10l][%4!l]"),
      "[   warning][warning   ][ warning  ][warn]",
    );
  });

  it("leaves unknown flags alone", () => {
    assert.equal(format("%k %q 100%"), "%k %q 100%");
  });

  it("knows whether it needs the caller", () => {
    assert.equal(compileLogFormat("%l %v").needsCaller, false);
    for (const flag of ["%g", "%s", "%#", "%@", "%!"]) {
      assert.equal(compileLogFormat(flag).needsCaller, true, flag);
    }
  });
});

describe("jsonLogPattern", () => {
  it("sorts keys and keeps the flags in the strings", () => {
    const result = jsonLogPattern({ b: "%j", a: { y: "%l", x: ["%n", 1] } });
    assert.deepEqual(result, { pattern: '{"a":{"x":["%n",1],"y":"%l"},"b":"%j"}' });
    assert.deepEqual(JSON.parse(format(result.pattern)), {
      a: { x: ["upstream", 1], y: "warning" },
      b: RECORD.message,
    });
  });

  it("refuses %v, which would break the JSON", () => {
    assert.match((jsonLogPattern({ a: "%5v" }) as { error: string }).error, /%v is unavailable/);
  });
});
