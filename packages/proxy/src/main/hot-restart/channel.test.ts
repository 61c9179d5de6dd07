import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test, type TestContext } from "node:test";
import type { NativeIpcPipe } from "../../transport/native-ipc.ts";
import { newTcpServer, newWriteRequest, type NativeHandle } from "../../transport/native.ts";
import { Channel, type ChannelOwner } from "./channel.ts";
import { ControlSocket, connectControlSocket } from "./control-socket.ts";

/** What came, and how often the end did. */
class Heard implements ChannelOwner<object> {
  readonly messages: object[] = [];
  readonly descriptors: (NativeHandle | undefined)[] = [];
  ends = 0;
  #wake: () => void = () => {};

  onMessage(message: object, descriptor: NativeHandle | undefined): void {
    this.messages.push(message);
    this.descriptors.push(descriptor);
    this.#wake();
  }

  onEnd(): void {
    this.ends++;
    this.#wake();
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/** Two pipes that are connected. */
async function pipes(t: TestContext): Promise<readonly [NativeIpcPipe, NativeIpcPipe]> {
  const name = `@nuncio_test_${randomUUID()}`;
  let accept!: (pipe: NativeIpcPipe) => void;
  const accepted = new Promise<NativeIpcPipe>((resolve) => (accept = resolve));
  const control = await ControlSocket.listen(name, 0o600, accept);
  assert.ok(control instanceof ControlSocket);
  t.after(() => control.close());
  const connected = await connectControlSocket(name);
  assert.ok(typeof connected !== "number");
  return [connected, await accepted];
}

void test("messages keep their order, whatever their size, and descriptors their message", async (t) => {
  const [left, right] = await pipes(t);
  const heard = new Heard();
  const receiver = new Channel<object, object>(right, heard);
  const sender = new Channel<object, object>(left, new Heard());
  const server = newTcpServer();
  assert.equal(server.bind("127.0.0.1", 0, 0), 0);
  assert.equal(server.listen(1), 0);
  const large = { kind: "large", text: "ü".repeat(300_000) };
  const sent = [
    { kind: "plain" },
    large,
    { kind: "one", descriptor: true },
    { kind: "between" },
    { kind: "two", descriptor: true },
  ];
  for (const message of sent)
    void sender.send(message, "descriptor" in message ? server : undefined);
  await heard.until(() => heard.messages.length === sent.length);
  assert.deepEqual(heard.messages, sent);
  assert.deepEqual(
    heard.descriptors.map((descriptor) => descriptor !== undefined),
    [false, false, true, false, true],
  );
  assert.equal(new Set(heard.descriptors.map((descriptor) => descriptor?.fd)).size, 3);
  for (const descriptor of heard.descriptors) descriptor?.close();
  server.close();
  sender.close();
  await heard.until(() => heard.ends === 1);
  receiver.close();
  await sender.send({ kind: "into nothing" });
});

for (const [what, text] of [
  ["no JSON", "{\n"],
  ["no message", "null\n"],
  ["a number", "7\n"],
  ["a message without end", `"${"x".repeat(100)}`],
] as const) {
  void test(`${what} is the end of a channel`, async (t) => {
    const [left, right] = await pipes(t);
    const heard = new Heard();
    void new Channel<object, object>(right, heard, 64);
    assert.equal(left.writeUtf8String(newWriteRequest(), text), 0);
    await heard.until(() => heard.ends === 1);
    assert.deepEqual(heard.messages, []);
    left.close();
  });
}

void test("a message as long as it may be is taken", async (t) => {
  const [left, right] = await pipes(t);
  const heard = new Heard();
  const receiver = new Channel<object, object>(right, heard, 64);
  const message = { text: "x".repeat(64 - 11) };
  assert.equal(JSON.stringify(message).length, 64);
  const sender = new Channel<object, object>(left, new Heard());
  void sender.send(message);
  await heard.until(() => heard.messages.length === 1);
  receiver.close();
  sender.close();
});
