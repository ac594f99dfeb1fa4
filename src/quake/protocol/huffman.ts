/**
 * The static Huffman code of messages: for each byte three hexadecimal digits of code, whose lowest bit goes first on the
 * wire, and one digit of length in bits. It is a constant of protocol 71.
 */
const PACKED =
  "002201b5048706c70a180118010703f601550347069700b7013702d603980ac9025705891f091f891dda3f3a22ba323a" +
  "0f4918da0aba363a1eba043804f90d4803760d3a04492cda3c5a3f9a30da3cda09491aca033a014a271a2f0a1f490788" +
  "02770c380ef8197905380b1800d9161900790f191999191a123a0bc914491f3a0cf8050707c700470218051808090709" +
  "13d9063a2d7a371a19d92aba1c7a333a12c909da16ba36ba1d3a171a1e3a233a0d7a2cba17090a890c7910590eb90d88" +
  "0f3903c81ab918f909790307041814f901c602880bd90c49098808f900c80b38085808c8047807980597040701780198" +
  "04b80e180a38073806f806870087065701f6029704c707d700f808380018087806780e78057807481cb91c49081904d9" +
  "1319163a18093d7a02ba145a06ba03da32ba0f9a0e3a245a12ba031a3eba1b9a11491f9a133a02ca2dda1c1a31da1d1a" +
  "1389061a2e3a345a26ba0cda0cba14da03893c1a23da3bca0c5a3aca3e3a299a3d3a214a203a1bca29da381a263a08da" +
  "0548103905d8020600973c7a307a0b881f1922ca045a003a11da1c5a34da01da00093b9a0dda181a10da0b9a1cda394a" +
  "1bda194a38da158a3bda0c1a3dda0f8a0d190919099a2f8a023a071a2d3a391a0497231a107a261a223a0188205a2c1a" +
  "1d7a0f0a2c5a300a3d1a3a8a21da500b005a358a2f9a1a8a2b9a28da02f70246";

const CODE_BITS_MAX = 11;
const LOOKUP_MASK = (1 << CODE_BITS_MAX) - 1;
const LENGTH_SHIFT = 8;

/** Codes of the bytes 0 to 255. */
export const CODES: Readonly<Uint16Array> = Uint16Array.from({ length: 256 }, (_none, byte) => packed(byte) >> 4);
/** Lengths of those codes in bits: 2 to 11. */
export const CODE_LENGTHS: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_none, byte) => packed(byte) & 15);

/** What the next eleven bits begin with: byte and length of its code; 0 where no code begins so. */
const LOOKUP = lookupTable();

function packed(byte: number): number {
  return Number.parseInt(PACKED.slice(byte * 4, byte * 4 + 4), 16);
}

function lookupTable(): Uint16Array {
  const table = new Uint16Array(LOOKUP_MASK + 1);
  for (let byte = 0; byte < 256; byte++) {
    const length = CODE_LENGTHS[byte] ?? 0;
    const entry = (length << LENGTH_SHIFT) | byte;
    for (let bits = CODES[byte] ?? 0; bits <= LOOKUP_MASK; bits += 1 << length) table[bits] = entry;
  }
  return table;
}

/** The byte (lowest eight bits) and the length of its code (above) that eleven bits begin with; 0 when none does. */
export const lookUp = (bits: number): number => LOOKUP[bits & LOOKUP_MASK] ?? 0;

export const lengthOf = (entry: number): number => entry >> LENGTH_SHIFT;
