import type { AlternativeName } from "../certificate-fields.ts";
import { ipText } from "../ip-text.ts";
import type { AlternativeNameRule } from "./model.ts";

/** The test of one name by one rule. */
export type NameTest = (name: AlternativeName) => boolean;

/** @param buildString builds what the string matcher's compile function gave; it takes byte strings */
export function buildNameTest(
  rule: AlternativeNameRule,
  buildString: (config: unknown) => (text: string) => boolean,
): NameTest {
  if (rule.type === "dns_exact") {
    return (name) => name.type === "dns" && dnsNameMatches(rule.name, name.value);
  }
  const matches = buildString(rule.matcher);
  const { type, oid } = rule;
  return (name) =>
    name.type === type && (name.type !== "other" || name.oid === oid) && matches(nameText(name));
}

/** A name as Envoy prints it; addresses in their shortest form. */
export function nameText(name: AlternativeName): string {
  return name.type === "ip" ? ipText(name.bytes) : name.value;
}

/** Whether one of `expected` is among a certificate's names (`auto_san_validation`). */
export function hasName(names: readonly AlternativeName[], expected: readonly string[]): boolean {
  return names.some((name) =>
    expected.some((text) =>
      name.type === "dns" ? dnsNameMatches(text, name.value) : nameText(name) === text,
    ),
  );
}

/** Case does not count; `*.` at the start of the certificate's name stands for one label. */
function dnsNameMatches(name: string, pattern: string): boolean {
  const wanted = name.toLowerCase();
  const given = pattern.toLowerCase();
  if (wanted === given) return true;
  if (!given.startsWith("*.")) return false;
  const suffix = given.slice(1);
  const label = wanted.length - suffix.length;
  return label > 0 && wanted.endsWith(suffix) && !wanted.slice(0, label).includes(".");
}
