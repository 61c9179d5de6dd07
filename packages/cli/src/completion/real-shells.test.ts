import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { allCommands } from "../command-line/all-commands.ts";
import { COMMANDS } from "../commands.ts";
import { smallTable } from "../testing/small-table.ts";
import { fishCompletion } from "./fish.ts";
import { completionsOf } from "./shell-words.ts";
import { zshCompletion } from "./zsh.ts";

const skipWithout = (shell: string): { readonly skip: string | false } => ({
  skip: spawnSync(shell, ["--version"]).status === 0 ? false : `${shell} is missing`,
});

/** A folder with a file of this text in it, and one to be completed. */
function folderWith(t: TestContext, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-completion-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "script"), script);
  writeFileSync(join(folder, "infile"), "");
  return folder;
}

function run(command: readonly [string, ...string[]], cwd: string): string {
  const { stdout, stderr } = spawnSync(command[0], command.slice(1), {
    cwd,
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(stderr, "");
  return stdout;
}

/** A shell on a terminal of its own: types each line and the tabulator, and prints what has become of it. */
const TYPE_IN_ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; autoload -Uz compinit; compinit -u -D; source ./script
  tell() { print -r -- "<$BUFFER>"; zle send-break }
  zle -N tell; bindkey "^X" tell; print rea""dy'
zpty -r -m shell text '*ready*'
for line in "$@"; do
  zpty -w -n shell "$line"$'\\t\\x18'
  zpty -r -m shell text '*<*>*'
  print -r -- \${\${text##*<}%%>*}
done
zpty -d shell
`;

/** What zsh makes of lines when the tabulator is pressed. */
function inZsh(t: TestContext, script: string, lines: readonly string[]): string[] {
  const folder = folderWith(t, script);
  return run(["zsh", "-f", "-c", TYPE_IN_ZSH, "zsh", ...lines], folder)
    .split("\n")
    .slice(0, -1);
}

/** What fish offers for the last word of a line, without descriptions. */
function inFish(t: TestContext, script: string, line: string): string[] {
  const folder = folderWith(t, script);
  const ask = `source ./script; complete -C ${JSON.stringify(line)}`;
  return run(["fish", "--no-config", "-c", ask], folder)
    .split("\n")
    .filter((offer) => offer !== "")
    .map((offer) => offer.split("\t")[0]!);
}

void test("zsh completes commands, flags, values and files", skipWithout("zsh"), async (t) => {
  const script = zshCompletion(completionsOf(await allCommands(smallTable())));
  const typed = {
    "nuncio c": "nuncio ctl ",
    "nuncio ctl ": "nuncio ctl one ",
    "nuncio ctl one thi": "nuncio ctl one this ",
    "nuncio ctl one --h": "nuncio ctl one --help ",
    "nuncio look --o": "nuncio look --output ",
    "nuncio look -o j": "nuncio look -o json ",
    "nuncio look --into i": "nuncio look --into infile ",
    "nuncio look --count 3": "nuncio look --count 3",
    "nuncio look --deep inf": "nuncio look --deep infile ",
  };
  assert.deepEqual(inZsh(t, script, Object.keys(typed)), Object.values(typed));
});

void test("fish completes commands, flags, values and files", skipWithout("fish"), async (t) => {
  const script = fishCompletion(completionsOf(await allCommands(smallTable())));
  for (const [line, offered] of [
    ["nuncio c", ["ctl"]],
    ["nuncio ctl ", ["one"]],
    ["nuncio ctl one th", ["that", "this"]],
    ["nuncio ctl one --h", ["--help"]],
    ["nuncio look --o", ["--output"]],
    ["nuncio look -o ", ["json", "yaml"]],
    ["nuncio look --into inf", ["infile"]],
    ["nuncio look --count ", []],
    ["nuncio look --deep inf", ["infile"]],
  ] as const)
    assert.deepEqual(inFish(t, script, line), offered, line);
});

void test("zsh and fish take the whole table", async (t) => {
  const all = completionsOf(await allCommands(COMMANDS));
  await t.test("zsh", skipWithout("zsh"), (inner) => {
    const lines = ["nuncio ctl trans", "nuncio gateway run --infrastructure e"];
    assert.deepEqual(inZsh(inner, zshCompletion(all), lines), [
      "nuncio ctl translate ",
      "nuncio gateway run --infrastructure embedded ",
    ]);
  });
  await t.test("fish", skipWithout("fish"), (inner) => {
    const script = fishCompletion(all);
    assert.deepEqual(inFish(inner, script, "nuncio ctl trans"), ["translate"]);
    assert.deepEqual(inFish(inner, script, "nuncio gateway run --infrastructure e"), ["embedded"]);
  });
});
