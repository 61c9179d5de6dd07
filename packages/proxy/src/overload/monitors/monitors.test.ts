import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { createOverloadMemory } from "../overload-memory.ts";
import { CgroupMemoryMonitor } from "./cgroup-memory.ts";
import { CpuUtilizationMonitor } from "./cpu-utilization.ts";
import { createMonitor } from "./create.ts";
import { SystemFiles } from "./files.ts";
import { FixedHeapMonitor } from "./fixed-heap.ts";
import { InjectedResourceMonitor } from "./injected-resource.ts";

/** A machine that consists of these files. */
function machine(t: TestContext): { files: SystemFiles; write(path: string, text: string): void } {
  const root = mkdtempSync(join(tmpdir(), "nuncio-monitors-"));
  t.after(() => rmSync(root, { recursive: true }));
  return {
    files: new SystemFiles(root),
    write(path, text) {
      mkdirSync(dirname(root + path), { recursive: true });
      writeFileSync(root + path, text);
    },
  };
}

void test("fixed_heap is what the process holds", () => {
  assert.equal(new FixedHeapMonitor(400, () => 100).pressure(), 0.25);
  const real = new FixedHeapMonitor(process.memoryUsage.rss() * 4).pressure();
  assert.ok(real > 0.1 && real < 0.6, String(real));
});

void test("cgroup_memory, version 2", (t) => {
  const { files, write } = machine(t);
  const monitor = new CgroupMemoryMonitor(Infinity, files);
  assert.throws(() => monitor.pressure(), /no memory controller/);
  write("/sys/fs/cgroup/memory.current", "300\n");
  write("/sys/fs/cgroup/memory.max", "400\n");
  assert.equal(monitor.pressure(), 0.75);
  assert.equal(new CgroupMemoryMonitor(600, files).pressure(), 0.75, "the lower limit counts");
  assert.equal(new CgroupMemoryMonitor(300, files).pressure(), 1);
  write("/sys/fs/cgroup/memory.max", "max\n");
  assert.equal(monitor.pressure(), 0);
  assert.equal(new CgroupMemoryMonitor(600, files).pressure(), 0.5);
  write("/sys/fs/cgroup/memory.max", "much");
  assert.throws(() => monitor.pressure(), /expected a number in .*memory.max, got 'much'/);
});

void test("cgroup_memory, version 1", (t) => {
  const { files, write } = machine(t);
  write("/sys/fs/cgroup/memory/memory.usage_in_bytes", "10");
  write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "40");
  assert.equal(new CgroupMemoryMonitor(Infinity, files).pressure(), 0.25);
  write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "-1");
  assert.equal(new CgroupMemoryMonitor(Infinity, files).pressure(), 0);
});

void test("cpu_utilization of the host, damped", (t) => {
  const { files, write } = machine(t);
  const monitor = new CpuUtilizationMonitor(false, files, () => 0);
  assert.throws(() => monitor.pressure(), /ENOENT/);
  write("/proc/stat", "cpu  10 10 10 70 5 5 5\ncpu0 1 2 3 4\n");
  assert.equal(monitor.pressure(), 0);
  write("/proc/stat", "cpu  30 20 20 130 5 5 5\n");
  assert.equal(monitor.pressure(), 0.4 * 0.05);
  assert.throws(() => monitor.pressure(), /erroneous CPU stats/, "no time passed");
  write("/proc/stat", "cpu  130 20 20 130 5 5 5\n");
  assert.equal(monitor.pressure(), 0.05 + 0.4 * 0.05 * 0.95);
  write("/proc/stat", "intr 1\n");
  assert.throws(() => monitor.pressure(), /unexpected format/);
});

void test("cpu_utilization of the container, both versions", (t) => {
  const { files, write } = machine(t);
  let nowMs = 0;
  const first = (container: CpuUtilizationMonitor): CpuUtilizationMonitor => {
    assert.equal(container.pressure(), 0);
    return container;
  };
  write("/sys/fs/cgroup/cpu/cpu.shares", "2000");
  write("/sys/fs/cgroup/cpuacct/cpuacct.usage", "0");
  const one = first(new CpuUtilizationMonitor(true, files, () => nowMs));
  nowMs = 100;
  write("/sys/fs/cgroup/cpuacct/cpuacct.usage", String(100e6));
  assert.equal(one.pressure(), 0.5 * 0.05);
  for (const [max, processors, cores] of [
    ["150000 100000", "0-3", 1.5],
    ["max 100000", "0-2,8", 4],
    ["400000 100000", "5", 1],
  ] as const) {
    nowMs = 0;
    write("/sys/fs/cgroup/cpu.max", max);
    write("/sys/fs/cgroup/cpuset.cpus.effective", processors);
    write("/sys/fs/cgroup/cpu.stat", "usage_usec 0\nuser_usec 0\n");
    const two = first(new CpuUtilizationMonitor(true, files, () => nowMs));
    nowMs = 100;
    write("/sys/fs/cgroup/cpu.stat", "usage_usec 60000\nuser_usec 0\n");
    assert.ok(Math.abs(two.pressure() - (0.6 / cores) * 0.05) < 1e-12, max);
  }
});

void test("an injected pressure is a number from 0 to 1", (t) => {
  const { files, write } = machine(t);
  const monitor = new InjectedResourceMonitor("/p", files);
  assert.throws(() => monitor.pressure(), /ENOENT/);
  for (const [text, pressure] of [
    ["0.756", 0.756],
    [" 1 \n", 1],
    ["0", 0],
  ] as const) {
    write("/p", text);
    assert.equal(monitor.pressure(), pressure);
  }
  for (const text of ["1.5", "-0.1", "abc", ""]) {
    write("/p", text);
    assert.throws(() => monitor.pressure(), /expected a (pressure|number)/, text);
  }
});

void test("each definition has its monitor, and a limit has none", () => {
  const memory = createOverloadMemory(1);
  const of = (definition: object): boolean | undefined =>
    createMonitor({ name: "x", ...definition } as never, memory)?.ofMemory;
  assert.equal(of({ kind: "fixed_heap", maxHeapSizeBytes: 1 }), true);
  assert.equal(of({ kind: "cgroup_memory", maxMemoryBytes: 1 }), true);
  assert.equal(of({ kind: "cpu_utilization", container: false }), false);
  assert.equal(of({ kind: "injected_resource", filename: "/x" }), false);
  assert.equal(of({ kind: "event_loop_delay", maxDelayMs: 1 }), false);
  assert.equal(of({ kind: "downstream_connections", connectionsMax: 1 }), undefined);
});
