import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import tls from "node:tls";
import { TLS_STATS } from "../../observe/stats/tables/tls.ts";
import { leaf, listen, type ServerRig } from "../../testing/connection-rig.ts";
import type { PeerVerifier } from "./peer-verifier.ts";
import { CertificateAuthority } from "./testing/certificate-authority.ts";
import { certificateConfig, downstreamTls } from "./testing/tls-configs.ts";

/** Sends a request; the session that it leaves behind, or null when the server closes. */
async function visit(
  t: TestContext,
  rig: ServerRig,
  options: tls.ConnectionOptions,
): Promise<{ reused: boolean; session: Buffer | null }> {
  const socket = tls.connect({ port: rig.port, rejectUnauthorized: false, ...options });
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  const closed = new Promise<null>((resolve) => socket.once("close", () => resolve(null)));
  let session: Buffer | null = null;
  socket.on("session", (next: Buffer) => (session = next));
  await once(socket, "secureConnect");
  socket.write("ping");
  const answer = await Promise.race([once(socket, "data"), closed]);
  return { reused: socket.isSessionReused(), session: answer === null ? null : session };
}

void test("the certificate of a session that is resumed is judged again", async (t) => {
  const client = await (await CertificateAuthority.create()).issue({ subject: "CN=client" });
  let holds = true;
  const seen: string[] = [];
  const verifier: PeerVerifier = {
    validates: true,
    verify: () => null,
    verifyResumed({ subject }) {
      seen.push(subject);
      return holds ? null : { text: "too old", stat: "fail_verify_error" };
    },
  };
  const rig = listen(
    t,
    downstreamTls([certificateConfig(await leaf())], { requireClientCertificate: true }),
    (recorder) => (recorder.onBytes = (): void => recorder.connection.writeLatin1("pong")),
    { buildVerifier: () => verifier },
  );
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    holds = true;
    const options = { maxVersion, cert: client.chain, key: client.key };
    const first = await visit(t, rig, options);
    assert.equal(first.reused, false);
    const second = await visit(t, rig, { ...options, session: first.session! });
    assert.equal(second.reused, true);
    const resumed = rig.servers.at(-1)!.connection.tls!;
    assert.equal(resumed.peerCertificateValidated, true);
    holds = false;
    const third = await visit(t, rig, { ...options, session: second.session ?? first.session! });
    assert.equal(third.session, null, `${maxVersion}: refused`);
    const refused = rig.servers.at(-1)!.connection.tls!;
    assert.match(refused.failureReason, /too old/);
    assert.equal(refused.peerCertificateValidated, false);
  }
  assert.deepEqual(seen, Array(4).fill("CN=client"));
  assert.equal(rig.worker.stats.slots[TLS_STATS.at.fail_verify_error], 2);
});
