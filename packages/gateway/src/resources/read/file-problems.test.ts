import assert from "node:assert/strict";
import { test } from "node:test";
import { SourceText } from "@nuncio/api";
import { FileProblems } from "./file-problems.ts";

test("what nobody is told is not looked for", () => {
  const problems = new FileProblems(new SourceText("a.yaml", "a\nb\n"), 1);
  let asked = 0;
  const at = (): number => {
    asked++;
    return 2;
  };
  for (let count = 0; count < 5; count++) problems.add("error", at, null, ["spec", 0], "wrong");
  assert.equal(asked, 2);
  assert.deepEqual(
    problems.list.map(({ place, path, message }) => [place?.line, path, message]),
    [
      [2, "spec[0]", "wrong"],
      [2, "", "more than 1 problems, the others are not told"],
    ],
  );
});
