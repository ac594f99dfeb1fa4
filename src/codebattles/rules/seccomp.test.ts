import { describe, expect, test } from "vitest";
import { seccompProgram, type Processor } from "./seccomp.ts";

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EAFNOSUPPORT = 0x00050061;
const X64 = 0xc000003e;
const I386 = 0x40000003;
const ARM64 = 0xc00000b7;

type Call = { number: number; arch: number; first?: number; second?: number };

/** The kernel's interpreter of classic BPF, as far as such filters use it (Documentation/networking/filter.rst). */
function decide(program: Uint8Array, { number, arch, first = 0, second = 0 }: Call): number {
  const view = new DataView(program.buffer);
  const loaded = new Map([
    [0, number],
    [4, arch],
    [16, first],
    [24, second],
  ]);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const value = view.getUint32(at + 4, true);
    const jump = (holds: boolean) => (at += 8 * view.getUint8(at + (holds ? 2 : 3)));
    const code = view.getUint16(at, true);
    if (code === 0x20) accumulator = loaded.get(value) ?? Number.NaN;
    else if (code === 0x15) jump(accumulator === value);
    else if (code === 0x35) jump(accumulator >= value);
    else if (code === 0x45) jump((accumulator & value) !== 0);
    else if (code === 0x06) return value;
    else throw new Error(`instruction ${code.toString(16)} at ${at / 8}`);
  }
  throw new Error("the filter has no end");
}

// Numbers from the kernel's tables: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
test.each([
  ["read", "x64", { number: 0, arch: X64 }, ALLOW],
  ["execve", "x64", { number: 59, arch: X64 }, ALLOW],
  ["a 32-bit call of a 64-bit kernel", "x64", { number: 3, arch: I386 }, KILL],
  ["a call of x32", "x64", { number: 0x40000000 + 101, arch: X64 }, ENOSYS],
  ["ptrace", "x64", { number: 101, arch: X64 }, EPERM],
  ["mount", "x64", { number: 165, arch: X64 }, EPERM],
  ["bpf", "x64", { number: 321, arch: X64 }, EPERM],
  ["io_uring_setup", "x64", { number: 425, arch: X64 }, ENOSYS],
  ["clone3, whose flags lie in memory", "x64", { number: 435, arch: X64 }, ENOSYS],
  ["a fork", "x64", { number: 56, arch: X64, first: 17 }, ALLOW],
  ["a thread", "x64", { number: 56, arch: X64, first: 0x3d0f00 }, ALLOW],
  ["a user namespace by clone", "x64", { number: 56, arch: X64, first: 0x10000011 }, EPERM],
  ["a network namespace by clone", "x64", { number: 56, arch: X64, first: 0x40000011 }, EPERM],
  ["a Unix socket", "x64", { number: 41, arch: X64, first: 1 }, ALLOW],
  ["an Internet socket", "x64", { number: 41, arch: X64, first: 2 }, ALLOW],
  ["a packet socket", "x64", { number: 41, arch: X64, first: 17 }, EAFNOSUPPORT],
  ["a socket to the hypervisor", "x64", { number: 41, arch: X64, first: 40 }, EAFNOSUPPORT],
  ["the size of a terminal", "x64", { number: 16, arch: X64, second: 0x5413 }, ALLOW],
  ["words put into a terminal", "x64", { number: 16, arch: X64, second: 0x5412 }, EPERM],
  ["ptrace", "arm64", { number: 117, arch: ARM64 }, EPERM],
  ["mount", "arm64", { number: 40, arch: ARM64 }, EPERM],
  ["a user namespace by clone", "arm64", { number: 220, arch: ARM64, first: 0x10000011 }, EPERM],
  ["a socket to the hypervisor", "arm64", { number: 198, arch: ARM64, first: 40 }, EAFNOSUPPORT],
  ["write", "arm64", { number: 64, arch: ARM64 }, ALLOW],
  ["a call of another processor", "arm64", { number: 64, arch: X64 }, KILL],
] as const)("%s on %s", (_call, processor, call, verdict) => {
  expect(decide(seccompProgram(processor), call)).toBe(verdict);
});

describe.each<Processor>(["x64", "arm64"])("the filter of %s", (processor) => {
  test("is one that the kernel takes: at most 4096 instructions, and no jump beyond its end", () => {
    const program = seccompProgram(processor);
    const arch = processor === "x64" ? X64 : ARM64;
    expect(program.length / 8).toBeLessThan(4_096);
    for (let number = 0; number < 600; number++) expect(() => decide(program, { number, arch })).not.toThrow();
  });
});
