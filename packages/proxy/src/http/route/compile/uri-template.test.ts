import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRewriteTemplate, parseUriTemplate } from "./uri-template.ts";

function pattern(template: string): string {
  const parsed = parseUriTemplate(template);
  return "error" in parsed ? parsed.error : parsed.pattern;
}

function matches(template: string, path: string): string[] | null {
  const found = new RegExp(`^(?:${pattern(template)})$`).exec(path);
  return found === null ? null : found.slice(1);
}

test("takes one segment for a star and many for two", () => {
  assert.deepEqual(matches("/a/*/c", "/a/b/c"), []);
  assert.equal(matches("/a/*/c", "/a//c"), null);
  assert.deepEqual(matches("/a/**", "/a/"), []);
  assert.equal(matches("/a/**", "/a"), null);
  assert.deepEqual(matches("/a/**.txt", "/a/b/c.txt"), []);
});

test("captures variables, with literals around them", () => {
  assert.deepEqual(matches("/{a}/{b=x/*}/{c=**}", "/1/x/2/3/4"), ["1", "x/2", "3/4"]);
  assert.deepEqual(matches("/v{a}.txt/b", "/v1.txt/b"), ["1"]);
  assert.deepEqual(parseUriTemplate("/{a}/{b}"), {
    pattern: "/([a-zA-Z0-9\\-._~%!$&'()+,;:@*=]+)/([a-zA-Z0-9\\-._~%!$&'()+,;:@*=]+)",
    variables: ["a", "b"],
  });
});

test("says what is wrong with a template", () => {
  const faults: readonly (readonly [string, string])[] = [
    ["a", 'Invalid pattern: "a"'],
    ["/a b", 'Invalid pattern: "/a b"'],
    ["/a//b", 'Invalid literal: ""'],
    ["/a?b", 'Invalid literal: "a?b"'],
    ["/**/*", "Glob after text glob."],
    ["/{a=**}/{b}", "Implicit variable path glob after text glob."],
    ["/*.b/c", "Prefix match not supported."],
    ["/{x}{y}", 'Invalid suffix literal: "{y}"'],
    ["/{x}/{x}", 'Repeated variable name: "x"'],
    ["/{}", 'Invalid variable name: ""'],
    ["/{x=}", "Empty variable match"],
    ["/{x=a/}", 'Invalid variable match: "/"'],
    ["/{x", 'Unmatched variable bracket in mixed pattern: "{x"'],
    ["/{a}/{b}/{c}/{d}/{e}/{f}", "Exceeded variable count limit (5)"],
  ];
  for (const [template, error] of faults) assert.deepEqual(parseUriTemplate(template), { error });
  assert.match(pattern("/{a2345678901234567}"), /no more than 16/);
});

test("turns a rewrite into a substitution", () => {
  assert.deepEqual(parseRewriteTemplate("/{b}/x{a}", ["a", "b"]), { substitution: "/\\2/x\\1" });
  assert.equal(parseRewriteTemplate("/{c}", ["a", "b"]), "unknown");
  for (const template of ["{a}", "/x//{a}", "/{a", "/a}", "/{}", "/a?b", "/{a=*}"])
    assert.equal(parseRewriteTemplate(template, ["a"]), "invalid", template);
});
