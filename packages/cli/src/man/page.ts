import type { NamedNode } from "../command-line/all-commands.ts";
import type { Command, CommandGroup } from "../command-line/command.ts";
import type { Flag } from "../flags.ts";

/** The name of a page: `nuncio-ctl-xds`. */
export function pageName(words: readonly string[]): string {
  return ["nuncio", ...words].join("-");
}

/** The manual page of a command, or of a group, in the macros of man(7). */
export function manualPage(node: NamedNode, version: string): string {
  const name = pageName(node.words);
  const lines = [
    `.TH ${macroArgument(name.toUpperCase())} 1 "" ${macroArgument(`nuncio ${version}`)}`,
    ".SH NAME",
    `${troff(name)} \\- ${troff(node.help.split(";")[0]!)}`,
    ...("command" in node
      ? commandLines(node.words, node.command)
      : groupLines(node.words, node.group)),
  ];
  return `${lines.join("\n")}\n`;
}

function commandLines(words: readonly string[], { usage, about, flags }: Command): string[] {
  const command = bold(["nuncio", ...words].join(" "));
  return [
    ".SH SYNOPSIS",
    ...usage.flatMap((each, i) => [
      ...(i === 0 ? [] : [".br"]),
      `${command} ${troff(each)}`.trim(),
    ]),
    ".SH DESCRIPTION",
    ".nf",
    ...about.trim().split("\n").map(troff),
    ".fi",
    ".SH OPTIONS",
    ...flags.flatMap(flagLines),
    ".SH SEE ALSO",
    `${bold(pageName(words.slice(0, -1)))}(1)`,
  ];
}

function groupLines(words: readonly string[], group: CommandGroup): string[] {
  return [
    ".SH SYNOPSIS",
    `${bold(["nuncio", ...words].join(" "))} ${troff(group.placeholder)} [flags]`,
    ".SH COMMANDS",
    ...Object.entries(group.commands).flatMap(([name, { help }]) => [
      ".TP",
      `${bold(pageName([...words, name]))}(1)`,
      troff(help),
    ]),
  ];
}

function flagLines({ name, short, value, choices, help }: Flag): string[] {
  const spelled = [...(short === undefined ? [] : [bold(`-${short}`)]), bold(`--${name}`)];
  const argument = value === undefined ? "" : ` \\fI${troff(value)}\\fR`;
  const allowed = choices === undefined ? "" : ` (${choices.join(", ")})`;
  return [".TP", `${spelled.join(", ")}${argument}`, troff(help + allowed)];
}

function bold(text: string): string {
  return `\\fB${troff(text)}\\fR`;
}

/** A text that troff takes for text: no escapes, no requests, and dashes as they are typed. */
function troff(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function macroArgument(text: string): string {
  return `"${troff(text).replaceAll('"', '""')}"`;
}
