import type { Flag, GivenFlags } from "../flags.ts";

/** A command: its help, its man page and its completion are made of this. */
export interface Command {
  /** What stands behind `nuncio COMMAND`, an entry for each way to use it: `-c FILE [flags]`. */
  readonly usage: readonly string[];
  /** What it does, with its exit codes; paragraphs, in lines as they are printed. */
  readonly about: string;
  readonly flags: readonly Flag[];
  /** What arguments that are no flags stand for: `URL`. Without it there are none. */
  readonly operand?: string;
  /** All operands that there are; whoever reads them checks it. */
  readonly operandChoices?: readonly string[];
  /**
   * Resolves to the exit code.
   *
   * @throws UsageError
   */
  readonly run: (line: CommandLine) => Promise<number>;
}

/** What a command was given. */
export interface CommandLine {
  readonly given: GivenFlags;
  /** Arguments that are no flags, in their order. */
  readonly operands: readonly string[];
  /** The table that the command is in. */
  readonly commands: CommandGroup;
}

/** The place of a command in the table. */
export interface CommandEntry {
  /** One line. */
  readonly help: string;
  /** Loads its code only when it is asked for: `nuncio version` needs no proxy. */
  readonly load: () => Promise<Command>;
}

/** Commands that have a word in common. */
export interface CommandGroup {
  readonly help: string;
  /** What stands for the word of one of its commands: `COMMAND`. */
  readonly placeholder: string;
  readonly commands: { readonly [name: string]: CommandEntry | CommandGroup };
}

/** Every command has it. */
export const HELP_FLAG: Flag = { name: "help", short: "h", help: "print this and exit" };

/** Whether this place of the table holds more of them. */
export function isGroup(node: CommandEntry | CommandGroup): node is CommandGroup {
  return "commands" in node;
}
