/** A path template as a regular expression; its groups are the variables, in order. */
export interface UriTemplate {
  /** RE2 syntax, for the whole of a path without its query. */
  readonly pattern: string;
  readonly variables: readonly string[];
}

/** What is wrong with a template, in Envoy's words. */
export interface TemplateFault {
  readonly error: string;
}

const VARIABLES_MAX = 5;
const NAME_CHARS_MAX = 16;

/** RFC 3986 `pchar`, escapes by their percent sign. */
const CHARS = "a-zA-Z0-9\\-._~%!$&'()+,;:@*=";
const LITERAL = new RegExp(`^[${CHARS}]+$`);
const REWRITE_LITERAL = new RegExp(`^[${CHARS}/]+$`);
const NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/;
const GLOBS = { "*": `[${CHARS}]+`, "**": `[${CHARS}/]*` } as const;

/**
 * Parses `UriTemplateMatchConfig.path_template`: literals, `*`, `**` and `{name=pattern}` between slashes; a variable
 * may have a literal before and behind it, a glob only behind it and at the end. As in Envoy, a star in a literal is
 * passed on to the expression as it stands.
 */
export function parseUriTemplate(template: string): UriTemplate | TemplateFault {
  if (!/^\/[\x21-\x7e]*$/.test(template)) return { error: `Invalid pattern: "${template}"` };
  const parsed = new TemplateParser(template.slice(1)).parse();
  return typeof parsed === "string" ? { error: parsed } : parsed;
}

/**
 * Parses `UriTemplateRewriteConfig.path_template_rewrite` into what stands for it in a substitution: `\1` for the first
 * of `variables`. Null when it is no template, `unknown` for a variable that the match does not have.
 */
export function parseRewriteTemplate(
  template: string,
  variables: readonly string[],
): { readonly substitution: string } | "invalid" | "unknown" {
  if (!/^\/[\x21-\x7e]*$/.test(template) || template.includes("//")) return "invalid";
  let substitution = "";
  for (const part of template.split(/(\{[^}]*\})/)) {
    if (part === "") continue;
    if (!part.startsWith("{")) {
      if (!REWRITE_LITERAL.test(part)) return "invalid";
      substitution += part;
      continue;
    }
    const name = part.slice(1, -1);
    if (!NAME.test(name)) return "invalid";
    const index = variables.indexOf(name);
    if (index < 0) return "unknown";
    substitution += `\\${index + 1}`;
  }
  return { substitution };
}

class TemplateParser {
  #rest: string;
  readonly #segments: string[] = [];
  readonly #variables: string[] = [];
  /** `**` was there: no other glob may follow. */
  #textGlob = false;
  #globFault = "";

  constructor(rest: string) {
    this.#rest = rest;
  }

  /** A text is what is wrong. */
  parse(): UriTemplate | string {
    while (this.#rest !== "") {
      const fault = this.#segment();
      if (fault !== "") return fault;
      if (this.#rest === "/") {
        this.#segments.push("");
        break;
      }
      this.#rest = this.#rest.slice(1);
    }
    const fault = this.#variableFault() || this.#globFault;
    if (fault !== "") return fault;
    return { pattern: `/${this.#segments.join("/")}`, variables: this.#variables };
  }

  /** Takes one segment, up to the next slash or the end. */
  #segment(): string {
    if (this.#rest.startsWith("*")) return this.#globSegment();
    const segment = upToSlash(this.#rest);
    if (this.#rest.startsWith("{") || (segment.includes("{") && segment.includes("}")))
      return this.#variableSegment();
    if (!LITERAL.test(segment)) return `Invalid literal: "${segment}"`;
    this.#take(segment.length, escaped(segment));
    return "";
  }

  #globSegment(): string {
    const glob = this.#rest.startsWith("**") ? "**" : "*";
    const suffix = upToSlash(this.#rest.slice(glob.length));
    if (suffix !== "") {
      if (!LITERAL.test(suffix)) return `Invalid literal: "${suffix}"`;
      if (this.#rest.length > glob.length + suffix.length) return "Prefix match not supported.";
    }
    this.#noteGlob(glob, "Glob after text glob.");
    this.#take(glob.length + suffix.length, GLOBS[glob] + escaped(suffix));
    return "";
  }

  #variableSegment(): string {
    const open = this.#rest.indexOf("{");
    const close = this.#rest.indexOf("}", open);
    if (close < 0) return `Unmatched variable bracket in mixed pattern: "${this.#rest}"`;
    const prefix = this.#rest.slice(0, open);
    const suffix = upToSlash(this.#rest.slice(close + 1));
    if (prefix !== "" && !LITERAL.test(prefix)) return `Invalid prefix literal: "${prefix}"`;
    if (suffix !== "" && !LITERAL.test(suffix)) return `Invalid suffix literal: "${suffix}"`;
    const variable = this.#variable(this.#rest.slice(open + 1, close));
    if ("error" in variable) return variable.error;
    const { pattern } = variable;
    this.#take(close + 1 + suffix.length, `${escaped(prefix)}(${pattern})${escaped(suffix)}`);
    return "";
  }

  /** `name` or `name=pattern`. */
  #variable(text: string): { readonly pattern: string } | TemplateFault {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    if (!NAME.test(name)) return { error: `Invalid variable name: "${name}"` };
    this.#variables.push(name);
    if (equals < 0) {
      this.#noteGlob("*", "Implicit variable path glob after text glob.");
      return { pattern: GLOBS["*"] };
    }
    const pattern = text.slice(equals + 1);
    if (pattern === "") return { error: "Empty variable match" };
    return this.#variablePattern(pattern);
  }

  #variablePattern(text: string): { readonly pattern: string } | TemplateFault {
    const parts: string[] = [];
    for (let rest = text; rest !== "";) {
      const glob = rest.startsWith("**") ? "**" : rest.startsWith("*") ? "*" : "";
      const part = glob === "" ? upToSlash(rest) : glob;
      if (glob !== "") this.#noteGlob(glob, "Glob after text glob.");
      else if (!LITERAL.test(part)) return { error: `Invalid literal: "${part}"` };
      parts.push(glob === "" ? escaped(part) : GLOBS[glob]);
      rest = rest.slice(part.length);
      if (rest === "") break;
      if (!rest.startsWith("/") || rest === "/")
        return { error: `Invalid variable match: "${rest}"` };
      rest = rest.slice(1);
    }
    return { pattern: parts.join("/") };
  }

  /** What follows `**` is told last, as in Envoy. */
  #noteGlob(glob: "*" | "**", fault: string): void {
    if (this.#textGlob && this.#globFault === "") this.#globFault = fault;
    if (glob === "**") this.#textGlob = true;
  }

  #variableFault(): string {
    const seen = new Set<string>();
    for (const name of this.#variables) {
      if (seen.size >= VARIABLES_MAX) return `Exceeded variable count limit (${VARIABLES_MAX})`;
      if (name.length > NAME_CHARS_MAX)
        return `Invalid variable name length (length of "${name}" should be at least 1 and no more than ${NAME_CHARS_MAX})`;
      if (seen.has(name)) return `Repeated variable name: "${name}"`;
      seen.add(name);
    }
    return "";
  }

  #take(length: number, pattern: string): void {
    this.#segments.push(pattern);
    this.#rest = this.#rest.slice(length);
  }
}

function upToSlash(text: string): string {
  const slash = text.indexOf("/");
  return slash < 0 ? text : text.slice(0, slash);
}

function escaped(literal: string): string {
  return literal.replace(/[$()+.]/g, "\\$&");
}
