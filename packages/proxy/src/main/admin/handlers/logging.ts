import { isLogComponent } from "../../../observe/log/components.ts";
import type { LogComponent } from "../../../observe/log/components.ts";
import { LOG_LEVEL_NAMES, logLevelName, parseLogLevel } from "../../../observe/log/level.ts";
import type { LogLevel } from "../../../observe/log/level.ts";
import { text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";
import type { LoggingControl } from "../providers.ts";

const USAGE =
  "usage: /logging?<name>=<level> (change single level)\n" +
  "usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)\n" +
  "usage: /logging?level=<level> (change all levels)\n" +
  "usage: /logging?group=<group_name>:<level> (change group of loggers)\n" +
  `levels: ${LOG_LEVEL_NAMES.join(" ")} \n`;

export const logging: AdminHandler = {
  path: "/logging",
  help: "query/change logging levels",
  mutates: true,
  params: [
    {
      id: "paths",
      help:
        "Change multiple logging levels by setting to " +
        "<logger_name1>:<desired_level1>,<logger_name2>:<desired_level2>.",
    },
    {
      id: "level",
      help: "desired logging level, this will change all loggers's level",
      values: ["", ...LOG_LEVEL_NAMES],
    },
  ],
  handle: ({ params }, { logging: control }) => {
    const error = change(params, control);
    const list = activeLoggers(control);
    return error === null ? text(list) : text(`error: ${error}\n\n${USAGE}${list}`, 400);
  },
};

/** Does what the parameters ask for, wholly or not at all; says what is wrong with them. */
function change(params: ReadonlyMap<string, string>, control: LoggingControl): string | null {
  // A browser's form sends the empty fields too.
  const given = [...params].filter(
    ([name, value]) => value !== "" || !["paths", "level"].includes(name),
  );
  const [first] = given;
  if (first === undefined) return null;
  if (given.length > 1) return "invalid number of parameters";
  const [name, value] = first;
  if (name === "level") {
    const level = parseLogLevel(value);
    if (level === undefined) return "unknown logger level";
    control.setLevel(null, level);
    return null;
  }
  if (name === "group") return "group parameter requires fine-grain logging to be enabled";
  const changes = parseChanges(name === "paths" ? value.split(",") : [`${name}:${value}`]);
  if (typeof changes === "string") return changes;
  for (const [component, level] of changes) control.setLevel(component, level);
  return null;
}

function parseChanges(items: readonly string[]): [LogComponent, LogLevel][] | string {
  const changes: [LogComponent, LogLevel][] = [];
  for (const item of items) {
    const colon = item.indexOf(":");
    const name = item.slice(0, colon);
    const level = item.slice(colon + 1);
    if (colon === -1 || name === "" || level === "")
      return "empty logger name or empty logger level";
    const parsed = parseLogLevel(level);
    if (parsed === undefined) return "unknown logger level";
    if (!isLogComponent(name)) return "unknown logger name";
    changes.push([name, parsed]);
  }
  return changes;
}

function activeLoggers(control: LoggingControl): string {
  let list = "active loggers:\n";
  for (const [component, level] of control.levels())
    list += `  ${component}: ${logLevelName(level)}\n`;
  return `${list}\n`;
}
