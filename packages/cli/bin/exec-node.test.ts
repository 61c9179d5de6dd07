import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";

const EXEC_NODE = new URL("./exec-node.mjs", import.meta.url).href;
const DIES_OF = `process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)`;
const WAITS = `process.on("SIGTERM", () => process.exit(3)); setInterval(() => {}, 1000); console.log("ready " + process.pid)`;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly pid: number | undefined;
}

/** Runs `execNode` in a process of its own; without `execve` it takes the way of an older Node. */
async function run(
  execve: boolean,
  args: readonly string[],
  onOutput?: (kill: () => void) => void,
): Promise<Ended> {
  const launch =
    (execve ? "" : "process.execve = undefined;") +
    `import(${JSON.stringify(EXEC_NODE)}).then(({ execNode }) => execNode(process.execPath, ${JSON.stringify(args)}))`;
  const child = spawn(process.execPath, ["-e", launch], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    if (stdout.includes("\n")) onOutput?.(() => child.kill("SIGTERM"));
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr, pid: child.pid }));
  });
}

for (const execve of [true, false]) {
  const how = execve ? "by replacing itself" : "by a child";

  void test(`passes arguments, output and exit code on, ${how}`, async () => {
    const { code, stdout, stderr } = await run(execve, [
      "-e",
      "console.log(process.argv[1]); process.exit(7)",
      "a b",
    ]);
    assert.deepEqual({ code, stdout, stderr }, { code: 7, stdout: "a b\n", stderr: "" });
  });

  void test(`passes signals on, ${how}`, async () => {
    const { code, signal, stdout, pid } = await run(execve, ["-e", WAITS], (kill) => kill());
    assert.deepEqual({ code, signal }, { code: 3, signal: null });
    assert.equal(
      stdout === `ready ${pid}\n`,
      execve,
      "the process is the same only when it replaced itself",
    );
  });

  void test(`ends by the signal that ended node, ${how}`, async () => {
    const { code, signal } = await run(execve, ["-e", DIES_OF]);
    assert.deepEqual({ code, signal }, { code: null, signal: "SIGKILL" });
  });
}

void test("says when the binary cannot be run", async () => {
  const launch = `process.execve = undefined; import(${JSON.stringify(EXEC_NODE)}).then(({ execNode }) => execNode("/nowhere/node", []))`;
  const child = spawn(process.execPath, ["-e", launch], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.deepEqual(
    [code, stderr],
    [1, "nuncio: cannot run /nowhere/node: spawn /nowhere/node ENOENT\n"],
  );
});
