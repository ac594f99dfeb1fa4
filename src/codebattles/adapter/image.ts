/** The image of container engines, by a name that changes with what is in it. */
export const IMAGE = "localhost/agon-sandbox-2:latest";

const FOLDERS = [
  "dev",
  "etc",
  "etc/alternatives",
  "etc/ssl",
  "etc/ssl/certs",
  "proc",
  "run",
  "sys",
  "tmp",
  "usr",
  "workspace",
];
/** Engines give what they mount in memory the mode of the folder below it. */
const OPEN = ["tmp", "workspace"];
const LINKS = { bin: "usr/bin", sbin: "usr/sbin", lib: "usr/lib", lib64: "usr/lib64" };
const BLOCK = 512;

/** An archive (ustar, POSIX.1-1988) of the folders and links that a root needs before the host's /usr is mounted. */
export function imageTar(): Buffer {
  return Buffer.concat([
    ...FOLDERS.map((path) =>
      head({ path: `${path}/`, type: "5", linked: "", mode: OPEN.includes(path) ? "1777" : "0755" }),
    ),
    ...Object.entries(LINKS).map(([path, to]) => head({ path, type: "2", linked: to, mode: "0777" })),
    Buffer.alloc(2 * BLOCK),
  ]);
}

type Head = { path: string; type: "2" | "5"; linked: string; mode: string };

function head({ path, type, linked, mode }: Head): Buffer {
  const block = Buffer.alloc(BLOCK);
  const fields: [number, string][] = [
    [0, path],
    [100, `000${mode}\0`],
    [108, "0000000\0"],
    [116, "0000000\0"],
    [124, "00000000000\0"],
    [136, "00000000000\0"],
    [148, "        "], // the sum counts its own place as blanks
    [156, type],
    [157, linked],
    [257, "ustar\x0000"],
  ];
  for (const [at, text] of fields) block.write(text, at, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
