import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { allCommands } from "../command-line/all-commands.ts";
import { COMMANDS } from "../commands.ts";
import { runNuncio } from "../testing/running-proxy.ts";
import { smallTable } from "../testing/small-table.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { completionsOf } from "./shell-words.ts";
import { zshCompletion } from "./zsh.ts";

const small = completionsOf(await allCommands(smallTable()));
const hasBash = spawnSync("bash", ["--version"]).status === 0;

/** What bash offers for the last word. */
function offered(script: string, words: readonly string[], cwd = "."): string[] {
  const line = words.map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _nuncio; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", `${script}\n${ask}`], {
    encoding: "utf8",
    cwd,
  });
  assert.equal(stderr, "");
  return stdout.split("\n").filter((word) => word !== "");
}

void test("bash: commands, flags, values, files", { skip: !hasBash }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-completion-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "infile"), "");
  const script = bashCompletion(small);
  const complete = (...words: string[]): string[] => offered(script, ["nuncio", ...words], folder);
  assert.deepEqual(complete(""), ["look", "ctl"]);
  assert.deepEqual(complete("c"), ["ctl"]);
  assert.deepEqual(complete("ctl", ""), ["one"]);
  assert.deepEqual(complete("ctl", "one", "th"), ["this", "that"]);
  assert.deepEqual(complete("ctl", "one", "--h"), ["--help"]);
  assert.deepEqual(complete("look", "--o"), ["--output"]);
  assert.deepEqual(complete("look", "-o", ""), ["yaml", "json"]);
  assert.deepEqual(complete("look", "--into", ""), ["infile"]);
  assert.deepEqual(complete("look", "--count", ""), []);
  assert.deepEqual(complete("look", "--deep", "inf"), ["infile"]);
});

void test("bash: the whole table", { skip: !hasBash }, async () => {
  const script = bashCompletion(completionsOf(await allCommands(COMMANDS)));
  assert.deepEqual(offered(script, ["nuncio", "proxy", "--mode", "v"]), ["validate"]);
  assert.deepEqual(offered(script, ["nuncio", "ctl", "xd"]), ["xds"]);
});

void test("zsh: each command with what its flags are for", () => {
  const script = zshCompletion(small);
  assert.match(script, /'nuncio ctl'\) choices=\('one:the first'\); _describe nuncio choices ;;/);
  assert.match(
    script,
    /'nuncio look --output'\|'nuncio look -o'\) compadd -- 'yaml' 'json'; return ;;/,
  );
  assert.match(script, /'nuncio look --into'\) _files; return ;;/);
  assert.match(script, /'--into:it'\\''s where'/);
});

void test("fish: each command with what its flags are for", () => {
  const script = fishCompletion(small);
  const at = `complete -c nuncio -n '__nuncio_at "nuncio look"'`;
  for (const line of [
    `${at} -l output -s o -x -a 'yaml json' -d 'how'`,
    `${at} -l into -r -F -d 'it'\\''s where'`,
    `${at} -l count -x -d 'how many'`,
    `${at} -l deep -d 'all'`,
    `${at} -F`,
  ])
    assert.ok(script.split("\n").includes(line), line);
  assert.doesNotMatch(script, /-l old/);
});

void test("a shell that is not there is told", () => {
  assert.equal(
    runNuncio(["completion", "tcsh"]).stderr,
    'nuncio: completion: expected one of bash, zsh, fish, got "tcsh"\n',
  );
});
