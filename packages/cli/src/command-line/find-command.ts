import { UsageError } from "../usage-error.ts";
import { isGroup, type CommandEntry, type CommandGroup } from "./command.ts";

/** Follows the words as far as the table has them. */
export function findCommand(
  commands: CommandGroup,
  args: readonly string[],
): { readonly words: readonly string[]; readonly node: CommandEntry | CommandGroup } {
  let node: CommandEntry | CommandGroup = commands;
  const words: string[] = [];
  for (const word of args) {
    if (!isGroup(node) || !Object.hasOwn(node.commands, word)) break;
    node = node.commands[word]!;
    words.push(word);
  }
  return { words, node };
}

/**
 * The command, or group, that all of the words lead to.
 *
 * @throws UsageError
 */
export function namedCommand(
  commands: CommandGroup,
  args: readonly string[],
): CommandEntry | CommandGroup {
  const { words, node } = findCommand(commands, args);
  const unknown = args[words.length];
  if (unknown === undefined) return node;
  if (isGroup(node)) throw unknownCommand(words, node, unknown);
  throw new UsageError(`expected nothing behind ${words.join(" ")}, got "${unknown}"`);
}

/** What is said where a command of the group is missing. */
export function unknownCommand(
  words: readonly string[],
  { commands }: CommandGroup,
  got: string | undefined,
): UsageError {
  const names = Object.keys(commands);
  const seen = got === undefined ? "none" : `"${got}"`;
  if (words.length === 0)
    return new UsageError(`expected a command (${names.join(", ")}), got ${seen}`);
  const expected = names.length === 1 ? names[0]! : `one of ${names.join(", ")}`;
  return new UsageError(`${words.join(" ")}: expected ${expected}, got ${seen}`);
}
