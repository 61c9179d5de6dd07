import type { FormatContext } from "../../stream-info.ts";
import { TextCommand } from "../command.ts";
import type { CommandDefinition, CommandTable, FormatClock } from "../command.ts";
import { TimeFormatter } from "../strftime.ts";
import { parseTimeFormat } from "../time-tokens.ts";
import type { TimeToken } from "../time-tokens.ts";

type Instant = (context: FormatContext, clock: FormatClock) => number;

const start: Instant = (context) => context.streamInfo.startTimeMs;
const emit: Instant = (_context, clock) => clock.wallMs();

const UTC_DEFAULT = "%Y-%m-%dT%H:%M:%E3SZ";
const LOCAL_DEFAULT = "%Y-%m-%dT%H:%M:%E3S%z";

/** Points in time; the second's text is made once per second. */
export const timeCommands: CommandTable = {
  START_TIME: timeCommand(start, false),
  START_TIME_LOCAL: timeCommand(start, true),
  EMIT_TIME: timeCommand(emit, false),
  EMIT_TIME_LOCAL: timeCommand(emit, true),
};

function timeCommand(instant: Instant, local: boolean): CommandDefinition {
  return {
    params: "optional",
    length: false,
    parse: (params) => {
      const format = params === "" ? (local ? LOCAL_DEFAULT : UTC_DEFAULT) : params;
      const parsed = parseTimeFormat(format);
      return "error" in parsed ? parsed : { args: [format] };
    },
    build: ([format], _maxLength, clock) => {
      const tokens = parseTimeFormat(format as string) as readonly TimeToken[];
      const formatter = new TimeFormatter(tokens, local);
      return new TextCommand((context) => formatter.format(instant(context, clock)));
    },
  };
}
