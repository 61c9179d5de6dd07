import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { streamIdOf } from "../../stream-id.ts";
import { toByteString } from "../byte-string.ts";
import { textCommand, truncate } from "../command.ts";
import type { CommandTable } from "../command.ts";

/** The proxy's own surroundings, and identifiers. */
export const processCommands: CommandTable = {
  HOSTNAME: {
    params: "none",
    length: false,
    parse: () => ({ constant: toByteString(hostname()) }),
    build: neverBuilt,
  },
  ENVIRONMENT: {
    params: "required",
    length: true,
    // Read once, on main; a missing variable is the text `-` everywhere, in JSON and header values too, and is not cut.
    parse: (name) => {
      const value = process.env[name];
      return value === undefined
        ? { constant: "-", uncut: true }
        : { constant: toByteString(value) };
    },
    build: neverBuilt,
  },
  UNIQUE_ID: textCommand(() => randomUUID()),
  STREAM_ID: textCommand((context) => streamIdOf(context) || null),
  ACCESS_LOG_TYPE: textCommand((context) => context.streamInfo.accessLogType),
  /** Nothing sets custom flags or starts spans yet, so these are what Envoy prints then. */
  CUSTOM_FLAGS: textCommand(() => ""),
  TRACE_ID: textCommand(() => null),
  SPAN_ID: textCommand(() => null),
};

/** Constants are folded into the plan on main, cut to their length there. */
function neverBuilt(): never {
  throw new Error("a constant command has nothing to build");
}

/** A constant cut to `maxLength` bytes. */
export function constantText(constant: string, maxLength: number): string {
  return truncate(constant, maxLength)!;
}
