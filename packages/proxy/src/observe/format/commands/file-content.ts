import { existsSync } from "node:fs";
import { TextCommand } from "../command.ts";
import type { CommandTable, ParsedCommand } from "../command.ts";
import { watchedFile } from "../watched-file.ts";

/** Commands of the `file_content` formatter extension; only in formats that list it. */
export const fileContentCommands: CommandTable = {
  FILE_CONTENT: {
    params: "optional",
    length: true,
    parse: parseFileContent,
    build: ([path, directory], maxLength) => {
      const file = watchedFile(path as string, directory as string);
      return new TextCommand(() => file.content, maxLength);
    },
  },
};

/** `PATH`, whose changes are followed, or `PATH:DIRECTORY`, then with renames in the directory, too. */
function parseFileContent(params: string): ParsedCommand {
  const [path = "", directory = "", ...rest] = params.split(":");
  if (params === "" || rest.length > 0) {
    return {
      error: `FILE_CONTENT: expected format 'path' or 'path:watch_directory', got '${params}'`,
    };
  }
  if (path !== "" && !existsSync(path)) return { error: `Invalid path: ${path}` };
  if (directory !== "" && !existsSync(directory)) {
    return {
      error: `unable to add filesystem watch for file ${directory}: No such file or directory`,
    };
  }
  return { args: [path, directory] };
}
