/** What is wrong with a domain of a `ServerNameMatcher`, in Envoy's words; null when it is exact, `*.suffix` or `*`. */
export function checkDomain(domain: string): string | null {
  if (domain === "*") return null;
  if (domain === "") return "Empty domain in ServerNameMatcher";
  const star = domain.indexOf("*");
  if (star < 0) return null;
  const format = `Invalid wildcard domain format: ${domain}`;
  if (star !== 0 || domain.length < 3 || domain[1] !== ".")
    return `${format}. Only '*' and '*.domain' patterns are supported`;
  return domain.indexOf("*", 1) < 0 ? null : `${format}. Multiple wildcards are not supported`;
}
