/** A cipher suite that BoringSSL has, by the name that OpenSSL gives it too. */
interface CipherSuite {
  readonly name: string;
  /** IANA's name. */
  readonly standardName: string;
  /** Aliases that stand for it, next to `ALL`. */
  readonly aliases: readonly string[];
  readonly strengthBits: number;
  /** Only its own name or that of its kind adds it. */
  readonly deprecated: boolean;
}

/** Exchange of keys and authentication, by IANA's name. */
const KEY_ALIASES: Readonly<Record<string, readonly string[]>> = {
  ECDHE_ECDSA: ["kECDHE", "kEECDH", "ECDH", "ECDHE", "EECDH", "aECDSA", "ECDSA"],
  ECDHE_RSA: ["kECDHE", "kEECDH", "ECDH", "ECDHE", "EECDH", "aRSA"],
  ECDHE_PSK: ["kECDHE", "kEECDH", "ECDH", "ECDHE", "EECDH", "aPSK", "PSK"],
  RSA: ["kRSA", "aRSA", "RSA"],
  PSK: ["kPSK", "aPSK", "PSK"],
};

/**
 * In the order of BoringSSL. What it has and OpenSSL in Node has not (triple DES) is marked by its name:
 * it can be excluded, but not asked for.
 */
const SUITES: readonly CipherSuite[] = [
  suiteOf("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE_ECDSA", "AES_128_GCM_SHA256"),
  suiteOf("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE_RSA", "AES_128_GCM_SHA256"),
  suiteOf("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE_ECDSA", "AES_256_GCM_SHA384"),
  suiteOf("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE_RSA", "AES_256_GCM_SHA384"),
  suiteOf("ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE_ECDSA", "CHACHA20_POLY1305_SHA256"),
  suiteOf("ECDHE-RSA-CHACHA20-POLY1305", "ECDHE_RSA", "CHACHA20_POLY1305_SHA256"),
  suiteOf("ECDHE-PSK-CHACHA20-POLY1305", "ECDHE_PSK", "CHACHA20_POLY1305_SHA256"),
  suiteOf("ECDHE-ECDSA-AES128-SHA", "ECDHE_ECDSA", "AES_128_CBC_SHA"),
  suiteOf("ECDHE-RSA-AES128-SHA", "ECDHE_RSA", "AES_128_CBC_SHA"),
  suiteOf("ECDHE-PSK-AES128-CBC-SHA", "ECDHE_PSK", "AES_128_CBC_SHA"),
  suiteOf("ECDHE-ECDSA-AES256-SHA", "ECDHE_ECDSA", "AES_256_CBC_SHA"),
  suiteOf("ECDHE-RSA-AES256-SHA", "ECDHE_RSA", "AES_256_CBC_SHA"),
  suiteOf("ECDHE-PSK-AES256-CBC-SHA", "ECDHE_PSK", "AES_256_CBC_SHA"),
  suiteOf("ECDHE-ECDSA-AES128-SHA256", "ECDHE_ECDSA", "AES_128_CBC_SHA256"),
  suiteOf("ECDHE-RSA-AES128-SHA256", "ECDHE_RSA", "AES_128_CBC_SHA256"),
  suiteOf("AES128-GCM-SHA256", "RSA", "AES_128_GCM_SHA256"),
  suiteOf("AES256-GCM-SHA384", "RSA", "AES_256_GCM_SHA384"),
  suiteOf("AES128-SHA", "RSA", "AES_128_CBC_SHA"),
  suiteOf("PSK-AES128-CBC-SHA", "PSK", "AES_128_CBC_SHA"),
  suiteOf("AES256-SHA", "RSA", "AES_256_CBC_SHA"),
  suiteOf("PSK-AES256-CBC-SHA", "PSK", "AES_256_CBC_SHA"),
  suiteOf("DES-CBC3-SHA", "RSA", "3DES_EDE_CBC_SHA"),
];

function suiteOf(name: string, keys: string, cipher: string): CipherSuite {
  const aead = cipher.includes("GCM") || cipher.includes("POLY1305");
  const aliases = [...KEY_ALIASES[keys]!, aead || cipher.endsWith("SHA256") ? "TLSv1.2" : "SSLv3"];
  if (!aead && cipher.endsWith("SHA")) aliases.push("SHA", "SHA1", "TLSv1");
  if (cipher.startsWith("AES"))
    aliases.push("AES", cipher.startsWith("AES_128") ? "AES128" : "AES256");
  if (cipher.includes("GCM")) aliases.push("AESGCM");
  if (cipher.startsWith("CHACHA20")) aliases.push("CHACHA20");
  if (cipher.startsWith("3DES")) aliases.push("3DES");
  else aliases.push("HIGH", "FIPS");
  return {
    name,
    standardName: `TLS_${keys}_WITH_${cipher}`,
    aliases,
    strengthBits: cipher.startsWith("AES_128") ? 128 : cipher.startsWith("3DES") ? 112 : 256,
    deprecated: cipher.startsWith("3DES") || cipher.endsWith("CBC_SHA256"),
  };
}

const NOT_IN_OPENSSL = "DES-CBC3-SHA";

const TLS13_SUITES = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** What became of a list of cipher suites: the ones it stands for, or why there are none. */
export type CipherList =
  | { readonly suites: readonly string[] }
  /** Elements that say nothing; none when the list as a whole selects nothing. */
  | { readonly rejected: readonly string[] }
  /** Suites that only Envoy has. */
  | { readonly missing: readonly string[] };

/**
 * Reads a list in the syntax of BoringSSL (`SSL_CTX_set_strict_cipher_list`): names, aliases joined by `+`, groups of equal
 * preference `[a|b]`, and the operators `!`, `-`, `+` and `@STRENGTH`, divided by colons. What comes out are names of OpenSSL in
 * order of preference; that suites of a group are equal is lost.
 */
export function parseCipherList(elements: readonly string[]): CipherList {
  const rules = elements
    .join(":")
    .split(":")
    .filter((rule) => rule !== "");
  if (rules.length === 0) return { suites: parseRules(["DEFAULT"])! };
  const suites = parseRules(rules);
  if (suites === null || suites.length === 0) {
    const alone = elements
      .flatMap((element) => element.split(":"))
      .map((rule) => rule.replace(/^[!+-]/, ""));
    return {
      rejected: alone.filter((rule) => !/[[\]|]/.test(rule) && parseRules([rule]) === null),
    };
  }
  const usable = suites.filter((name) => name !== NOT_IN_OPENSSL);
  const named = rules.some((rule) => rule.includes("DES"));
  if (usable.length < suites.length && named) return { missing: [NOT_IN_OPENSSL] };
  return { suites: usable };
}

interface Selection {
  /** Active ones, in order of preference. */
  active: CipherSuite[];
  /** What may become active, in order. */
  inactive: CipherSuite[];
}

/** Null for a syntax error or an unknown name. */
function parseRules(rules: readonly string[]): readonly string[] | null {
  const selection: Selection = { active: [], inactive: [...SUITES] };
  for (const rule of rules) {
    const open = rule.startsWith("[");
    if (open !== rule.endsWith("]")) return null;
    const names = open
      ? rule
          .slice(1, -1)
          .split("|")
          .filter((name) => name !== "")
      : [rule];
    for (const name of names) if (!applyRule(selection, name, open)) return null;
  }
  return selection.active.map(({ name }) => name);
}

/** False for what is no rule. */
function applyRule(selection: Selection, rule: string, inGroup: boolean): boolean {
  if (rule === "@STRENGTH") {
    selection.active.sort((a, b) => b.strengthBits - a.strengthBits);
    return !inGroup;
  }
  const operator = /^[!+-]/.exec(rule)?.[0] ?? "";
  if (inGroup && operator !== "") return false;
  const chosen = suitesOf(rule.slice(operator.length));
  if (chosen === null) return false;
  const picked = (suite: CipherSuite): boolean => chosen.has(suite);
  const others = (suite: CipherSuite): boolean => !chosen.has(suite);
  const { active, inactive } = selection;
  if (operator === "") {
    selection.active = [...active, ...inactive.filter(picked)];
    selection.inactive = inactive.filter(others);
  } else if (operator === "+") {
    selection.active = [...active.filter(others), ...active.filter(picked)];
  } else {
    selection.active = active.filter(others);
    selection.inactive =
      operator === "-" ? [...active.filter(picked), ...inactive] : inactive.filter(others);
  }
  return true;
}

/** Null for a name that BoringSSL does not know. */
function suitesOf(expression: string): ReadonlySet<CipherSuite> | null {
  const exact = SUITES.filter(
    ({ name, standardName }) => name === expression || standardName === expression,
  );
  if (exact.length > 0) return new Set(exact);
  if (TLS13_SUITES.includes(expression)) return new Set();
  const aliases = (expression === "DEFAULT" ? "ALL" : expression).split("+");
  const known = (alias: string): boolean =>
    alias === "ALL" || SUITES.some((suite) => suite.aliases.includes(alias));
  if (!aliases.every(known)) return null;
  const deprecatedToo = aliases.includes("3DES");
  return new Set(
    SUITES.filter(
      (suite) =>
        (deprecatedToo || !suite.deprecated) &&
        aliases.every((alias) => alias === "ALL" || suite.aliases.includes(alias)),
    ),
  );
}
