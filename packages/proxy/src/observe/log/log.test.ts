import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { LOG_COMPONENTS } from "./components.ts";
import { LogLevel } from "./level.ts";
import { logSettingsOf } from "./log-options.ts";
import type { LogOptions } from "./log-options.ts";
import { Log } from "./log.ts";

const OPTIONS: LogOptions = {
  logLevel: "info",
  componentLogLevels: [],
  logFormat: "%l %n %v",
  logFormatEscaped: false,
  logPath: "",
};

function recording(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return {
    log: new Log({ write: (text) => lines.push(text), reopen: () => lines.push("reopened") }),
    lines,
  };
}

const directory = mkdtempSync(join(tmpdir(), "log-"));
after(() => rmSync(directory, { recursive: true }));

describe("Log", () => {
  it("shows what is at or above the level of the component", () => {
    const { log, lines } = recording();
    log.configure(
      logSettingsOf({
        ...OPTIONS,
        logLevel: "warn",
        componentLogLevels: [
          { component: "upstream", level: "debug" },
          { component: "http", level: "off" },
        ],
      }),
    );
    for (const component of ["main", "upstream", "http"] as const) {
      const logger = log.logger(component);
      logger.trace("t");
      logger.debug("d");
      logger.info("i");
      logger.warning("w");
      logger.error("e");
      logger.critical("c");
    }
    assert.deepEqual(lines.join("").split("\n"), [
      "warning main w",
      "error main e",
      "critical main c",
      "debug upstream d",
      "info upstream i",
      "warning upstream w",
      "error upstream e",
      "critical upstream c",
      "",
    ]);
  });

  it("does not put together what is not shown", () => {
    const { log, lines } = recording();
    let calls = 0;
    const message = (): string => `${++calls}`;
    log.logger("main").debug(message);
    assert.equal(calls, 0);
    log.setLevel("main", LogLevel.debug);
    log.logger("main").debug(message);
    assert.equal(calls, 1);
    assert.match(lines[0]!, / 1\n$/);
  });

  it("begins with Envoy's format, naming the caller", () => {
    const { log, lines } = recording();
    log.logger("main").info("hello");
    assert.match(
      lines[0]!,
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\]\[\d+\]\[info\]\[main\] \[packages\/proxy\/src\/observe\/log\/log\.test\.ts:\d+\] hello\n$/,
    );
  });

  it("sets one level or all, and hands its settings on", () => {
    const { log } = recording();
    log.setLevel(null, LogLevel.error);
    log.setLevel("dns", LogLevel.trace);
    const { log: other } = recording();
    other.configure(log.settings());
    assert.equal(other.levels().length, LOG_COMPONENTS.length);
    assert.deepEqual(
      other.levels().filter(([, level]) => level !== LogLevel.error),
      [["dns", LogLevel.trace]],
    );
    assert.deepEqual(structuredClone(log.settings()), log.settings());
  });

  it("writes to a file, and to a new one after a rotation", () => {
    const { log, lines } = recording();
    const path = join(directory, "a.log");
    log.configure(logSettingsOf({ ...OPTIONS, logPath: path }));
    log.logger("main").info("one");
    renameSync(path, `${path}.1`);
    log.logger("main").info("two");
    log.reopen();
    log.logger("main").info("three");
    assert.equal(readFileSync(`${path}.1`, "utf8"), "info main one\ninfo main two\n");
    assert.equal(readFileSync(path, "utf8"), "info main three\n");
    assert.deepEqual(lines, []);
  });

  it("says why a file cannot be opened", () => {
    const { log } = recording();
    const logPath = join(directory, "none", "a.log");
    assert.throws(() => log.configure(logSettingsOf({ ...OPTIONS, logPath })), { code: "ENOENT" });
  });
});

describe("logSettingsOf", () => {
  it("refuses unknown levels and components with Envoy's words", () => {
    const levels = (component: string, level: string): LogOptions => ({
      ...OPTIONS,
      componentLogLevels: [{ component, level }],
    });
    assert.throws(() => logSettingsOf({ ...OPTIONS, logLevel: "bogus" }), {
      message: "invalid log level specified 'bogus'",
    });
    assert.throws(() => logSettingsOf(levels("upstream", "")), {
      message: "invalid log level specified ''",
    });
    assert.throws(() => logSettingsOf(levels("foo", "debug")), {
      message: "invalid component specified 'foo'",
    });
  });

  it("escapes messages on demand", () => {
    const { log, lines } = recording();
    log.configure(logSettingsOf({ ...OPTIONS, logFormat: "%v|%%v|%5v", logFormatEscaped: true }));
    log.logger("main").info("a\nb");
    assert.deepEqual(lines, ["a\\nb|%v| a\\nb\n"]);
  });
});
