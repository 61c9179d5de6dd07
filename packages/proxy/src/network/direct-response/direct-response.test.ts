import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { filter, readToEnd, startTcpRig } from "../../testing/tcp-rig.ts";

async function answer(t: TestContext, config: string): Promise<string> {
  const { connect } = await startTcpRig(t, `[${filter("direct_response.v3.Config", config)}]`);
  const { data, reset } = await readToEnd(await connect());
  assert.equal(reset, false);
  return data.toString("latin1");
}

void test("a text, bytes, an environment variable, a file, nothing", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-direct-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "answer"), "from a file");
  process.env["NUNCIO_TEST_ANSWER"] = "from the environment";
  assert.equal(
    await answer(t, 'response: { inline_string: "grüß" }'),
    Buffer.from("grüß").toString("latin1"),
  );
  assert.equal(await answer(t, "response: { inline_bytes: AAEC }"), "\x00\x01\x02");
  assert.equal(
    await answer(t, "response: { environment_variable: NUNCIO_TEST_ANSWER }"),
    "from the environment",
  );
  assert.equal(await answer(t, `response: { filename: ${join(folder, "answer")} }`), "from a file");
  assert.equal(await answer(t, ""), "");
});

void test("a client that still sends gets the answer and no reset before it", async (t) => {
  const text = "x".repeat(100_000);
  const { connect } = await startTcpRig(
    t,
    `[${filter("direct_response.v3.Config", `response: { inline_string: ${text} }`)}]`,
  );
  const client = await connect();
  client.write("y".repeat(1000));
  const { data, reset } = await readToEnd(client);
  assert.equal(data.length, text.length);
  assert.equal(reset, false);
});

void test("a file that is not there is refused with its name", async (t) => {
  await assert.rejects(
    startTcpRig(
      t,
      `[${filter("direct_response.v3.Config", "response: { filename: /nonexistent/answer }")}]`,
    ),
    /response\.filename: unable to read file: .*\/nonexistent\/answer/,
  );
});
