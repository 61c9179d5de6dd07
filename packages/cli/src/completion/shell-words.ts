import type { NamedNode } from "../command-line/all-commands.ts";
import type { Flag } from "../flags.ts";

/** What a shell completes at one command. */
export interface Completions {
  /** `nuncio ctl xds` */
  readonly path: string;
  /** Commands and operands, with what they are for. */
  readonly words: readonly (readonly [name: string, help: string])[];
  readonly flags: readonly Flag[];
  /** Whether arguments that are no flags may be files. */
  readonly takesFiles: boolean;
}

/** Values and operands that are paths; all others are the user's own. */
const PATHS: ReadonlySet<string> = new Set(["FILE", "PATH", "FOLDER"]);

/** What can stand behind each command of the table. */
export function completionsOf(nodes: readonly NamedNode[]): Completions[] {
  return nodes.map((node) => {
    const path = ["nuncio", ...node.words].join(" ");
    if ("command" in node) {
      const { flags, operand, operandChoices = [] } = node.command;
      const takesFiles = operand !== undefined && isPath(operand);
      const words = operandChoices.map((choice) => [choice, operand ?? ""] as const);
      return { path, words, flags: flags.filter(isTaken), takesFiles };
    }
    const words = Object.entries(node.group.commands).map(
      ([name, { help }]) => [name, help] as const,
    );
    return { path, words, flags: [], takesFiles: false };
  });
}

/** Whether a value of this name is a file or a folder. */
export function isPath(value: string): boolean {
  return PATHS.has(value);
}

/** How a flag is written: `--config-path`, `-c`. */
export function spellings({ name, short }: Flag): string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
}

/** A text as one word, in quotes that all three shells know. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function isTaken({ refused }: Flag): boolean {
  return refused === undefined;
}
