import { readdirSync, readFileSync } from "node:fs";

/** Linux reports CPU time in hundredths of a second, whatever the kernel's own tick is (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** CPU time (user and system, all threads, ended ones included) of a process and of all it started, in seconds. */
export function cpuSeconds(processGroup: number): number {
  let ticks = 0;
  for (const stat of statsOf(processGroup)) ticks += Number(stat[11]) + Number(stat[12]);
  return ticks / TICKS_PER_SECOND;
}

/** Resident memory of a process and of all it started, in MiB. */
export function residentMib(processGroup: number): number {
  let kib = 0;
  for (const pid of membersOf(processGroup)) kib += residentKib(pid);
  return kib / 1024;
}

/** CPU time of one process without those that it started, all threads, in seconds. */
export function ownCpuSeconds(pid: number): number {
  const stat = fieldsOf(String(pid));
  return (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND;
}

/** Resident memory of one process without those that it started, in MiB. */
export function ownResidentMib(pid: number): number {
  return residentKib(String(pid)) / 1024;
}

function* statsOf(processGroup: number): Generator<string[]> {
  for (const pid of membersOf(processGroup)) yield fieldsOf(pid);
}

function residentKib(pid: string): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readProc(`${pid}/status`))?.[1] ?? 0);
}

function membersOf(processGroup: number): string[] {
  return readdirSync("/proc").filter(
    (name) => /^\d+$/.test(name) && fieldsOf(name)[2] === String(processGroup),
  );
}

/** The fields of `/proc/PID/stat` after the command's name, which may itself contain spaces. */
function fieldsOf(pid: string): string[] {
  const text = readProc(`${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** Empty for a process that has just ended. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "latin1");
  } catch {
    return "";
  }
}
