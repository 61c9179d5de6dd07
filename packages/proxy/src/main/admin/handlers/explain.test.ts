import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { FakeAdmin } from "../testing/fake-admin.ts";

void describe("/explain", () => {
  let admin: FakeAdmin;

  before(async () => {
    admin = await FakeAdmin.start();
  });

  after(async () => admin.close());

  it("understands the whole request, repeated headers too", async () => {
    const query =
      "url=http://h:81/a%3Fb&method=PUT&header=x-a:%201&header=X-B:2&source=10.0.0.1&listener=web";
    const { request, listener } = (await admin.getJson(`/explain?${query}&format=json`)) as {
      request: unknown;
      listener: { name: string };
    };
    assert.deepEqual(request, {
      method: "PUT",
      scheme: "http",
      host: "h:81",
      path: "/a?b",
      headers: [
        ["x-a", "1"],
        ["x-b", "2"],
      ],
      source: "10.0.0.1:50000",
    });
    assert.equal(listener.name, "web");
  });

  it("answers with a tree of lines by default", async () => {
    const { status, body } = await admin.get("/explain?url=http://h/");
    assert.equal(status, 200);
    assert.match(body, /^GET http:\/\/h\/ from 127\.0\.0\.1:50000\n├─ listener l/);
    assert.match(body, /└─ the connection is closed\n$/);
  });

  it("says what is wrong with a request, and that it is the asker's", async () => {
    for (const [query, message] of [
      ["", 'expected a URL such as http://host:port/path, got ""\n'],
      ["?url=http://h/&header=nothing", 'header: expected name:value, got "nothing"\n'],
      [
        "?url=http://h/&source=here",
        'source: expected an IP address, with or without a port, got "here"\n',
      ],
      ["?url=http://h/&format=xml", "usage: /explain?format=(json|text)\n\n"],
    ] as const) {
      const { status, body } = await admin.get(`/explain${query}`);
      assert.deepEqual([status, body], [400, message]);
    }
  });
});
