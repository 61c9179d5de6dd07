import type { Flag } from "../flags.ts";
import { isPath, quoted, spellings, type Completions } from "./shell-words.ts";

/** For `source <(nuncio completion bash)`. Takes bash 3.2, which macOS has. */
export function bashCompletion(all: readonly Completions[]): string {
  const inner = all.slice(1).map(({ path }) => quoted(path));
  const values = all.flatMap(({ path, flags }) => flags.flatMap((flag) => valueCase(path, flag)));
  const words = all.map(wordsCase);
  return `# bash completion for nuncio
_nuncio() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} at=nuncio i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${inner.join("|")}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $before" in
${values.join("\n")}
  esac
  case "$at" in
${words.join("\n")}
  esac
}
complete -F _nuncio nuncio
`;
}

function valueCase(path: string, flag: Flag): string[] {
  if (flag.value === undefined) return [];
  const patterns = spellings(flag).map((spelling) => quoted(`${path} ${spelling}`));
  const reply =
    flag.choices === undefined
      ? isPath(flag.value)
        ? `${replyWith("-f")}; `
        : ""
      : `${replyWith(`-W ${quoted(flag.choices.join(" "))}`)}; `;
  return [`    ${patterns.join("|")}) ${reply}return ;;`];
}

function wordsCase({ path, words, flags, takesFiles }: Completions): string {
  const offered = [...words.map(([name]) => name), ...flags.map(({ name }) => `--${name}`)];
  const files = takesFiles ? "-f " : "";
  return `    ${quoted(path)}) ${replyWith(`${files}-W ${quoted(offered.join(" "))}`)} ;;`;
}

function replyWith(what: string): string {
  return `COMPREPLY=($(compgen ${what} -- "$word"))`;
}
