import type { FormatContext } from "../../stream-info.ts";
import { TextCommand } from "../command.ts";
import type { CommandTable } from "../command.ts";

const KEYS = ["by", "cert", "chain", "dns", "hash", "subject", "uri"];

/** Fields of `x-forwarded-client-cert`. */
export const xfccCommands: CommandTable = {
  XFCC_VALUE: {
    params: "optional",
    // A length is taken and, as in Envoy, without effect.
    length: true,
    parse: (params) => {
      if (params === "") return { error: "XFCC_VALUE command requires a subcommand" };
      const key = params.toLowerCase();
      return KEYS.includes(key)
        ? { args: [key] }
        : { error: `XFCC_VALUE command does not support subcommand: ${params}` };
    },
    build: ([key]) => new TextCommand((context) => read(context, key as string)),
  },
};

function read({ requestHeaders }: FormatContext, key: string): string | null {
  const values = requestHeaders?.getAll("x-forwarded-client-cert") ?? [];
  return values.length === 0 ? null : xfccValue(values.join(","), key);
}

/**
 * The first value of `key` (lower case) in any element of the header; null without one, and where a quote is never
 * closed. Elements end at a comma and pairs at a semicolon, outside of quotes.
 */
export function xfccValue(header: string, key: string): string | null {
  let found: string | null = null;
  let from = 0;
  let quoted = false;
  for (let i = 0; i <= header.length; i++) {
    const char = header[i];
    if (char === "\\" && quoted) i++;
    else if (char === '"') quoted = !quoted;
    else if (char === undefined || (!quoted && (char === "," || char === ";"))) {
      found ??= pairValue(header.slice(from, i), key);
      from = i + 1;
    }
  }
  return quoted ? null : found;
}

function pairValue(pair: string, key: string): string | null {
  const equals = pair.indexOf("=");
  const name = equals < 0 ? pair : pair.slice(0, equals);
  if (name.trim().toLowerCase() !== key) return null;
  return equals < 0 ? "" : unquoted(pair.slice(equals + 1).trim());
}

function unquoted(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(["\\])/g, "$1");
}
