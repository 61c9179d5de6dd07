import { isConfig, type Config } from "../../diff/config-value.ts";

/**
 * The action of a route without the rewrites that Envoy refuses beside the route's match: a template is rewritten by a
 * template with the same variables, and never by its prefix.
 */
export function fitRewrite(match: Config, action: Config): Config {
  const template = templateOf(match["path_match_policy"], "path_template");
  return Object.fromEntries(
    Object.entries(action).map(([key, value]) => [
      key,
      isConfig(value) ? fit(value, template) : value,
    ]),
  );
}

function fit(action: Config, template: string | null): Config {
  const { prefix_rewrite: prefix, path_rewrite_policy: policy, ...rest } = action;
  const rewrite = templateOf(policy, "path_template_rewrite");
  if (template === null) return prefix === undefined ? rest : { ...rest, prefix_rewrite: prefix };
  if (rewrite === null) return rest;
  const known = new Set(variablesIn(template));
  const fits = variablesIn(rewrite).every((name) => known.has(name));
  return fits ? { ...rest, path_rewrite_policy: policy } : rest;
}

function templateOf(policy: unknown, field: string): string | null {
  const typed = isConfig(policy) ? policy["typed_config"] : undefined;
  return isConfig(typed) ? String(typed[field]) : null;
}

function variablesIn(template: string): string[] {
  return [...template.matchAll(/\{(\w+)/g)].map((match) => match[1]!);
}
