import type { Flag } from "../flags.ts";
import { isPath, quoted, spellings, type Completions } from "./shell-words.ts";

/** For `source <(nuncio completion zsh)`, or as a file `_nuncio` in a folder of `fpath`. */
export function zshCompletion(all: readonly Completions[]): string {
  const inner = all.slice(1).map(({ path }) => quoted(path));
  const values = all.flatMap(({ path, flags }) => flags.flatMap((flag) => valueCase(path, flag)));
  return `#compdef nuncio
# zsh completion for nuncio
_nuncio() {
  local at=nuncio word
  local -a choices
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${inner.join("|")}) at="$at $word" ;;
    esac
  done
  case "$at $words[CURRENT-1]" in
${values.join("\n")}
  esac
  case "$at" in
${all.map(wordsCase).join("\n")}
  esac
}
if [[ "$funcstack[1]" = _nuncio ]]; then _nuncio "$@"; else compdef _nuncio nuncio; fi
`;
}

function valueCase(path: string, flag: Flag): string[] {
  if (flag.value === undefined) return [];
  const patterns = spellings(flag).map((spelling) => quoted(`${path} ${spelling}`));
  const reply =
    flag.choices === undefined
      ? isPath(flag.value)
        ? "_files"
        : `_message ${quoted(flag.value)}`
      : `compadd -- ${flag.choices.map(quoted).join(" ")}`;
  return [`    ${patterns.join("|")}) ${reply}; return ;;`];
}

function wordsCase({ path, words, flags, takesFiles }: Completions): string {
  const described = [...words, ...flags.map(({ name, help }) => [`--${name}`, help] as const)].map(
    ([name, help]) => quoted(`${name}:${help}`),
  );
  const files = takesFiles ? "; [[ $PREFIX = -* ]] || _files" : "";
  return `    ${quoted(path)}) choices=(${described.join(" ")}); _describe nuncio choices${files} ;;`;
}
