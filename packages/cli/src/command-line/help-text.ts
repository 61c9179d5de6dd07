import { describeFlags } from "../flags.ts";
import type { Command, CommandGroup } from "./command.ts";

/** What `nuncio WORDS --help` prints for a command. */
export function commandHelp(words: readonly string[], { usage, about, flags }: Command): string {
  const lines = usage.map((each) => ["nuncio", ...words, each].join(" ").trimEnd());
  const parts = [`usage: ${lines.join("\n       ")}`, about.trim(), describeFlags(flags)];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** What it prints for a group: its commands. */
export function groupHelp(words: readonly string[], group: CommandGroup): string {
  const entries = Object.entries(group.commands);
  const width = Math.max(...entries.map(([name]) => name.length)) + 2;
  const lines = entries.map(([name, { help }]) => `  ${name.padEnd(width)}${help}`);
  const usage = ["nuncio", ...words, group.placeholder, "[flags]"].join(" ");
  return `usage: ${usage}\n\n${lines.join("\n")}\n`;
}
