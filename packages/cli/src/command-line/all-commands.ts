import { isGroup, type Command, type CommandGroup } from "./command.ts";

/** A command, or a group of them, and the words that lead there: none for the whole table. */
export type NamedNode = { readonly words: readonly string[]; readonly help: string } & (
  | { readonly command: Command }
  | { readonly group: CommandGroup }
);

/** The whole table, each group before what is in it, with the code of all commands. */
export async function allCommands(
  group: CommandGroup,
  words: readonly string[] = [],
): Promise<NamedNode[]> {
  const found: NamedNode[] = [{ words, help: group.help, group }];
  for (const [name, node] of Object.entries(group.commands)) {
    const path = [...words, name];
    if (isGroup(node)) found.push(...(await allCommands(node, path)));
    else found.push({ words: path, help: node.help, command: await node.load() });
  }
  return found;
}
