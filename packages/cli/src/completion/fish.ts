import type { Flag } from "../flags.ts";
import { isPath, quoted, type Completions } from "./shell-words.ts";

/** For `nuncio completion fish | source`, or as a file `nuncio.fish` in a folder of completions. */
export function fishCompletion(all: readonly Completions[]): string {
  const inner = all.slice(1).map(({ path }) => quoted(path));
  const lines = all.flatMap((each) => [
    ...each.words.map(([name, help]) => line(each.path, `-a ${quoted(name)} -d ${quoted(help)}`)),
    ...each.flags.map((flag) => line(each.path, flagText(flag))),
    ...(each.takesFiles ? [line(each.path, "-F")] : []),
  ]);
  return `# fish completion for nuncio
function __nuncio_at
    set -l at nuncio
    for word in (commandline -opc)[2..-1]
        if contains -- "$at $word" ${inner.join(" ")}
            set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
complete -c nuncio -f
${lines.join("\n")}
`;
}

function line(path: string, what: string): string {
  return `complete -c nuncio -n ${quoted(`__nuncio_at "${path}"`)} ${what}`;
}

function flagText({ name, short, value, choices, help }: Flag): string {
  const parts = [`-l ${name}`];
  if (short !== undefined) parts.push(`-s ${short}`);
  if (choices !== undefined) parts.push(`-x -a ${quoted(choices.join(" "))}`);
  else if (value !== undefined) parts.push(isPath(value) ? "-r -F" : "-x");
  return [...parts, `-d ${quoted(help)}`].join(" ");
}
