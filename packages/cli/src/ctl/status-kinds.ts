import { UsageError } from "../usage-error.ts";
import { kindOfWord } from "./kind-words.ts";

/** Kinds that have a status, by the words that stand for several of them. */
const GROUPS: { readonly [word: string]: readonly string[] } = {
  all: [
    "GatewayClass",
    "Gateway",
    "ListenerSet",
    "HTTPRoute",
    "GRPCRoute",
    "TLSRoute",
    "TCPRoute",
    "UDPRoute",
    "BackendTLSPolicy",
    "Backend",
  ],
  xroute: ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"],
};

/** What `ctl status` takes. */
export const STATUS_WORDS: readonly string[] = [
  ...Object.keys(GROUPS),
  ...GROUPS["all"]!.map((kind) => kind.toLowerCase()),
];

/**
 * The kinds that a word stands for: `httproute`, `httproutes`, `HTTPRoute`, `xroute`, `all`.
 *
 * @throws UsageError
 */
export function statusKinds(text: string): readonly string[] {
  const word = text.toLowerCase();
  if (Object.hasOwn(GROUPS, word)) return GROUPS[word]!;
  const known = kindOfWord(word)?.kind;
  if (known === undefined || !GROUPS["all"]!.includes(known))
    throw new UsageError(`expected one of ${STATUS_WORDS.join(", ")}; got "${text}"`);
  return [known];
}
