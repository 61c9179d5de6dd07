import assert from "node:assert/strict";
import { test } from "node:test";
import { TimeFormatter } from "./strftime.ts";
import { parseTimeFormat } from "./time-tokens.ts";
import type { TimeToken } from "./time-tokens.ts";

const SATURDAY = Date.UTC(2026, 10, 21, 0, 11, 39) + 589.034;

function utc(format: string, epochMs = SATURDAY): string {
  return new TimeFormatter(parseTimeFormat(format) as readonly TimeToken[], false).format(epochMs);
}

/** What real Envoy 1.40 printed for this instant. */
const PRINTED: readonly (readonly [format: string, text: string])[] = [
  ["%Y-%m-%dT%H:%M:%S%z %Z", "2026-11-21T00:11:39+0000 UTC"],
  ["%E3S %E*S %E4Y %E6f", "39.589 39.589034 2026 589034"],
  ["%e %j %a %A %b %B %h %p", "21 325 Sat Saturday Nov November Nov AM"],
  ["%I %y %C %u %w %U %V %G %k %l", "12 26 20 6 6 46 47 2026  0 12"],
  ["%D|%F|%T|%R|%r", "11/21/26|2026-11-21|00:11:39|00:11|12:11:39 AM"],
  ["%c|%x|%X|%t|%%", "Sat Nov 21 00:11:39 2026|11/21/26|00:11:39|\t|%"],
  ["%Ez %E*z %::z %:z %ET", "+00:00 +00:00:00 +00:00:00 +00:00 T"],
  ["%s.%3f|%f|%1f|%6f|%9f|%0f", "1795219899.589|589034000|5|589034|589034000|%0f"],
  ["%q %E %5Q %-", "%q %E %5Q %-"],
  ["%-d|%_d|%5Y|%010d|%-5d|%_5d|%3d|%-j", "21|21|02026|0000000021|   21|   21|021|325"],
  ["%-H|%_H|%_I|%-I|%-S|%-e|%5e", "0| 0|12|12|39|21|   21"],
  ["%^a %#B %^p %#p %^P %#Z %10A", "SAT NOVEMBER AM am am utc   Saturday"],
  ["%10D|%012F|%Ey|%EY|%Ex|%Od|%OH|%OU", "  11/21/26|002026-11-21|26|2026|11/21/26|21|00|46"],
  ["%E0S|%E12f|%E15S", "39|589034000000|39.589034000000000"],
];

void test("specifiers print what Envoy prints", () => {
  for (const [format, text] of PRINTED) assert.equal(utc(format), text, format);
});

void test("a formatter follows the clock within the second and beyond, in both directions", () => {
  const formatter = new TimeFormatter(parseTimeFormat("%T.%3f") as readonly TimeToken[], false);
  assert.equal(formatter.format(SATURDAY), "00:11:39.589");
  assert.equal(formatter.format(SATURDAY + 400), "00:11:39.989");
  assert.equal(formatter.format(SATURDAY + 411), "00:11:40.000");
  assert.equal(formatter.format(SATURDAY), "00:11:39.589");
});

void test("weeks and days of the year are right at its ends", () => {
  assert.equal(utc("%G-W%V-%u %j %U %W", Date.UTC(2027, 0, 1)), "2026-W53-5 001 00 00");
  assert.equal(utc("%G-W%V-%u %j %U %W", Date.UTC(2024, 11, 31)), "2025-W01-2 366 52 53");
});

void test("fractions without digits", () => {
  const whole = Date.UTC(2026, 10, 21);
  assert.equal(utc("%E*S|%E*f|%E3S|%3f", whole), "00|0|00.000|000");
});

void test("local time is the process's zone", () => {
  const local = new TimeFormatter(
    parseTimeFormat("%Y-%m-%dT%H:%M:%S%z") as readonly TimeToken[],
    true,
  );
  const text = local.format(SATURDAY);
  assert.equal(Date.parse(text.replace(/(\d\d)$/, ":$1")), Math.floor(SATURDAY / 1000) * 1000);
});
