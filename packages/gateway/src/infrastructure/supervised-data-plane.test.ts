import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Lineage } from "./lineage.ts";
import { RestartDelay } from "./restart-delay.ts";
import { SupervisedDataPlane } from "./supervised-data-plane.ts";

/**
 * A data plane as far as hot restart goes: it tells its epoch on admin, which a successor asks for. The one before goes then, or on SIGUSR2 (`late`),
 * or not by itself (`deaf`). Its name is the first word of its settings.
 */
const SCRIPT = `
  const fs = require("node:fs"), http = require("node:http");
  const [name, how] = process.argv[1].split(" ");
  const flag = (wanted) => process.argv[process.argv.indexOf(wanted) + 1];
  const epoch = flag("--restart-epoch"), file = flag("--admin-address-path");
  const admin = file + "-socket";
  if (how === "broken") { console.error("no room"); process.exit(3); }
  if (how === "late") process.on("SIGUSR2", () => process.exit());
  setInterval(() => {}, 1000);
  const stats = "listener_manager.workers_started: 1\\nserver.hot_restart_epoch: " + epoch + "\\n";
  const server = http.createServer((request, response) => {
    if (request.url !== "/take_over") return response.end(stats);
    server.close();
    response.end(() => { if (how === undefined) process.exit(); });
  });
  const listen = () => server.listen(admin, () => fs.writeFileSync(file, admin));
  const take = () => http.request({ socketPath: admin, path: "/take_over" }, (response) => {
    response.resume().on("end", listen);
  }).end();
  if (how === "silent") {} else if (epoch === "0") listen(); else take();
`;

/** Settings, epoch and process of a start. */
interface Started {
  readonly settings: string;
  readonly epoch: number;
  readonly lineage: Lineage;
  pid: number;
}

interface Fixture {
  readonly plane: SupervisedDataPlane;
  readonly started: Started[];
  readonly folder: string;
  set(settings: string): void;
  /** The next thing that is said of it. */
  next(): Promise<string | undefined>;
  /** Resolves when one more process has been started, or has ended. */
  until(isSo: () => boolean): Promise<void>;
  /** Processes that run. */
  readonly alive: Set<number>;
}

interface Limits {
  readonly serveWithinMs?: number;
  readonly leaveWithinMs?: number;
}

/** The first process has been started. */
async function startedFixture(
  t: TestContext,
  settings = "a",
  limits: Limits = {},
): Promise<Fixture> {
  const made = fixture(t, limits);
  made.set(settings);
  made.plane.start();
  assert.equal(await made.next(), undefined);
  return made;
}

function fixture(t: TestContext, limits: Limits): Fixture {
  const folder = mkdtempSync(join(tmpdir(), "supervised-"));
  const said: (string | undefined)[] = [];
  const started: Started[] = [];
  const alive = new Set<number>();
  const wakers = new Set<() => void>();
  const wake = (): void => wakers.forEach((one) => one());
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo())
      await new Promise<void>((resolve) => {
        const waker = (): void => {
          wakers.delete(waker);
          resolve();
        };
        wakers.add(waker);
      });
  };
  let settings = "a";
  const { serveWithinMs = 60_000, leaveWithinMs = 60_000 } = limits;
  const plane = new SupervisedDataPlane({
    settings: () => settings,
    command: ({ lineage, epoch }) => {
      started.push({ settings, epoch, lineage: lineage!, pid: 0 });
      return [process.execPath, "-e", SCRIPT, settings, "--", ...lineage!.flags(epoch)];
    },
    newLineage: () => new Lineage(folder, "Nuncio"),
    endWithinMs: () => 60_000,
    serveWithinMs,
    leaveWithinMs: () => leaveWithinMs,
    guard: {
      add: (pid) => {
        started.at(-1)!.pid = pid;
        alive.add(pid);
        wake();
      },
      remove: (pid) => {
        alive.delete(pid);
        wake();
      },
    },
    delay: new RestartDelay({ baseIntervalMs: 1, maxIntervalMs: 1 }),
    onState: (failure) => {
      said.push(failure);
      wake();
    },
  });
  t.after(async () => {
    await plane.stop();
    assert.deepEqual(readdirSync(folder), [], "no lineage is left");
    rmSync(folder, { recursive: true });
  });
  const made: Fixture = {
    plane,
    started,
    folder,
    alive,
    until,
    set: (value) => {
      settings = value;
      plane.update();
    },
    next: async () => {
      await until(() => said.length > 0);
      return said.shift();
    },
  };
  return made;
}

function startsOf({ started }: Fixture): string[] {
  return started.map(({ settings, epoch }) => `${settings}: ${epoch}`);
}

test("a process with other settings takes over, and the one before it goes", async (t) => {
  const made = await startedFixture(t);
  const { started, alive } = made;
  made.set("b");
  assert.equal(await made.next(), undefined, "nothing is said before the next one serves");
  await made.until(() => alive.size === 1);
  assert.deepEqual(startsOf(made), ["a: 0", "b: 1"]);
  assert.equal(started[0]!.lineage, started[1]!.lineage);
  assert.deepEqual([...alive], [started[1]!.pid]);
});

test("changes wait for the one before to be gone, and the last one wins", async (t) => {
  const made = await startedFixture(t, "a late");
  const { started, alive } = made;
  made.set("b");
  assert.equal(await made.next(), undefined);
  made.set("c");
  made.set("d");
  assert.deepEqual(startsOf(made), ["a late: 0", "b: 1"]);
  process.kill(started[0]!.pid, "SIGUSR2");
  assert.equal(await made.next(), undefined);
  await made.until(() => alive.size === 1);
  assert.deepEqual(startsOf(made), ["a late: 0", "b: 1", "d: 2"]);
});

test("a change that is taken back while a process leaves is none", async (t) => {
  const made = await startedFixture(t, "a late");
  const { started, alive } = made;
  made.set("b");
  assert.equal(await made.next(), undefined);
  made.set("c");
  made.set("b");
  process.kill(started[0]!.pid, "SIGUSR2");
  await made.until(() => alive.size === 1);
  assert.equal(started.length, 2);
});

test("a successor that does not come up is tried again, and the one before it goes on", async (t) => {
  const made = await startedFixture(t);
  const { started, alive } = made;
  made.set("b broken");
  for (let tries = 0; tries < 3; tries++)
    assert.equal(
      await made.next(),
      "the data plane ended with 3: no room; the one before it goes on with the settings of before",
    );
  assert.ok(startsOf(made).includes("b broken: 1"));
  assert.ok(alive.has(started[0]!.pid));
  made.set("c");
  let said = await made.next();
  // A try that was under way when the settings changed.
  while (said !== undefined) said = await made.next();
  await made.until(() => alive.size === 1);
  assert.equal(startsOf(made).at(-1), "c: 1");
});

test("settings of before end the tries, and what serves is right", async (t) => {
  const made = await startedFixture(t);
  const { started, alive } = made;
  made.set("b broken");
  assert.match((await made.next())!, /no room/);
  made.set("a");
  let said = await made.next();
  while (said !== undefined) said = await made.next();
  assert.deepEqual([...alive], [started[0]!.pid]);
});

test("a successor that does not serve in time is ended", async (t) => {
  const made = await startedFixture(t, "a", { serveWithinMs: 1_000 });
  const { started, alive } = made;
  made.set("b silent");
  assert.match((await made.next())!, /^it did not serve within 1 s; the one before it goes on/);
  assert.ok(alive.has(started[0]!.pid));
  assert.ok(!alive.has(started[1]!.pid));
});

test("a process that has handed over and stays is ended", async (t) => {
  const made = await startedFixture(t, "a deaf", { leaveWithinMs: 1 });
  const { started, alive } = made;
  made.set("b");
  assert.equal(await made.next(), undefined);
  await made.until(() => alive.size === 1);
  assert.deepEqual([...alive], [started[1]!.pid]);
});

test("a process that ends while it serves is the first of a new lineage", async (t) => {
  const made = await startedFixture(t);
  const { started } = made;
  made.set("b");
  assert.equal(await made.next(), undefined);
  process.kill(started[1]!.pid, "SIGKILL");
  assert.equal(await made.next(), "the data plane ended with SIGKILL");
  assert.equal(await made.next(), undefined);
  assert.deepEqual(startsOf(made), ["a: 0", "b: 1", "b: 0"]);
  assert.notEqual(started[2]!.lineage, started[1]!.lineage);
});

test("without what a successor needs the process before it ends first", async (t) => {
  const made = await startedFixture(t);
  const { started, folder, alive } = made;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  made.set("b");
  assert.equal(await made.next(), undefined);
  assert.deepEqual(startsOf(made), ["a: 0", "b: 0"]);
  assert.deepEqual([...alive], [started[1]!.pid]);
});

test("a process that never serves makes room for other settings", async (t) => {
  const made = await startedFixture(t, "a silent", { serveWithinMs: 1 });
  made.set("b");
  assert.equal(await made.next(), undefined);
  assert.deepEqual(startsOf(made), ["a silent: 0", "b: 0"]);
});
