// The system calls that no gladiator needs. The kernel is shared with the host: what it does not offer cannot be broken.

/** The processors that the filter is written for. Their numbers differ for what is older than 2019. */
export const PROCESSORS = ["x64", "arm64"] as const;
export type Processor = (typeof PROCESSORS)[number];

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Refused by number, whatever the arguments: [x64, arm64], null where the processor has none. */
const REFUSED = {
  acct: [163, 89],
  add_key: [248, 217],
  adjtimex: [159, 171],
  bpf: [321, 280],
  chroot: [161, 51],
  clock_adjtime: [305, 266],
  clock_settime: [227, 112],
  delete_module: [176, 106],
  fanotify_init: [300, 262],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fspick: [433, 433],
  init_module: [175, 105],
  ioperm: [173, null],
  iopl: [172, null],
  kcmp: [312, 272],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  lookup_dcookie: [212, 18],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  open_tree_attr: [467, 467],
  perf_event_open: [298, 241],
  pidfd_getfd: [438, 438],
  pivot_root: [155, 41],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  reboot: [169, 142],
  request_key: [249, 218],
  setns: [308, 268],
  settimeofday: [164, 170],
  swapoff: [168, 225],
  swapon: [167, 224],
  syslog: [103, 116],
  umount2: [166, 39],
  unshare: [272, 97],
  userfaultfd: [323, 282],
  vhangup: [153, 58],
} as const satisfies Record<string, readonly [number, number | null]>;

/** Answered as by a kernel that does not have them, so that programs take their other way: clone3 hides its flags. */
const UNKNOWN = {
  clone3: [435, 435],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_uring_setup: [425, 425],
} as const;

/** AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK, without which no program can list its interfaces. AF_VSOCK reaches the hypervisor. */
const SOCKET_FAMILIES = [1, 2, 10, 16] as const;
/** Every CLONE_NEW… flag that clone takes. */
const NEW_NAMESPACES = 0x7e020000;
/** TIOCSTI and TIOCLINUX put words into a terminal. */
const TERMINAL_REQUESTS = [0x5412, 0x541c] as const;
const LOOKED_INTO = { clone: [56, 220], socket: [41, 198], ioctl: [16, 29] } as const;
const AUDIT_ARCH: Record<Processor, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };
/** Where seccomp_data has the call's number, the processor, and the low halves of the first two arguments. */
const AT = { number: 0, arch: 4, first: 16, second: 24 } as const;
const X32_CALLS = 0x40000000;

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, value: number];

const load = (at: number): Instruction => [0x20, 0, 0, at];
const skipUnless = (value: number, skipped: number): Instruction => [0x15, 0, skipped, value];
const skipUnlessAny = (bits: number, skipped: number): Instruction => [0x45, 0, skipped, bits];
const skipBelow = (value: number, skipped: number): Instruction => [0x35, 0, skipped, value];
const answer = (value: number): Instruction => [0x06, 0, 0, value];
const ALLOW = answer(0x7fff0000);
const KILL = answer(0x80000000);
const fail = (errno: number) => answer(0x00050000 | errno);

/** The filter as the kernel takes it: BPF instructions of eight bytes, as for `bwrap --seccomp`. */
export function seccompProgram(processor: Processor): Uint8Array {
  const column = PROCESSORS.indexOf(processor);
  const refusals = (calls: Record<string, readonly (number | null)[]>, errno: number) =>
    Object.values(calls).flatMap((numbers) => {
      const number = numbers[column];
      return typeof number === "number" ? [skipUnless(number, 1), fail(errno)] : [];
    });
  return bytesOf([
    load(AT.arch),
    [0x15, 1, 0, AUDIT_ARCH[processor]], // another instruction set has other numbers: the 32-bit calls of a 64-bit kernel
    KILL,
    load(AT.number),
    skipBelow(X32_CALLS, 1),
    fail(ENOSYS),
    ...refusals(REFUSED, EPERM),
    ...refusals(UNKNOWN, ENOSYS),
    ...whenCalled(LOOKED_INTO.clone[column], [load(AT.first), skipUnlessAny(NEW_NAMESPACES, 1), fail(EPERM), ALLOW]),
    ...whenCalled(LOOKED_INTO.socket[column], [
      load(AT.first),
      ...SOCKET_FAMILIES.flatMap((family) => [skipUnless(family, 1), ALLOW]),
      fail(EAFNOSUPPORT),
    ]),
    ...whenCalled(LOOKED_INTO.ioctl[column], [
      load(AT.second),
      ...TERMINAL_REQUESTS.flatMap((request) => [skipUnless(request, 1), fail(EPERM)]),
      ALLOW,
    ]),
    ALLOW,
  ]);
}

/** The same filter as container engines take it: names instead of numbers, for every processor that they know. */
export function seccompProfile(): object {
  const refused = (names: readonly string[], errnoRet: number, args: readonly object[] = []) => ({
    names,
    action: "SCMP_ACT_ERRNO",
    errnoRet,
    ...(args.length > 0 ? { args } : {}),
  });
  const bits = [...Array(32).keys()].map((bit) => 2 ** bit).filter((bit) => (NEW_NAMESPACES & bit) !== 0);
  const families = [...Array(64).keys()].filter((family) => !SOCKET_FAMILIES.some((known) => known === family));
  const argument = (index: number, value: number, op: string, valueTwo = 0) => [{ index, value, valueTwo, op }];
  return {
    defaultAction: "SCMP_ACT_ALLOW",
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
    syscalls: [
      refused(Object.keys(REFUSED), EPERM),
      refused(Object.keys(UNKNOWN), ENOSYS),
      ...bits.map((bit) => refused(["clone"], EPERM, argument(0, bit, "SCMP_CMP_MASKED_EQ", bit))),
      ...families.map((family) => refused(["socket"], EAFNOSUPPORT, argument(0, family, "SCMP_CMP_EQ"))),
      ...TERMINAL_REQUESTS.map((request) => refused(["ioctl"], EPERM, argument(1, request, "SCMP_CMP_EQ"))),
    ],
  };
}

function whenCalled(number: number | undefined, then: readonly Instruction[]): Instruction[] {
  return number === undefined ? [] : [skipUnless(number, then.length), ...then];
}

function bytesOf(program: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(program.length * 8));
  for (const [index, [code, whenTrue, whenFalse, value]] of program.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, whenTrue);
    view.setUint8(index * 8 + 3, whenFalse);
    view.setUint32(index * 8 + 4, value >>> 0, true);
  }
  return new Uint8Array(view.buffer);
}
